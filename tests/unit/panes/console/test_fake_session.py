"""The fake session has nothing that the real one lacks: what a test does with it works with a kernel too."""

from __future__ import annotations

import inspect
import re

from ide.core.events import Signal
from ide.kernels.session import Session
from tests.fakes.session import FakeSession

OWN = {
    "say",
    "run_through",
    "set_run",
    "input_of",
    "end_of",
    "set_state",
    "asked",
    "answers",
    "full_outputs",
    "refuses",
}
"""What only a test calls."""


def public(kind: type, wanted: type | tuple[type, ...]) -> set[str]:
    return {name for name, value in vars(kind).items() if not name.startswith("_") and isinstance(value, wanted)}


def test_methods_have_the_same_parameters() -> None:
    function = type(public)
    real, fake = public(Session, function), public(FakeSession, function)
    assert fake - real <= OWN
    for name in real & fake:
        expected, found = inspect.signature(getattr(Session, name)), inspect.signature(getattr(FakeSession, name))
        assert list(found.parameters) == list(expected.parameters), name
        for parameter in expected.parameters.values():
            assert found.parameters[parameter.name].kind == parameter.kind, name
            assert found.parameters[parameter.name].default == parameter.default, name


def test_events_are_the_same() -> None:
    real, fake = public(Session, Signal), public(FakeSession, Signal)
    assert fake == real
    for name in real:
        assert getattr(FakeSession, name).types == getattr(Session, name).types, name


def test_fields_are_the_same() -> None:
    code = inspect.getsource(Session.__init__)
    real = set(re.findall(r"^ +self\.([a-z]\w*)", code, re.MULTILINE)) | public(Session, property)
    fake = {name for name in vars(FakeSession()) if not name.startswith("_")}
    assert fake - real <= OWN | {"runs", "state"}

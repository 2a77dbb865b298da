from __future__ import annotations

import math
from typing import Any

import pytest

from ide.core.errors import SettingsError
from ide.settings.declared import DECLARED, SECTIONS
from ide.settings.setting import LENGTH_LIMIT, Setting

SIZE = Setting("part.size", int, 10, "Size", unit="px", minimum=1, maximum=20)
RATE = Setting("part.rate", float, 1.0, "Rate", minimum=0.5, maximum=3.0)
FORM = Setting("part.form", str, "round", "Form", choices={"round": "Round", "square": "Square"})
ON = Setting("part.on", bool, True, "On")
NAME = Setting("part.name", str, "", "Name")


@pytest.mark.parametrize(
    ("setting", "value"), [(SIZE, 1), (SIZE, 20), (RATE, 2.5), (FORM, "square"), (ON, False), (NAME, "ä 𝒳")]
)
def test_fitting_value_is_taken(setting: Setting[Any], value: object) -> None:
    assert setting.checked(value) == value


def test_whole_number_is_taken_for_a_number() -> None:
    assert type(RATE.checked(2)) is float


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (SIZE, 0), (SIZE, 21), (SIZE, 3.0), (SIZE, True), (SIZE, "3"), (SIZE, None), (SIZE, [3]), (RATE, math.nan),
        (RATE, math.inf), (RATE, True), (FORM, "oval"), (FORM, 1), (ON, 1), (ON, "true"), (NAME, "two\nlines"),
        (NAME, "x" * (LENGTH_LIMIT + 1)), (NAME, "nul\0"), (NAME, {"a": 1}),
    ],
)  # fmt: skip
def test_unfitting_value_is_refused_in_words(setting: Setting[Any], value: object) -> None:
    with pytest.raises(SettingsError) as refused:
        setting.checked(value)
    assert setting.title in refused.value.happened
    assert refused.value.meaning
    assert len(refused.value.text.splitlines()) <= 3


def test_unit_stands_behind_a_value() -> None:
    assert SIZE.with_unit(3) == "3\N{NO-BREAK SPACE}px"
    assert FORM.with_unit("square") == "Square"
    assert ON.with_unit(True) == "on"


def test_every_declared_setting_is_sound() -> None:
    ids = [setting.id for setting in DECLARED]
    assert len(ids) == len(set(ids)) > 30
    old = [name for setting in DECLARED for name in setting.old_names]
    assert not set(old) & set(ids)
    for setting in DECLARED:
        section, _, name = setting.id.partition(".")
        assert section in SECTIONS
        assert name.isidentifier()
        assert setting.checked(setting.default) == setting.default
        assert setting.title[0].isupper() or setting.title[0].isdigit()
        if setting.type in (int, float):
            assert setting.minimum is not None
            assert setting.maximum is not None
        for choice in setting.choices:
            assert setting.checked(choice) == choice


def test_every_section_has_a_setting() -> None:
    assert set(SECTIONS) == {setting.id.partition(".")[0] for setting in DECLARED}

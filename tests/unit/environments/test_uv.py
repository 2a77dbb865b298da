from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.errors import PackageError
from ide.environments import uv as uv_module
from ide.environments.network import Network
from ide.environments.processes import run
from ide.environments.uv import CancelledError, NoWork, conflict, explained
from tests.unit.environments import machines
from tests.unit.environments.wheels import make_wheel, own_uv


class Watched:
    """Work that keeps what it is told and is cancelled from the `stop_at`-th question on."""

    def __init__(self, stop_at: int = 10**9) -> None:
        self.steps: list[tuple[str, int, int]] = []
        self._left = stop_at

    @property
    def is_cancelled(self) -> bool:
        self._left -= 1
        return self._left < 0

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        self.steps.append((step, done, total))


def test_it_installs_from_a_folder_with_any_name_and_tells_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = tmp_path / "wheels é, x y"
    make_wheel(wheels, "alpha", requires=["beta"])
    make_wheel(wheels, "beta")
    uv = own_uv(tmp_path / "uv", monkeypatch, wheels=wheels)
    work = Watched()
    told: list[str] = []
    target = tmp_path / "target é x"
    arguments = ["pip", "install", "--python", sys.executable, "--target", str(target), "alpha"]
    uv.run(arguments, work, "It failed.", told=told)
    assert (target / "beta" / "__init__.py").is_file()
    assert [step for step, _, _ in work.steps] == ["Fetching 2 packages", "Installing 2 packages"]
    assert [line.strip() for line in told if "==" in line] == ["+ alpha==1.0", "+ beta==1.0"]


def test_sizes_become_steps_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["Resolved 4 packages in 1s", "Downloading numpy (16.0MiB)", "Downloading x (4.0KiB)", " Downloaded numpy"]
    script = "#!/bin/sh\n" + "".join(f"echo '{line}' >&2\n" for line in lines)
    monkeypatch.setattr(uv_module, "uv_command", lambda: [str(machines.program(tmp_path / "uv", script))])
    work = Watched()
    own_uv(tmp_path / "own", monkeypatch).run([], work, "It failed.")
    mib = 1_048_576
    assert work.steps == [
        ("Fetching 4 packages", 0, 0),
        ("Downloading numpy, 17\N{NO-BREAK SPACE}MB", 0, 16 * mib),
        ("Downloading x", 0, 16 * mib + 4096),
        ("numpy has come", 16 * mib, 16 * mib + 4096),
    ]


def test_cancelling_ends_uv_and_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    slow = machines.program(tmp_path / "uv", f"#!/bin/sh\n(sleep 2; touch {mark}) &\nsleep 60\n")
    monkeypatch.setattr(uv_module, "uv_command", lambda: [str(slow)])
    with pytest.raises(CancelledError, match=r"It failed\.") as told:
        own_uv(tmp_path / "own", monkeypatch).run([], Watched(2), "It failed.")
    assert told.value.meaning == "You cancelled it."
    # Its child is gone too: the mark would come after the two seconds that this waits for in vain otherwise.
    run(["sleep", "2.3"], tmp_path, 10, lambda: False)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("change", "meaning"),
    [
        (lambda made: replace(made, python_index="http://127.0.0.1:9/simple"), "127.0.0.1 does not answer."),
        (
            lambda made: replace(
                made, python_index="https://nowhere.invalid/simple", proxy="http://u:secret@127.0.0.1:9"
            ),
            "The proxy http://127.0.0.1:9 does not let it through.",
        ),
    ],
)
def test_unreachable_places_are_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Network], Network], meaning: str
) -> None:
    uv = replace(own_uv(tmp_path / "uv", monkeypatch), network=change(Network()))
    arguments = ["pip", "install", "--python", sys.executable, "--target", str(tmp_path / "t"), "alpha"]
    with pytest.raises(PackageError) as told:
        uv.run(arguments, NoWork(), "“alpha” could not be installed.")
    assert told.value.happened == "“alpha” could not be installed."
    assert told.value.meaning == meaning
    assert told.value.action == "app.settings"


def test_two_packages_that_disagree_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "alpha", requires=["gamma<2"])
    make_wheel(wheels, "beta", requires=["gamma>=2"])
    make_wheel(wheels, "gamma", "1.0")
    make_wheel(wheels, "gamma", "2.0")
    uv = own_uv(tmp_path / "uv", monkeypatch, wheels=wheels)

    def why(*names: str) -> str:
        with pytest.raises(PackageError) as told:
            uv.run(
                ["pip", "install", "--python", sys.executable, "--target", str(tmp_path / "t"), *names], NoWork(), "No."
            )
        return told.value.meaning

    both = {"“alpha” needs gamma<2", "“beta” needs gamma>=2"}
    assert set(why("alpha", "beta").removesuffix(": they cannot be together.").split(", ")) == both
    make_wheel(wheels, "epsilon", requires=["gamma>=3"])
    assert why("epsilon") == "“epsilon” needs gamma>=3, and there is only gamma <=2.0."
    assert why("nosuch") == "There is no package “nosuch” there."
    assert why("gamma==9") == "There is no version 9 of “gamma”."


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("error: failed to copy\n  cause: No space left on device (os error 28)", "The disk is full."),
        ("error: x\n  cause: invalid peer certificate: UnknownIssuer (https://a.example/simple/)", "a.example"),
        ("error: x\n  cause: HTTP status client error (401 Unauthorized) for url (https://a.example/)", "sign in"),
        ("error: x\n  cause: dns error https://a.example/simple\n failed to lookup address", "a.example is not found"),
        ("error: Failed to build `thing==1.0`", "“thing” has to be built here"),
        ("error: Permission denied (os error 13)", "You may not write there."),
        ("error: something new", "uv says: error: something new"),
    ],
)
def test_what_uv_says_is_told_in_words(said: str, meaning: str) -> None:
    error = explained(said, "It failed.", Network())
    assert meaning in error.meaning
    assert str(error.__cause__) == said


def test_a_python_that_does_not_fit_is_named() -> None:
    said = (
        "error: No solution found when resolving dependencies\n  cause: Because the current Python version (3.11.2)"
        " does not satisfy Python>=3.12 and delta==1.0 depends on Python>=3.12, we can conclude that delta==1.0 cannot"
        " be used."
    )
    assert conflict(said) == "“delta” needs Python >=3.12; this one is 3.11.2."


def test_conflict_that_is_not_understood_is_quoted() -> None:
    assert "uncommon" in conflict("error: No solution found\n  cause: something uncommon")

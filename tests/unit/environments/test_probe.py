from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ide.environments.probe import Probe, probe
from tests.unit.environments import machines


def test_real_python_says_what_it_is() -> None:
    said = probe(Path(sys.executable))
    assert said.reason == ""
    assert said.version == ".".join(map(str, sys.version_info[:3]))
    assert said.implementation == "cpython"
    assert said.has_kernel
    assert said.tag


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/bin/sh\nexit 3\n", "exit code 3"),
        ("#!/bin/sh\necho garbage\n", "no working Python"),
        ("#!/bin/sh\necho 'fourpane-probe:{}'\n", "no working Python"),
        ("#!/bin/sh\necho 'fourpane-probe:['\n", "no working Python"),
        ("#!/no/such/interpreter\n", "could not be started"),
        ("no program", "could not be started"),
    ],
)
def test_program_that_is_no_python_is_told(tmp_path: Path, text: str, words: str) -> None:
    said = probe(machines.program(tmp_path / "python", text))
    assert words in said.reason
    assert not said.has_kernel


def test_program_that_never_answers_is_ended(tmp_path: Path) -> None:
    said = probe(machines.program(tmp_path / "python", "#!/bin/sh\nsleep 60\n"), time_limit_s=0.3)
    assert "no answer" in said.reason


def test_cancelling_ends_it(tmp_path: Path) -> None:
    said = probe(machines.program(tmp_path / "python", "#!/bin/sh\nsleep 60\n"), is_cancelled=lambda: True)
    assert said.reason


def test_noise_before_the_answer_is_passed_over(tmp_path: Path) -> None:
    text = f'#!/bin/sh\necho noise\necho more noise >&2\nexec "{sys.executable}" "$@"\n'
    assert probe(machines.program(tmp_path / "python", text)).reason == ""


def test_current_folder_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("open('RAN', 'w')")
    monkeypatch.chdir(tmp_path)
    assert probe(Path(sys.executable)).reason == ""
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize("value", [None, [], {}, {"has_kernel": 1}, {"has_kernel": True, "version": 3}])
def test_nonsense_is_no_probe(value: object) -> None:
    assert Probe.from_json(value) is None


def test_probe_survives_the_state_file() -> None:
    said = Probe("cpython", "3.11.7", "tag", True)
    assert Probe.from_json(said.to_json()) == said

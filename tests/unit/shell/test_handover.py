"""What a later start says to the window that is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.shell.handover import Handover, address, hand_over


def test_handover_is_read_as_it_was_written() -> None:
    handover = Handover(("a.py:3", "--wait", "ü ✓"), "/some/folder", True)
    assert Handover.read(handover.line()) == handover
    assert handover.line().count(b"\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"[]",
        b'{"version": 2, "arguments": [], "folder": ""}',
        b'{"version": 1, "arguments": "a", "folder": ""}',
        b'{"version": 1, "arguments": [1], "folder": ""}',
        b'{"version": 1, "arguments": [], "folder": 1}',
        b"[" * 100_000,
    ],
)
def test_handover_of_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        Handover.read(line)


def test_handover_waits_only_for_a_real_yes() -> None:
    content = {"version": 1, "arguments": [], "folder": "", "waits": "yes"}
    assert not Handover.read(json.dumps(content).encode()).waits


def test_hand_over_without_a_window_says_so(tmp_path: Path) -> None:
    assert not hand_over(Handover((), str(tmp_path)), tmp_path)


def test_address_is_a_pipe_on_windows_and_a_path_elsewhere(tmp_path: Path) -> None:
    assert address(tmp_path / "ab12", system="win32") == "fourpane-ab12"
    assert address(tmp_path, system="linux") == str(tmp_path / "window")

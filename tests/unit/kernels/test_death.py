"""Why a kernel ended, in words."""

from __future__ import annotations

from typing import Any

import pytest

from ide.kernels.death import cause_of, interrupt_error, slow_start_error
from ide.kernels.records import DeathCause


def cause(**found: Any) -> DeathCause:
    """The cause for a record with this exit."""
    return cause_of({"launch": {"environment": {"name": "Env"}}, "exit": found or None})


def test_exit_code_is_told() -> None:
    told = cause(code=3, signal=None, stderr="one\ntwo", was_running=True)
    assert (told.kind, told.exit_code, told.stderr_lines) == ("exit", 3, ("one", "two"))
    assert told.text == "The kernel of Env ended by itself with exit code 3."


@pytest.mark.parametrize(
    ("number", "is_out_of_memory", "stderr", "is_told", "words"),
    [
        (9, False, "", False, "was killed (SIGKILL); often memory ran out"),
        (9, True, "", True, "ran out of memory"),
        (6, False, "terminate called after throwing an instance of 'std::bad_alloc'", True, "ran out of memory"),
        (11, False, "MemoryError", False, "ended by SIGSEGV"),
        (15, False, "", False, "ended by SIGTERM"),
    ],
)
def test_signal_is_told_and_memory_only_where_it_is_proven(
    number: int, is_out_of_memory: bool, stderr: str, is_told: bool, words: str
) -> None:
    told = cause(code=None, signal=number, is_out_of_memory=is_out_of_memory, stderr=stderr, was_running=True)
    assert told.is_out_of_memory is is_told
    assert words in told.text


def test_death_at_start_is_another_thing_than_death_at_work() -> None:
    told = cause(code=1, signal=None, stderr="ImportError: x", was_running=False)
    assert told.kind == "start"
    assert "while it was starting, with exit code 1" in told.text


def test_end_that_was_asked_for_is_no_accident() -> None:
    assert cause(code=None, signal=15, was_asked=True, was_running=True).kind == "asked"


def test_unseen_end_is_unknown() -> None:
    assert cause().kind == "unknown"
    assert cause(code=None, signal=None, was_running=True).kind == "unknown"


def test_missing_program_and_folder_are_named() -> None:
    assert (
        "/no/python: No such file" in cause(error="program", name="/no/python", reason="No such file or directory").text
    )
    assert "the folder /gone is not there" in cause(error="folder", name="/gone", reason="x").text
    assert cause(error="program", name="", reason="the kernelspec names no program").kind == "start"


def test_messages_have_at_most_three_lines_and_an_action() -> None:
    for error in (
        slow_start_error("Env", "a\nb\nc\nd", 15.0),
        slow_start_error("Env", "", 15.0),
        interrupt_error("Env", 4.0),
    ):
        assert len(error.text.splitlines()) == 3
        assert error.action
        assert error.action_title
    assert "b / c / d" in slow_start_error("Env", "a\nb\nc\nd", 15.0).text

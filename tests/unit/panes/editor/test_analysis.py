"""The helper process: real processes that answer, hang, die or print rubbish."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ide.core.language import HelperSpec
from ide.core.ports import Cancel
from ide.panes.editor import analysis
from ide.panes.editor.analysis import Analysis

SERVER = """
import json, os, sys, time
for line in sys.stdin:
    request = json.loads(line)
    kind = request["text"]
    if kind == "die":
        os._exit(3)
    if kind == "hang":
        time.sleep(600)
    if kind == "rubbish":
        print("not json", flush=True)
    if kind == "error":
        print(json.dumps({"id": request["id"], "error": "no"}), flush=True)
        continue
    answer = {"text": kind, "folder": os.getcwd(), "safe": os.environ.get("PYTHONSAFEPATH")}
    print(json.dumps({"id": request["id"], "result": answer}), flush=True)
"""


class Loop:
    """A UI thread without Qt: what is posted runs when the test waits."""

    def __init__(self) -> None:
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._alarms: list[tuple[float, Callable[[], None]]] = []

    def post(self, callback: Callable[[], None]) -> None:
        self._posted.put(callback)

    def after(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        alarm = (time.monotonic() + seconds, callback)
        self._alarms.append(alarm)
        return lambda: self._alarms.remove(alarm) if alarm in self._alarms else None

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 20) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline_s
            for alarm in [alarm for alarm in self._alarms if alarm[0] <= time.monotonic()]:
                self._alarms.remove(alarm)
                alarm[1]()
            try:
                self._posted.get(timeout=0.01)()
            except queue.Empty:
                continue


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def helper(loop: Loop, tmp_path: Path) -> Iterator[Analysis]:
    server = tmp_path / "server.py"
    server.write_text(SERVER)
    made = Analysis(HelperSpec((sys.executable, str(server)), frozenset({"complete"})), loop.post, loop.after)
    yield made
    made.close()


def ask(helper: Analysis, loop: Loop, text: str) -> Mapping[str, Any] | None:
    answers: list[Mapping[str, Any] | None] = []
    helper.ask("complete", {"text": text}, answers.append)
    loop.wait_until(lambda: bool(answers))
    return answers[0]


def test_helper_answers_from_a_folder_that_is_not_the_projects(helper: Analysis, loop: Loop) -> None:
    answer = ask(helper, loop, "é😀\ud800")
    assert answer is not None
    assert answer["text"] == "é😀\ud800"
    assert Path(answer["folder"]) != Path.cwd()
    assert answer["safe"] == "1"


def test_one_process_serves_many_questions(helper: Analysis, loop: Loop) -> None:
    for number in range(5):
        assert ask(helper, loop, str(number)) is not None
    assert helper.starts == 1


def test_a_dead_helper_answers_none_and_is_started_again(helper: Analysis, loop: Loop) -> None:
    assert ask(helper, loop, "die") is None
    assert ask(helper, loop, "x") is not None
    assert helper.starts == 2


def test_a_helper_that_always_dies_is_left_alone(helper: Analysis, loop: Loop) -> None:
    for _ in range(6):
        assert ask(helper, loop, "die") is None
    assert helper.starts == analysis.STARTS_AT_MOST


def test_a_hanging_helper_is_killed_and_started_again(
    helper: Analysis, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(helper, loop, "x")
    monkeypatch.setattr(analysis, "HANGS_AFTER_S", 0.2)
    before = helper.pid
    assert ask(helper, loop, "hang") is None
    monkeypatch.undo()
    assert ask(helper, loop, "y") is not None
    assert helper.pid != before


def test_a_fresh_helper_may_take_longer_for_its_first_answer_but_not_for_ever(
    helper: Analysis, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "HANGS_AFTER_S", 0.0)
    assert ask(helper, loop, "x") is not None
    assert ask(helper, loop, "hang") is None
    monkeypatch.setattr(analysis, "FIRST_ANSWER_S", 0.2)
    assert ask(helper, loop, "hang") is None
    assert helper.starts == 2


def test_rubbish_and_errors_are_passed_over(helper: Analysis, loop: Loop) -> None:
    assert ask(helper, loop, "rubbish") is not None
    assert ask(helper, loop, "error") is None
    assert helper.starts == 1


def test_a_cancelled_question_is_not_answered(helper: Analysis, loop: Loop) -> None:
    answers: list[object] = []
    helper.ask("complete", {"text": "a"}, answers.append)()
    ask(helper, loop, "b")
    assert answers == []


def test_an_unknown_method_starts_nothing(helper: Analysis, loop: Loop) -> None:
    answers: list[object] = []
    helper.ask("format", {"text": "a"}, answers.append)
    assert answers == [None]
    assert helper.starts == 0


def test_a_program_that_is_not_there_is_given_up(loop: Loop, tmp_path: Path) -> None:
    helper = Analysis(HelperSpec((str(tmp_path / "none"),), frozenset({"complete"})), loop.post, loop.after)
    for _ in range(5):
        assert ask(helper, loop, "x") is None
    helper.close()


def test_asking_never_waits_for_the_process(helper: Analysis, loop: Loop) -> None:
    threads = threading.active_count()
    helper.ask("complete", {"text": "x" * 5_000_000}, lambda _answer: None)
    assert threading.active_count() > threads
    helper.close()

"""What a scheduler keeps of jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ide.deploy.dask_jobs.board import MOST_JOBS, Board

ASKED: dict[str, Any] = {"entry": "main.py", "budget": 0.0, "price_per_worker_hour": 0.0}


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path / "jobs")


def handed_over(board: Board, job: str = "a", **asked: Any) -> None:
    board.put(job, {**ASKED, **asked}, {"KEY": "terces"})
    board.receive(job, 0, b"bundle")
    board.hold(job)


def claimed(board: Board, job: str = "a", **asked: Any) -> None:
    handed_over(board, job, **asked)
    assert board.claim(job, "tcp://worker") is not None


def test_job_is_given_to_one_runner_and_never_again(board: Board) -> None:
    handed_over(board)

    given = board.claim("a", "tcp://first")

    assert given is not None
    assert (given["secrets"], given["size"]) == ({"KEY": "terces"}, 6)
    assert board.claim("a", "tcp://first") is board.claim("a", "tcp://second") is None


def test_job_is_not_known_before_all_of_it_is_here(board: Board) -> None:
    board.put("a", ASKED, {})

    assert board.states() == {}
    assert board.claim("a", "tcp://worker") == {"wait": True}


def test_broken_hand_over_goes_on_where_it_stopped(board: Board) -> None:
    board.put("a", ASKED, {})
    board.receive("a", 0, b"bun")

    assert board.put("a", ASKED, {}) == {"is_held": False, "here": 3}
    assert board.receive("a", 3, b"dle") == 6
    board.hold("a")
    assert board.put("a", ASKED, {}) == {"is_held": True, "here": 6}
    assert board.read("a", 0) == b"bundle"


def test_batch_that_comes_again_is_told_once(board: Board) -> None:
    claimed(board)
    events = [{"kind": "log", "text": "x", "stream": "stdout"}]
    board.tell("a", 0, events)
    board.tell("a", 0, events)
    board.tell("a", 1, events)

    assert [event["number"] for event in board.news("a", 0)["events"]] == [0, 1, 2]
    assert board.news("a", 2)["events"][0]["text"] == "x"


def test_end_is_told_though_the_disk_is_full(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(board)
    monkeypatch.setattr(Path, "write_text", full)
    board.end("a", {"state": "succeeded"})

    news = board.news("a", 0)
    assert news["outcome"]["state"] == news["events"][-1]["text"] == news["state"] == "succeeded"
    assert not (board.folder / "a/bundle.zip").exists()  # which makes room


def full(*_given: object) -> None:
    raise OSError(28, "No space left on device")


def test_end_counts_once_and_is_told_after_all_events(board: Board) -> None:
    claimed(board)
    board.end("a", {"state": "failed", "reason": "no such month"})
    board.end("a", {"state": "succeeded"})
    board.cancel("a")

    news = board.news("a", 0)
    assert news["outcome"]["state"] == news["events"][-1]["text"] == "failed"
    assert board.tell("a", 9, []) == {"state": "lost", "reason": ""}


def test_cancel_ends_a_job_that_waits_at_once_and_asks_one_that_runs(board: Board) -> None:
    handed_over(board, "waits")
    claimed(board, "runs")
    board.cancel("waits")
    board.cancel("runs")

    assert board.states() == {"waits": "cancelled", "runs": "waiting"}
    assert board.claim("waits", "tcp://worker") is None
    assert board.tell("runs", 0, []) == {"state": "cancelled", "reason": ""}


def test_job_of_a_lost_worker_is_lost_and_one_that_was_cancelled_is_that(board: Board) -> None:
    claimed(board, "a")
    claimed(board, "b")
    board.cancel("b")
    board.lost("tcp://other")
    board.lost("tcp://worker")

    assert board.states() == {"a": "lost", "b": "cancelled"}


def test_another_board_on_the_folder_knows_all_but_what_was_not_handed_over(board: Board) -> None:
    claimed(board, "done")
    board.bring("done", 0, b"results")
    board.end("done", {"state": "succeeded"})
    claimed(board, "ran")
    board.put("never", ASKED, {})

    other = Board(board.folder)

    assert other.states() == {"done": "succeeded", "ran": "lost"}
    assert other.fetch("done", 2) == {"size": 7, "data": b"sults"}
    assert other.news("done", 0) == board.news("done", 0)
    assert not (board.folder / "never").exists()
    assert Board(board.folder).news("ran", 0) == other.news("ran", 0)


def test_secrets_are_never_on_the_disk(board: Board) -> None:
    claimed(board)

    assert not [path for path in board.folder.rglob("*") if path.is_file() and b"terces" in path.read_bytes()]


def test_budget_stops_it_before_the_next_look_would_pass_it(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("ide.deploy.dask_jobs.board.time.time", lambda: now)
    board.workers = 2
    claimed(board, price_per_worker_hour=1800.0, budget=20.0)  # one in a second

    now = 1014.0
    assert board.tell("a", 0, []) is None
    now = 1015.5
    stop = board.tell("a", 1, [])

    assert stop == {"state": "cancelled", "reason": "Its budget is spent."}
    assert board.jobs["a"].cost <= 20.0


def test_oldest_that_are_over_go_when_there_are_too_many(board: Board) -> None:
    for number in range(MOST_JOBS + 3):
        handed_over(board, f"job{number}")
        board.cancel(f"job{number}")

    assert "job0" not in board.states()
    assert len(board.states()) <= MOST_JOBS + 1


@pytest.mark.parametrize("job", ["", "..", "a/b", "a\\b", "."])
def test_id_that_is_a_way_out_of_the_folder_is_refused(board: Board, job: str) -> None:
    with pytest.raises(ValueError, match="id"):
        board.put(job, ASKED, {})


def test_job_that_runs_is_not_forgotten(board: Board) -> None:
    claimed(board)
    board.forget("a")

    assert "a" in board.states()

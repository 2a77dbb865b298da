"""Reports: what is in them, what is not, and that they are kept and rotated."""

from __future__ import annotations

import faulthandler
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.shell.crash_report import KEEP_COUNT, CrashReporter, Report, report_text, without_secrets


@pytest.fixture
def reports() -> list[Report]:
    return []


@pytest.fixture
def reporter(tmp_path: Path, reports: list[Report], monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashReporter]:
    # What stood there before is called too; pytest's own would print.
    monkeypatch.setattr(sys, "excepthook", lambda *_arguments: None)
    monkeypatch.setattr(threading, "excepthook", lambda _arguments: None)
    was_enabled = faulthandler.is_enabled()
    made = CrashReporter(tmp_path / "crash", reports.append)
    made.start()
    yield made
    made.close()
    if was_enabled and sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)


def _fail(text: str) -> None:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def test_exception_is_kept_in_a_private_file_and_told(reporter: CrashReporter, reports: list[Report]) -> None:
    _fail("on purpose")
    (report,) = reports
    assert report.path is not None
    assert report.path.read_text() == report.text
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600
    assert "RuntimeError: on purpose" in report.text
    for name in ("Fourpane:", "Python:", "Qt:", "System:"):
        assert name in report.text
    assert reporter.last == report


def test_exception_of_a_thread_is_told_with_its_name(reporter: CrashReporter, reports: list[Report]) -> None:
    thread = threading.Thread(target=lambda: 1 // 0, name="reader")
    thread.start()
    thread.join()
    assert reports[0].title == "An error in reader"
    assert "ZeroDivisionError" in reports[0].text


def test_keyboard_interrupt_is_no_crash(reporter: CrashReporter, reports: list[Report]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert reports == []


def test_reports_are_rotated(reporter: CrashReporter, reports: list[Report], tmp_path: Path) -> None:
    for number in range(KEEP_COUNT + 5):
        _fail(str(number))
    assert len(list((tmp_path / "crash").glob("report-*.txt"))) == KEEP_COUNT


def test_report_where_nothing_can_be_written_is_still_told(
    tmp_path: Path, reports: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *_arguments: None)
    (tmp_path / "crash").write_text("a file in the place of the folder")
    reporter = CrashReporter(tmp_path / "crash", reports.append)
    reporter.start()
    _fail("on purpose")
    reporter.close()
    assert reports[0].path is None


def test_left_behind_finds_the_stacks_of_a_crash_once(reporter: CrashReporter, tmp_path: Path) -> None:
    (tmp_path / "crash" / "fault-1.log").write_text("Fatal Python error: Segmentation fault\n")
    (tmp_path / "crash" / "fault-2.log").write_text("")
    report = reporter.left_behind()
    assert report is not None
    assert "Segmentation fault" in report.text
    assert reporter.left_behind() is None


def test_stacks_of_a_window_that_is_open_are_left_alone(reporter: CrashReporter, tmp_path: Path) -> None:
    (own,) = (tmp_path / "crash").glob("fault-*.log")
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    own.write_text("being written\n")
    other = CrashReporter(tmp_path / "crash", lambda _report: None)
    assert other.left_behind() is None
    assert own.exists()


def test_close_puts_the_hooks_back(tmp_path: Path) -> None:
    before = sys.excepthook, threading.excepthook
    reporter = CrashReporter(tmp_path, lambda _report: None)
    reporter.start()
    assert sys.excepthook is not before[0]
    reporter.close()
    assert (sys.excepthook, threading.excepthook) == before
    assert list(tmp_path.glob("fault-*")) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=hunter2 next", "hunter2"),
        ("'api_key': 'abc123'", "abc123"),
        ("Authorization: Basic-QWxhZGRpbg", "QWxhZGRpbg"),
        ("token = xyz789", "xyz789"),
        ("https://user:pass1234@example.org/path", "pass1234"),
        ("/srv/somebody/project/a.py", "somebody"),
    ],
)
def test_without_secrets_takes_them_out(text: str, secret: str) -> None:
    assert secret not in without_secrets(text, home="/home/somebody", user="somebody")


def test_without_secrets_leaves_code_as_it_is() -> None:
    text = "for token in tokens:\n    print(token)"
    assert without_secrets(text, home="/home/somebody", user="somebody") == text


def test_report_text_is_bounded() -> None:
    assert len(report_text("t", "x" * 1_000_000)) < 110_000

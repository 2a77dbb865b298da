"""Log records at WARNING or above fail the test that made them, unless it asked for them by `expected_log`."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator

import pytest

ExpectLog = Callable[[str], None]


class Collector(logging.Handler):
    """Keeps the records of one test, and the patterns that the test takes them by."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def complaints(self) -> list[str]:
        stray = [line for line in self.lines if not any(pattern.search(line) for pattern in self.expected)]
        unseen = [p.pattern for p in self.expected if not any(p.search(line) for line in self.lines)]
        return [f"stray log record: {line}" for line in stray] + [
            f"expected log record never came: {p}" for p in unseen
        ]


@pytest.fixture(autouse=True)
def no_stray_logs() -> Iterator[Collector]:
    """Collects from the root logger for the whole test, set-up and tear-down of later fixtures included."""
    collector = Collector()
    root = logging.getLogger()
    root.addHandler(collector)
    yield collector
    root.removeHandler(collector)
    complaints = collector.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def expected_log(no_stray_logs: Collector) -> ExpectLog:
    """`expected_log("ERROR ide.kernels.*died")`: a record "LEVEL logger: message" that matches must come, and may."""

    def expect(pattern: str) -> None:
        no_stray_logs.expected.append(re.compile(pattern))

    return expect

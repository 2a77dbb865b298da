"""Qt's own warnings fail the test during which they came."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

# Each line: why it is not ours.
_ALLOWED = [
    r"This plugin does not support (propagateSizeHints|raise|createPlatformOpenGLContext|grabbing)",  # offscreen
    r"QStandardPaths: (wrong permissions on|error creating) runtime directory",  # machines without a login session
    r"Failed to (create wl_display|connect to)",  # the platform is given, other ones are tried first
]


@pytest.fixture(autouse=True)
def no_qt_warnings() -> Iterator[None]:
    """Puts Qt's message handler back afterwards: the program may have set its own."""
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    messages: list[str] = []
    warning_or_worse = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)

    def receive(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind in warning_or_worse and not any(re.search(pattern, message) for pattern in _ALLOWED):
            messages.append(f"Qt said: {message} ({context.category})")

    previous = qInstallMessageHandler(receive)
    yield
    qInstallMessageHandler(previous)
    if messages:
        pytest.fail("\n".join(messages), pytrace=False)

"""A desktop that notes what it is shown."""

from __future__ import annotations


class FakeNotifier:
    """A `Notifier` without a desktop."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, bool]] = []

    def show(self, title: str, text: str, *, is_error: bool = False) -> None:
        """Noted."""
        self.shown.append((title, text, is_error))


class FakeBar:
    """A `Bar` without a taskbar."""

    def __init__(self) -> None:
        self.share: float | None = None

    def show(self, share: float | None) -> None:
        """Noted."""
        self.share = share

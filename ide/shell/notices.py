"""All that was told in this window: the model behind bars, list and count. Owns no widget."""

from __future__ import annotations

from ide.core.errors import FourpaneError
from ide.core.events import Signal
from ide.widgets.notices import Notice

MOST_KEPT = 200


class Notices:
    """Used on the UI thread. Bounded: the oldest go first."""

    added = Signal(Notice)
    changed = Signal()

    def __init__(self) -> None:
        self._all: list[Notice] = []

    @property
    def all(self) -> tuple[Notice, ...]:
        """Oldest first."""
        return tuple(self._all)

    @property
    def has_error(self) -> bool:
        """Whether an error is among them."""
        return any(notice.kind == "error" for notice in self._all)

    def add(self, notice: Notice) -> None:
        """Tell the user; a notice with the key of an earlier one replaces it."""
        self._all = [other for other in self._all if not notice.key or other.key != notice.key]
        self._all = [*self._all, notice][-MOST_KEPT:]
        self.added.emit(notice)
        self.changed.emit()

    def add_error(self, error: FourpaneError) -> None:
        """Tell an error meant for the user, with its one action; the technical cause can be copied."""
        self.add(
            Notice(
                error.text,
                "error",
                action=error.action,
                action_title=error.action_title if error.action else "",
                action_arguments=error.action_arguments,
                details=_cause(error),
            )
        )

    def remove(self, key: str) -> None:
        """Take a notice back: what it told is over."""
        kept = [notice for notice in self._all if notice.key != key]
        if len(kept) != len(self._all):
            self._all = kept
            self.changed.emit()

    def clear(self) -> None:
        """Forget all."""
        self._all = []
        self.changed.emit()


def _cause(error: FourpaneError) -> str:
    cause = error.__cause__
    return f"{type(cause).__name__}: {cause}" if cause is not None else ""

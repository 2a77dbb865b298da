"""Files and folders dropped on the window. Owns no file: it says what was dropped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget


def local_paths(data: QMimeData) -> tuple[Path, ...]:
    """What is dragged, as far as it lies on this machine."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()) if data.hasUrls() else ()


class DropTarget(QObject):
    """Takes drops of files for the widgets that it watches, before they take the paths as text."""

    dropped = Signal(list)
    """Paths, in the order of the drag."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def watch(self, widget: QWidget) -> None:
        """Take files dropped on `widget`; other drops are its own affair."""
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Drags of local files are ours."""
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if local_paths(event.mimeData()):
                event.acceptProposedAction()
                return True
        elif isinstance(event, QDropEvent) and (paths := local_paths(event.mimeData())):
            event.acceptProposedAction()
            self.dropped.emit(list(paths))
            return True
        return False

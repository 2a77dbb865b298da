"""Keeps the context keys and the status of the document in front up to date, once per turn of the event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from ide.commands.context import Context
from ide.extensions.extensions import Extensions
from ide.panes.editor import run_plan
from ide.panes.editor.commands import CAN_RUN, HAS_CELLS, HAS_DOCUMENT, HAS_TAB, RUN_TITLE
from ide.panes.editor.desk import Desk
from ide.panes.editor.format_actions import FormatActions
from ide.panes.editor.model import EditorStatus, encoding_name, line_ending_name
from ide.panes.editor.page import EditorPage


class Telling(QObject):
    """`told` is called after each change."""

    def __init__(
        self,
        desk: Desk,
        context: Context,
        extensions: Extensions,
        formatting: FormatActions,
        told: Callable[[], None],
    ) -> None:
        super().__init__(desk)
        self._desk = desk
        self._context = context
        self._extensions = extensions
        self._formatting = formatting
        self._told = told
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.tell)

    @Slot()
    def soon(self) -> None:
        """Tell in the next turn."""
        self._timer.start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    @Slot()
    def tell(self) -> None:
        """Tell now."""
        self._timer.stop()
        page = self._desk.page
        document = page.document if page is not None else None
        put = self._context.set
        put(HAS_DOCUMENT, document is not None)
        put(HAS_TAB, bool(self._desk.front_key))
        put("editor.has_file", document is not None and document.path is not None)
        put("editor.is_read_only", document is not None and document.is_read_only)
        put("editor.is_split", self._desk.is_split)
        if page is not None:
            self._tell_page(page)
        else:
            put("editor.language", "")
            for name in ("editor.has_selection", HAS_CELLS, CAN_RUN, "editor.can_format"):
                put(name, False)
        self._told()

    def _tell_page(self, page: EditorPage) -> None:
        document, put = page.document, self._context.set
        line = page.view.textCursor().blockNumber()
        has_selection = page.view.textCursor().hasSelection()
        script = run_plan.Script(
            document.key,
            document.path,
            document.kind,
            document.language,
            (),
            page.buffer.marks.cells,
            self._extensions.language,
        )
        put("editor.language", page.buffer.language_id_at(line) or document.language)
        put("editor.has_selection", has_selection)
        put(HAS_CELLS, bool(script.cells))
        put(CAN_RUN, bool(page.buffer.language_ids))
        put("editor.can_format", self._formatting.can_format(document))
        put(RUN_TITLE, run_plan.default_title(script, line, has_selection=has_selection))


def status_of(page: EditorPage | None) -> EditorStatus:
    """What the status bar shows of a page."""
    if page is None:
        return EditorStatus()
    place, document = page.view.place, page.document
    start, end = page.view.selection
    selected = 0 if start == end else page.buffer.text.offset(end) - page.buffer.text.offset(start)
    return EditorStatus(
        place.line, place.column, selected, encoding_name(document), line_ending_name(document), document.language
    )

"""One document in one side of the editor: its code view, the bars above and below it, and help while typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.core.text import Place
from ide.documents.journal_format import View
from ide.documents.notebook import READ_ONLY_SENTENCE
from ide.panes.editor.assist import Assist, AssistOptions, Sources
from ide.panes.editor.buffer import Buffer
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.choice_bar import BarChoice, ChoiceBar
from ide.widgets.code_view import CodeView, ViewOptions

if TYPE_CHECKING:
    from ide.widgets.code_view_find_bar import FindBar, GoToLineBar

NOTE_VIEW_MS = 300


class EditorPage(QWidget):
    """Owns its view; the buffer is shared with other pages of the document."""

    caret_moved = Signal()
    chosen = Signal(object)
    """BarChoice of a bar above the code."""

    def __init__(
        self,
        buffer: Buffer,
        sources: Sources,
        theme: Theme,
        icons: Icons,
        view_options: ViewOptions,
        assist_options: AssistOptions,
    ) -> None:
        super().__init__()
        self.buffer = buffer
        self.document = buffer.document
        self.view = CodeView(
            buffer.text, theme, icons, buffer.highlighter, language_at=buffer.language_at, options=view_options
        )
        self._theme = theme
        self._icons = icons
        self._find_bar: FindBar | None = None
        self._line_bar: GoToLineBar | None = None
        self.bar = ChoiceBar(theme, icons)
        self.note = ChoiceBar(theme, icons)
        self.assist = Assist(self.view, buffer, sources, theme, icons, assist_options)
        self._told_state = "same"
        self._first_line: int | None = None
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.note, self.bar, self.view):
            column.addWidget(widget, 1 if widget is self.view else 0)
        self.setFocusProxy(self.view)
        self._note_view = QTimer(self)
        self._note_view.setSingleShot(True)
        self._note_view.setInterval(NOTE_VIEW_MS)
        self._note_view.timeout.connect(self.note_view)
        self._connect()
        self._on_state_changed()
        self.view.set_marks(buffer.marks)
        self._restore()

    @property
    def find_bar(self) -> FindBar:
        """Find and replace; made at the first use."""
        if self._find_bar is None:
            from ide.widgets.code_view_find_bar import FindBar

            self._find_bar = FindBar(self.view, self._theme, self._icons)
            self._column.addWidget(self._find_bar)
        return self._find_bar

    @property
    def line_bar(self) -> GoToLineBar:
        """Asks for a line; made at the first use."""
        if self._line_bar is None:
            from ide.widgets.code_view_find_bar import GoToLineBar

            self._line_bar = GoToLineBar(self.view, self._theme)
            self._column.addWidget(self._line_bar)
        return self._line_bar

    def close_page(self) -> None:
        """Take the page apart: its buffer may live on in another side."""
        self.note_view()
        self._note_view.stop()
        if self._find_bar is not None:
            self._find_bar.search.stop()
        self.assist.close()
        self.view.close_view()
        self.deleteLater()

    def tell_choice(self, text: str, choices: tuple[BarChoice, ...], *, role: str = "warning") -> None:
        """Ask something in the bar above the code."""
        self.bar.tell(text, choices, role=role)

    # --- caret and scroll --------------------------------------------------------------------------------------------

    @Slot()
    def note_view(self) -> None:
        """Tell the document where caret and scroll bar are."""
        self._note_view.stop()
        text = self.buffer.text
        if text.is_loading:
            return
        cursor = self.view.textCursor()
        caret, anchor = (text.offset(text.place(position)) for position in (cursor.position(), cursor.anchor()))
        self.document.look_at(View(caret, anchor, self.view.first_line))

    def _restore(self) -> None:
        view, text = self.document.view, self.document.text
        self._first_line = view.first_line
        if view.caret or view.anchor:
            caret, anchor = _place_of(text, view.caret), _place_of(text, view.anchor)
            self.view.set_place(caret, anchor=anchor if anchor != caret else None)

    def showEvent(self, event: QShowEvent) -> None:
        """The scroll bar has its range once the view has its size."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._restore_scroll)

    @Slot()
    def _restore_scroll(self) -> None:
        if self._first_line is not None and self.isVisible() and not self.buffer.text.is_loading:
            self.view.scroll_to_line(self._first_line)
            self._first_line = None

    def go_to(self, place: Place, *, anchor: Place | None = None) -> None:
        """Show a place that somebody asked for; a scroll position that waits is forgotten."""
        self._first_line = None
        self.view.go_to(place, anchor=anchor)

    # --- events ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.buffer.marks_changed.connect(self._on_marks_changed)
        self.buffer.text.loaded.connect(self._restore_scroll)
        self.view.caret_moved.connect(self._on_caret_moved)
        self.view.view_scrolled.connect(self._note_view.start)
        self.bar.chosen.connect(self.chosen)
        connect(self, self.document.state_changed, self._on_state_changed)

    @Slot()
    def _on_marks_changed(self) -> None:
        self.view.set_marks(self.buffer.marks)

    @Slot()
    def _on_caret_moved(self) -> None:
        self._note_view.start()
        self.caret_moved.emit()

    def _on_state_changed(self) -> None:
        document = self.document
        self.view.setReadOnly(document.is_read_only)
        if document.is_read_only:
            flags = self.view.textInteractionFlags()
            self.view.setTextInteractionFlags(flags | Qt.TextInteractionFlag.TextSelectableByKeyboard)
            self.note.tell(READ_ONLY_SENTENCE, role="accent")
        self.view.setAccessibleName(f"Editor, {document.title}")
        if document.disk_state != self._told_state:
            self._told_state = document.disk_state
            self._tell_disk_state()

    def _tell_disk_state(self) -> None:
        document = self.document
        key = (("document", document.key),)
        choices: tuple[BarChoice, ...]
        if document.disk_state == "newer":
            choices = (
                BarChoice("Show difference", "document.compare", key),
                BarChoice("Reload", "document.reload", key),
                BarChoice("Keep this text"),
            )
            self.bar.tell(f"{document.title} was changed on disk by another program.", choices)
        elif document.disk_state == "gone":
            choices = (BarChoice("Save again", "document.save", key), BarChoice("Keep open"))
            self.bar.tell(f"{document.title} is not on disk any more. Its text is kept here.", choices)
        else:
            self.bar.hide()


def _place_of(text: str, offset: int) -> Place:
    offset = min(max(offset, 0), len(text))
    line = text.count("\n", 0, offset)
    return Place(line, offset - (text.rfind("\n", 0, offset) + 1))

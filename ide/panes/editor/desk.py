"""The body of the editor pane: one side or two, each with a page per document that it has shown, and guests.

Owns buffers and pages. Which document is in front is told to `Documents`; what is done with it is others' work. A guest
(`ide/widgets/guest.py`) is on one side only; while it is in front, no page is.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.core.text import Place
from ide.documents.document import Document
from ide.documents.documents import Documents
from ide.extensions.extensions import Extensions
from ide.panes.editor.assist import AssistOptions, Sources
from ide.panes.editor.buffer import Buffer
from ide.panes.editor.page import EditorPage
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.code_view import ViewOptions
from ide.widgets.code_view_highlight import LexerShelf
from ide.widgets.guest import GuestPage


class Desk(QWidget):
    """Shows documents. `empty` is shown while there is none."""

    active_changed = Signal()
    """Another document, or another view of it, is in front."""
    caret_moved = Signal()
    page_made = Signal(object)
    buffer_made = Signal(object)
    buffer_closed = Signal(str)
    """Key of the document."""

    def __init__(
        self,
        documents: Documents,
        extensions: Extensions,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        sources: Sources,
        empty: QWidget,
    ) -> None:
        super().__init__()
        self.view_options = ViewOptions()
        self.assist_options = AssistOptions()
        self.buffers: dict[str, Buffer] = {}
        self._documents = documents
        self._extensions = extensions
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._sources = sources
        self._shelf = LexerShelf(run_in_pool)
        self._empty = empty
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._sides: list[_Side] = []
        self._guests: dict[str, GuestPage] = {}
        self._active = 0
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self._splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._add_side()
        connect(self, documents.closed, self._on_document_closed)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    # --- what is in front --------------------------------------------------------------------------------------------

    @property
    def page(self) -> EditorPage | None:
        """The page in front."""
        return self._sides[self._active].page

    @property
    def document(self) -> Document | None:
        """The document in front."""
        page = self.page
        return page.document if page is not None else None

    @property
    def guest(self) -> GuestPage | None:
        """The guest in front, if one is."""
        return self._sides[self._active].guest

    @property
    def guests(self) -> tuple[GuestPage, ...]:
        """Every guest, in the order in which they came."""
        return tuple(self._guests.values())

    @property
    def front_key(self) -> str:
        """Key of the document or guest in front, or empty."""
        return self._sides[self._active].front_key

    @property
    def pages(self) -> tuple[EditorPage, ...]:
        """Every page of every side."""
        return tuple(page for side in self._sides for page in side.pages.values())

    @property
    def is_split(self) -> bool:
        """Whether there are two sides."""
        return len(self._sides) > 1

    def show_document(
        self, document: Document, place: Place | None = None, *, anchor: Place | None = None
    ) -> EditorPage:
        """Bring a document to the front of the side in use, at a place where one is given."""
        page = self._sides[self._active].pages.get(document.key) or self._make_page(document)
        self._sides[self._active].show_page(page)
        self._stack.setCurrentWidget(self._splitter)
        if place is not None:
            page.go_to(place, anchor=anchor)
        self._documents.set_active(document)
        self.active_changed.emit()
        return page

    def focus(self) -> None:
        """The keyboard goes to the code, or to what is there instead of it."""
        page, guest = self.page, self.guest
        target = page.view if page is not None else guest.widget if guest is not None else self._empty
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def buffer_of(self, document: Document) -> Buffer:
        """The buffer of an open document, made now if nothing has shown it yet."""
        if document.key not in self.buffers:
            buffer = Buffer(document, self._theme, self._shelf, self._extensions, self._run_in_pool, self)
            self.buffers[document.key] = buffer
            self.buffer_made.emit(buffer)
        return self.buffers[document.key]

    def page_of(self, document: Document) -> EditorPage | None:
        """A page of the document, the one in front first."""
        page = self.page
        if page is not None and page.document is document:
            return page
        return next((one for one in self.pages if one.document is document), None)

    # --- guests ------------------------------------------------------------------------------------------------------

    def show_guest(self, guest: GuestPage) -> None:
        """Bring a guest to the front, on the side where it is, or the one in use if it is new."""
        self._guests.setdefault(guest.key, guest)
        for number, side in enumerate(self._sides):
            if guest.key in side.guests:
                self._active = number
                break
        side = self._sides[self._active]
        if guest.key not in side.guests:
            side.add_guest(guest)
        side.show_guest(guest)
        self._stack.setCurrentWidget(self._splitter)
        self.active_changed.emit()

    def guest_of(self, key: str) -> GuestPage | None:
        """The guest of that key."""
        return self._guests.get(key)

    def remove_guest(self, key: str) -> None:
        """Take a guest out and end it."""
        guest = self._guests.pop(key, None)
        if guest is None:
            return
        was_active = guest is self.guest
        for side in self._sides:
            if key in side.guests:
                side.remove_guest(guest)
        guest.close_page()
        guest.widget.deleteLater()
        self._fill(was_active)
        if was_active:
            self.active_changed.emit()

    # --- sides -------------------------------------------------------------------------------------------------------

    def split(self) -> None:
        """Show the document in front a second time beside itself."""
        page = self.page
        if page is None or self.is_split:
            return
        page.note_view()
        self._add_side()
        self._active = 1
        self.show_document(page.document)
        half = max(1, self._splitter.width() // 2)
        self._splitter.setSizes([half, half])
        self.focus()

    def unsplit(self) -> None:
        """Only the side in use stays."""
        if not self.is_split:
            return
        other = self._sides.pop(1 - self._active)
        self._active = 0
        for page in list(other.pages.values()):
            other.remove(page)
            page.close_page()
        for guest in list(other.guests.values()):
            other.remove_guest(guest)
            self._sides[0].add_guest(guest)
        other.hide()
        other.deleteLater()
        self.active_changed.emit()
        self.focus()

    def _add_side(self) -> None:
        side = _Side()
        self._sides.append(side)
        self._splitter.addWidget(side)

    def _make_page(self, document: Document) -> EditorPage:
        buffer = self.buffer_of(document)
        page = EditorPage(buffer, self._sources, self._theme, self._icons, self.view_options, self.assist_options)
        page.view.focused.connect(self._on_focused)
        page.caret_moved.connect(self._on_caret_moved)
        self._sides[self._active].add(page)
        self.page_made.emit(page)
        return page

    @Slot()
    def _on_focused(self) -> None:
        view = self.sender()
        for number, side in enumerate(self._sides):
            if side.page is not None and side.page.view is view and number != self._active:
                self._active = number
                self._documents.set_active(side.page.document)
                self.active_changed.emit()

    @Slot()
    def _on_caret_moved(self) -> None:
        if self.sender() is self.page:
            self.caret_moved.emit()

    # --- options and end ---------------------------------------------------------------------------------------------

    def set_options(self, view_options: ViewOptions, assist_options: AssistOptions) -> None:
        """Use the user's settings from now on."""
        self.view_options, self.assist_options = view_options, assist_options
        for page in self.pages:
            page.view.set_options(view_options)
            page.assist.options = assist_options

    def close_desk(self) -> None:
        """Note every caret and end what the pages have under way."""
        for page in self.pages:
            page.close_page()
        for guest in self._guests.values():
            guest.close_page()
        self._guests.clear()
        for side in self._sides:
            side.pages.clear()
            side.guests.clear()
        for buffer in self.buffers.values():
            buffer.close()
        self.buffers.clear()

    def _on_document_closed(self, document: Document) -> None:
        was_active = document is self.document
        for side in self._sides:
            page = side.pages.get(document.key)
            if page is not None:
                side.remove(page)
                page.close_page()
        buffer = self.buffers.pop(document.key, None)
        if buffer is not None:
            buffer.close()
            self.buffer_closed.emit(document.key)
        self._fill(was_active)

    def _fill(self, was_active: bool) -> None:
        """A side whose document has gone shows another one."""
        left = self._documents.all
        active = self._active
        if not left and self._guests:
            self._fill_with_guests()
            return
        if not left:
            if self.is_split:
                self.unsplit()
            self._stack.setCurrentWidget(self._empty)
            self._documents.set_active(None)
            self.active_changed.emit()
            return
        for number, side in enumerate(self._sides):
            if not side.front_key:
                self._active = number
                self.show_document(left[-1])
        self._active = active
        if was_active and self.document is not None:
            self._documents.set_active(self.document)
            self.active_changed.emit()

    def _fill_with_guests(self) -> None:
        """No document is left: a side with nothing to show goes."""
        if self.is_split:
            full = [number for number, side in enumerate(self._sides) if side.front_key]
            self._active = full[0] if full else 0
            self.unsplit()
        if not self.front_key:
            self._sides[0].show_guest(next(reversed(self._sides[0].guests.values())))
        self._documents.set_active(None)
        self.active_changed.emit()

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """The keyboard has gone into a guest of the other side."""
        for number, side in enumerate(self._sides):
            guest = side.guest
            if number != self._active and guest is not None and now is not None and guest.widget.isAncestorOf(now):
                self._active = number
                self.active_changed.emit()


class _Side(QStackedWidget):
    """The pages and guests of one side."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, EditorPage] = {}
        self.guests: dict[str, GuestPage] = {}
        self._order: list[str] = []

    @property
    def front_key(self) -> str:
        """Key of what is shown, or empty."""
        return self._order[-1] if self._order else ""

    @property
    def page(self) -> EditorPage | None:
        """The page that is shown; None while a guest is."""
        return self.pages.get(self.front_key)

    @property
    def guest(self) -> GuestPage | None:
        """The guest that is shown."""
        return self.guests.get(self.front_key)

    def add(self, page: EditorPage) -> None:
        """One more page, not shown yet."""
        self.pages[page.document.key] = page
        self.addWidget(page)

    def add_guest(self, guest: GuestPage) -> None:
        """One more guest, not shown yet."""
        self.guests[guest.key] = guest
        self.addWidget(guest.widget)

    def show_page(self, page: EditorPage) -> None:
        """Bring a page to the front."""
        self._bring(page.document.key, page)

    def show_guest(self, guest: GuestPage) -> None:
        """Bring a guest to the front."""
        self._bring(guest.key, guest.widget)

    def remove(self, page: EditorPage) -> None:
        """The page goes; what was shown before it comes to the front."""
        self.pages.pop(page.document.key, None)
        self._take_out(page.document.key, page)

    def remove_guest(self, guest: GuestPage) -> None:
        """The guest goes; what was shown before it comes to the front."""
        self.guests.pop(guest.key, None)
        self._take_out(guest.key, guest.widget)

    def _bring(self, key: str, widget: QWidget) -> None:
        before = self.page
        if before is not None and before is not widget:
            before.assist.close_popups()
        self._order = [*(other for other in self._order if other != key), key]
        self.setCurrentWidget(widget)

    def _take_out(self, key: str, widget: QWidget) -> None:
        self._order = [other for other in self._order if other != key]
        self.removeWidget(widget)
        page, guest = self.page, self.guest
        if page is not None:
            self.setCurrentWidget(page)
        elif guest is not None:
            self.setCurrentWidget(guest.widget)

"""Handlers of the commands that change or look through text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from ide.core.errors import CommandError
from ide.core.language import Language
from ide.core.text import Place
from ide.panes.editor.desk import Desk
from ide.panes.editor.page import EditorPage
from ide.widgets.code_view import CodeView

TextWidget = QLineEdit | QPlainTextEdit | QTextEdit


class FocusedText:
    """Undo, cut, copy and paste in whatever text has the keyboard: editor, console, a field of a dialog."""

    def undo(self) -> None:
        """Take the last change back."""
        self._do("undo")

    def redo(self) -> None:
        """Make it again."""
        self._do("redo")

    def cut(self) -> None:
        """Cut what is selected; in the editor the line where nothing is."""
        view = _focused()
        if isinstance(view, CodeView):
            view.cut_line()
        else:
            self._do("cut")

    def copy(self) -> None:
        """Copy what is selected; in the editor the line where nothing is."""
        view = _focused()
        if isinstance(view, CodeView) and not view.textCursor().hasSelection() and not view.carets:
            view.copy_line()
        else:
            self._do("copy")

    def paste(self) -> None:
        """Put in what is on the clipboard."""
        self._do("paste")

    def select_all(self) -> None:
        """Select everything."""
        self._do("selectAll")

    def _do(self, name: str) -> None:
        widget = _focused()
        # A widget of a pane may answer for its inner one (the console's frame for its text).
        while widget is not None:
            method: Callable[[], Any] | None = getattr(widget, name, None)
            if callable(method):
                method()
                return
            widget = widget.parentWidget()


class EditActions:
    """Handlers of `edit.*` that belong to the document in front."""

    def __init__(
        self,
        desk: Desk,
        language_of: Callable[[str], Language | None],
        pipe: Callable[[], str],
        console_language: Callable[[], str],
    ) -> None:
        """`pipe` is the user's choice of pipe; `console_language` that of the console, where keys work too."""
        self._desk = desk
        self._language_of = language_of
        self._pipe = pipe
        self._console_language = console_language

    def find(self, *, replaces: bool = False) -> None:
        """Open the find bar."""
        page = self._page()
        page.line_bar.hide()
        page.find_bar.open(replaces=replaces)

    def find_next(self) -> None:
        """To the next match of the last search."""
        page = self._page()
        if page.find_bar.search.query.text:
            page.find_bar.find_next()
        else:
            self.find()

    def find_previous(self) -> None:
        """To the match before."""
        page = self._page()
        if page.find_bar.search.query.text:
            page.find_bar.find_previous()
        else:
            self.find()

    def go_to_line(self, line: int | None = None, column: int = 0) -> None:
        """Go to a line, counted from 0; ask for it where none is given."""
        page = self._page()
        if line is not None:
            page.go_to(Place(line, column))
            return
        if page.find_bar.isVisible():
            page.find_bar.close_bar()
        page.line_bar.open()

    def insert(self, command: str) -> None:
        """Put in what the language of the caret has for a command; a space is not doubled."""
        focused = _focused()
        page = self._desk.page
        if page is not None and (focused is page.view or not isinstance(focused, QPlainTextEdit | QTextEdit)):
            place = page.view.place
            language = page.buffer.language_at(place.line)
            before = page.buffer.text.lines[place.line][: place.column]
            if text := self._text_for(command, language):
                page.view.insert(text.lstrip(" ") if before.endswith(" ") else text)
        elif isinstance(focused, QPlainTextEdit | QTextEdit) and not focused.isReadOnly():
            focused.insertPlainText(self._text_for(command, self._language_of(self._console_language())))

    def with_view(self, change: Callable[[CodeView], None]) -> None:
        """Change the text in front, if it may be changed."""
        view = self._page().view
        if view.isReadOnly():
            raise CommandError("This document cannot be edited.", "It is open read-only.")
        change(view)
        view.ensureCursorVisible()

    def look(self, act: Callable[[EditorPage], None]) -> None:
        """Do something to the page in front that changes no text."""
        act(self._page())

    def _text_for(self, command: str, language: Language | None) -> str:
        text = language.typing.inserts.get(command, "") if language is not None else ""
        return " %>% " if text and command == "edit.insert_pipe" and self._pipe() == "magrittr" else text

    def _page(self) -> EditorPage:
        page = self._desk.page
        if page is None:
            raise CommandError("No document is open.", "", "Open a file first.")
        return page


def _focused() -> QWidget | None:
    return QApplication.focusWidget()

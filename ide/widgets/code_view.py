"""The code view: a plain text edit with line numbers, colours, cells, folds and several carets.

Owns what is shown and typed in one view of a `CodeText`; its parts are in the modules beside this one and are given to
each other here. Knows no file, no session and no command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.language import Language
from ide.core.record import dataclass, field
from ide.core.text import Place
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets import code_view_lines as line_commands
from ide.widgets.code_view_brackets import bracket_at, matching_bracket
from ide.widgets.code_view_carets import Carets
from ide.widgets.code_view_folding import Folding
from ide.widgets.code_view_gutter import Gutter
from ide.widgets.code_view_highlight import Highlighter
from ide.widgets.code_view_long_edits import LONG_CHARACTERS
from ide.widgets.code_view_marks import Folds, Marks
from ide.widgets.code_view_paint import CodePainter, Painted, Row
from ide.widgets.code_view_text import CodeText, hidden_at
from ide.widgets.code_view_typing import Typing, TypingOptions, is_command
from ide.widgets.viewport import give_text_viewport

KeyFilter = Callable[[QKeyEvent], bool]


@dataclass(slots=True)
class ViewOptions:
    """The user's settings for code views."""

    typing: TypingOptions = field(default_factory=TypingOptions)
    shows_line_numbers: bool = True
    shows_guides: bool = True
    wraps: bool = False


def _no_language(_line: int) -> Language | None:
    return None


class CodeView(QPlainTextEdit):
    """One view. `text` and `highlighter` may be shared with other views of the same text."""

    caret_moved = Signal()
    """The main caret is elsewhere, or the selection is another one."""
    cell_run_pressed = Signal(int)
    """The run mark of the cell that begins at this line was pressed."""
    tip_wanted = Signal(object, object)
    """Place under the pointer, global point: something may be said about it."""
    definition_wanted = Signal(object)
    """Place that was clicked with Ctrl (Cmd on macOS)."""
    menu_wanted = Signal(object)
    """Global point where a context menu was asked for."""
    typed = Signal(str)
    """The user typed this text (not: pasted, undid)."""
    view_scrolled = Signal()
    focused = Signal()
    """The view has the keyboard now."""

    def __init__(
        self,
        text: CodeText,
        theme: Theme,
        icons: Icons,
        highlighter: Highlighter,
        *,
        language_at: Callable[[int], Language | None] = _no_language,
        options: ViewOptions | None = None,
    ) -> None:
        super().__init__()
        self.code = text
        self.carets = Carets(self, text)
        self.folding = Folding(text, self._folds)
        self.key_filters: list[KeyFilter] = []
        """Asked in order before the view takes a key; one that answers True has taken it."""
        self.language_at = language_at
        self._theme = theme
        self._highlighter = highlighter
        self._options = options or ViewOptions()
        self.typing = Typing(text, self.carets, language_at, self._options.typing)
        self._painter = CodePainter(self, text, theme)
        self._painted = Painted()
        self._keys_while_loading: list[QKeyEvent] = []
        self._place_when_loaded: Place | None = None
        self._caret_line = 0
        self._had_selection = False
        give_text_viewport(self)
        self._gutter = Gutter(self, self, theme, icons)
        self.setDocument(text.document)
        self._set_up()
        self._connect()
        self._dress()
        self.set_options(self._options)

    def _set_up(self) -> None:
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName("Editor")
        self.setTabChangesFocus(False)
        self.setCursorWidth(2)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)

    def _connect(self) -> None:
        self._theme.changed.connect(self._dress)
        self.cursorPositionChanged.connect(self._on_caret_moved)
        self.selectionChanged.connect(self._on_caret_moved)
        self.updateRequest.connect(self._on_update_request)
        self.blockCountChanged.connect(self._place_gutter)
        self.code.lines_changed.connect(self._on_lines_changed)
        self.code.loaded.connect(self._on_loaded)
        self.code.long.ended.connect(self._press_waiting_keys)
        self._gutter.run_pressed.connect(self.cell_run_pressed)
        self._gutter.fold_pressed.connect(self.toggle_fold_at)
        self._gutter.line_pressed.connect(self._select_lines)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def set_options(self, options: ViewOptions) -> None:
        """Use the user's settings from now on."""
        self._options = options
        self.typing.options = options.typing
        self._gutter.shows_numbers = options.shows_line_numbers
        wraps = options.wraps
        self.setLineWrapMode(self.LineWrapMode.WidgetWidth if wraps else self.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._painted.shows_guides = options.shows_guides
        self._painted.tab_width = options.typing.tab_width
        language = self.language_at(0)
        unit = language.typing.indent if language is not None else ""
        self._painted.indent_columns = max(1, len(unit) if unit.strip(" ") == "" and unit else options.typing.tab_width)
        self.setTabStopDistance(options.typing.tab_width * self.fontMetrics().horizontalAdvance(" "))
        self._place_gutter()
        self.viewport().update()

    def marks(self) -> Marks:
        """What is drawn beside the text."""
        return self._painted.marks

    def set_marks(self, marks: Marks) -> None:
        """Draw these from now on. They move with the text by themselves."""
        self._painted.marks = marks
        self.viewport().update()
        self._gutter.update()

    def set_found(self, found: dict[int, list[tuple[int, int]]], current: tuple[int, int, int] | None) -> None:
        """Show what the find bar found: line -> columns and lengths; and which is the current one."""
        self._painted.found = found
        self._painted.found_current = current
        self.viewport().update()

    def rows(self, area: QRectF) -> Sequence[Row]:
        """Visible blocks that touch `area` (viewport coordinates), with their places."""
        rows: list[Row] = []
        block = self.firstVisibleBlock()
        rect = self.blockBoundingGeometry(block).translated(self.contentOffset())
        if self._has_even_rows() and area.top() > rect.bottom():  # go to the first row asked for at once
            skipped = int((area.top() - rect.top()) / rect.height())
            block = self.document().findBlockByNumber(block.blockNumber() + skipped)
            rect.translate(0, skipped * rect.height())
        while block.isValid() and rect.top() <= area.bottom():
            if block.isVisible() and rect.bottom() >= area.top():
                rows.append((block, rect))
            block = block.next()
            if block.isValid():
                height = self.blockBoundingRect(block).height()
                rect = QRectF(rect.left(), rect.bottom(), rect.width(), height)
        return rows

    def line_total(self) -> int:
        """How many lines there are, those that are still loading included."""
        return max(self.blockCount(), self.code.line_total)

    def _has_even_rows(self) -> bool:
        """Whether every block is one row of the same height: nothing wrapped, nothing folded."""
        document = self.document()
        is_plain = self.lineWrapMode() == self.LineWrapMode.NoWrap
        return is_plain and document.lineCount() == document.blockCount()

    def is_folded(self, line: int) -> bool:
        """Whether the fold that begins at `line` is closed."""
        return self.folding.is_folded(line)

    @Slot(int)
    def toggle_fold_at(self, line: int) -> None:
        """Close or open the fold that begins at `line`."""
        self.folding.toggle(line)
        block = self.textCursor().block()
        if not block.isVisible():
            self.set_place(Place(line, len(self.code.lines[line])))

    # --- caret -------------------------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """Where the main caret is."""
        return self.code.place(self.textCursor().position())

    @property
    def selection(self) -> tuple[Place, Place]:
        """Start and end of the main selection; the same place twice where there is none."""
        cursor = self.textCursor()
        return self.code.place(cursor.selectionStart()), self.code.place(cursor.selectionEnd())

    @property
    def selected_text(self) -> str:
        """What the main caret selects."""
        return self.code.selected_text(self.textCursor())

    def set_place(self, place: Place, *, anchor: Place | None = None) -> None:
        """Put the one caret there, selecting from `anchor`. A line still loading is gone to later."""
        if self.code.is_loading and place.line >= len(self.code.lines) - 1:
            self._place_when_loaded = place
            return
        self._place_when_loaded = None
        self.carets.clear()
        self.folding.reveal(min(place.line, len(self.code.lines) - 1))
        cursor = self.textCursor()
        cursor.setPosition(self.code.position(anchor or place))
        if anchor is not None:
            cursor.setPosition(self.code.position(place), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def go_to(self, place: Place, *, anchor: Place | None = None) -> None:
        """As `set_place`, with the line in the middle of the view if it was not visible."""
        was_visible = self._is_visible(place.line)
        self.set_place(place, anchor=anchor)
        if not was_visible:
            self.centerCursor()

    @property
    def first_line(self) -> int:
        """The first visible line."""
        return self.firstVisibleBlock().blockNumber()

    def scroll_to_line(self, line: int) -> None:
        """Make `line` the first visible one."""
        block = self.document().findBlockByNumber(min(line, self.blockCount() - 1))
        self.verticalScrollBar().setValue(block.firstLineNumber())

    def place_at(self, point: QPoint) -> Place | None:
        """The place under a point of the viewport; None right of the text and below it."""
        cursor = self.cursorForPosition(point)
        rect = self.cursorRect(cursor)
        near = self.fontMetrics().horizontalAdvance("mm")
        if abs(point.x() - rect.left()) > near or not rect.top() - 4 <= point.y() <= rect.bottom() + 8:
            return None
        return self.code.place(cursor.position())

    def caret_rect(self) -> QRect:
        """Where the caret is, in global coordinates."""
        rect = self.cursorRect()
        return QRect(self.viewport().mapToGlobal(rect.topLeft()), rect.size())

    # --- commands ----------------------------------------------------------------------------------------------------

    def insert(self, text: str) -> None:
        """Put `text` in at all carets as one undo step."""
        self.carets.each(lambda cursor: self.code.insert(cursor, text))
        self.ensureCursorVisible()

    def insert_lines(self, text: str) -> None:
        """Put `text` on lines of its own: below the caret's line where that is not empty."""
        cursor = self.textCursor()
        is_empty = not cursor.block().text().strip()
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        self.setTextCursor(cursor)
        self.insert(text if is_empty else "\n" + text)

    def toggle_comment(self) -> None:
        """Comment or uncomment the selected lines."""
        language = self.language_at(self.textCursor().blockNumber())
        mark = language.typing.comment if language is not None else "#"
        self.carets.each(lambda cursor: line_commands.toggle_comment(cursor, mark))

    def move_lines(self, step: int) -> None:
        """Up (-1) or down (1)."""
        self._with_main(lambda cursor: line_commands.move_lines(cursor, step))

    def duplicate_lines(self) -> None:
        """A copy of the selected lines below them."""
        self._with_main(line_commands.duplicate_lines)

    def delete_lines(self) -> None:
        """Take the selected lines out."""
        self.carets.each(line_commands.delete_lines)

    def join_lines(self) -> None:
        """Join the selected lines with spaces."""
        self._with_main(line_commands.join_lines)

    def fold_at_caret(self) -> None:
        """Close the innermost fold around the caret."""
        line = self.textCursor().blockNumber()
        if not self.folding.is_folded(line):
            first = self.folding.toggle_around(line)
            if not self.textCursor().block().isVisible():
                self.set_place(Place(first, len(self.code.lines[first])))

    def unfold_at_caret(self) -> None:
        """Open what is hidden below the caret's line."""
        line = self.textCursor().blockNumber()
        if self.folding.is_folded(line):
            self.folding.toggle(line)

    def indent(self, step: int) -> None:
        """One level in (1) or out (-1)."""
        self.typing.indent(self.textCursor(), step)

    def go_to_bracket(self) -> None:
        """To the bracket that belongs to the one at the caret."""
        if len(self._painted.brackets) == 2:
            self.set_place(self._painted.brackets[1])

    def select_line(self) -> None:
        """Select the whole line, again for the next one too."""
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        cursor.setPosition(self.document().findBlock(start).position())
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        if not cursor.movePosition(QTextCursor.MoveOperation.NextBlock, QTextCursor.MoveMode.KeepAnchor):
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _with_main(self, change: Callable[[QTextCursor], None]) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        change(cursor)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # --- keys --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Leaves the run keys to the program's commands; shows tips."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_enter and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
                event.ignore()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tells where a tip is wanted."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._ask_for_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Filters first, then several carets, then typing, then Qt's own."""
        if self.code.is_busy:
            self._keys_while_loading.append(event.clone())
            return
        if any(accepts(event) for accepts in self.key_filters):
            event.accept()
            return
        if self._handle(event):
            event.accept()
        else:
            super().keyPressEvent(event)
        if event.text().isprintable() and event.text() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.typed.emit(event.text())

    def _handle(self, event: QKeyEvent) -> bool:
        if self.isReadOnly():
            return False
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
            return True
        if event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
            return True
        if self._replaces_long_selection(event):
            return True
        if self.typing.handle(event, self.textCursor()) or self.carets.handle(event):
            self.ensureCursorVisible()
            return True
        if event.matches(QKeySequence.StandardKey.MoveToStartOfLine):
            self._home(QTextCursor.MoveMode.MoveAnchor)
        elif event.matches(QKeySequence.StandardKey.SelectStartOfLine):
            self._home(QTextCursor.MoveMode.KeepAnchor)
        else:
            # Qt would put in a separator that is no line end.
            return event.matches(QKeySequence.StandardKey.InsertLineSeparator)
        return True

    def _home(self, mode: QTextCursor.MoveMode) -> None:
        """To the first character of the line, or to its start from there."""
        cursor = self.textCursor()
        text = cursor.block().text()
        indent = len(text) - len(text.lstrip())
        at = cursor.positionInBlock()
        cursor.setPosition(cursor.block().position() + (0 if at == indent else indent), mode)
        self.setTextCursor(cursor)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What an input method commits goes to all carets."""
        if self.carets and event.commitString():
            committed = event.commitString()
            event.setCommitString("")
            super().inputMethodEvent(event)
            self.insert(committed)
            return
        super().inputMethodEvent(event)

    def undo(self) -> None:
        """Take the last step back, over several turns where it was a long one."""
        self.code.long.undo()

    def redo(self) -> None:
        """Make the step taken back last again."""
        self.code.long.redo()

    def cut(self) -> None:
        """Cut the selection, over several turns where it is a long one."""
        if self._is_long_selection() and not self.isReadOnly():
            self.copy()
            self.code.long.remove(self.textCursor())
        else:
            super().cut()

    def _is_long_selection(self) -> bool:
        cursor = self.textCursor()
        return not self.carets and cursor.selectionEnd() - cursor.selectionStart() > LONG_CHARACTERS

    def _replaces_long_selection(self, event: QKeyEvent) -> bool:
        """Typing over a long selection: it is taken out in pieces, the key follows."""
        is_removal = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        is_new_line = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
        is_text = bool(event.text()) and event.text().isprintable() and not is_command(event)
        if not (is_removal or is_new_line or is_text) or not self._is_long_selection():
            return False
        self.code.long.remove(self.textCursor())
        if not is_removal:
            self._keys_while_loading.append(event.clone())
            if not self.code.is_busy:
                self._press_waiting_keys()
        return True

    # --- clipboard and drops -----------------------------------------------------------------------------------------

    def createMimeDataFromSelection(self) -> QMimeData:
        """Plain text of all carets, hidden text included."""
        data = QMimeData()
        data.setText(self.carets.copied() if self.carets else self.selected_text)
        return data

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Files that are dropped are for the window, which opens them."""
        return source.hasText() and not source.hasUrls()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Text goes in at all carets; a long text at the main one in pieces."""
        if not source.hasText():
            return
        text = source.text().replace("\r\n", "\n")
        if self.carets:
            self.carets.paste(text)
        elif len(text) > LONG_CHARACTERS or self._is_long_selection():
            self.code.long.insert(self.textCursor(), text)
        else:
            self.insert(text)
        self.ensureCursorVisible()

    def cut_line(self) -> None:
        """Cut what is selected, or the line of the caret where nothing is."""
        if not self.textCursor().hasSelection() and not self.carets:
            self.select_line()
        self.cut()

    def copy_line(self) -> None:
        """Copy the line of the caret; caret and selection stay."""
        line = self.code.lines[self.textCursor().blockNumber()]
        QGuiApplication.clipboard().setText(line + "\n")

    # --- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Alt adds a caret, Ctrl asks for the definition."""
        position = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton:
            if event.modifiers() == Qt.KeyboardModifier.AltModifier:
                self.carets.toggle_at(self.cursorForPosition(position).position())
                return
            if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
                place = self.place_at(position)
                if place is not None:
                    self.definition_wanted.emit(place)
                    return
            self.carets.clear()
            if self._press_badge(position):
                return
        super().mousePressEvent(event)

    def _press_badge(self, position: QPoint) -> bool:
        """Open a fold by its badge behind the line."""
        cursor = self.cursorForPosition(position)
        line = cursor.blockNumber()
        rect = self.cursorRect(cursor)
        is_on_badge = rect.right() + 4 < position.x() < rect.right() + self._theme.px(36)
        if cursor.atBlockEnd() and is_on_badge and self.is_folded(line):
            self.toggle_fold_at(line)
            return True
        return False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu is made from commands, by whoever owns them."""
        self.menu_wanted.emit(event.globalPos())

    def _ask_for_tip(self, position: QPoint, at: QPoint) -> None:
        cursor = self.cursorForPosition(position)
        hidden = hidden_at(self.document(), cursor.position()) or hidden_at(self.document(), cursor.position() - 1)
        place = self.place_at(position)
        if place is not None:
            self.tip_wanted.emit(place, at)
        elif hidden:
            self.tip_wanted.emit(self.code.place(cursor.position()), at)

    def hidden_text_at(self, place: Place) -> str:
        """What the stand-in at a place stands for, empty where there is none."""
        return hidden_at(self.document(), self.code.position(place))

    @Slot(int, bool)
    def _select_lines(self, line: int, extends: bool) -> None:
        cursor = self.textCursor()
        block = self.document().findBlockByNumber(line)
        if not extends:
            cursor.setPosition(block.position())
        is_above = block.position() < cursor.anchor()
        end = (
            block.position()
            if is_above
            else min(block.position() + block.length(), self.document().characterCount() - 1)
        )
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.carets.clear()
        self.setTextCursor(cursor)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ours under the text, Qt's text, ours over it."""
        rows = self.rows(QRectF(event.rect()))
        self._painted.cursors = (self.textCursor(), *self.carets.extra)
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        self._painter.under(painter, rows, self._painted)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        self._painter.over(painter, rows, self._painted)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The gutter has the view's height."""
        super().resizeEvent(event)
        self._place_gutter()
        self._cover()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What comes into view is coloured before it is painted, as far as a few milliseconds go."""
        super().scrollContentsBy(dx, dy)
        if dy:
            self._cover()
        self.view_scrolled.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Selections change their colour with the focus."""
        super().focusInEvent(event)
        self.viewport().update()
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Selections change their colour with the focus."""
        super().focusOutEvent(event)
        self.viewport().update()

    def close_view(self) -> None:
        """The view is going: its text may live on in others."""
        self._highlighter.uncover(self)

    def _cover(self) -> None:
        first = self.firstVisibleBlock().blockNumber()
        if first < 0:  # in the midst of a removal; scrolling to what is left comes next
            return
        count = int(self.viewport().height() / max(1.0, self.code.line_height())) + 2
        end = first + count
        if not self.document().findBlockByNumber(min(end, self.blockCount() - 1)).isVisible() or self._has_folds(
            first, end
        ):
            shown = self.rows(QRectF(self.viewport().rect()))
            end = shown[-1][0].blockNumber() + 1 if shown else end
        self._highlighter.cover(self, first, end)

    def _has_folds(self, first: int, end: int) -> bool:
        block = self.document().findBlockByNumber(first)
        for _ in range(first, end):
            if not block.isValid():
                return False
            if not block.isVisible():
                return True
            block = block.next()
        return False

    @Slot(QRect, int)
    def _on_update_request(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    @Slot()
    def _place_gutter(self) -> None:
        width = self._gutter.wanted_width()
        if self.viewportMargins().left() != width:
            self.setViewportMargins(width, 0, 0, 0)
        area = self.contentsRect()
        self._gutter.setGeometry(area.left(), area.top(), width, self.viewport().height())

    @Slot()
    def _dress(self) -> None:
        font = self._theme.font("code")
        self.setFont(font)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Base, self._theme.color("pane"))
        palette.setColor(QPalette.ColorRole.Text, self._theme.color("text"))
        # Selections are painted by us; Qt only draws their text.
        palette.setColor(QPalette.ColorRole.Highlight, QColor(0, 0, 0, 0))
        palette.setColor(QPalette.ColorRole.HighlightedText, self._theme.color("text"))
        self.setPalette(palette)
        self.setCursorWidth(self._theme.px(2))
        self.setTabStopDistance(self._options.typing.tab_width * self.fontMetrics().horizontalAdvance(" "))
        self._place_gutter()
        self.viewport().update()

    # --- events of the text ------------------------------------------------------------------------------------------

    @Slot()
    def _on_caret_moved(self) -> None:
        cursor = self.textCursor()
        if not cursor.block().isVisible():
            self.folding.reveal(cursor.blockNumber())
        before = self._painted.brackets
        self._find_brackets()
        self._update_around_caret(cursor, before)
        self.caret_moved.emit()

    def _update_around_caret(self, cursor: QTextCursor, brackets_before: Sequence[Place]) -> None:
        """Repaint what depends on the caret: a few rows, or everything where a selection or another cell is in play."""
        line, had_selection = cursor.blockNumber(), self._had_selection
        marks = self._painted.marks
        is_same_cell = marks.cell_at(line) == marks.cell_at(self._caret_line)
        lines = {line, self._caret_line, *(place.line for place in (*brackets_before, *self._painted.brackets))}
        self._caret_line, self._had_selection = line, cursor.hasSelection()
        if self.carets or had_selection or self._had_selection or not is_same_cell:
            self.viewport().update()
            self._gutter.update()
            return
        for one in lines:
            self._update_line(one)

    def _update_line(self, line: int) -> None:
        block = self.document().findBlockByNumber(line)
        if block.isValid() and block.isVisible():
            rect = self.blockBoundingGeometry(block).translated(self.contentOffset()).toAlignedRect()
            self.viewport().update(0, rect.top(), self.viewport().width(), rect.height())
            self._gutter.update(0, rect.top(), self._gutter.width(), rect.height())

    def _find_brackets(self) -> None:
        self._painted.brackets = ()
        if self.code.is_loading or self.textCursor().hasSelection():
            return
        found = bracket_at(self.code.lines, self.place)
        if found is not None:
            other = matching_bracket(self.code.lines, found, self._is_code)
            self._painted.brackets = (found, other) if other is not None else ()

    def _is_code(self, line: int, column: int) -> bool:
        block = self.document().findBlockByNumber(line)
        return self._highlighter.role_at(block, self.code.units(block, column)) not in ("string", "comment")

    @Slot(int, int, int)
    def _on_lines_changed(self, first: int, removed: int, added: int) -> None:
        self._painted.marks = self._painted.marks.shifted(first, removed, added)
        self._painted.found = {}
        if self.code.is_loading and first == 0:  # text put in at a caret takes it along
            self.moveCursor(QTextCursor.MoveOperation.Start)
        if removed != added:
            self._cover()
            self.viewport().update()
            self._gutter.update()
        if self._place_when_loaded is not None and len(self.code.lines) > self._place_when_loaded.line + 1:
            QTimer.singleShot(0, self, self._go_to_waiting_place)

    @Slot()
    def _go_to_waiting_place(self) -> None:
        if self._place_when_loaded is not None:
            self.go_to(self._place_when_loaded)

    @Slot()
    def _on_loaded(self) -> None:
        self._cover()
        self._go_to_waiting_place()
        self._press_waiting_keys()

    @Slot()
    def _press_waiting_keys(self) -> None:
        keys, self._keys_while_loading = self._keys_while_loading, []
        for key in keys:
            self.keyPressEvent(key)

    def _folds(self) -> Folds:
        return self._painted.marks.folds

    def _is_visible(self, line: int) -> bool:
        rows = self.rows(QRectF(self.viewport().rect()))
        return bool(rows) and rows[0][0].blockNumber() < line < rows[-1][0].blockNumber()

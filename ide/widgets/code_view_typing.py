"""What typing does beyond putting in a character: indentation, pairs that close themselves, the Tab key.

Asks the language at the caret for its rules; a text without a language keeps the indentation of the line above.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from ide.core.language import Language
from ide.core.record import dataclass
from ide.core.text import Place
from ide.widgets.code_view_carets import Carets
from ide.widgets.code_view_lines import indent_lines
from ide.widgets.code_view_text import CodeText

CONTEXT_LINES = 500
"""How many lines above the caret a language sees when it is asked for an indentation."""
_QUOTES = "\"'`"
_KEEP = QTextCursor.MoveMode.KeepAnchor
_COMMAND_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


@dataclass(slots=True)
class TypingOptions:
    """The user's settings for typing."""

    inserts_spaces: bool = True
    tab_width: int = 4
    closes_pairs: bool = True


class Typing:
    """Handles the keys that put text in, at all carets."""

    def __init__(
        self, text: CodeText, carets: Carets, language_at: Callable[[int], Language | None], options: TypingOptions
    ) -> None:
        self._text = text
        self._carets = carets
        self._language_at = language_at
        self.options = options

    def handle(self, event: QKeyEvent, cursor: QTextCursor) -> bool:
        """Whether the key is done with. `cursor` is the main caret."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._carets.each(self.new_line)
            return True
        if key == Qt.Key.Key_Tab and not event.modifiers():
            self._tab(cursor)
            return True
        if key == Qt.Key.Key_Backtab:
            self.indent(cursor, -1)
            return True
        if key == Qt.Key.Key_Backspace and not event.modifiers():
            return self._backspace(cursor)
        typed = event.text()
        is_text = len(typed) > 0 and typed.isprintable() and not is_command(event)
        if is_text and (self._carets or self._is_pair_key(typed, cursor)):
            self.type(typed)
            return True
        return False

    def type(self, typed: str) -> None:
        """Put `typed` in at all carets, with the pairs of the language."""
        self._carets.each(lambda cursor: self._type_at(cursor, typed))

    def new_line(self, cursor: QTextCursor) -> None:
        """A line end and the white space that the next line should have."""
        cursor.removeSelectedText()
        block = cursor.block()
        shown = block.text()
        at = cursor.positionInBlock()
        before, after = _split_units(shown, at)
        indent = self._indent_after(block.blockNumber(), before)
        stays = before[: len(before) - len(before.lstrip())]
        pairs = self._pairs(block.blockNumber())
        if before and after and pairs.get(before[-1]) == after[0] and before[-1] not in _QUOTES:
            cursor.insertText(f"\n{indent}\n{stays}")
            cursor.movePosition(QTextCursor.MoveOperation.Up)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            return
        blank = len(after) - len(after.lstrip(" \t"))
        if blank and after.strip():
            cursor.movePosition(QTextCursor.MoveOperation.Right, _KEEP, blank)
        if before and not before.strip():  # a line of white space only must not stay behind
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, _KEEP)
        cursor.insertText("\n" + indent)

    def indent(self, cursor: QTextCursor, step: int) -> None:
        """Move the lines of all selections one level in (1) or out (-1)."""
        unit = self._unit(cursor.blockNumber())
        self._carets.each(lambda one: indent_lines(one, unit, step, self.options.tab_width))

    # --- parts -------------------------------------------------------------------------------------------------------

    def _tab(self, cursor: QTextCursor) -> None:
        if cursor.hasSelection() and cursor.document().findBlock(cursor.anchor()) != cursor.block():
            self.indent(cursor, 1)
        else:
            self._carets.each(self._tab_at)

    def _tab_at(self, cursor: QTextCursor) -> None:
        unit = self._unit(cursor.blockNumber())
        if unit == "\t":
            cursor.insertText("\t")
            return
        column = len(cursor.block().text()[: cursor.positionInBlock()].expandtabs(self.options.tab_width))
        cursor.insertText(" " * (len(unit) - column % len(unit)))

    def _backspace(self, cursor: QTextCursor) -> bool:
        """Take away an empty pair as a whole, and a level of indentation at once."""
        if self._carets or cursor.hasSelection():
            return False
        before, after = _split_units(cursor.block().text(), cursor.positionInBlock())
        pairs = self._pairs(cursor.blockNumber()) if self.options.closes_pairs else {}
        if before and after and pairs.get(before[-1]) == after[0]:
            cursor.beginEditBlock()
            cursor.deletePreviousChar()
            cursor.deleteChar()
            cursor.endEditBlock()
            return True
        unit = self._unit(cursor.blockNumber())
        if before and not before.strip(" ") and unit != "\t":
            extra = len(before) % len(unit) or len(unit)
            cursor.movePosition(QTextCursor.MoveOperation.Left, _KEEP, extra)
            cursor.removeSelectedText()
            return True
        return False

    def _is_pair_key(self, typed: str, cursor: QTextCursor) -> bool:
        if not self.options.closes_pairs:
            return False
        pairs = self._pairs(cursor.blockNumber())
        return typed in pairs or typed in pairs.values()

    def _type_at(self, cursor: QTextCursor, typed: str) -> None:
        pairs = self._pairs(cursor.blockNumber()) if self.options.closes_pairs else {}
        if typed in pairs and cursor.hasSelection():
            self._wrap(cursor, typed, pairs[typed])
            return
        cursor.removeSelectedText()
        before, after = _split_units(cursor.block().text(), cursor.positionInBlock())
        if typed in pairs.values() and after.startswith(typed) and _closes_here(before, after, typed, pairs):
            cursor.movePosition(QTextCursor.MoveOperation.Right)
            return
        cursor.insertText(typed)
        if typed in pairs and _may_open(before, after, typed):
            cursor.insertText(pairs[typed])
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.MoveAnchor, len(pairs[typed]))

    def _wrap(self, cursor: QTextCursor, opening: str, closing: str) -> None:
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        cursor.setPosition(end)
        cursor.insertText(closing)
        cursor.setPosition(start)
        cursor.insertText(opening)
        cursor.setPosition(start + len(opening))
        cursor.setPosition(end + len(opening), _KEEP)

    def _indent_after(self, line: int, before: str) -> str:
        language = self._language_at(line)
        if language is None:
            return before[: len(before) - len(before.lstrip())]
        first = max(0, line - CONTEXT_LINES)
        indent = language.indent([*self._text.lines[first:line], before], line - first)
        return indent if self.options.inserts_spaces else _with_tabs(indent, self.options.tab_width)

    def _pairs(self, line: int) -> dict[str, str]:
        language = self._language_at(line)
        return dict(language.typing.pairs) if language is not None else {"(": ")", "[": "]", "{": "}", '"': '"'}

    def _unit(self, line: int) -> str:
        if not self.options.inserts_spaces:
            return "\t"
        language = self._language_at(line)
        return (language.typing.indent if language is not None else "") or " " * self.options.tab_width


def is_command(event: QKeyEvent) -> bool:
    """Whether modifiers make a key something else than a character."""
    # AltGr arrives as Ctrl+Alt on Windows: such a key with a text is a character.
    held = event.modifiers() & _COMMAND_KEYS
    is_alt_graph = event.modifiers() & Qt.KeyboardModifier.AltModifier and held == Qt.KeyboardModifier.ControlModifier
    return bool(held) and not is_alt_graph


def _split_units(shown: str, units: int) -> tuple[str, str]:
    if shown.isascii():
        return shown[:units], shown[units:]
    encoded = shown.encode("utf-16-le", "surrogatepass")
    return encoded[: units * 2].decode("utf-16-le", "surrogatepass"), encoded[units * 2 :].decode(
        "utf-16-le", "surrogatepass"
    )


def _may_open(before: str, after: str, typed: str) -> bool:
    """A pair closes itself before white space or something closing; a quote not right after a word or a quote."""
    if after and not (after[0].isspace() or after[0] in ")]},;:"):
        return False
    if typed in _QUOTES:
        previous = before[-1:]
        is_prefix = before[-1:].lower() in ("f", "r", "b", "u") and not before[-2:-1].isalnum()
        return previous != typed and (not previous.isalnum() or is_prefix) and before.count(typed) % 2 == 0
    return True


def _closes_here(before: str, after: str, typed: str, pairs: dict[str, str]) -> bool:
    """Whether typing `typed` should step over the one that is there: it must be the end of something open."""
    if typed in _QUOTES:
        return before.count(typed) % 2 == 1
    opening = next(key for key, value in pairs.items() if value == typed)
    return before.count(opening) - before.count(typed) >= after.count(typed) - after.count(opening)


def _with_tabs(indent: str, width: int) -> str:
    columns = len(indent.expandtabs(width))
    return "\t" * (columns // width) + " " * (columns % width)


def word_before(line: str, place: Place) -> str:
    """The identifier that ends at `place`."""
    end = place.column
    first = end
    while first > 0 and (line[first - 1].isalnum() or line[first - 1] in "_."):
        first -= 1
    return line[first:end]

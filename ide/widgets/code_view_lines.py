"""Commands on whole lines: indent, comment, move, duplicate, delete, join. Each is one undo step of its caller.

All work on Qt's own blocks, so that they are quick in any text and keep the marks of the lines.
"""

from __future__ import annotations

from PySide6.QtGui import QTextBlock, QTextCursor

from ide.widgets.code_view_text import insert_text, real_text

_KEEP = QTextCursor.MoveMode.KeepAnchor


def selected_blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The blocks that a selection touches; one that it only ends at the start of is not touched."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    end = cursor.selectionEnd()
    blocks = [block]
    while block.next().isValid() and block.next().position() < end:
        block = block.next()
        blocks.append(block)
    return blocks


def indent_lines(cursor: QTextCursor, unit: str, step: int, tab_width: int) -> None:
    """Move the selected lines one level in (1) or out (-1)."""
    for block in selected_blocks(cursor):
        text = block.text()
        edit = QTextCursor(block)
        if step > 0:
            if text.strip():
                edit.insertText(unit)
            continue
        if text.startswith("\t"):
            count = 1
        else:
            width = tab_width if unit == "\t" else len(unit)
            count = min(len(text) - len(text.lstrip(" ")), width)
        edit.movePosition(QTextCursor.MoveOperation.Right, _KEEP, count)
        edit.removeSelectedText()


def toggle_comment(cursor: QTextCursor, mark: str) -> None:
    """Comment the selected lines, or uncomment them if all are comments. `mark` is "#"."""
    mark = mark.strip()
    if not mark:
        return
    blocks = selected_blocks(cursor)
    full = [block for block in blocks if block.text().strip()] or blocks
    if all(block.text().lstrip().startswith(mark) for block in full):
        for block in full:
            text = block.text()
            at = len(text) - len(text.lstrip())
            count = len(mark) + (1 if text[at + len(mark) : at + len(mark) + 1] == " " else 0)
            _replace(block, at, count, "")
        return
    column = min(len(block.text()) - len(block.text().lstrip()) for block in full)
    for block in full:
        _replace(block, column, 0, mark + " ")


def move_lines(cursor: QTextCursor, step: int) -> None:
    """Move the selected lines up (-1) or down (1); the selection goes with them."""
    blocks = selected_blocks(cursor)
    first, last = blocks[0], blocks[-1]
    neighbour = first.previous() if step < 0 else last.next()
    if not neighbour.isValid():
        return
    anchor, position = cursor.anchor(), cursor.position()
    length = neighbour.length()
    moved = real_text(neighbour)
    if step < 0:
        _insert_after(last, moved)
        _remove_block(first.previous())
        delta = -length
    else:
        _remove_block(last.next())
        insert_text(QTextCursor(first), moved + "\n")
        delta = length
    _select(cursor, anchor + delta, position + delta)


def duplicate_lines(cursor: QTextCursor) -> None:
    """Put a copy of the selected lines below them and go there."""
    blocks = selected_blocks(cursor)
    text = "\n".join(real_text(block) for block in blocks)
    delta = sum(block.length() for block in blocks)
    anchor, position = cursor.anchor(), cursor.position()
    _insert_after(blocks[-1], text)
    _select(cursor, anchor + delta, position + delta)


def delete_lines(cursor: QTextCursor) -> None:
    """Take the selected lines out."""
    blocks = selected_blocks(cursor)
    cursor.setPosition(blocks[0].position())
    end = blocks[-1].position() + blocks[-1].length() - 1
    if blocks[-1].next().isValid():
        end += 1
    elif blocks[0].previous().isValid():
        cursor.setPosition(blocks[0].position() - 1)
    cursor.setPosition(end, _KEEP)
    cursor.removeSelectedText()
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)


def join_lines(cursor: QTextCursor) -> None:
    """Join the selected lines, or this one and the next, with single spaces."""
    blocks = selected_blocks(cursor)
    last = blocks[-1] if len(blocks) > 1 else blocks[0].next()
    if not last.isValid():
        return
    texts = [real_text(block).strip() for block in (blocks if len(blocks) > 1 else [blocks[0], last])]
    start = blocks[0].text()
    lead = start[: len(start) - len(start.lstrip())]
    edit = QTextCursor(blocks[0])
    edit.setPosition(last.position() + last.length() - 1, _KEEP)
    insert_text(edit, lead + " ".join(text for text in texts if text))
    cursor.setPosition(edit.position())


def _select(cursor: QTextCursor, anchor: int, position: int) -> None:
    """As far as the text goes: a line put in anew may have more of it hidden than before."""
    last = cursor.document().characterCount() - 1
    cursor.setPosition(min(anchor, last))
    cursor.setPosition(min(position, last), _KEEP)


def _replace(block: QTextBlock, at: int, count: int, text: str) -> None:
    edit = QTextCursor(block)
    edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, at)
    edit.movePosition(QTextCursor.MoveOperation.Right, _KEEP, count)
    edit.insertText(text)


def _insert_after(block: QTextBlock, text: str) -> None:
    edit = QTextCursor(block)
    edit.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    insert_text(edit, "\n" + text)


def _remove_block(block: QTextBlock) -> None:
    edit = QTextCursor(block)
    if block.next().isValid():
        edit.movePosition(QTextCursor.MoveOperation.NextBlock, _KEEP)
    else:
        edit.setPosition(block.position() - 1)
        edit.movePosition(QTextCursor.MoveOperation.End, _KEEP)
    edit.removeSelectedText()

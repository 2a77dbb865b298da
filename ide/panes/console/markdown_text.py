"""Markdown of an output as styled text, read by Qt's own parser. HTML in it stays text; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextCharFormat,
    QTextFormat,
    QTextFrame,
    QTextList,
    QTextTable,
    QTextTableCell,
)

from ide.panes.console.lines import MUTED, PLAIN, Line, Span, Style, link_style, link_to_url
from ide.panes.console.rich import formula_spans
from ide.panes.console.table_text import table_lines
from ide.panes.console.terminal import plain_lines
from ide.widgets.rich.markdown import FORMULA, MarkdownDocument
from ide.widgets.rich.tables import HtmlTable

ROWS_LIMIT = 60

_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
_RULE = "─" * 40
_CODE = Style(role="string")


def markdown_lines(source: str, room: int) -> tuple[Line, ...]:
    """`source` as lines, its tables in at most `room` characters. UI thread; milliseconds for 20,000 characters."""
    document = MarkdownDocument(source)
    return tuple(_Reader(document, room).lines)


class _Reader:
    """One walk through the document."""

    def __init__(self, document: MarkdownDocument, room: int) -> None:
        self.lines: list[Line] = []
        self._document = document
        self._room = room
        self._last = ""
        self._read(document.rootFrame())

    def _read(self, frame: QTextFrame) -> None:
        place = frame.begin()
        while not place.atEnd():
            inner = _frame_at(place)
            if isinstance(inner, QTextTable):
                self._begin("table")
                self.lines += table_lines(_table(inner), self._room, ROWS_LIMIT)
            elif inner is None and place.currentBlock().isValid():
                self._block(place.currentBlock())
            place += 1

    def _block(self, block: QTextBlock) -> None:
        shape = block.blockFormat()
        if shape.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth):
            self._begin("rule")
            self.lines.append(Line(((_RULE, MUTED),)))
            return
        is_code = shape.hasProperty(QTextFormat.Property.BlockCodeFence) or shape.hasProperty(
            QTextFormat.Property.BlockCodeLanguage
        )
        if not block.text() and not is_code:
            return
        items = _list_of(block)
        quotes = shape.intProperty(QTextFormat.Property.BlockQuoteLevel)
        self._begin("code" if is_code else "list" if items is not None else "quote" if quotes else "text")
        if is_code:
            self.lines += [Line(tuple(_spans(each, _CODE, "    "))) for each in plain_lines(block.text()) or (Line(),)]
            return
        spans: list[Span] = []
        if items is not None:
            mark = "• " if not items.itemText(block)[:1].isalnum() else f"{items.itemText(block)} "
            if shape.marker() != shape.MarkerType.NoMarker:
                mark = "☑ " if shape.marker() == shape.MarkerType.Checked else "☐ "
            spans.append(("  " * (items.format().indent() - 1) + mark, PLAIN))
        elif quotes:
            spans.append(("│ " * quotes, MUTED))
        for text, look in _fragments(block):
            spans += self._styled(text, look, is_heading=shape.headingLevel() > 0, is_quote=quotes > 0)
        self.lines.append(Line(tuple(spans)))

    def _begin(self, kind: str) -> None:
        """One empty line between things of different kinds, and between paragraphs."""
        if self._last and (kind != self._last or kind in ("text", "table")):
            self.lines.append(Line())
        self._last = kind

    def _styled(self, text: str, look: QTextCharFormat, *, is_heading: bool, is_quote: bool) -> Iterator[Span]:
        if look.isImageFormat():
            image = look.toImageFormat()
            name = image.name()
            if name.startswith(FORMULA) and (number := name[len(FORMULA) :]).isdigit():
                if int(number) < len(self._document.formulas):
                    yield from formula_spans(self._document.formulas[int(number)])
                return
            alt = str(image.property(QTextFormat.Property.ImageAltText) or "").strip()
            text = f"[picture{': ' + alt if alt else ''}]"
        style = (
            _CODE
            if look.fontFixedPitch()
            else Style(
                is_bold=is_heading or look.fontWeight() > QFont.Weight.Normal,
                is_italic=look.fontItalic(),
                role="muted" if is_quote else "",
            )
        )
        for each in plain_lines(text):
            yield from _spans(each, style, "")
        target = look.anchorHref()
        is_told = target.startswith(("http://", "https://")) and target.isprintable() and target != text.strip()
        if is_told:
            yield (f" ({target[:500]})", link_style(link_to_url(target)))


def _frame_at(place: QTextFrame.iterator) -> QTextFrame | None:
    return place.currentFrame()


def _list_of(block: QTextBlock) -> QTextList | None:
    return block.textList()


def _fragments(block: QTextBlock) -> Iterator[tuple[str, QTextCharFormat]]:
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        look = fragment.charFormat()
        # Two formulas side by side are one fragment where they look alike.
        for text in [fragment.text()] if not look.isImageFormat() else list(fragment.text()):
            yield text.replace("\u2028", " "), look
        place += 1


def _spans(each: Line, style: Style, before: str) -> Iterator[Span]:
    if before:
        yield before, PLAIN
    for text, look in each.spans:
        yield text, style if look == PLAIN else look


def _table(table: QTextTable) -> HtmlTable:
    rows = [tuple(_cell(table.cellAt(row, column)) for column in range(table.columns())) for row in range(table.rows())]
    heads = max(1, table.format().headerRowCount())
    body = rows[heads:]
    return HtmlTable("", tuple(rows[:heads]), tuple(body[:ROWS_LIMIT]), 0, max(0, len(body) - ROWS_LIMIT))


def _cell(cell: QTextTableCell) -> str:
    words: list[str] = []
    place = cell.begin()
    while not place.atEnd():
        words += place.currentBlock().text().replace(_PLACE, "").split()
        place += 1
    return " ".join(words)

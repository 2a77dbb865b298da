"""Markdown as a document: GitHub's dialect with formulas. HTML in it stays text, pictures from elsewhere stay away."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtGui import QTextCursor, QTextDocument, QTextFormat, QTextTable

from ide.qt.theme import Theme
from ide.widgets.rich.formula import Piece, pieces
from ide.widgets.rich.page import InertDocument

FORMULA: Final = "formula:"
"""Address of the picture that stands for a formula, before its number."""
FEATURES: Final = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML

_FENCE = QTextFormat.Property.BlockCodeFence
# Dollars in code are no formulas.
_CODE = re.compile(r"(^(`{3,}|~{3,}).*?(?:^\2|\Z)|`[^`\n]+`)", re.DOTALL | re.MULTILINE)


def with_places(source: str) -> tuple[str, tuple[Piece, ...]]:
    """Markdown with a picture in the place of each formula, and the formulas in their order. Pure."""
    parts: list[str] = []
    formulas: list[Piece] = []
    place = 0
    codes = [(match.start(), match.end()) for match in _CODE.finditer(source)]
    for start, end in [*codes, (len(source), len(source))]:
        for piece in pieces(source[place:start]):
            if piece.is_formula:
                gap = "\n\n" if piece.is_display and piece.source.startswith(("$$", r"\[", r"\begin")) else ""
                parts.append(f"{gap}![formula]({FORMULA}{len(formulas)}){gap}")
                formulas.append(piece)
            else:
                parts.append(piece.text)
        parts.append(source[start:end])
        place = end
    return "".join(parts), tuple(formulas)


class MarkdownDocument(InertDocument):
    """The document of a piece of Markdown. `formulas` are those that its pictures `formula:N` stand for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        text, self.formulas = with_places(source)
        self.setMarkdown(text, FEATURES)

    def dress(self, theme: Theme) -> None:
        """Tables with thin lines and room, space between paragraphs."""
        for frame in self.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                look = frame.format().toTableFormat()
                look.setBorderCollapse(True)
                look.setBorder(1)
                look.setBorderStyle(look.BorderStyle.BorderStyle_Solid)
                look.setBorderBrush(theme.color("border"))
                look.setCellPadding(theme.px(5))
                look.setTopMargin(theme.px(4))
                look.setBottomMargin(theme.px(8))
                frame.setFormat(look)
        cursor = QTextCursor(self)
        block = self.begin()
        while block.isValid():
            shape = block.blockFormat()
            cursor.setPosition(block.position())
            is_paragraph = not shape.hasProperty(_FENCE) and cursor.currentList() is None
            if is_paragraph and cursor.currentTable() is None:
                shape.setTopMargin(theme.px(12 if shape.headingLevel() else 4))
                shape.setBottomMargin(theme.px(6))
                cursor.setBlockFormat(shape)
            block = block.next()

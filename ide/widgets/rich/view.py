"""One output, large: chooses the form, has its data made ready in the pool, and says what cannot be shown and why.

Runs and fetches nothing. HTML that lives by scripts is not for here: it is shown as the text that came with it.
"""

from __future__ import annotations

import html as markup
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QImage, QPalette, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from ide.core.ports import Cancel, RunInPool
from ide.core.record import dataclass
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich import outside
from ide.widgets.rich.buttons import ButtonRow
from ide.widgets.rich.form import SUFFIXES, Choice, DamagedData, as_bytes, as_text, choose, size_words
from ide.widgets.rich.formula import Formula, FormulaError, Piece, draw, latex_pieces
from ide.widgets.rich.json_tree import JsonTree
from ide.widgets.rich.markdown import FORMULA, MarkdownDocument, with_places
from ide.widgets.rich.page import PageView, TextView, html_document
from ide.widgets.rich.picture_view import PictureView
from ide.widgets.rich.pictures import (
    PictureError,
    clean_svg,
    formula_image,
    raster_image,
    svg_image,
    svg_size,
)
from ide.widgets.rich.table_view import TableView
from ide.widgets.rich.tables import HtmlTable, read_tables
from ide.widgets.safe_markup import MarkupRefused, is_active_html, safe_html

TABLE_SOURCE_LIMIT: Final = 20_000_000
"""Characters of HTML that are read for a table; a second or two of a pool thread."""
ROWS_LIMIT: Final = 100_000
PAGE_LIMIT: Final = 300_000
PAGE_CELLS_LIMIT: Final = 400
"""Qt lays a page out on the UI thread: 300,000 characters, or 400 cells of a table, take about 50 ms."""
OUTSIDE_TABLE: Final = 400
"""Characters beside a table; with more the HTML is a page and no table."""
MARKDOWN_LIMIT: Final = 200_000
JSON_LIMIT: Final = 100_000_000
FORMULA_PX: Final = 22.0
INLINE_FACTOR: Final = 1.25

_WORDS = frozenset({"text", "markdown", "formula", "json"})
"""Forms that say in words what a page of scripts would show."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Svg:
    clean: bytes
    image: QImage
    size: QSize


@dataclass(frozen=True, slots=True)
class _Page:
    """Clean HTML or Markdown with its drawn formulas; None where one cannot be drawn."""

    text: str
    formulas: tuple[Formula | None, ...] = ()
    broken: tuple[str, ...] = ()


class RichView(QWidget):
    """Shows one bundle of MIME types. UI thread."""

    link_asked = Signal(str)
    """A link was clicked: its true target. Nothing is opened here."""
    ready = Signal()
    """What was asked for is shown, or why it cannot be."""

    def __init__(self, theme: Theme, icons: Icons, run_in_pool: RunInPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._bundle: Mapping[str, Any] = {}
        self._choice = Choice("none", "")
        self._shown: QWidget | None = None
        self._cancel: Cancel | None = None
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._note)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def form(self) -> str:
        """The form in which it is shown."""
        return self._choice.form

    @property
    def note(self) -> str:
        """What is said above the output, or empty."""
        return "" if self._note.isHidden() else self._note.text()

    @property
    def shown(self) -> QWidget | None:
        """The widget that shows it; None while it is made ready, and where it cannot be shown."""
        return self._shown

    @property
    def is_waiting(self) -> bool:
        """Whether it is being made ready."""
        return self._cancel is not None

    def show_bundle(self, bundle: Mapping[str, Any]) -> None:
        """Show `bundle` in place of what was there; `ready` comes when it is there."""
        self._drop()
        self._bundle = bundle
        self._choice = choose(bundle)
        note = ""
        if self.form == "none":
            mime = self._choice.mime
            note = f"This output has the type {mime}, which cannot be shown here." if mime else "This output is empty."
        elif self.form in _WORDS and is_active_html(as_text(bundle.get("text/html", ""))):
            note = "Interactive HTML: shown as text here, since its scripts are not run."
        self._say(note)
        prepare = _PREPARE.get(self.form)
        if prepare is None:
            self._make(None)
            return
        work = partial(prepare, bundle, self._choice, self.devicePixelRatioF())
        self._cancel = self._run_in_pool(work, self._on_prepared, self._on_failed)

    def save_as(self) -> None:
        """Write the data of the output into a file that the user chooses."""
        suffix = SUFFIXES[self._choice.mime]
        name, _filter = QFileDialog.getSaveFileName(self, "Save output", f"output{suffix}", f"*{suffix}")
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the data of the output into this file."""
        work = partial(_write, self._bundle, self._choice, path)
        self._run_in_pool(work, lambda _none: self._say(f"Saved as {path.name}."), self._on_not_written)

    def open_outside(self) -> None:
        """Hand the data to the program that the system has for their type."""
        work = partial(_keep, self._bundle, self._choice)
        self._run_in_pool(work, self._on_kept, self._on_not_written)

    def close_view(self) -> None:
        """End what plays or is being made ready."""
        self._drop()

    def _on_prepared(self, payload: object) -> None:
        self._cancel = None
        self._make(payload)

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None
        if not isinstance(error, PictureError | MarkupRefused | DamagedData | FormulaError):
            _log.warning("an output of type %s cannot be shown", self._choice.mime, exc_info=error)
        why = str(error) if isinstance(error, ValueError) and str(error) else "its data are damaged"
        self._refuse(why)

    def _refuse(self, why: str) -> None:
        """Say why it is not drawn, and show the text that came with it."""
        self._say(f"This output is not drawn: {why}.")
        plain = as_text(self._bundle.get("text/plain", "")) if "text/plain" in self._bundle else ""
        self._put(TextView(plain, self._theme) if plain else None)

    def _make(self, payload: Any) -> None:
        alt = f"Picture: {as_text(self._bundle.get('text/plain', ''))[:120]}".rstrip(": ")
        match payload:
            case _Svg():
                picture = PictureView(self._theme, self._icons, self._run_in_pool, alt)
                picture.show_svg(payload.clean, payload.image, payload.size)
                self._put(picture)
            case QImage():
                picture = PictureView(self._theme, self._icons, self._run_in_pool, alt)
                picture.show_image(payload)
                self._put(picture)
            case HtmlTable():
                self._put(TableView(payload, self._theme), _table_words(payload))
            case _Page():
                self._put(self._made_page(payload))
                if payload.broken:
                    self._say("LaTeX that cannot be drawn: " + "; ".join(payload.broken[:3]) + ". Its source is shown.")
            case _:
                self._make_by_form(payload, alt)

    def _make_by_form(self, payload: Any, alt: str) -> None:
        match self.form:
            case "json":
                self._put(JsonTree(payload, self._theme, self._icons, self._run_in_pool))
            case "raster":
                picture = PictureView(self._theme, self._icons, self._run_in_pool, alt)
                picture.show_movie(payload)
                self._put(picture)
            case "pdf":
                self._make_pdf(payload)
            case "sound":
                from ide.widgets.rich.sound import SoundView

                words = f"Sound, {self._choice.mime.partition('/')[2].removeprefix('x-').upper()}"
                self._put(SoundView(self._bundle, words, self._theme, self._icons, self._run_in_pool))
            case "video":
                self._say("Films are shown by another program: open it there, or save it as a file.")
                self._put(None)
            case "text":
                self._put(TextView(as_text(self._bundle["text/plain"]), self._theme))
            case _:
                self._put(None)

    def _make_pdf(self, data: bytes) -> None:
        try:
            from ide.widgets.rich.pdf_view import PdfView
        except ImportError:
            self._say("Pages cannot be shown here, since Qt's module for them is missing. Open it outside, or save it.")
            self._put(None)
            return
        try:
            self._put(PdfView(data, self._theme, self._icons))
        except PictureError as error:
            self._refuse(str(error))

    def _made_page(self, page: _Page) -> PageView:
        document: QTextDocument
        if self.form == "markdown":
            made = MarkdownDocument(as_text(self._bundle["text/markdown"]))
            made.setDefaultFont(self._theme.font("ui"))
            made.dress(self._theme)
            document = made
        else:
            document = html_document(page.text, self._theme)
        view = PageView(document, self._theme)
        self._put_formulas(document, page)
        view.anchorClicked.connect(self._on_anchor)
        return view

    def _put_formulas(self, document: QTextDocument, page: _Page) -> None:
        """Pictures for the places of formulas, in the colour of text, at device pixels."""
        color, scale = self._theme.color("text"), self.devicePixelRatioF()
        wanted = document.defaultFont().pixelSize() * INLINE_FACTOR / FORMULA_PX
        for number, formula in enumerate(page.formulas):
            if formula is not None:
                image = formula_image(formula, color, wanted, scale)
                url = QUrl(f"{FORMULA}{number}")
                document.addResource(QTextDocument.ResourceType.ImageResource.value, url, image)
        sources = document.formulas if isinstance(document, MarkdownDocument) else ()
        _set_places(document, page, sources, wanted)

    def _put(self, shown: QWidget | None, words: str = "") -> None:
        self._shown = shown
        buttons = getattr(shown, "buttons", None)
        if not isinstance(buttons, ButtonRow):
            buttons = ButtonRow(self._theme, self._icons)
            buttons.say(words)
            self._column.insertWidget(0, buttons)
        if self._choice.mime in SUFFIXES:
            buttons.add("floppy-disk", "Save as a file", self.save_as, is_late=True)
        if outside.can_open(self._choice.mime):
            buttons.add("arrow-square-out", "Open in another program", self.open_outside, is_late=True)
        if shown is not None:
            self._column.addWidget(shown, 1)
            self.setFocusProxy(shown)
        else:
            self._column.addStretch(1)
        self.ready.emit()

    def _drop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        for place in reversed(range(self._column.count())):
            item = self._column.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is self._note:
                continue
            self._column.takeAt(place)
            if widget is not None:
                end = getattr(widget, "close_view", None)
                if end is not None:
                    end()
                widget.hide()
                widget.deleteLater()
        self._shown = None

    def _say(self, words: str) -> None:
        self._note.setText(words)
        self._note.setVisible(bool(words))

    def _on_kept(self, path: Path) -> None:
        if not outside.open_file(path):
            self._say(f"No program opens it; it is in {path}")

    def _on_not_written(self, error: Exception) -> None:
        self._say(f"Not written: {error}")

    @Slot(QUrl)
    def _on_anchor(self, url: QUrl) -> None:
        self.link_asked.emit(url.toString())

    @Slot()
    def _on_theme_changed(self) -> None:
        edge = self._theme.px(12)
        self._note.setContentsMargins(edge, self._theme.px(8), edge, self._theme.px(8))
        self._note.setFont(self._theme.font("ui"))
        if isinstance(self._shown, PageView | TextView):
            self.show_bundle(self._bundle)


def _table_words(table: HtmlTable) -> str:
    size = f"{len(table.body):,} rows × {table.width - table.labels:,} columns".replace(",", "\u202f")
    return f"{table.caption} · {size}" if table.caption else size


def _prepare_svg(bundle: Mapping[str, Any], choice: Choice, scale: float) -> _Svg:
    clean = clean_svg(as_text(bundle[choice.mime]))
    return _Svg(clean, svg_image(clean, 0, scale), svg_size(clean))


def _prepare_raster(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> QImage | bytes:
    data = as_bytes(bundle, choice)
    image = raster_image(data)
    return data if choice.mime in ("image/gif", "image/webp") else image


def _prepare_data(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> bytes:
    return as_bytes(bundle, choice)


def _prepare_html(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> HtmlTable | _Page:
    html = as_text(bundle[choice.mime])
    if len(html) > TABLE_SOURCE_LIMIT:
        raise MarkupRefused(f"it has {size_words(len(html))} of HTML")
    tables, beside = read_tables(html, ROWS_LIMIT)
    if len(tables) == 1 and len(beside) <= OUTSIDE_TABLE:
        return tables[0]
    cells = sum(len(table.body) * table.width for table in tables)
    if cells > PAGE_CELLS_LIMIT:
        raise MarkupRefused(f"its tables have {cells} cells beside other text")
    clean = safe_html(html)
    if len(clean) > PAGE_LIMIT and "data:image" not in clean:
        raise MarkupRefused(f"it has {size_words(len(html))} of HTML")
    return _Page(clean)


def _prepare_markdown(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> _Page:
    source = as_text(bundle[choice.mime])
    if len(source) > MARKDOWN_LIMIT:
        raise MarkupRefused(f"it has {size_words(len(source))} of Markdown")
    _text, formulas = with_places(source)
    return _drawn("", formulas)


def _prepare_latex(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> _Page:
    source = as_text(bundle[choice.mime])
    if len(source) > MARKDOWN_LIMIT:
        raise MarkupRefused(f"it has {size_words(len(source))} of LaTeX")
    found = latex_pieces(source)
    parts: list[str] = []
    number = 0
    formulas = tuple(piece for piece in found if piece.is_formula)
    page = _drawn("", formulas)
    for piece in found:
        if not piece.is_formula:
            parts.append(markup.escape(piece.text).replace("\n\n", "</p><p>"))
            continue
        inner = f'<img src="{FORMULA}{number}">'
        if page.formulas[number] is None:
            inner = f"<code>{markup.escape(piece.source)}</code>"
        parts.append(f"</p><p>{inner}</p><p>" if piece.is_display else inner)
        number += 1
    return _Page(f"<p>{''.join(parts)}</p>", page.formulas, page.broken)


def _drawn(text: str, formulas: tuple[Piece, ...]) -> _Page:
    drawn: list[Formula | None] = []
    broken: list[str] = []
    for piece in formulas:
        try:
            drawn.append(draw(piece.text, FORMULA_PX, is_display=piece.is_display))
        except FormulaError as error:
            drawn.append(None)
            broken.append(str(error))
    return _Page(text, tuple(drawn), tuple(broken))


def _prepare_json(bundle: Mapping[str, Any], choice: Choice, _scale: float) -> Any:
    value = bundle[choice.mime]
    if not isinstance(value, str):
        return value
    if len(value) > JSON_LIMIT:
        raise DamagedData(f"it has {size_words(len(value))} of JSON")
    try:
        return json.loads(value)
    except RecursionError as error:
        raise DamagedData("it is nested too deep") from error
    except ValueError as error:
        raise DamagedData(f"it is no JSON ({error})") from error


_PREPARE: Final[dict[str, Callable[[Mapping[str, Any], Choice, float], Any]]] = {
    "svg": _prepare_svg,
    "raster": _prepare_raster,
    "html": _prepare_html,
    "markdown": _prepare_markdown,
    "formula": _prepare_latex,
    "json": _prepare_json,
    "pdf": _prepare_data,
}


def _set_places(document: QTextDocument, page: _Page, sources: tuple[Piece, ...], factor: float) -> None:
    """Give the pictures of formulas their size; the source stands for those that cannot be drawn."""
    block = document.begin()
    found: list[tuple[int, int]] = []
    while block.isValid():
        place = block.begin()
        while not place.atEnd():
            fragment = place.fragment()
            look = fragment.charFormat()
            if look.isImageFormat() and look.toImageFormat().name().startswith(FORMULA):
                digits = look.toImageFormat().name()[len(FORMULA) :]
                if digits.isdigit() and int(digits) < len(page.formulas):
                    found.append((fragment.position(), int(digits)))
            place += 1
        block = block.next()
    cursor = QTextCursor(document)
    for position, number in reversed(found):
        cursor.setPosition(position)
        cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
        formula = page.formulas[number]
        if formula is None:
            cursor.insertText(sources[number].source if sources else "", QTextCharFormat())
            continue
        look = cursor.charFormat().toImageFormat()
        look.setWidth(formula.width * factor)
        look.setHeight(formula.height * factor)
        look.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        cursor.setCharFormat(look)


def _write(bundle: Mapping[str, Any], choice: Choice, path: Path) -> None:
    path.write_bytes(as_bytes(bundle, choice))


def _keep(bundle: Mapping[str, Any], choice: Choice) -> Path:
    return outside.keep_in_file(as_bytes(bundle, choice), choice.mime)

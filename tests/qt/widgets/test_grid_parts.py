"""Parts of the grid by themselves: columns, scrolling, text, colours of heat, what heads say."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QScrollBar
from pytestqt.qtbot import QtBot

from ide.core.table import Cells, Code, Column, ColumnProfile, ValueCount
from ide.qt.theme import Choice
from ide.widgets.grid_cells import GridCells
from ide.widgets.grid_columns import WIDTH, GridColumns
from ide.widgets.grid_data import GridData
from ide.widgets.grid_header import HeaderPainter, type_text
from ide.widgets.grid_heat import CONTRAST, Heat, HeatColors, HeatKind, contrast, heat_of, mixed
from ide.widgets.grid_scroll import BAR_MOST, ScrollAxis
from ide.widgets.grid_spark import Sparkline, percent
from ide.widgets.grid_text import TOO_NARROW, CellText, Glyphs, TileMaker
from tests.fakes.window_parts import Parts


def columns(count: int, zoom: float = 1.0) -> GridColumns:
    made = GridColumns(lambda pixels: round(pixels * zoom))
    made.reset(count)
    return made


# ---- columns ---------------------------------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(st.sampled_from(("hide", "show", "pin", "unpin", "move")), st.integers(0, 7), st.integers(0, 8)),
    max_size=12,
)


@given(ACTS)
def test_every_column_is_shown_once_or_hidden(acts: list[tuple[str, int, int]]) -> None:
    made = columns(8)
    for act, index, target in acts:
        if act == "hide":
            made.hide([index])
        elif act == "show":
            made.show([index])
        elif act == "move":
            made.move(min(index, made.count - 1), target)
        else:
            made.pin(index, act == "pin")
        assert sorted((*made.shown, *made.hidden)) == list(range(8))
        assert sorted(made.order) == list(range(8))
        assert made.count >= 1
        assert set(made.shown[: made.pinned_count]) == set(made.pinned) - made.hidden
        for place, shown in enumerate(made.shown):
            assert made.place_of(shown) == place
            assert made.place_at(made.left_of(place)) == place
            assert made.place_at(made.left_of(place + 1) - 1) == place


@given(st.permutations(range(6)), st.integers(0, 5), st.integers(0, 6))
def test_moving_is_taking_out_and_putting_in(order: list[int], place: int, target: int) -> None:
    made = columns(6)
    for goal, index in enumerate(order):
        made.move(made.place_of(index), goal)
    before = list(made.shown)
    made.move(place, target)
    expected = [one for one in before[:target] if one != before[place]]
    expected += [before[place]] + [one for one in before[target:] if one != before[place]]
    assert list(made.shown) == expected


def test_what_is_in_sight_follows_offset_and_pins() -> None:
    made = columns(100)
    made.pin(50)
    assert made.in_sight(0, WIDTH * 3) == range(1, 4)
    assert made.in_sight(WIDTH - 1, WIDTH * 3) == range(1, 5)
    assert made.in_sight(99 * WIDTH - 5, WIDTH) == range(99, 100)
    assert made.in_sight(0, 0) == range(1, 1)


def test_widths_follow_the_zoom_and_keep_bounds() -> None:
    made = columns(3, zoom=2.0)
    made.set_width(0, 5)
    made.set_width(1, 10_000, by_hand=True)
    assert made.width(0) == 80
    assert made.width(1) == 2_400
    assert made.is_sized_by_hand(1)
    assert not made.is_sized_by_hand(0)


# ---- scrolling -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**45), st.integers(1, 5_000))
def test_every_offset_of_any_length_is_reached_exactly(content: int, page: int) -> None:
    bar = QScrollBar()
    axis = ScrollAxis(bar)
    axis.resize(content, page, 24)
    assert bar.maximum() <= BAR_MOST
    for wanted in {0, content // 3, max(0, content - page)}:
        axis.move_to(wanted)
        assert axis.offset == min(wanted, axis.most)
    bar.setValue(bar.maximum())
    axis.follow_bar()
    assert axis.offset == axis.most
    bar.setValue(0)
    axis.follow_bar()
    assert axis.offset == 0
    bar.deleteLater()


# ---- text ------------------------------------------------------------------------------------------------------------


def test_glyphs_are_as_wide_as_qt_says(parts: Parts) -> None:
    font = parts.theme.font("code")
    glyphs, metrics = Glyphs(font), QFontMetricsF(font)
    for text in ("123.45", "Ångström", "ж Ω", "a↵b·…"):
        found = glyphs.laid_out(text, 1_000)
        assert found is not None
        assert found[2] == pytest.approx(metrics.horizontalAdvance(text), abs=0.5)
    for text in ("שלום", "🎉", "e\u0301", "日本"):
        assert glyphs.laid_out(text, 1_000) is None


def test_words_are_shortened_and_numbers_are_not_cut(parts: Parts) -> None:
    glyphs = Glyphs(parts.theme.font("code"))
    advance = glyphs.width("x")
    words = glyphs.laid_out("abcdefghij", advance * 5)
    assert words is not None
    assert words[3]
    assert len(words[0]) == 5
    number = glyphs.laid_out("1234567890", advance * 5, is_number=True)
    marks = glyphs.laid_out(TOO_NARROW, 1_000)
    assert number is not None
    assert marks is not None
    assert number[0] == marks[0]
    wide, whole = glyphs.static("שלום עולם", 10_000)[2], glyphs.static("שלום עולם", 20)[2]
    assert (wide, whole) == (False, True)


def test_thousands_stand_closer_than_words(parts: Parts) -> None:
    glyphs = Glyphs(parts.theme.font("code"))
    assert glyphs.width("1\u2009000") < glyphs.width("1 000")


def test_tiles_align_numbers_right_and_mark_what_is_not_here(parts: Parts) -> None:
    maker = TileMaker(parts.theme.font("code"), 24, 8)
    cells = [CellText("1.5"), None, CellText("22.25"), CellText("NA", "missing")]
    tile = maker.make(cells, 100, is_right=True, is_number=True)
    assert tile.absent == [1]
    assert [(piece.row, piece.style) for piece in tile.pieces] == [(3, "missing")]
    assert tile.ordinary is not None
    advance = maker.plain.width("0")
    ends = {round(place.y()): place.x() + advance for place in tile.ordinary.positions()}
    assert sorted(ends) == [maker.baseline, maker.baseline + 48]
    assert all(end == pytest.approx(92, abs=0.6) for end in ends.values())
    assert not tile.is_tight
    assert maker.make([CellText("123456789012")], 60, is_right=True, is_number=True).is_tight


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("text", ["1", "12\u2009345.5", "-1\u2009234\u2009567.25", "name 7", "a b c", "naïve"])
def test_quick_and_thorough_layout_put_glyphs_at_the_same_places(text: str, is_right: bool, parts: Parts) -> None:
    maker = TileMaker(parts.theme.font("code"), 24, 8)
    expected = maker.plain.laid_out(text, 1_000)
    assert expected is not None
    start = 300 - 8 - expected[2] if is_right else 8.0
    # The second time all characters are known, and the quick way is taken.
    for _ in range(2):
        tile = maker.make([None, CellText(text)], 300, is_right=is_right, is_number=is_right)
        assert tile.ordinary is not None
        glyphs = dict(zip(map(_rounded, tile.ordinary.positions()), tile.ordinary.glyphIndexes(), strict=True))
        for glyph, place in zip(expected[0], expected[1], strict=True):
            assert glyphs[round(start + place, 1), 24 + maker.baseline] == glyph


def _rounded(point: QPointF) -> tuple[float, float]:
    return round(point.x(), 1), round(point.y())


class Forgetful:
    """`GridData` whose cells are gone when the test says so."""

    label_columns = ()

    def __init__(self) -> None:
        self.is_here = True

    def column(self, index: int) -> Column:
        return Column(index, "x", "number")

    def cells(self, row: int, _column: int) -> tuple[Cells, int] | None:
        return (Cells("int64", row.to_bytes(8, "little")), 0) if self.is_here else None


def test_cells_of_pinned_rows_are_held_until_others_come(parts: Parts) -> None:
    data = Forgetful()
    cells = GridCells()
    cells.set_font(parts.theme.font("code"), 24, 8)
    cells.set_data(cast(GridData, data))
    cells.hold_rows([7])
    assert (cells.shown(7, 0), cells.shown(8, 0)) == ("7", "8")
    data.is_here = False
    assert (cells.shown(7, 0), cells.shown(8, 0)) == ("7", None)
    cells.forget_rows(0, 100)
    assert cells.shown(7, 0) is None
    data.is_here = True
    assert cells.shown(7, 0) == "7"
    data.is_here = False
    cells.hold_rows(())
    assert cells.shown(7, 0) is None


# ---- heat ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark", "high_contrast"])
@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_text_on_heat_has_enough_contrast(theme: Choice, kind: HeatKind, parts: Parts) -> None:
    parts.theme.set_choice(theme)
    colors = HeatColors(parts.theme)
    inks = {parts.theme.color("text").name(), parts.theme.color("pane").name()}
    for step in range(101):
        ground, ink = colors.colors(kind, step / 100)
        assert ink.name() in inks
        assert contrast(ground, ink) >= CONTRAST[theme]


def test_heat_follows_the_profile_and_has_zero_in_the_middle() -> None:
    profile = ColumnProfile(0, 10, 10, edges=(-1.0, 0.0, 3.0), counts=(1, 2))
    assert heat_of("diverging", ColumnProfile(0, 10, 10)) is None
    assert heat_of("sequential", None) is None
    diverging, sequential = heat_of("diverging", profile), heat_of("sequential", profile)
    assert diverging == Heat("diverging", -1.0, 3.0)
    assert sequential is not None
    assert diverging is not None
    assert diverging.share(0.0) == 0.5
    assert diverging.share(3.0) == 1.0
    assert sequential.share(-1.0) == 0.0
    assert sequential.share(99.0) == 1.0
    assert Heat("sequential", 2.0, 2.0).share(2.0) == 0.5


def test_mixing_arrives() -> None:
    color = QColor(10, 20, 30)
    for _ in range(500):
        color = mixed(color, QColor("white"), 0.01)
    assert color == QColor("white")
    assert mixed(QColor(1, 2, 3), QColor(9, 9, 9), 0.0) == QColor(1, 2, 3)


# ---- heads -----------------------------------------------------------------------------------------------------------


def test_shares_never_round_to_nothing_or_all() -> None:
    assert [percent(share) for share in (0.0, 0.001, 0.25, 0.999, 1.0)] == ["0 %", "<1 %", "25 %", ">99 %", "100 %"]


def test_types_tell_levels_of_categories() -> None:
    assert type_text(Column(0, "x", "category", "factor", level_count=3)) == "factor (3)"
    assert type_text(Column(0, "x", "number", "int64")) == "int64"


PROFILES = {
    "histogram": ColumnProfile(0, 10, 10, edges=(0.0, 1.0, 2.0), counts=(3, 7)),
    "top": ColumnProfile(0, 10, 10, top=(ValueCount("a", 7), ValueCount("b", 3))),
    "all different": ColumnProfile(0, 10, 10, top=(ValueCount("a", 1),)),
    "missing": ColumnProfile(0, 10, 10, missing=(ValueCount("", 5, Code.NA),), counts=(5,), edges=(0.0, 1.0)),
    "all missing": ColumnProfile(0, 10, 10, missing=(ValueCount("", 10, Code.NA),)),
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("width", [4, 30, 120])
def test_sparkline_draws_inside_of_its_place(name: str, width: int, parts: Parts) -> None:
    image = QImage(200, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    Sparkline(parts.theme).paint(painter, QRect(40, 10, width, 20), PROFILES[name])
    painter.end()
    drawn = [(x, y) for x in range(200) for y in range(40) if image.pixelColor(x, y) != QColor("magenta")]
    assert drawn or width == 4
    assert all(40 <= x < 40 + width and 8 <= y < 32 for x, y in drawn)


def test_a_problem_draws_nothing_and_a_narrow_head_has_no_buttons(parts: Parts, qtbot: QtBot) -> None:
    image = QImage(100, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    Sparkline(parts.theme).paint(painter, QRect(0, 0, 100, 20), ColumnProfile(0, 5, 5, counts=(1,), problem="no"))
    painter.end()
    assert {image.pixelColor(x, y).name() for x in range(100) for y in range(30)} == {"#ff00ff"}
    header = HeaderPainter(parts.theme, parts.icons)
    assert header.buttons(QRect(0, 0, 50, 60)) == {}
    assert set(header.buttons(QRect(0, 0, 150, 60))) == {"sort", "filter"}

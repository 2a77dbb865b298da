"""Edits the filter of one column: an operator with values, or what is typed, or values ticked from a list.

Owns the popup; the filter goes to the model when it is applied. The syntax of the box is that of `ide.tables.filters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLocale, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ide.core.ports import Cancel
from ide.core.table import MISSING_WORDS, Column, Filter, Operator, TableError, ValueCounts
from ide.core.text import with_unseen_shown
from ide.panes.tables.model import Predicate, TableModel
from ide.panes.tables.popup import Popup
from ide.panes.tables.words import column_name, number
from ide.qt.accessible import announce
from ide.qt.theme import Theme
from ide.tables import filters
from ide.tables.filter_values import EXAMPLES, FilterTextError, span
from ide.widgets.wrapped_label import WrappedLabel

TYPED: Final = "typed"
SEARCH_MS: Final = 200
LISTED_MOST: Final = 200
VALUE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
IS_MISSING_ROLE: Final = VALUE_ROLE + 1
WORDS: Final[dict[str, str]] = {
    TYPED: "as typed", "eq": "is", "ne": "is not", "lt": "less than", "le": "at most", "gt": "more than",
    "ge": "at least", "between": "between", "in": "one of", "not_in": "none of", "contains": "contains",
    "not_contains": "does not contain", "starts": "starts with", "ends": "ends with", "regex": "matches the pattern",
    "is_missing": "is missing", "is_present": "is present", "is_empty": "is empty text", "is_true": "is true",
    "is_false": "is false",
}  # fmt: skip
TIME_WORDS: Final[dict[str, str]] = {"lt": "before", "le": "up to", "gt": "after", "ge": "from"}
BARE: Final = ("is_missing", "is_present", "is_empty", "is_true", "is_false")
BY_TEXT: Final = ("contains", "not_contains", "starts", "ends", "regex")


class FilterPopup(Popup):
    """Opens under a head. Enter applies, Esc gives up."""

    def __init__(self, model: TableModel, column: Column, theme: Theme, parent: QWidget) -> None:
        name = column_name(column, column.index)
        super().__init__(f"Filter {name}", theme, parent)
        self._model = model
        self._column = column
        self._theme = theme
        self._decimal = QLocale().decimalPoint()
        self._listing: Cancel | None = None
        self._ticked: dict[str | None, bool] = {}
        self._is_filling = False
        self.title = QLabel(f"Filter {name}")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setProperty("may_be_cut", True)
        self.operator = QComboBox()
        self.operator.setAccessibleName("Condition")
        self.low = _line("Value")
        self.high = _line("Second value")
        self.case = QCheckBox("Match case")
        self.problem = WrappedLabel("")
        self.problem.setProperty("tone", "error")
        self.search = _line("Search values")
        self.search.setPlaceholderText("Search values")
        self.list = QTreeWidget()
        self.list.setAccessibleName(f"Values of {name}")
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.note = WrappedLabel("")
        self.note.setProperty("tone", "muted")
        self.apply_button = QPushButton("Apply filter")
        self.apply_button.setProperty("main", "true")
        self.apply_button.setDefault(True)
        self.remove_button = QPushButton("Remove filter")
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SEARCH_MS)
        self._soon.timeout.connect(self._list_values)
        self._fill_operators()
        self._lay_out()
        self._connect()
        self._take(model.filter_of(column.index))
        self._on_operator()
        if self._has_list:
            self._list_values()

    @property
    def _has_list(self) -> bool:
        return "values" in self._model.pager.info.features and "in" in filters.operators(self._column)

    @property
    def items(self) -> list[QTreeWidgetItem]:
        """The values that are listed."""
        listed = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in listed if item is not None]

    def take_keyboard(self) -> None:
        """The value, or the condition where that has none."""
        (self.low if not self.low.isHidden() else self.operator).setFocus()
        self.low.selectAll()

    def enter(self) -> None:
        """Apply."""
        self.apply()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing is asked any more."""
        if self._listing is not None:
            self._listing()
            self._listing = None
        self._soon.stop()
        super().closeEvent(event)

    # ---- the filter

    def predicate(self) -> Predicate | None:
        """What is entered; None for nothing. Raises FilterTextError."""
        ticked = self._ticked_filter()
        if ticked is not None:
            return ticked
        operator = str(self.operator.currentData())
        sensitive = self.case.isChecked()
        if operator == TYPED:
            return filters.parse(self.low.text(), self._column, decimal=self._decimal, is_case_sensitive=sensitive)
        if operator in BARE:
            return Filter(self._column.index, _operator(operator))
        if operator in BY_TEXT:
            if not self.low.text():
                return None
            return Filter(self._column.index, _operator(operator), (self.low.text(),), sensitive)
        return self._compared(operator)

    def _compared(self, operator: str) -> Predicate | None:
        """An order or an equality: typed with its sign, so that a month stands for the whole month."""
        low, high = self.low.text().strip(), self.high.text().strip()
        if not low and not high:
            return None
        if operator == "between":
            return filters.parse(f"{low}..{high}", self._column, decimal=self._decimal)
        if self._column.kind in ("text", "category"):
            if operator in ("in", "not_in"):
                parts = tuple(part.strip() for part in low.split(";") if part.strip())
                return Filter(self._column.index, _operator(operator), parts)
            return Filter(self._column.index, _operator(operator), (low,))
        if operator in ("in", "not_in"):
            parts = tuple(
                span(part.strip(), self._column, self._decimal).start for part in low.split(";") if part.strip()
            )
            return Filter(self._column.index, _operator(operator), parts)
        signs = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
        return filters.parse(signs[operator] + low, self._column, decimal=self._decimal)

    @Slot()
    def apply(self) -> None:
        """Filter by what is entered; the popup stays where that cannot be."""
        try:
            found = self.predicate()
            for one in [] if found is None else [found] if isinstance(found, Filter) else found.filters():
                if reason := filters.check(one, self._column):
                    raise FilterTextError(reason)
        except FilterTextError as error:
            self._say_problem(error.text.replace("\n", " "))
            return
        self._model.set_filter(self._column.index, found)
        self.close()

    @Slot()
    def _remove(self) -> None:
        self._model.set_filter(self._column.index, None)
        self.close()

    def _say_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text:
            announce(self, text)
        self.adjustSize()

    # ---- what is there already

    def _take(self, predicate: Predicate | None) -> None:
        self.remove_button.setVisible(predicate is not None)
        if predicate is None:
            return
        if isinstance(predicate, Filter):
            self.case.setChecked(predicate.is_case_sensitive)
            place = self.operator.findData(predicate.operator)
            if predicate.operator in ("in", "not_in") and self._has_list:
                if predicate.operator == "in":
                    self._ticked = dict.fromkeys(predicate.values, True)
                    return
            elif place >= 0 and None not in predicate.values:
                self.operator.setCurrentIndex(place)
                texts = [value or "" for value in predicate.values]
                if predicate.operator in ("in", "not_in"):
                    texts = ["; ".join(texts)]
                for box, text in zip((self.low, self.high), texts, strict=False):
                    box.setText(text)
                return
        self.operator.setCurrentIndex(0)
        self.low.setText(filters.typed(predicate, self._column))

    # ---- values to tick

    def _ticked_filter(self) -> Filter | None:
        chosen = tuple(value for value, is_on in self._ticked.items() if is_on)
        if not chosen:
            return None
        if chosen == (None,):
            return Filter(self._column.index, "is_missing")
        return Filter(self._column.index, "in", chosen)

    @Slot()
    def _on_search(self) -> None:
        self._soon.start()

    @Slot()
    def _list_values(self) -> None:
        if self._listing is not None:
            self._listing()
        self._listing = None
        self.note.setText("Counting the values…")
        is_over = False

        def done(counts: ValueCounts) -> None:
            nonlocal is_over
            is_over = True
            self._listing = None
            self._show_values(counts)

        def failed(error: TableError) -> None:
            nonlocal is_over
            is_over = True
            self._listing = None
            self.note.setText(error.happened)

        cancel = self._model.source.values(self._column.index, self.search.text(), LISTED_MOST, done, failed)
        if not is_over:
            self._listing = cancel

    def _show_values(self, counts: ValueCounts) -> None:
        self._is_filling = True
        self.list.clear()
        listed = set()
        for one in counts.values:
            value = None if one.code.is_missing else one.text
            listed.add(value)
            self._add_value(value, MISSING_WORDS.get(one.code, "") if value is None else one.text, one.count)
        for value in [value for value, is_on in self._ticked.items() if is_on and value not in listed]:
            self._add_value(value, "missing" if value is None else value, None)
        self._is_filling = False
        self.note.setText(self._count_words(counts))

    def _add_value(self, value: str | None, text: str, count: int | None) -> None:
        shown = with_unseen_shown(text) if text else "·"
        item = QTreeWidgetItem([shown, number(count) if count is not None else ""])
        item.setToolTip(0, shown)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, self._theme.color("muted"))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
        is_on = self._ticked.get(value, False)
        item.setCheckState(0, Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        item.setData(0, VALUE_ROLE, value)
        item.setData(0, IS_MISSING_ROLE, value is None)
        if value is None:
            font = self.list.font()
            font.setItalic(True)
            item.setFont(0, font)
        self.list.addTopLevelItem(item)

    def _count_words(self, counts: ValueCounts) -> str:
        rows = self._model.pager.info.row_count
        looked = counts.rows_looked_at
        sampled = f", from {number(looked)} rows" if looked and rows > looked else ""
        if counts.total > len(counts.values):
            return f"{number(len(counts.values))} of {number(counts.total)} values{sampled}: search for others"
        if not counts.values:
            return "No value contains that" if self.search.text() else "No values"
        return f"{number(len(counts.values))} values{sampled}"

    @Slot(QTreeWidgetItem, int)
    def _on_item_changed(self, item: QTreeWidgetItem, _column: int) -> None:
        if self._is_filling:
            return
        value = None if item.data(0, IS_MISSING_ROLE) else str(item.data(0, VALUE_ROLE))
        self._ticked[value] = item.checkState(0) == Qt.CheckState.Checked
        self._say_problem("")

    # ---- looks

    def _fill_operators(self) -> None:
        is_time = self._column.kind in ("timestamp", "date", "time")
        for operator in (TYPED, *filters.operators(self._column)):
            words = TIME_WORDS.get(operator, WORDS[operator]) if is_time else WORDS[operator]
            self.operator.addItem(words, operator)

    def _lay_out(self) -> None:
        px = self._theme.px
        self.title.setFont(self._theme.font("title"))
        for label in (self.problem, self.note):
            label.setFont(self._theme.font("small"))
        self.list.setFont(self._theme.font("code"))
        self.list.setFixedHeight(px(168))
        top = QHBoxLayout()
        top.setSpacing(px(4))
        for widget in (self.operator, self.low, self.high):
            top.addWidget(widget, 0 if widget is self.operator else 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.remove_button)
        bottom.addStretch(1)
        bottom.addWidget(self.apply_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(8), px(12), px(12))
        column.setSpacing(px(8))
        column.addWidget(self.title)
        column.addLayout(top)
        column.addWidget(self.case)
        column.addWidget(self.problem)
        listing: tuple[QWidget, ...] = (self.search, self.list, self.note)
        for part in listing:
            column.addWidget(part)
            part.setVisible(self._has_list)
        column.addLayout(bottom)
        self.problem.hide()
        self.setFixedWidth(px(360))

    def _connect(self) -> None:
        self.operator.currentIndexChanged.connect(self._on_operator)
        self.low.textChanged.connect(self._on_typed)
        self.high.textChanged.connect(self._on_typed)
        self.search.textChanged.connect(self._on_search)
        self.list.itemChanged.connect(self._on_item_changed)
        self.apply_button.clicked.connect(self.apply)
        self.remove_button.clicked.connect(self._remove)

    @Slot()
    def _on_operator(self) -> None:
        operator = str(self.operator.currentData())
        self.low.setVisible(operator not in BARE)
        self.high.setVisible(operator == "between")
        can_match_case = self._column.kind in ("text", "category") and operator in (TYPED, *BY_TEXT)
        self.case.setVisible(can_match_case)
        example = EXAMPLES.get(self._column.kind, "abc, =abc, ^ab or NA")
        self.low.setPlaceholderText(example if operator == TYPED else "a; b; c" if operator in ("in", "not_in") else "")
        self._say_problem("")

    @Slot()
    def _on_typed(self) -> None:
        """What is typed is another wish than what is ticked."""
        if self._ticked and (self.low.text() or self.high.text()):
            self._ticked.clear()
            self._is_filling = True
            for item in self.items:
                item.setCheckState(0, Qt.CheckState.Unchecked)
            self._is_filling = False
        self._say_problem("")


def _operator(word: str) -> Operator:
    found: Sequence[Operator] = [one for one in _OPERATORS if one == word]
    return found[0]


_OPERATORS: Final[tuple[Operator, ...]] = (
    "eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "contains", "not_contains", "starts", "ends",
    "regex", "is_missing", "is_present", "is_empty", "is_true", "is_false",
)  # fmt: skip


def _line(name: str) -> QLineEdit:
    box = QLineEdit()
    box.setAccessibleName(name)
    return box

"""Rows of the Variables pane for Qt: groups with names below them. Owns the rows' places, not what is in them.

The parts of an opened value are rows of the group too, below their name and set in by the painter: Qt then has two
levels whatever is opened, and what was selected or scrolled to is found again by its key.

The places are kept by Qt's own item model, without items: a tree view asks for the place of each row whenever rows come
or go, and 5,000 answers from Python would stall the window. Texts are asked for only where a row is painted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from ide.core.ordered import steps_between
from ide.core.text import with_unseen_shown
from ide.core.variables import Kind, Variable
from ide.panes.variables.model import (
    Group,
    VariablesModel,
    heading_text,
    name_text,
    shape_text,
    size_text,
    value_text,
    words_of,
)
from ide.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLUMNS: Final = ("Name", "Type", "Shape", "Size", "Value")
NAME, TYPE, SHAPE, SIZE, VALUE = range(5)
MOST_STEPS: Final = 64
"""Past so many separate places where rows come or go, a group's rows are all made anew: that is quicker then."""


class VariableRows(QStandardItemModel):
    """Groups at the top, names below. `sync` brings the rows up to the model with as few steps as it takes."""

    def __init__(self, model: VariablesModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._model = model
        self._theme = theme
        self._groups: list[tuple[Group, list[Variable]]] = []
        self.is_value_with_shape = False
        """Whether the value's column tells the shape too: there is no room for a column of its own."""

    def variable_at(self, index: Index) -> Variable | None:
        """The variable of a row; None for a heading."""
        group = index.parent()
        if not group.isValid() or group.row() >= len(self._groups):
            return None
        names = self._groups[group.row()][1]
        return names[index.row()] if index.row() < len(names) else None

    def group_at(self, index: Index) -> Group | None:
        """The group of a heading; None for a name's row."""
        if not index.isValid() or index.parent().isValid() or index.row() >= len(self._groups):
            return None
        return self._groups[index.row()][0]

    def index_of(self, name: str) -> QModelIndex:
        """The row of a name; invalid where it is not listed."""
        place = self._model.place_of(name)
        return self.index(place[1], NAME, self.index(place[0], NAME)) if place is not None else QModelIndex()

    def group_index(self, kind: Kind) -> QModelIndex:
        """The heading of a kind; invalid where there is none."""
        at = next((at for at, (group, _names) in enumerate(self._groups) if group.kind == kind), -1)
        return self.index(at, NAME) if at >= 0 else QModelIndex()

    def sync(self) -> tuple[Kind, ...]:
        """Take over the model's groups; returns the kinds whose headings are new."""
        wanted = self._model.groups
        kinds = [group.kind for group in wanted]
        for at in reversed(range(len(self._groups))):
            if self._groups[at][0].kind not in kinds:
                del self._groups[at]
                self.removeRow(at)
        new: list[Kind] = []
        for at, group in enumerate(wanted):
            if at == len(self._groups) or self._groups[at][0].kind != group.kind:
                self._insert_group(at, group)
                new.append(group.kind)
            else:
                self._update_group(at, group)
        return tuple(new)

    def update(self, names: Collection[str]) -> None:
        """Take over what changed in rows that stand where they stood."""
        for at, group in enumerate(self._model.groups):
            self._groups[at] = (group, self._groups[at][1])
        rows = [place for name in names if (place := self._model.place_of(name)) is not None]
        for at, row in rows:
            group, shown = self._groups[at]
            shown[row] = group.rows[row]
        if len(rows) > MOST_STEPS:
            for at in {at for at, _row in rows}:
                self._tell_changed(at, 0, len(self._groups[at][1]) - 1)
        else:
            for at, row in rows:
                self._tell_changed(at, row, row)

    def set_value_with_shape(self, is_on: bool) -> None:
        """Tell the shape in the value's column, or no more."""
        self.is_value_with_shape = is_on

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Column titles."""
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == SIZE else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Everything is looked up in a prepared row; nothing is computed from the user's objects."""
        variable = self.variable_at(index)
        if variable is not None:
            return self._of_variable(variable, index.column(), role)
        group = self.group_at(index)
        return self._of_heading(group, role) if group is not None and index.column() == NAME else None

    def font_of(self, variable: Variable | None, column: int) -> QFont:
        """Names semibold, what was not evaluated in italics; None is a heading."""
        if variable is None:
            return self._theme.font("title")
        part = self._model.part(variable.name)
        if part is not None and part.role != "part":
            return self._theme.font("small")
        font = self._theme.font("code")
        font.setWeight(QFont.Weight.DemiBold if column == NAME and part is None else QFont.Weight.Normal)
        font.setItalic(column == VALUE and not variable.is_evaluated)
        return font

    def role_of(self, variable: Variable | None, column: int) -> str:
        """Colour of the text: the user's names and values are the brightest."""
        if variable is None:
            return "muted"
        part = self._model.part(variable.name)
        if part is not None and part.role != "part":
            return "link" if part.role == "more" else "muted"
        return "text" if column == NAME or (column == VALUE and variable.is_evaluated) else "muted"

    def _insert_group(self, at: int, group: Group) -> None:
        item = QStandardItem()
        item.setColumnCount(len(COLUMNS))
        item.setRowCount(len(group.rows))
        self._groups.insert(at, (group, list(group.rows)))
        self.insertRow(at, item)

    def _update_group(self, at: int, group: Group) -> None:
        names = self._groups[at][1]
        self._groups[at] = (group, names)
        before, after = [variable.name for variable in names], [variable.name for variable in group.rows]
        item = self.item(at)
        if before != after:
            steps = list(steps_between(before, after))
            if len(steps) > MOST_STEPS:
                names.clear()
                item.setRowCount(0)
                names.extend(group.rows)
                item.setRowCount(len(names))
            else:
                for row, count in steps:
                    self._take_step(item, names, group.rows, row, count)
        names[:] = group.rows
        heading = self.index(at, NAME)
        self.dataChanged.emit(heading, heading)
        if names:
            self._tell_changed(at, 0, len(names) - 1)

    def _tell_changed(self, at: int, first: int, last: int) -> None:
        heading = self.index(at, NAME)
        self.dataChanged.emit(self.index(first, NAME, heading), self.index(last, VALUE, heading))

    @staticmethod
    def _take_step(item: QStandardItem, names: list[Variable], after: Sequence[Variable], row: int, count: int) -> None:
        """`count` rows more at `row`, or fewer where it is negative."""
        if count < 0:
            del names[row : row - count]
            item.removeRows(row, -count)
        else:
            names[row:row] = after[row : row + count]
            item.insertRows(row, count)

    def _of_heading(self, group: Group, role: int) -> object:
        if role == Role.DisplayRole:
            return heading_text(group)
        if role == Role.AccessibleTextRole:
            return f"{group.title}, {len(group.names)} names"
        return None

    def _of_variable(self, variable: Variable, column: int, role: int) -> object:
        if role == Role.DisplayRole:
            return self._text(variable, column)
        if role == Role.AccessibleTextRole:
            return self._words(variable, column)
        if role == Role.ToolTipRole:
            return self._tooltip(variable, column)
        return None

    def _words(self, variable: Variable, column: int) -> str:
        part = self._model.part(variable.name)
        if part is not None and part.role != "part":
            return part.label if column == NAME else ""
        label = part.label if part is not None else ""
        if column != NAME:
            return f"{label or variable.name}, {COLUMNS[column].lower()}, {self._text(variable, column) or 'none'}"
        words = words_of(variable, is_fresh=self._model.is_fresh(variable.name), label=label)
        found = self._model.found_of(variable.name)
        words += f", {found}" if found else ""
        if variable.has_children:
            words += ", open" if self._model.tree.is_open(variable.name) else ", can be opened"
        return f"{words}, level {part.depth + 1}" if part is not None else words

    def _text(self, variable: Variable, column: int) -> str:
        part = self._model.part(variable.name)
        if part is not None and part.role != "part":
            return part.label if column == NAME else ""
        if column == NAME:
            return name_text(variable) if part is None else with_unseen_shown(part.label)
        if column == TYPE:
            return variable.type_name
        if column == SHAPE:
            return shape_text(variable.shape)
        if column == SIZE:
            return size_text(self._model.size_of(variable))
        if self.is_value_with_shape and variable.shape:
            return f"{shape_text(variable.shape)}  {value_text(variable)}"
        return value_text(variable)

    def _tooltip(self, variable: Variable, column: int) -> str:
        """The full text. It is marked up by us, since Qt would take a value that looks like HTML for HTML."""
        text = self._text(variable, column)
        if column == NAME and self._model.is_fresh(variable.name):
            text += "\nChanged in the last run"
        found = self._model.found_of(variable.name) if column == VALUE else ""
        text = f"{found}\n\n{text}" if found else text
        return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if text else ""

"""An object as a page in the editor's tabs: its members, its source and its documentation, as the kernel told them.

Owns the page and what it shows, which is how the object was when it was asked for. Asks no kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from PySide6.QtCore import QSortFilterProxyModel, Qt, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ide.core.events import Signal as Event
from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.core.text import with_unseen_shown
from ide.kernels.contract import ObjectInfo, ObjectMember
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.code_view import CodeView
from ide.widgets.code_view_highlight import Highlighter, LexerShelf
from ide.widgets.code_view_text import CodeText
from ide.widgets.guest import GuestPage
from ide.widgets.tabs import Tab, TabStrip
from ide.widgets.wrapped_label import WrappedLabel

COLUMNS: Final = ("Name", "Kind", "Type", "Value", "From")
WIDTHS_PX: Final = (180, 80, 120, 280)
ROW_PX: Final = 24


@dataclass(frozen=True, slots=True)
class Subject:
    """Which object a page is about: its key among tabs, what its tab says, the lexer of its source."""

    key: str
    name: str
    badge: str = ""
    badge_role: str = "badge_other"
    lexer: str = ""


@dataclass(frozen=True, slots=True)
class ObjectShelf:
    """What pages of objects need of the program."""

    run_in_pool: RunInPool
    subject: Callable[[str, tuple[str, ...], str, str], Subject]
    """Subject of a session's id, a path, a label and a language."""
    show: Callable[[GuestPage], None]
    find: Callable[[str], GuestPage | None]


class ObjectPage(QWidget):
    """UI thread. `show_info` shows the object as it is by now."""

    tab_changed = Event()

    def __init__(self, subject: Subject, run_in_pool: RunInPool, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.subject = subject
        self._theme = theme
        self._title = WrappedLabel("")
        self._classes = WrappedLabel("")
        for label in (self._title, self._classes):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs = TabStrip(theme, icons, f"Parts of {subject.name}", is_movable=False)
        self.tabs.selected.connect(self._on_tab)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter")
        self.filter.setAccessibleName("Filter members")
        self.filter.setClearButtonEnabled(True)
        self.members = QTreeView()
        self._rows = QStandardItemModel(0, len(COLUMNS), self)
        self._found = QSortFilterProxyModel(self)
        self._make_members()
        self._text = CodeText(theme, self)
        self._highlighter = Highlighter(self._text, theme, LexerShelf(run_in_pool))
        self._highlighter.set_lexer(subject.lexer)
        self.source = CodeView(self._text, theme, icons, self._highlighter)
        self.source.setReadOnly(True)
        self.source.setAccessibleName(f"Source of {subject.name}")
        self._place = QLabel()
        self._place.setTextFormat(Qt.TextFormat.PlainText)
        self._place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.doc = QPlainTextEdit()
        self.doc.setReadOnly(True)
        self.doc.setAccessibleName(f"Documentation of {subject.name}")
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        self._lay_out()
        self.setFocusProxy(self.members)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    @property
    def key(self) -> str:
        """Stable for one path of one session."""
        return self.subject.key

    @property
    def tab(self) -> Tab:
        """The object's name with its language."""
        subject = self.subject
        name = with_unseen_shown(subject.name)
        return Tab(subject.key, name, subject.badge, subject.badge_role, f"Object {name}")

    @property
    def widget(self) -> QWidget:
        """The page itself."""
        return self

    def close_page(self) -> None:
        """Nothing is under way."""

    def show_info(self, info: ObjectInfo) -> None:
        """Show the object as the kernel has just told it."""
        self._title.setText(with_unseen_shown(info.title))
        inherits = " → ".join(info.classes)
        self._classes.setText(with_unseen_shown(f"{info.type_name}  ({inherits})" if inherits else info.type_name))
        self._rows.removeRows(0, self._rows.rowCount())
        for member in info.members:
            self._rows.appendRow([_cell(text, member) for text in _texts(member)])
        self._text.load(info.source)
        place = f"{info.source_path}, line {info.source_line}" if info.source_line else info.source_path
        self._place.setText(with_unseen_shown(place))
        self._place.setVisible(bool(place))
        self.doc.setPlainText(info.doc)
        tabs = [Tab("members", f"Members  {len(info.members)}", is_closable=False)]
        if info.source:
            tabs.append(Tab("source", "Source", is_closable=False))
        if info.doc:
            tabs.append(Tab("doc", "Documentation", is_closable=False))
        first = "members" if info.members or len(tabs) == 1 else tabs[1].key
        self.tabs.set_tabs(tuple(tabs), first)
        self._on_tab(first)

    def _make_members(self) -> None:
        self._rows.setHorizontalHeaderLabels(COLUMNS)
        self._found.setSourceModel(self._rows)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter.textChanged.connect(self._found.setFilterFixedString)
        self.members.setModel(self._found)
        self.members.setAccessibleName(f"Members of {self.subject.name}")
        self.members.setRootIsDecorated(False)
        self.members.setUniformRowHeights(True)
        self.members.setAllColumnsShowFocus(True)
        self.members.setSortingEnabled(True)
        self.members.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.members.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.members.header().setHighlightSections(False)

    def _lay_out(self) -> None:
        members, source = QWidget(), QWidget()
        inside = QVBoxLayout(members)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.members)
        below = QVBoxLayout(source)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self._place)
        below.addWidget(self.source)
        for key, page in (("members", members), ("source", source), ("doc", self.doc)):
            self._pages[key] = page
            self._stack.addWidget(page)
        self._line = QHBoxLayout()
        self._line.addWidget(self.tabs)
        self._line.addStretch(1)
        self._line.addWidget(self.filter)
        self._head = QVBoxLayout()
        self._head.setSpacing(0)
        self._head.addWidget(self._title)
        self._head.addWidget(self._classes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addLayout(self._line)
        column.addWidget(self._stack, 1)

    def _on_tab(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])
        self.filter.setVisible(key == "members")

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        title = self._theme.font("code")
        title.setWeight(title.Weight.DemiBold)
        self._title.setFont(title)
        self._classes.setFont(self._theme.font("small"))
        self._place.setFont(self._theme.font("small"))
        self._place.setContentsMargins(px(8), px(4), px(8), px(4))
        self.doc.setFont(self._theme.font("code"))
        self.members.setFont(self._theme.font("code"))
        self.members.header().setFont(self._theme.font("small"))
        self.filter.setFont(self._theme.font("small"))
        self.filter.setFixedWidth(px(160))
        self._head.setContentsMargins(px(12), px(8), px(12), px(4))
        self._line.setContentsMargins(0, 0, px(8), 0)
        for column, width in enumerate(WIDTHS_PX):
            self.members.header().resizeSection(column, px(width))


def _texts(member: ObjectMember) -> tuple[str, ...]:
    texts = (member.name, member.kind, member.type_name, member.preview, member.from_class)
    return tuple(map(with_unseen_shown, texts))


def _cell(text: str, member: ObjectMember) -> QStandardItem:
    item = QStandardItem(text)
    item.setToolTip(f'<p style="white-space: pre-wrap">{escape(member.doc or text)}</p>' if member.doc or text else "")
    return item

"""The dialog that creates an environment: language, version, what to begin with, name, place; then its progress.

Owns no environment. What it asks for is a `Wish`; whoever makes it tells the steps and the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ide.core.errors import FourpaneError
from ide.core.record import dataclass
from ide.environments.making.versions import VersionOffer
from ide.environments.making.wish import Template, Wish, name_problem, place_problem
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.shell.environment_rows import short
from ide.shell.fields import Choice, Field
from ide.shell.work_view import WorkView
from ide.widgets.wrapped_label import WrappedLabel, fit

FROM_FILE = "file"
FILES = "What others wrote (*.txt *.toml *.yml *.yaml *.lock Pipfile);;All files (*)"
WIDTH_PX = 520


@dataclass(frozen=True, slots=True)
class CreateOffers:
    """What can be chosen. `titles` are the languages by id, `ways` how each is made; `versions` come for each.

    `made_folder` is where environments lie unless the user says otherwise, `project` the open folder.
    """

    titles: Mapping[str, str]
    ways: Mapping[str, str]
    versions: Mapping[str, Sequence[VersionOffer]]
    templates: Sequence[Template]
    made_folder: Path
    project: Path | None = None


class CreateDialog(QDialog):
    """Stays open beside the window. Closing it cancels what runs."""

    asked = Signal(object)
    """A Wish, to be made now."""
    cancelled = Signal()
    """What runs is not wanted any more."""

    def __init__(
        self,
        offers: CreateOffers,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        free_name: Callable[[str], str] = str,
    ) -> None:
        """`free_name` makes a name that no environment has of a wish for one."""
        super().__init__(parent)
        self.setWindowTitle("Create environment")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._offers = offers
        self._theme = theme
        self._free_name = free_name
        self._source: Path | None = None
        self._is_named = False
        self._is_running = False
        self.language, self.version = Choice(theme, icons), Choice(theme, icons)
        self.template, self.place = Choice(theme, icons), Choice(theme, icons)
        self.packages, self.name = QLineEdit(), QLineEdit()
        self.help, self.where, self.problem = WrappedLabel(), WrappedLabel(), WrappedLabel()
        self.confirm, self.close_button, self.back = (
            QPushButton("Create environment"),
            QPushButton("Cancel"),
            QPushButton(),
        )
        self.work = WorkView(theme, icons)
        self._pages = QStackedWidget()
        self._rows: dict[str, QLabel] = {}
        self._build()
        self._fill()
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self.name.setFocus()

    # --- what it is told ---------------------------------------------------------------------------------------------

    def set_versions(self, language: str, versions: Sequence[VersionOffer]) -> None:
        """Other versions of a language; the one that is chosen stays where it is among them."""
        chosen = self.version.currentData()
        self._offers = CreateOffers(
            self._offers.titles,
            self._offers.ways,
            {**self._offers.versions, language: versions},
            self._offers.templates,
            self._offers.made_folder,
            self._offers.project,
        )
        if self.language.currentData() == language:
            self._fill_versions()
            at = next((row for row, one in enumerate(versions) if chosen is not None and one.key == chosen.key), 0)
            self.version.setCurrentIndex(at)

    def choose(
        self,
        *,
        language: str = "",
        source: Path | None = None,
        in_project: bool = False,
        name: str = "",
        packages: Sequence[str] = (),
    ) -> None:
        """Begin with these instead of the first of each list; `packages` come on top of the template's."""
        if (row := self.language.findData(language)) >= 0:
            self.language.setCurrentIndex(row)
        if source is not None:
            self._source = source
            self.template.setCurrentIndex(self.template.findData(FROM_FILE))
            self._on_template()
        there = self.packages.text().split()
        self.packages.setText(" ".join([*there, *(one for one in packages if one not in there)]))
        if in_project and self._offers.project is not None:
            self.place.setCurrentIndex(1)
        if name:
            self.name.setText(name)

    def begin(self, title: str) -> None:
        """The work has begun."""
        self._is_running = True
        self.work.begin(title)
        self._pages.setCurrentIndex(1)
        self.confirm.hide()
        self.back.hide()
        self.close_button.setText("Cancel")
        self.close_button.setFocus()

    def show_step(self, step: str, done: int, total: int) -> None:
        """How far it is."""
        self.work.show_step(step, done, total)

    def show_failure(self, error: FourpaneError) -> None:
        """It was not made: the user may try again, or change the wish."""
        self._is_running = False
        self.work.show_failure(error)
        self.confirm.setText("Try again")
        self.confirm.show()
        self.back.show()
        self.close_button.setText("Close")
        self.confirm.setFocus()

    def end(self) -> None:
        """It is made."""
        self._is_running = False
        self.accept()

    def wish(self) -> Wish:
        """What is chosen now."""
        language = str(self.language.currentData())
        version: VersionOffer | None = self.version.currentData()
        is_file = self.template.currentData() == FROM_FILE
        return Wish(
            self._place(),
            language,
            self._offers.ways[language],
            version.version if version is not None else "",
            version.program if version is not None else None,
            tuple(self.packages.text().split()),
            self._source if is_file else None,
        )

    def reject(self) -> None:
        """Esc, Cancel or the window's own way to close."""
        if self._is_running:
            self._is_running = False
            self.cancelled.emit()
        super().reject()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form = form
        for title, control in (
            ("Language", self.language),
            ("Version", self.version),
            ("Start from", self.template),
            ("Packages", self.packages),
            ("Place", self.place),
            ("Name", self.name),
        ):
            control.setAccessibleName(title)
            label = self._rows[title] = QLabel(title)
            label.setBuddy(control)
            form.addRow(label, control if isinstance(control, QLineEdit) else Field(control, self._theme))
            if control is self.template:
                form.addRow("", self.help)
        form.addRow("", self.where)
        self.packages.setPlaceholderText("None")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addStretch(1)
        self._pages.addWidget(page)
        self._pages.addWidget(self.work)
        self.confirm.setProperty("main", "true")
        self.confirm.setDefault(True)
        self.back.setText("Change")
        self.back.hide()
        for button in (self.close_button, self.back):
            button.setAutoDefault(False)
        self.confirm.clicked.connect(self._on_create)
        self.back.clicked.connect(self._on_back)
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.close_button, self.back, self.confirm):
            row.addWidget(button)
        self._buttons = row
        whole = QVBoxLayout(self)
        whole.addWidget(self._pages, 1)
        whole.addLayout(row)

    def _fill(self) -> None:
        for id, title in self._offers.titles.items():
            self.language.addItem(title, id)
        for template in self._offers.templates:
            self.template.addItem(template.title, template)
        self.template.addItem("A file…", FROM_FILE)
        self.place.addItem("Your environments", self._offers.made_folder)
        if self._offers.project is not None:
            self.place.addItem(f"The project, {self._offers.project.name}", self._offers.project)
        self.place.addItem("Another folder…", None)
        self._rows["Language"].setVisible(len(self._offers.titles) > 1)
        self._field(self.language).setVisible(len(self._offers.titles) > 1)
        self.language.currentIndexChanged.connect(self._on_language)
        self.template.activated.connect(self._on_template_chosen)
        self.template.currentIndexChanged.connect(self._on_template)
        self.place.activated.connect(self._on_place_chosen)
        self.place.currentIndexChanged.connect(self._look)
        self.name.textEdited.connect(self._on_named)
        self.name.textChanged.connect(self._look)
        self._on_language()

    @staticmethod
    def _field(control: QWidget) -> QWidget:
        parent = control.parentWidget()
        assert parent is not None
        return parent

    def _fill_versions(self) -> None:
        language = str(self.language.currentData())
        self.version.clear()
        for offer in self._offers.versions.get(language, ()):
            origin = str(offer.program) if offer.program is not None else "will be fetched"
            self.version.addItem(f"{offer.version}   {origin}", offer)

    @Slot()
    def _on_language(self) -> None:
        self._fill_versions()
        self._on_template()

    @Slot()
    def _on_template_chosen(self) -> None:
        """The user chose: a file is asked for; who thinks better of it gets the first template."""
        if self.template.currentData() != FROM_FILE:
            return
        path, _ = QFileDialog.getOpenFileName(self, "Choose what to begin with", str(self._start_folder()), FILES)
        if path:
            self._source = Path(path)
            self._on_template()
        else:
            self.template.setCurrentIndex(0)

    @Slot()
    def _on_template(self) -> None:
        chosen = self.template.currentData()
        if chosen == FROM_FILE:
            named = str(self._source) if self._source is not None else "No file is chosen yet."
            self.help.setText(f"What {named} says" if self._source is not None else named)
            self.packages.clear()
            self._suggest(self._source.parent.name if self._source is not None else "environment")
        else:
            self.help.setText(chosen.help)
            self.packages.setText(" ".join(chosen.packages.get(str(self.language.currentData()), ())))
            self._suggest(chosen.title.lower().replace(" ", "-"))
        self._look()

    def _suggest(self, name: str) -> None:
        """A name for what is chosen, as long as the user has not given one."""
        if not self._is_named:
            self.name.setText(self._free_name(name))

    @Slot()
    def _on_named(self) -> None:
        self._is_named = True

    @Slot()
    def _on_place_chosen(self) -> None:
        if self.place.currentData() is not None:
            return
        folder = QFileDialog.getExistingDirectory(self, "Choose where the environment lies", str(self._start_folder()))
        if folder:
            self.place.insertItem(self.place.count() - 1, folder, Path(folder))
            self.place.setCurrentIndex(self.place.count() - 2)
        else:
            self.place.setCurrentIndex(0)

    def _start_folder(self) -> Path:
        return self._offers.project or Path.home()

    def _is_in_project(self) -> bool:
        return self._offers.project is not None and self.place.currentData() == self._offers.project

    def _place(self) -> Path:
        folder = self.place.currentData() or self._offers.made_folder
        return Path(folder) / (".venv" if self._is_in_project() else self.name.text())

    @Slot()
    def _look(self) -> None:
        """Say where it will lie, or why it cannot be made so."""
        in_project = self._is_in_project()
        self._rows["Name"].setEnabled(not in_project)
        self.name.setEnabled(not in_project)
        problem = "" if in_project else name_problem(self.name.text())
        problem = problem or place_problem(self._place())
        if self.template.currentData() == FROM_FILE and self._source is None:
            problem = problem or "Choose a file to begin with."
        self.where.setText(short(str(self._place())) if not problem else "")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.confirm.setEnabled(not problem)

    @Slot()
    def _on_create(self) -> None:
        self.confirm.setText("Create environment")
        self.asked.emit(self.wish())

    @Slot()
    def _on_back(self) -> None:
        self._pages.setCurrentIndex(0)
        self.back.hide()
        self.confirm.setText("Create environment")
        self.close_button.setText("Cancel")
        self._look()

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        for label in (self.help, self.where):
            label.setFont(self._theme.font("small"))
            label.setStyleSheet(f"color: {color('muted').name()};")
        self.problem.setStyleSheet(f"color: {color('error').name()};")
        self._form.setHorizontalSpacing(px(12))
        self._form.setVerticalSpacing(px(8))
        for control in (self.language, self.version, self.template, self.packages, self.place, self.name):
            control.setMinimumHeight(px(24))
        self._buttons.setSpacing(px(8))
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(px(16), px(16), px(16), px(16))
        layout.setSpacing(px(12))
        fit(self, px(WIDTH_PX))

"""The list behind the environment picker: environments under their languages, filtered, with their states in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ide.core.environment import RUNNING, Environment, Health
from ide.core.language import Language
from ide.core.policy import EnvironmentVerdict, Standing
from ide.core.record import dataclass
from ide.environments.extents import Extent
from ide.environments.listing import can_be_made_ready

KINDS = {
    "venv": "virtual environment",
    "conda": "conda",
    "uv": "kept by uv",
    "pyenv": "kept by pyenv",
    "install": "kept by a tool",
    "system": "shared by this machine",
    "r": "on this machine",
    "kernelspec": "Jupyter kernel",
    "program": "Fourpane’s own",
    RUNNING: "started by another program",
}
_MANAGERS = {"poetry": "Poetry", "hatch": "Hatch", "pipenv": "Pipenv", "rye": "Rye"}
_IN_PROJECT, _USUAL, _SHARED, _BROKEN = "in this project", "", "shared or kept as a base", "not working"
_RUNNING = "running already"
HEALTH = {
    Health.READY: ("check-circle", "done", "Ready"),
    Health.NEEDS_KERNEL: ("download-simple", "warning", "Needs a kernel"),
    Health.SILENT: ("warning", "warning", "Not answering"),
    Health.BROKEN: ("x-circle", "error", "Does not work"),
}
STANDING = {
    Standing.ALLOWED: ("shield-check", "done"),
    Standing.NEEDS_APPROVAL: ("shield-warning", "warning"),
    Standing.DENIED: ("prohibit", "error"),
}
THIN_SPACE = "\u2009"
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class LanguageLook:
    """Name, letters and colour of a language; of one without a plugin they are made from its word."""

    name: str
    letters: str
    role: str = "badge_other"

    @classmethod
    def of(cls, id: str, language: Language | None) -> LanguageLook:
        """From the plugin, else from the word in the kernelspec."""
        if language is not None:
            return cls(language.name, language.badge, language.badge_role)
        return cls(id.capitalize() or "Other", (id[:2] or "?").capitalize())


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading (no environment, `title` set) or an environment below it.

    `extent` is None until it was measured, `verdict` until a policy judged it.
    """

    look: LanguageLook
    environment: Environment | None = None
    is_current: bool = False
    title: str = ""
    extent: Extent | None = None
    verdict: EnvironmentVerdict | None = None

    @property
    def second_line(self) -> str:
        """Kind and place, or why it does not work."""
        one = self.environment
        if one is None:
            return ""
        if is_out_of_order(one) or not self.can_be_chosen:
            return one.reason
        place = str(one.interpreter) if one.interpreter else one.kernelspec
        return f"{kind_words(one)}  ·  {short(place)}"

    @property
    def about(self) -> str:
        """What to know before it is taken: what a policy says, why it is not the best choice, what is wrong with it."""
        one = self.environment
        if one is None:
            return ""
        parts = (self.verdict.about if self.verdict else "", one.reason, self.extent.problem if self.extent else "")
        return " ".join(part for part in parts if part)

    @property
    def can_be_chosen(self) -> bool:
        """Whether a click does something: start it, or make it ready first."""
        one = self.environment
        return one is not None and (one.health is Health.READY or can_be_made_ready(one))


def is_out_of_order(one: Environment) -> bool:
    """Whether no kernel can be started in it as it is."""
    return one.health in (Health.BROKEN, Health.SILENT)


def health_look(entry: Entry, one: Environment) -> tuple[str, str, str]:
    """Icon, role of the colour and word for the state of an environment."""
    if entry.extent is not None and entry.extent.problem and not is_out_of_order(one):
        return "warning", "warning", "Damaged records"
    return HEALTH[one.health]


def policy_words(entry: Entry) -> str:
    """ "Denied by policy"; "" where no policy says anything."""
    return f"{entry.verdict.standing.words} by policy" if entry.verdict is not None else ""


def mending(one: Environment) -> tuple[str, str]:
    """Command and title of what makes an environment that cannot run code able to; empty where nothing does.

    A virtual environment can be made anew on another base; a Python without ipykernel needs nothing but a click.
    """
    if is_out_of_order(one) and one.kind == "venv":
        return "environment.repair", "Repair"
    if one.health is Health.NEEDS_KERNEL and one.kind == "r":
        return "environment.install_kernel", "Install IRkernel"
    return "", ""


def kind_words(one: Environment) -> str:
    """What it is and what made it: "virtual environment, Poetry"."""
    if one.manager == "renv":
        return f"{KINDS['r']}, with this project’s renv"
    if one.manager in ("conda", "pixi"):
        return one.manager
    if one.kind == "install" and one.manager:
        return f"kept by {_MANAGERS.get(one.manager, one.manager)}"
    words = KINDS.get(one.kind, one.kind)
    return f"{words}, {_MANAGERS.get(one.manager, one.manager)}" if one.manager else words


def extent_words(extent: Extent | None) -> str:
    """ "134 packages, 1.2 GB"; empty where it was not measured yet."""
    if extent is None:
        return ""
    noun = "package" if extent.package_count == 1 else "packages"
    count = f"{extent.package_count:,}".replace(",", THIN_SPACE)
    return f"{count} {noun}, {_size_words(extent.size_bytes)}"


def _size_words(size_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= size:
            return f"{size_bytes / size:.{1 if size_bytes < 10 * size else 0}f} {unit}"
    return f"{round(size_bytes / 1000)} kB"


def short(place: str) -> str:
    """A path with the home folder as `~`."""
    home = str(Path.home())
    return f"~{place[len(home) :]}" if home != "/" and place.startswith(home) else place


def entries(
    environments: Sequence[Environment],
    looks: dict[str, LanguageLook],
    typed: str,
    current: str,
    extent_of: Callable[[Environment], Extent | None] = lambda _: None,
    verdict_of: Callable[[Environment], EnvironmentVerdict | None] = lambda _: None,
) -> tuple[Entry, ...]:
    """Headings and environments: languages in the order of their best environment, those out of order last."""
    words = typed.lower().split()
    fitting = [one for one in environments if _fits(one, looks[one.language], words)]
    languages = list(dict.fromkeys(one.language for one in fitting))
    sections = [(language, part) for language in languages for part in (_IN_PROJECT, _USUAL, _SHARED)]
    sections += [(language, _RUNNING) for language in languages]
    sections += [(language, _BROKEN) for language in languages]
    listed: list[Entry] = []
    for language, part in sections:
        here = [one for one in fitting if (one.language, _part_of(one)) == (language, part)]
        if here:
            look = looks[language]
            listed.append(Entry(look, title=f"{look.name}, {part}" if part else look.name))
            listed += [
                Entry(look, one, one.id == current, extent=extent_of(one), verdict=verdict_of(one)) for one in here
            ]
    return tuple(listed)


def _part_of(one: Environment) -> str:
    if is_out_of_order(one):
        return _BROKEN
    if one.kind == RUNNING:
        return _RUNNING
    if one.is_in_project and one.kind != "program":
        return _IN_PROJECT
    return _SHARED if one.kind in ("system", "uv", "program") else _USUAL


def _fits(one: Environment, look: LanguageLook, words: list[str]) -> bool:
    text = f"{look.name} {one.name} {one.version} {one.kind} {kind_words(one)} {one.implementation} {one.kernelspec}"
    return all(word in f"{text} {one.interpreter}".lower() for word in words)


class EntriesModel(QAbstractListModel):
    """Entries for the list and for screen readers. Headings cannot be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: tuple[Entry, ...]) -> None:
        """List these."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def entry(self, index: Index) -> Entry | None:
        """The entry at an index."""
        return self.entries[index.row()] if index.isValid() and index.row() < len(self.entries) else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt asks."""
        entry = self.entry(index)
        if entry is None or entry.environment is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks."""
        entry = self.entry(index)
        if entry is None:
            return None
        one = entry.environment
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title if one is None else one.name
        if role == Qt.ItemDataRole.ToolTipRole and one is not None:
            place = str(one.interpreter or one.kernelspec)
            language = f"{entry.look.name} {one.version}".strip()
            parts = (
                language, kind_words(one), place, extent_words(entry.extent), policy_words(entry), entry.about,
            )  # fmt: skip
            return "\n".join(part for part in parts if part)
        if role == Qt.ItemDataRole.AccessibleTextRole and one is not None:
            current = "current" if entry.is_current else ""
            words = (
                one.name,
                f"{entry.look.name} {one.version}".strip(),
                health_look(entry, one)[2],
                policy_words(entry),
                entry.second_line,
                extent_words(entry.extent),
                current,
            )
            return ", ".join(word for word in words if word)
        return None

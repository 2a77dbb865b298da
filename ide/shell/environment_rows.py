"""The list behind the environment picker: environments under their languages, filtered, with their states in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ide.core.environment import Environment, Health
from ide.core.language import Language
from ide.core.record import dataclass
from ide.environments.listing import can_be_made_ready

KINDS = {
    "venv": "virtual environment",
    "conda": "conda",
    "uv": "uv",
    "pyenv": "pyenv",
    "system": "on this machine",
    "r": "on this machine",
    "kernelspec": "Jupyter kernel",
    "program": "Fourpane’s own",
}
HEALTH = {
    Health.READY: ("check-circle", "done", "Ready"),
    Health.NEEDS_KERNEL: ("download-simple", "warning", "Needs a kernel"),
    Health.SILENT: ("warning", "warning", "Not answering"),
    Health.BROKEN: ("x-circle", "error", "Does not work"),
}
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
    """A heading (no environment) or an environment below it."""

    look: LanguageLook
    environment: Environment | None = None
    is_current: bool = False

    @property
    def second_line(self) -> str:
        """Kind and place, or why it does not work."""
        one = self.environment
        if one is None:
            return ""
        if one.health is Health.BROKEN or not self.can_be_chosen:
            return one.reason
        place = str(one.interpreter) if one.interpreter else one.kernelspec
        return f"{KINDS.get(one.kind, one.kind)}  ·  {short(place)}"

    @property
    def can_be_chosen(self) -> bool:
        """Whether a click does something: start it, or make it ready first."""
        one = self.environment
        return one is not None and (one.health is Health.READY or can_be_made_ready(one))


def short(place: str) -> str:
    """A path with the home folder as `~`."""
    home = str(Path.home())
    return f"~{place[len(home) :]}" if home != "/" and place.startswith(home) else place


def entries(
    environments: Sequence[Environment], looks: dict[str, LanguageLook], typed: str, current: str
) -> tuple[Entry, ...]:
    """Headings and environments, languages in the order of their best environment."""
    words = typed.lower().split()
    fitting = [one for one in environments if _fits(one, looks[one.language], words)]
    listed: list[Entry] = []
    for language in dict.fromkeys(one.language for one in fitting):
        listed.append(Entry(looks[language]))
        here = (one for one in fitting if one.language == language)
        listed += [Entry(looks[language], one, one.id == current) for one in here]
    return tuple(listed)


def _fits(one: Environment, look: LanguageLook, words: list[str]) -> bool:
    text = (
        f"{look.name} {one.name} {one.version} {one.kind} {KINDS.get(one.kind, '')} {one.kernelspec} {one.interpreter}"
    )
    return all(word in text.lower() for word in words)


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
            return entry.look.name if one is None else one.name
        if role == Qt.ItemDataRole.ToolTipRole and one is not None:
            parts = (f"{entry.look.name} {one.version}".strip(), str(one.interpreter or one.kernelspec), one.reason)
            return "\n".join(part for part in parts if part)
        if role == Qt.ItemDataRole.AccessibleTextRole and one is not None:
            current = "current" if entry.is_current else ""
            words = (
                one.name,
                f"{entry.look.name} {one.version}".strip(),
                HEALTH[one.health][2],
                entry.second_line,
                current,
            )
            return ", ".join(word for word in words if word)
        return None

"""What every widget of the console pane is given. Owns none of it."""

from __future__ import annotations

from ide.core.ports import After
from ide.core.record import dataclass
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Look:
    """What every widget of the pane needs."""

    theme: Theme
    icons: Icons
    settings: Settings
    after: After

"""What every widget of the console pane is given. Owns none of it."""

from __future__ import annotations

from collections.abc import Callable

from ide.core.hover import Helper
from ide.core.ports import After, RunInPool
from ide.core.record import dataclass
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class HoverServices:
    """Whom a console asks about a name, besides its session, and what the user wants: `helper_of` gives the static
    helper of a language, `is_shown` whether the mouse asks, `help_key` the key that opens a page."""

    helper_of: Callable[[str], Helper | None]
    is_shown: Callable[[], bool]
    help_key: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Look:
    """What every widget of the pane needs."""

    theme: Theme
    icons: Icons
    settings: Settings
    after: After
    run_in_pool: RunInPool

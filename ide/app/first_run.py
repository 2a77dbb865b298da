"""The first start on a machine without any Python or R of the user's: one card over the console.

The program's own Python runs meanwhile, so that there is a prompt; it holds no packages of the user's
(`docs/decisions/2026-11-27-own-python-is-a-stopgap.md`). Owns the card. UI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.environments.environments import Environments
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.setup_card import SetupCard
from ide.widgets.pane_frame import PaneFrame

TITLE = "No Python or R of yours was found on this machine."
WORDS = (
    "Code runs on Fourpane’s own Python for now, which holds no packages for data. Set up one of your own: "
    "it gets a folder for itself, needs no rights, and can be deleted without a trace."
)
BROWSE, KEEP = "browse", "keep"


class FirstRun:
    """Shows the card once a look round the machine found nothing, and takes it away once there is something."""

    def __init__(
        self,
        environments: Environments,
        commands: Commands,
        frame: PaneFrame,
        theme: Theme,
        icons: Icons,
        *,
        language_name: Callable[[str], str],
        choose_own: Callable[[Environment], None],
    ) -> None:
        """`frame` is the console's. `choose_own` remembers that the user is content with the program's own Python."""
        self._environments = environments
        self._commands = commands
        self._frame = frame
        self._theme = theme
        self._icons = icons
        self._language_name = language_name
        self._choose_own = choose_own
        self.card: SetupCard | None = None
        """The card, while it is shown."""
        environments.changed.connect(self._on_changed)

    def close(self) -> None:
        """Follow no more."""
        self._environments.changed.disconnect(self._on_changed)

    def _on_changed(self) -> None:
        if self._environments.is_refreshing:
            return
        if not self._environments.is_empty:
            self._put_away()
        elif self.card is None:
            self._show()

    def _show(self) -> None:
        from ide.environments.making.wish import languages, templates

        ways = []
        for language in languages():
            size = templates()[0].download_mb.get(language.id, 0)
            told = f" (about {size}\N{NO-BREAK SPACE}MB of packages)" if size else ""
            ways.append((language.id, f"Set up {self._language_name(language.id)}{told}"))
        ways += [(BROWSE, "I have one…"), (KEEP, "Not now")]
        self.card = SetupCard(TITLE, WORDS, ways, self._theme, self._icons)
        self.card.chosen.connect(self._on_chosen)
        self._frame.add_bar(self.card)

    def _put_away(self) -> None:
        if self.card is not None:
            self.card.hide()
            self.card.deleteLater()
            self.card = None

    def _on_chosen(self, key: str) -> None:
        if key == BROWSE:
            self._commands.run("session.choose_environment")
        elif key == KEEP:
            self._put_away()
            self._choose_own(self._environments.own())
        else:
            self._commands.run("environment.set_up", language=key)

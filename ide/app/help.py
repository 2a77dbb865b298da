"""Makes the Help pane and ties it to sessions, editor and console; owns the search helpers of the languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ide.commands.keys import SCOPES, KeyMaps
from ide.commands.registry import Commands
from ide.core.language import Language
from ide.core.ports import After, Post, RunInPool
from ide.kernels.active import ActiveSession
from ide.panes.editor.analysis import Analysis
from ide.panes.editor.completion import Question
from ide.panes.help.model import Sources
from ide.panes.help.pane import Asked, HelpPane, HelpServices
from ide.panes.help.render import Facts, KeyLine
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.commands import PANE
from ide.shell.keys_model import PLACES, key_rows, native
from ide.widgets.pane_frame import PaneFrame

if TYPE_CHECKING:
    from ide.app.sessions import SessionRouter
    from ide.kernels.kernels import Kernels
    from ide.kernels.session import Session
    from ide.panes.console.hover import Pointed
    from ide.panes.console.page import ConsolePage
    from ide.panes.console.pane import ConsolePane
    from ide.panes.editor.pane import EditorPane


class Help:
    """UI thread. `selected` is the path of the value that is selected in Variables, empty for none."""

    def __init__(
        self,
        kernels: Kernels,
        active: ActiveSession,
        router: SessionRouter,
        editor: EditorPane,
        console: ConsolePane,
        selected: Callable[[], tuple[str, ...]],
        language_of: Callable[[str], Language | None],
        interpreter_of: Callable[[str], str],
        commands: Commands,
        actions: Actions,
        keymaps: KeyMaps,
        theme: Theme,
        icons: Icons,
        post: Post,
        after: After,
        run_in_pool: RunInPool,
        reveal: Callable[[], None],
        frame: PaneFrame,
    ) -> None:
        self._kernels = kernels
        self._active = active
        self._router = router
        self._editor = editor
        self._console = console
        self._selected = selected
        self._language_of = language_of
        self._commands = commands
        self._keymaps = keymaps
        self._post = post
        self._after = after
        self._helpers: dict[str, Analysis | None] = {}
        sources = Sources(
            self._languages, router.session_of, editor.checks.helper_of, self._search_helper_of, interpreter_of
        )
        services = HelpServices(
            sources, self._facts_of, self._asked, reveal, router.run_code, self._keys, after, run_in_pool
        )
        self.pane = HelpPane(services, commands, actions, theme, icons, frame=frame)
        kernels.session_added.connect(self.pane.follow)
        kernels.session_removed.connect(self.pane.unfollow)
        for session in kernels.sessions:
            self.pane.follow(session)
        active.changed.connect(self.pane.renew)
        editor.help_wanted.connect(self._show_question)
        console.help_wanted.connect(self._show_pointed)
        console.helper_of = editor.checks.helper_of

    def close(self) -> None:
        """End the helpers, and hear of no session any more."""
        self._kernels.session_added.disconnect(self.pane.follow)
        self._kernels.session_removed.disconnect(self.pane.unfollow)
        for session in self._kernels.sessions:
            self.pane.unfollow(session)
        self._active.changed.disconnect(self.pane.renew)
        self._editor.help_wanted.disconnect(self._show_question)
        self._console.help_wanted.disconnect(self._show_pointed)
        for helper in self._helpers.values():
            if helper is not None:
                helper.close()
        self._helpers.clear()

    # --- for the pane

    def _languages(self) -> Sequence[str]:
        """Of living sessions with help of ours, the one in use first."""
        sessions: list[Session] = [session for session in (self._active.session,) if session is not None]
        sessions += self._kernels.sessions
        found = dict.fromkeys(session.language for session in sessions if session.state != "dead")
        return [language for language in found if self._language_of(language) is not None]

    def _facts_of(self, language: str) -> Facts | None:
        found = self._language_of(language)
        return Facts(found.id, found.name, found.lexer) if found is not None else None

    def _search_helper_of(self, language: str) -> Analysis | None:
        if language not in self._helpers:
            found = self._language_of(language)
            spec = found.search_helper() if found is not None else None
            self._helpers[language] = Analysis(spec, self._post, self._after) if spec is not None else None
        return self._helpers[language]

    def _keys(self) -> tuple[str, Mapping[str, Sequence[KeyLine]]]:
        """The commands that have keys, by the place where these hold."""
        rows = [row for row in key_rows(self._commands, self._keymaps) if row.keys]
        scopes = {
            PLACES.get(scope, scope): tuple(
                KeyLine(row.title, ", ".join(native(key) for key in row.keys)) for row in rows if row.scope == scope
            )
            for scope in SCOPES
        }
        keymaps = self._keymaps
        title = keymaps.names().get(keymaps.current, keymaps.current)
        return title, {place: lines for place, lines in scopes.items() if lines}

    def _asked(self) -> Asked | None:
        """The name that a card is shown for, else that at the caret of the pane with the keyboard."""
        if (hovered := self._asked_by_mouse()) is not None:
            return hovered
        asks = {
            "editor": self._asked_in_editor,
            "console": self._asked_in_console,
            "variables": self._asked_in_variables,
        }
        ask = asks.get(str(self._commands.context.get(PANE) or ""))
        return ask() if ask is not None else None

    def _asked_by_mouse(self) -> Asked | None:
        for page in self._editor.desk.pages:
            if (question := page.assist.hovered) is not None:
                page.assist.close_popups()
                return _asked_about(question)
        console = self._console.page
        hover = console.hover if console is not None else None
        pointed = hover.pointed if hover is not None else None
        if console is None or hover is None or pointed is None:
            return None
        hover.dismiss()
        return _asked_at(console, pointed.code, pointed.offset)

    def _show_question(self, question: Question) -> None:
        if (asked := _asked_about(question)) is not None:
            self.pane.show_asked(asked)

    def _show_pointed(self, page: ConsolePage, pointed: Pointed) -> None:
        if (asked := _asked_at(page, pointed.code, pointed.offset)) is not None:
            self.pane.show_asked(asked)

    def _asked_in_editor(self) -> Asked | None:
        page = self._editor.desk.page
        question = page.assist.question() if page is not None else None
        return _asked_about(question) if question is not None else None

    def _asked_in_console(self) -> Asked | None:
        page = self._console.page
        if page is None or page.view is None:
            return None
        return _asked_at(page, page.view.input_code, page.view.caret_offset())

    def _asked_in_variables(self) -> Asked | None:
        path, session = self._selected(), self._active.session
        if len(path) != 1 or session is None:
            return None
        return Asked(session.language, path[0], path[0], len(path[0]), {})


def _asked_about(question: Question) -> Asked | None:
    code, offset, _ = question.live_code()
    name = name_around(question.lines[question.place.line], question.place.column)
    params, _, _ = question.helper_params()
    return Asked(question.language, name, code, offset, params) if name else None


def _asked_at(page: ConsolePage, code: str, offset: int) -> Asked | None:
    """The name in code of a console."""
    name = name_around(code, offset)
    line = code.count("\n", 0, offset)
    column = offset - (code.rfind("\n", 0, offset) + 1)
    interpreter = str(page.session.launch.environment.interpreter or "")
    params = {"path": "", "text": code, "line": line, "column": column, "interpreter": interpreter}
    return Asked(page.session.language, name, code, offset, params) if name else None


def name_around(text: str, offset: int) -> str:
    """The characters of a name around a place, as they are shown; empty where there are none."""
    first = end = offset
    while first > 0 and _is_of_name(text[first - 1]):
        first -= 1
    while end < len(text) and _is_of_name(text[end]):
        end += 1
    return text[first:end].strip(".:")


def _is_of_name(character: str) -> bool:
    return character.isalnum() or character in "_.:%"

"""What the user does to variables from the list: asks the kernel for it and tells what came of it.

Owns which acts can be taken back. What they do, and how long the kernel keeps what was there before, is the agent's
business. Knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from ide.core.errors import CommandError, ContractError
from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.core.text import with_unseen_shown
from ide.kernels.contract import CellDetail, ObjectInfo, VariableAct, VariableCode
from ide.kernels.records import Answer
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

LIMIT_S: Final = 60.0
FILES_LIMIT_S: Final = 600.0
LISTED_WITHIN_S: Final = 0.3
"""An agent that tells of changes by itself has done so by then; others are asked."""
MOST_KEPT: Final = 10
MOST_TYPED: Final = 10_000
"""Characters of code that are offered in a line to edit."""
_REFUSALS: Final = {
    "timeout": "The kernel did not answer in time. Look whether it was done: list the variables again.",
    "gone": "The session has ended.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an act. `code` does the same in a script; `can_undo` tells that it can be taken back now.

    `offer` is the title of a button for `act`, which does what was left out.
    """

    text: str
    code: str = ""
    can_undo: bool = False
    is_problem: bool = False
    offer: str = ""
    act: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    session: str
    token: str
    text: str


class Acts:
    """UI thread. `tell` is called with what came of each act; `done` of a call with whether it was done."""

    def __init__(self, tell: Callable[[Told], None]) -> None:
        self._tell = tell
        self._session: Session | None = None
        self._done: list[_Done] = []
        self._looking: Cancel | None = None

    def use(self, session: Session | None) -> None:
        """Act on another session."""
        self.close()
        self._session = session

    def close(self) -> None:
        """Wait for nothing more. What was asked for is done nevertheless."""
        if self._looking is not None:
            cancel, self._looking = self._looking, None
            cancel()

    @property
    def can_undo(self) -> bool:
        """Whether something done in this session can be taken back, as far as is known here."""
        return any(done.session == self._id for done in self._done)

    def remove(self, names: Sequence[str]) -> None:
        """Remove names."""
        self._act("variables.remove", {"names": list(names)}, f"Removed {_listed(names)}")

    def rename(self, name: str, to: str, done: Callable[[bool], None]) -> None:
        """Give a variable another name."""
        self._act("variables.rename", {"name": name, "to": to}, f"{_shown(name)} is called {_shown(to)} now", done)

    def duplicate(self, name: str) -> None:
        """Copy a variable under the first free name."""
        session = self._ready()
        to = f"{name}_copy"
        number = 2
        while to in session.names.variables:
            to, number = f"{name}_copy{number}", number + 1
        self._act("variables.duplicate", {"name": name, "to": to}, f"Copied {_shown(name)} to {_shown(to)}")

    def literal(self, path: Sequence[str], label: str, got: Callable[[str], None]) -> None:
        """Call `got` with code for a value; where there is none that fits into a line, say so instead."""

        def answered(answer: Answer) -> None:
            detail = _read(CellDetail.from_json, answer)
            text = detail.text if detail is not None else ""
            if detail is None:
                self._tell(Told(_refusal(answer), is_problem=True))
            elif not text or detail.is_cut or len(text) > MOST_TYPED:
                why = "is too long to be typed in a line" if text else "cannot be written as code"
                self._tell(
                    Told(
                        f"{_shown(label)} {why}, so it cannot be edited here. Change it in the console.",
                        "",
                        False,
                        True,
                    )
                )
            else:
                got(text.replace("\n", " "))

        self._ready().ask("variables.literal", {"path": list(path)}, answered, LIMIT_S)

    def edit(self, path: Sequence[str], code: str, label: str, done: Callable[[bool], None]) -> None:
        """Put the value of an expression at a path."""
        self._act("variables.edit", {"path": list(path), "code": code}, f"Changed {_shown(label)}", done)

    def undo(self) -> None:
        """Take back what was done last in this session."""
        last = next((done for done in reversed(self._done) if done.session == self._id), None)
        if last is None:
            raise CommandError("There is nothing to undo in the list of variables.")
        self._ready()
        self._done.remove(last)
        self._act("variables.undo", {"undo": last.token}, f"Taken back: {last.text[:1].lower()}{last.text[1:]}")

    def info(self, path: Sequence[str], got: Callable[[str, ObjectInfo], None]) -> None:
        """Call `got` with the session's id and what is known of the object at a path."""
        session = self._ready()

        def answered(answer: Answer) -> None:
            info = _read(ObjectInfo.from_json, answer)
            if info is None:
                self._tell(Told(_refusal(answer), is_problem=True))
            else:
                got(session.id, info)

        session.ask("object.info", {"path": list(path)}, answered, LIMIT_S)

    def save(self, names: Sequence[str], folder: str, *, allows_pickle: bool = False) -> None:
        """Save variables into a new folder. What only a pickle can hold is left out, and offered to be saved too."""
        session = self._ready()

        def answered(answer: Answer) -> None:
            act = _read(VariableAct.from_json, answer)
            if act is None:
                self._tell(Told(_refusal(answer), is_problem=True))
                return
            left = act.left_out
            inner = f"{folder}/others" if act.names else folder
            told = f"Saved {_listed(act.names)} in {with_unseen_shown(folder)}. " if act.names else ""
            self._tell(
                Told(
                    f"{told}{act.note}".strip(),
                    act.code,
                    is_problem=not act.names,
                    offer="Save them too" if left else "",
                    act=(lambda: self.save(left, inner, allows_pickle=True)) if left else None,
                )
            )

        params = {"names": list(names), "folder": folder, "allows_pickle": allows_pickle}
        session.ask("variables.save", params, answered, FILES_LIMIT_S)

    def load(self, path: str, *, allows_pickle: bool = False) -> None:
        """Load what was saved, or one file."""
        params = {"path": path, "allows_pickle": allows_pickle}
        self._act("variables.load", params, lambda act: f"Loaded {_listed(act.names)}", limit_s=FILES_LIMIT_S)

    def draw(self, code: str, known: VariableCode) -> None:
        """Run code that draws, as if it had been typed; where a package is missing, say so and offer to install it."""
        session = self._ready()
        if not known.needs:
            session.execute(code)
            return
        text = f"Drawing needs {known.needs}, which this environment does not have."
        if not known.install:
            raise CommandError(
                text,
                "It cannot be installed from here, as there is no pip either.",
                action="session.choose_environment",
                action_title="Choose environment",
            )
        self._tell(Told(text, is_problem=True, offer=f"Install {known.needs}", act=partial(self._run, known.install)))

    def share(self, code: str, name: str) -> None:
        """Show code that parts a frame over workers; it runs when the user says so."""
        self._ready()
        text = f"{_shown(name)} as a data frame of Dask. Nothing has run yet."
        self._tell(Told(text, code, offer="Run in console", act=partial(self._run, code)))

    def _run(self, code: str) -> None:
        self._ready().execute(code)

    @property
    def _id(self) -> str:
        return self._session.id if self._session is not None else ""

    def _ready(self) -> Session:
        session = self._session
        if session is None or not session.has_agent:
            raise CommandError("This session can't change its variables from here.", "", "Change them in the console.")
        if session.state != "idle":
            raise CommandError(
                "The session is busy.", "Variables can be changed between runs.", "Wait for its end, or interrupt it."
            )
        return session

    def _act(
        self,
        method: str,
        params: dict[str, Any],
        words: str | Callable[[VariableAct], str],
        done: Callable[[bool], None] | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        session = self._ready()
        names = session.names

        def answered(answer: Answer) -> None:
            act = _read(VariableAct.from_json, answer)
            if act is None:
                self._tell(Told(_refusal(answer), is_problem=True))
            else:
                text = words if isinstance(words, str) else words(act)
                if act.undo:
                    self._done = [*self._done, _Done(session.id, act.undo, text)][-MOST_KEPT:]
                said = f"{text}." if not act.note else f"{text}. {act.note}"
                self._tell(Told(said, act.code, bool(act.undo)))
                self._see_listed(session, names)
            if done is not None:
                done(act is not None)

        session.ask(method, params, answered, limit_s)

    def _see_listed(self, session: Session, before: object) -> None:
        """Have the names listed where the agent does not tell of the change by itself."""

        def look() -> None:
            self._looking = None
            if session.names is before:
                session.update_names()

        self.close()
        self._looking = session.after(LISTED_WITHIN_S, look)


def _read(read: Callable[[object], Any], answer: Answer) -> Any:
    if answer.result is None:
        return None
    try:
        return read(answer.result)
    except ContractError as error:
        logger.info("an answer about variables was refused: %s", error.text)
        return None


def _refusal(answer: Answer) -> str:
    """Why it was not done, in one sentence."""
    if answer.result is not None or answer.code in ("failed", "unknown_method", "bad_params"):
        return "It could not be done: the kernel's answer was not understood."
    return _REFUSALS.get(answer.code, answer.error)


def _shown(name: str) -> str:
    return with_unseen_shown(name)


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{len(names)} variables"
    return ", ".join(map(_shown, names))

"""What Variables and Plots look at beyond FakeSession: an agent, names that change, and a list of sessions."""

from __future__ import annotations

from typing import cast

from ide.core.events import Signal
from ide.core.outputs import Output
from ide.core.runs import Run
from ide.core.variables import Kind, Variable, VariablesChange
from ide.kernels.session import Session
from tests.fakes.session import FakeSession


class PaneSession(FakeSession):
    """The test says which names there are and what a run puts out."""

    has_agent = True

    def refresh_names(self) -> None:
        """Noted."""
        self.asked.append(("refresh_names", ()))

    def update_names(self) -> None:
        """Noted."""
        self.asked.append(("update_names", ()))

    def change(
        self,
        *added: Variable,
        changed: tuple[Variable, ...] = (),
        removed: tuple[str, ...] = (),
        is_full: bool = False,
        total: int = 0,
    ) -> None:
        """What a run did to the names."""
        change = VariablesChange(added, changed, removed, is_full, total or len(self.names.variables) + len(added))
        self.names = self.names.after(change)
        self.names_changed.emit(change)

    def put_out(self, *outputs: Output, run: Run | None = None) -> None:
        """One batch of a run's outputs."""
        self.output_arrived.emit(run or Run("r1", self.id, "plot()"), outputs)

    @property
    def as_session(self) -> Session:
        """For what wants the real type."""
        return cast(Session, self)


class FakeKernels:
    """The list of sessions."""

    session_added = Signal(object)
    session_removed = Signal(object)

    def __init__(self) -> None:
        self.sessions: tuple[PaneSession, ...] = ()

    def add(self, session: PaneSession) -> PaneSession:
        """A session starts."""
        self.sessions = (*self.sessions, session)
        self.session_added.emit(session)
        return session

    def remove(self, session: PaneSession) -> None:
        """A session is gone."""
        self.sessions = tuple(each for each in self.sessions if each is not session)
        self.session_removed.emit(session)


def variable(
    name: str, kind: Kind = "value", type_name: str = "int", preview: str = "", shape: tuple[int, ...] = ()
) -> Variable:
    """A name, an int unless said otherwise."""
    return Variable(name, type_name, kind, shape, preview)

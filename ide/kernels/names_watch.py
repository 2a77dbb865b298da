"""Keeps a session's names and working folder as its agent tells them: by pushes, or by asking after each run.

UI thread. Owns the agent of one session, through all restarts of its kernel; owns no state of runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ide.core.errors import ContractError
from ide.core.language import AgentSource
from ide.core.ports import After, Cancel
from ide.core.variables import Names, VariablesChange
from ide.kernels.records import Answer
from ide.kernels.wire import Message

if TYPE_CHECKING:
    from ide.core.table import OnProgress
    from ide.kernels.agent import AgentTalk, Send, SendToDoor
    from ide.kernels.contract import Hello

logger = logging.getLogger(__name__)

FOLDER_LIMIT_S = 5.0
SYNC_LIMIT_S = 20.0


class Told(Protocol):
    """Whom the watch tells."""

    def names_are(self, names: Names, change: VariablesChange) -> None:
        """The names after a change."""

    def folder_is(self, folder: Path) -> None:
        """The working folder, new or the same."""

    def agent_said(self, event: str, params: dict[str, Any]) -> None:
        """A notification that is not about names."""

    def agent_is_ready(self) -> None:
        """The agent has said hello, or answers from now on while code runs too."""


class NamesWatch:
    """Asks only while the kernel is idle, so that nothing of ours waits in front of the user's code."""

    def __init__(
        self,
        source: AgentSource | None,
        send: Send,
        send_to_door: SendToDoor,
        after: After,
        is_idle: Callable[[], bool],
        told: Told,
    ) -> None:
        self._source = source
        self._send = send
        self._send_to_door = send_to_door
        self._after = after
        self._is_idle = is_idle
        self._told = told
        self._agent: AgentTalk | None = None
        self._is_due = False
        self._is_full_due = False
        self._is_sync_due = False
        self._is_asking = False
        self._is_new_run = False
        self.names = Names()

    @property
    def is_ready(self) -> bool:
        """Whether the agent has said hello."""
        return self._agent is not None and self._agent.is_ready

    @property
    def is_answering(self) -> bool:
        """Whether the agent answers now whatever the main thread does."""
        return self._agent is not None and self._agent.is_answering

    @property
    def is_behind(self) -> bool:
        """Whether names of what has run are still on their way. Without an agent, or after its failure, never."""
        if self._source is None or (self._agent is not None and self._agent.is_closed):
            return False
        return not self.is_ready or self._is_asking or self._is_due

    def begin(self, *, is_loaded: bool) -> None:
        """A kernel is there: send the agent in, or only open its comm where an earlier window has done so."""
        if self._source is not None:
            # Not before the first kernel is there: the contract's records take long to make.
            from ide.kernels.agent import AgentTalk

            self._agent = AgentTalk(
                self._source,
                self._send,
                self._send_to_door,
                self._after,
                self._is_idle,
                self._on_ready,
                self._told.agent_is_ready,
            )
            self._agent.begin(is_loaded=is_loaded)

    def leave(self) -> None:
        """The kernel has gone, and its names with it."""
        self.close()
        self._agent = None
        self._is_due = self._is_full_due = self._is_sync_due = self._is_asking = False
        if self.names.variables:
            self._change(VariablesChange(is_full=True))

    def close(self) -> None:
        """Every open question gets an answer."""
        if self._agent is not None:
            self._agent.close()

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Ask the agent; without one the answer is "gone"."""
        if self._agent is None:
            return self._after(0.0, lambda: done(Answer(None, error="gone", code="gone")))
        return self._agent.ask(method, params, done, timeout_s, progress)

    def run_began(self) -> None:
        """What is told from now on is of this run: what the run before changed is marked no longer."""
        self._is_new_run = True

    def run_ended(self) -> None:
        """Names may have changed."""
        self._is_due = True
        self.look()

    def update(self) -> None:
        """Names may have changed without a run: ask what is different, once idle, also who tells by itself."""
        self._is_due = self._is_sync_due = True
        self.look()

    def refresh(self) -> None:
        """List all names anew."""
        self._is_due = self._is_full_due = True
        self.look()

    def look(self) -> None:
        """Ask for what is due, if now is a time for it. Called whenever the kernel becomes idle."""
        agent = self._agent
        if agent is not None and agent.is_ready and self._is_idle():
            agent.release()
        if agent is None or not agent.is_ready or self._is_asking or not self._is_due or not self._is_idle():
            return
        is_full, is_sync = self._is_full_due, self._is_sync_due
        self._is_due = self._is_full_due = self._is_sync_due = False
        agent.ask("folder.get", {}, self._on_folder, FOLDER_LIMIT_S)
        if is_full or is_sync or not agent.pushes:
            self._is_asking = True
            agent.ask("variables.sync", {"full": is_full}, self._on_synced, SYNC_LIMIT_S)

    def take_comm(self, message: Message) -> None:
        """A message on our comm."""
        self._tell(self._agent.on_comm(message) if self._agent is not None else None)

    def take_door(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> None:
        """A message of the agent's own socket."""
        self._tell(self._agent.on_door(data, buffers) if self._agent is not None else None)

    def _tell(self, event: tuple[str, dict[str, Any]] | None) -> None:
        if event is None:
            return
        name, params = event
        if name == "variables.changed":
            self._take(params)
        else:
            self._told.agent_said(name, params)

    def take_reply(self, message: Message) -> None:
        """What the kernel says about a message of ours."""
        if self._agent is None:
            return
        if message.channel == "shell":
            self._agent.on_reply(message)
        elif message.type == "status" and message.content.get("execution_state") == "idle":
            self._agent.on_idle(message.parent_id)

    def _on_ready(self, hello: Hello) -> None:
        if hello.folder:
            self._told.folder_is(Path(hello.folder))
        self.refresh()
        self._told.agent_is_ready()

    def _on_synced(self, answer: Answer) -> None:
        self._is_asking = False
        if answer.result is not None:
            self._take(answer.result)
            # A part at a time, so that what the user runs next waits for no more than one part.
            self._is_due = self._is_due or answer.result.get("is_partial") is True
        self.look()

    def _on_folder(self, answer: Answer) -> None:
        path = answer.result.get("path") if answer.result else None
        if isinstance(path, str) and path:
            self._told.folder_is(Path(path))

    def _take(self, params: dict[str, Any]) -> None:
        from ide.kernels.agent import change_from

        try:
            change = change_from(params)
        except ContractError as error:
            logger.info("a list of variables was refused: %s", error.text)
            return
        if change.is_full or change.added or change.changed or change.removed or change.total != self.names.total:
            self._change(change)

    def _change(self, change: VariablesChange) -> None:
        self.names = self.names.after(change, is_new_run=self._is_new_run)
        self._is_new_run = False
        self._told.names_are(self.names, change)

"""Clusters that are up on the user's targets, whoever started them, looked at every few seconds while there are any.

`Clusters` lives on the UI thread and emits there; targets are asked in threads of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ide.core.deploy import ClusterLink, ClusterState
from ide.core.errors import FourpaneError
from ide.core.events import Signal
from ide.core.ports import After, Cancel, Post
from ide.core.target import Target

POLL_S: Final = 5.0


class Clusters:
    """`all` is what was up when it was looked at last, target by target; `troubles` are targets that do not answer."""

    changed = Signal()

    def __init__(
        self,
        post: Post,
        after: After,
        open_target: Callable[[str], Target],
        wanted: Callable[[], Iterable[str]],
        *,
        poll_s: float = POLL_S,
    ) -> None:
        """`wanted` names the targets to be looked at besides those where something is up: where jobs run."""
        self.troubles: dict[str, str] = {}
        self._found: dict[str, tuple[ClusterState, ...]] = {}
        self._post = post
        self._after = after
        self._open_target = open_target
        self._wanted = wanted
        self._poll_s = poll_s
        self._asked: set[str] = set()
        self._timer: Cancel | None = None
        self._is_closed = False

    @property
    def all(self) -> tuple[ClusterState, ...]:
        """What is up."""
        return tuple(one for found in self._found.values() for one in found)

    def look(self, targets: Iterable[str] = ()) -> None:
        """Ask now: these targets, those that are wanted, and those where something was up. Returns at once."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        if self._is_closed:
            return
        due = {*targets, *self._wanted(), *(id for id, found in self._found.items() if found)}
        for id in due - self._asked:
            self._asked.add(id)
            threading.Thread(target=self._ask, args=(id,), name=f"clusters of {id}", daemon=True).start()
        if due:
            self._timer = self._after(self._poll_s, self._on_timer)

    def end(self, cluster: ClusterState, failed: Callable[[FourpaneError], None]) -> None:
        """End one with all that runs on it; `failed` hears on the UI thread where it can't be."""
        self._do(cluster.target, lambda target: target.end_cluster(cluster.id), failed)

    def start(
        self, target: str, options: Mapping[str, object], started: Callable[[str, ClusterLink], None],
        failed: Callable[[FourpaneError], None],
    ) -> None:  # fmt: skip
        """Start one for a console; `started` hears its id, and with what to connect, on the UI thread."""

        def work(opened: Target) -> None:
            id = opened.start_cluster(options)
            try:
                link = opened.link(id)
            except FourpaneError:
                opened.end_cluster(id)  # nobody would know of it
                raise
            self._post(lambda: started(id, link))

        self._do(target, work, failed)

    def link(
        self, cluster: ClusterState, told: Callable[[ClusterLink], None], failed: Callable[[FourpaneError], None]
    ) -> None:
        """With what a console connects; `told` hears it on the UI thread."""

        def work(opened: Target) -> None:
            link = opened.link(cluster.id)
            self._post(lambda: told(link))

        self._do(cluster.target, work, failed)

    def adapt(self, cluster: ClusterState, minimum: int, maximum: int, failed: Callable[[FourpaneError], None]) -> None:
        """Let it have as many workers as there is work for."""
        self._do(cluster.target, lambda target: target.adapt(cluster.id, minimum, maximum), failed)

    def scale(self, cluster: ClusterState, workers: int, failed: Callable[[FourpaneError], None]) -> None:
        """Ask for so many workers."""
        self._do(cluster.target, lambda target: target.scale(cluster.id, workers), failed)

    def close(self) -> None:
        """Ask nothing any more; clusters go on."""
        self._is_closed = True
        if self._timer is not None:
            self._timer()
            self._timer = None

    def _on_timer(self) -> None:
        self._timer = None
        self.look()

    def _ask(self, id: str) -> None:
        found: tuple[ClusterState, ...] = ()
        trouble = ""
        try:
            found = tuple(self._open_target(id).clusters())
        except FourpaneError as error:
            trouble = error.text
        self._post(lambda: self._heard(id, found, trouble))

    def _heard(self, id: str, found: tuple[ClusterState, ...], trouble: str) -> None:
        self._asked.discard(id)
        if self._is_closed:
            return
        before = (self._found.get(id, ()), self.troubles.get(id, ""))
        if trouble:
            # What was up may be up still, and cost: it stays in the list until somebody says otherwise.
            self.troubles[id] = trouble
        else:
            self.troubles.pop(id, None)
            self._found[id] = found
        if before != (self._found.get(id, ()), trouble):
            self.changed.emit()

    def _do(self, id: str, act: Callable[[Target], None], failed: Callable[[FourpaneError], None]) -> None:
        def work() -> None:
            try:
                act(self._open_target(id))
            except FourpaneError as error:
                told = error  # the name ends with the block
                self._post(lambda: failed(told))
            self._post(lambda: self.look((id,)))

        threading.Thread(target=work, name=f"cluster of {id}", daemon=True).start()

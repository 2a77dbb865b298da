"""The way from the window, or the command line, to targets: the cluster process, made ready and started at need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ide.core.deploy import TargetSpec
from ide.core.ports import Work
from ide.core.target import Target

if TYPE_CHECKING:
    from ide.app.start import Started
    from ide.deploy.cluster.client import ClusterProcess
    from ide.deploy.targets import KindFacts

MakePython = Callable[[Work], Path]
"""The interpreter that has cluster libraries, made where it is missing. Blocks. Raises FourpaneError."""


class ClusterDoor:
    """A `Door` (`ide.deploy.targets`). Nothing is imported or started before the first target is opened."""

    def __init__(self, started: Started, make_python: MakePython | None = None) -> None:
        self._started = started
        self._make_python = make_python or self._side_python
        self._making = threading.Lock()
        self._opening = threading.Lock()
        self._process: ClusterProcess | None = None
        self._is_closed = False

    def kinds(self) -> Sequence[KindFacts]:
        """As `Door.kinds`."""
        from ide.deploy.targets import KindFacts

        return tuple(
            KindFacts(one.id, one.name, one.about, one.fields, one.console_packages)
            for one in self._started.extensions.targets()
        )

    def prepare(self, work: Work) -> None:
        """As `Door.prepare`."""
        with self._making:
            self._make_python(work)

    def open(self, spec: TargetSpec, secrets: Mapping[str, str]) -> Target:
        """As `Door.open`."""
        from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds

        with self._opening:
            if self._process is None:
                extensions = self._started.extensions
                kinds = Kinds({one.id: one.load for one in extensions.targets()}, extensions.folders)
                folder = self._started.paths.state_folder / "targets"
                self._process = ClusterProcess(self._python, kinds, folder, self._variables())
                if self._is_closed:
                    self._process.close()
            return ClusterTarget(self._process, spec, secrets)

    def close(self) -> None:
        """As `Door.close`."""
        self._is_closed = True
        if self._process is not None:
            self._process.close()

    def _python(self) -> Path:
        with self._making:
            return self._make_python(_Unseen(lambda: self._is_closed))

    def _variables(self) -> dict[str, str]:
        """With which jobs on this computer make their environments as the program makes its own."""
        from ide.environments.network import network_of
        from ide.environments.uv import uv_command

        uv = uv_command()
        return {**network_of(self._started.settings).variables(), **({"FOURPANE_UV": uv[0]} if len(uv) == 1 else {})}

    def _side_python(self, work: Work) -> Path:
        from ide.environments.making.cluster_side import SideEnvironment
        from ide.environments.network import network_of
        from ide.environments.uv import Uv

        folder = self._started.paths.side_folder
        return SideEnvironment(folder / "clusters", Uv(folder, network_of(self._started.settings))).ensure(work)


class _Unseen:
    """Work that nobody sees; it ends early with the program."""

    def __init__(self, is_closed: Callable[[], bool]) -> None:
        self._is_closed = is_closed

    @property
    def is_cancelled(self) -> bool:
        return self._is_closed()

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """`ide.core.ports.Work`."""

"""Fixtures of tests with real kernels. Most tests share one kernel per file; those that harm it start their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.core.environment import LaunchSpec
from ide.core.language import AgentSource
from ide.kernels.kernels import Kernels
from ide.kernels.records import Limits
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.kit import Watcher, agent_of, python_launch, r_launch

OpenKernels = Callable[..., Kernels]


def no_agent(_language: str) -> AgentSource | None:
    """For tests that are not about agents."""
    return None


@pytest.fixture
def ui() -> FakeUiThread:
    """The thread of the test plays the UI thread."""
    return FakeUiThread()


@pytest.fixture
def runtime(private_home: Path) -> Path:
    """A runtime folder of this test's own."""
    return private_home / "run" / "fp" / "0123abcd"


@pytest.fixture
def work(private_home: Path) -> Path:
    """A working folder for kernels."""
    folder = private_home / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def open_kernels(ui: FakeUiThread, runtime: Path) -> Iterator[OpenKernels]:
    """Makes Kernels that are closed after the test."""
    opened: list[Kernels] = []

    def make(*, limits: Limits | None = None, agent_of: Callable[[str], AgentSource | None] = no_agent) -> Kernels:
        opened.append(Kernels(runtime, ui.post, ui.after, agent_of=agent_of, limits=limits))
        return opened[-1]

    yield make
    for kernels in opened:
        kernels.close()


@pytest.fixture
def start(open_kernels: OpenKernels, ui: FakeUiThread) -> Callable[..., Watcher]:
    """Starts a session of a launch and waits until it is idle."""

    def make(launch: LaunchSpec, limits: Limits | None = None) -> Watcher:
        watcher = Watcher(open_kernels(limits=limits).start(launch), ui)
        watcher.wait_state("idle")
        return watcher

    return make


class SharedKernel:
    """A kernel for all tests of one file."""

    def __init__(self, make_launch: Callable[[Path], LaunchSpec]) -> None:
        self._patch = pytest.MonkeyPatch()
        self._home = tempfile.TemporaryDirectory(prefix="fp-")
        home = Path(self._home.name)
        for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR"):
            self._patch.setenv(name, str(home))
        self.ui = FakeUiThread()
        self._kernels = Kernels(home / "fp" / "0123abcd", self.ui.post, self.ui.after, agent_of=agent_of)
        self.watcher = Watcher(self._kernels.start(make_launch(home)), self.ui)
        self.watcher.wait(lambda: self.watcher.session.has_agent, what="the agent")
        agent = self.watcher.session._watch._agent
        # Its own socket is opened behind the first questions: no test shall seem to have left it behind.
        self.watcher.wait(lambda: agent is not None and not agent._asked, what="the answers to the first questions")
        self._patch.undo()

    def fresh(self) -> Watcher:
        """A watcher that has seen nothing yet."""
        watcher = Watcher(self.watcher.session, self.ui)
        watcher.wait_state("idle")
        return watcher

    def close(self) -> None:
        """End the kernel."""
        self._kernels.close()
        self._home.cleanup()


@pytest.fixture(scope="module")
def shared_python() -> Iterator[SharedKernel]:
    """One ipykernel for the file."""
    shared = SharedKernel(python_launch)
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def shared_r() -> Iterator[SharedKernel]:
    """One IRkernel for the file."""
    shared = SharedKernel(r_launch)
    yield shared
    shared.close()


@pytest.fixture
def python(shared_python: SharedKernel) -> Watcher:
    """A watcher of the file's ipykernel, which is idle."""
    return shared_python.fresh()


@pytest.fixture
def r(shared_r: SharedKernel) -> Watcher:
    """A watcher of the file's IRkernel, which is idle."""
    return shared_r.fresh()

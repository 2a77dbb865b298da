"""Kernels for tests of agents: one per file that is shared, and more to be had where a test needs its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel.agents.harness import SAMPLE_PYTHON, AgentKernel
from tests.unit.plugins.languages import PYTHON, R

StartKernel = Callable[..., AgentKernel]


def r_program() -> Path:
    """R itself, as installed on this machine."""
    found = shutil.which("R")
    assert found is not None, "R is needed for these tests"
    return Path(found)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for kernels that several tests share."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def python(shared_home: Path) -> Iterator[AgentKernel]:
    """A Python kernel with the agent."""
    kernel = AgentKernel(PYTHON, SAMPLE_PYTHON, shared_home, variables=home_variables(shared_home))
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def r(shared_home: Path) -> Iterator[AgentKernel]:
    """An R kernel with the agent."""
    kernel = AgentKernel(R, r_program(), shared_home, variables=home_variables(shared_home))
    yield kernel
    kernel.close()


@pytest.fixture
def start() -> Iterator[StartKernel]:
    """Starts kernels that are ended after the test: `start("python" | "r", folder, is_trusted=..., variables=...)`."""
    kernels: list[AgentKernel] = []

    def begin(language: str, folder: Path, **options: object) -> AgentKernel:
        which, program = (PYTHON, SAMPLE_PYTHON) if language == "python" else (R, r_program())
        kernels.append(AgentKernel(which, program, folder, **options))  # type: ignore[arg-type]  # handed through
        return kernels[-1]

    yield begin
    for kernel in kernels:
        kernel.close()


def home_variables(home: Path) -> dict[str, str]:
    """Variables that keep a kernel out of the real home."""
    return {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "MPLCONFIGDIR": str(home / "matplotlib")}

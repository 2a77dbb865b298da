"""A service of packages over real environments, in one thread: the pool works when the test asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ide.core.environment import Environment
from ide.core.packages import Act, Changed, Installed, Plan
from ide.core.ports import Cancel
from ide.environments.network import Network
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.packages.service import Packages
from ide.environments.uv import uv_command
from tests.fakes.ui_thread import FakeUiThread

T = TypeVar("T")


def make_venv(folder: Path) -> Environment:
    """An empty environment, made by uv without any network."""
    subprocess.run([*uv_command(), "--quiet", "venv", "--python", sys.executable, str(folder)], check=True)
    version = ".".join(map(str, sys.version_info[:3]))
    program = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    return Environment(str(program), folder.name, "python", "venv", program, version=version)


class Bench:
    """`packages` with everything that it asks for, which a test may change between two calls."""

    def __init__(self, folder: Path, network: Network | None = None) -> None:
        self.ui = FakeUiThread()
        self.network = network or Network()
        self.policies = PolicyPlaces(cache_folder=folder / "policies")
        self.database = ""
        self.steps: list[str] = []
        self.packages = Packages(
            folder / "packages",
            self._pool,
            self.ui.post,
            lambda: self.network,
            lambda: self.policies,
            lambda: self.database,
        )
        self.packages.progressed.connect(lambda _id, step, _done, _total: self.steps.append(step))

    def _pool(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - the caller's `failed` gets it, as from the real pool
            problem = error
            self.ui.post(lambda: failed(problem))
        else:
            self.ui.post(lambda: done(value))
        return lambda: None

    def ask(self, start: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a method that ends in (done, failed); returns the answer or raises the error."""
        answers: list[Any] = []
        errors: list[Exception] = []
        start(*arguments, answers.append, errors.append, **named)
        self.ui.pump_until(lambda: answers or errors)
        if errors:
            raise errors[0]
        return answers[0]

    def look(self, environment: Environment) -> Installed:
        """The packages as they are."""
        found: Installed = self.ask(self.packages.look, environment)
        return found

    def versions(self, environment: Environment) -> dict[str, str]:
        """Name and version of each."""
        return {one.name: one.version for one in self.look(environment).packages}

    def plan(self, environment: Environment, act: Act, *names: str, **named: Any) -> Plan:
        """What a change would do."""
        found: Plan = self.ask(self.packages.plan, environment, act, names, **named)
        return found

    def change(self, environment: Environment, plan: Plan) -> Changed:
        """Make it."""
        found: Changed = self.ask(self.packages.change, environment, plan)
        return found

    def install(self, environment: Environment, *names: str) -> Changed:
        """Plan and make."""
        return self.change(environment, self.plan(environment, Act.INSTALL, *names))

    def undo(self, environment: Environment) -> Changed:
        """Take the last change back."""
        found: Changed = self.ask(self.packages.undo, environment)
        return found


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, bytecode left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

"""Asks a Python what it is by running it, with a time limit. Only for interpreters outside untrusted folders.

Blocks: for pool threads. What can be learnt by looking is `find_python.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ide.core.record import dataclass
from ide.environments.processes import run

TIME_LIMIT_S = 10.0
_MARK = "fourpane-probe:"
# Python 2.7 and up, so that an old one can say its version. Finds ipykernel without importing it.
_QUESTION = """
import sys, json, platform
try:
    from importlib.util import find_spec
    has_kernel = find_spec("ipykernel") is not None
except Exception:
    has_kernel = False
try:
    import sysconfig
    tag = sysconfig.get_config_var("SOABI") or sysconfig.get_platform()
except Exception:
    tag = sys.platform
print("{mark}" + json.dumps(dict(
    implementation=platform.python_implementation().lower(), version=platform.python_version(),
    tag=str(tag), has_kernel=has_kernel)))
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a Python said of itself. `tag` names the form of compiled modules that it loads ("cpython-311-...")."""

    implementation: str = ""
    version: str = ""
    tag: str = ""
    has_kernel: bool = False
    reason: str = ""
    is_silent: bool = False
    """It gave no answer in time, for `reason`."""

    @classmethod
    def from_json(cls, value: object) -> Probe | None:
        """The probe that `to_json` wrote; None for anything else."""
        if not isinstance(value, dict) or not isinstance(value.get("has_kernel"), bool):
            return None
        implementation, version, tag = (value.get(name) for name in ("implementation", "version", "tag"))
        if not (isinstance(implementation, str) and isinstance(version, str) and isinstance(tag, str)):
            return None
        return cls(implementation, version, tag, value["has_kernel"])

    def to_json(self) -> dict[str, Any]:
        """For the state file."""
        from dataclasses import asdict

        return asdict(self)


def probe(program: Path, time_limit_s: float = TIME_LIMIT_S, is_cancelled: Callable[[], bool] = lambda: False) -> Probe:
    """Run `program` once and return its answer; never raises, a failure is told by `reason`."""
    question = _QUESTION.replace("{mark}", _MARK)
    try:
        # stdout alone is read: shims and sitecustomize are noisy on stderr, and sometimes before the answer.
        ended = run((str(program), "-c", question), Path(program.anchor or "/"), time_limit_s, is_cancelled)
    except OSError as error:
        return Probe(reason=f"It could not be started: {error.strerror or error}.")
    if ended.stopped:
        return Probe(reason=f"It is not answering: no answer came within {time_limit_s:g} s.", is_silent=True)
    return _read(ended.output, ended.return_code)


def _read(text: str, return_code: int) -> Probe:
    _, mark, answer = text.rpartition(_MARK)  # noise may come before it, on its line too
    try:
        found = Probe.from_json(json.loads(answer.partition("\n")[0])) if mark else None
    except ValueError:
        found = None
    return found or Probe(reason=f"It is no working Python: it ended with exit code {return_code} and no answer.")

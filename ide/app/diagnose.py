"""`fourpane --diagnose`: what was found on this machine, as text for a terminal or a report. Starts nothing."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator

from ide import __version__
from ide.app.arguments import Arguments
from ide.app.start import Started, begin

LIBRARIES = ("PySide6-Essentials", "qtconsole", "jupyter-client", "pyzmq", "ipykernel", "jedi", "ruff", "uv")


def diagnosis(arguments: Arguments) -> str:
    """Versions, folders, settings problems and environments, a fact a line."""
    return "\n".join(_lines(begin(arguments, opens_window=False))) + "\n"


def _lines(started: Started) -> Iterator[str]:
    yield f"Fourpane {__version__} on Python {platform.python_version()}, {platform.platform()}"
    yield f"Program's Python: {sys.executable}"
    for name in LIBRARIES:
        try:
            yield f"  {name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"  {name} is missing"
    yield f"Profile: {started.paths.profile}"
    yield f"Runtime folder: {started.paths.runtime}"
    yield "Settings: " + ("; ".join(error.happened for error in started.settings.problems) or "in order")
    yield "Languages: " + ", ".join(facts.name for facts in started.extensions.languages())
    yield "Environments:"
    for environment in started.environments.look():
        reason = f" ({environment.reason})" if environment.reason else ""
        place = environment.interpreter or environment.kernelspec
        what = f"{environment.language} {environment.version or '?'} “{environment.name}”"
        yield f"  {what}, {environment.health}{reason}: {place}"

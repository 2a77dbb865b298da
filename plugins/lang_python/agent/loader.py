"""Makes the agent's modules from their sources inside a kernel. Run by `exec` with `SOURCES` in its globals.

Only what a prompt needs is sent and compiled at once; the rest comes after it and is compiled when it is first
imported, through a finder that knows nothing but these names. No name is left in the user's namespace.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

PREFIX = "fourpane_plugins.lang_python."


class Sources(MetaPathFinder, Loader):
    """Finds and loads the agent's modules, and no others."""

    def __init__(self, sources: dict[str, str | None]) -> None:
        self.sources = sources

    def take(self, sources: dict[str, str]) -> None:
        """Know more modules. One that runs already stays as it is."""
        self.sources.update({PREFIX + name: source for name, source in sources.items()})

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in self.sources:
            return ModuleSpec(name, self, is_package=self.sources[name] is None)
        return None

    def exec_module(self, module: ModuleType) -> None:
        source = self.sources[module.__name__]
        if source is not None:
            code = compile(source, f"<fourpane {module.__name__.rpartition('.')[2]}>", "exec")
            exec(code, module.__dict__)


def load(sources: dict[str, str]) -> None:
    """Forget an older agent, so that sending it again renews it, and start this one."""
    known: dict[str, str | None] = {PREFIX + name: source for name, source in sources.items()}
    for package in ("fourpane_plugins", PREFIX[:-1], PREFIX + "agent"):
        known.setdefault(package, None)
    old = sys.modules.get(PREFIX + "agent.main")
    if old is not None:
        old.stop()
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != __name__]
    for name in list(sys.modules):
        if name in known or name.startswith(PREFIX):
            del sys.modules[name]
    sys.meta_path.append(Sources(known))
    from fourpane_plugins.lang_python.agent import main

    main.start()


if "SOURCES" in globals():
    load(globals()["SOURCES"])

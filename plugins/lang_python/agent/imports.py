"""Something to do right after the user's own import of a module: no library is imported for it."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Callable, Sequence


class AfterImport(MetaPathFinder):
    """Calls back once, when a module has been imported, and is gone."""

    def __init__(self, name: str, then: Callable[[ModuleType], None], is_quiet: bool) -> None:
        self.name = name
        self.then = then
        self.is_quiet = is_quiet

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.name:
            return None
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_then(module: ModuleType) -> None:
            if self.is_quiet:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    execute(module)
            else:
                execute(module)
            try:
                self.then(module)
            except Exception:  # noqa: BLE001 - the user's import must not fail for our settings
                return

        spec.loader.exec_module = execute_then  # type: ignore[method-assign]  # this one loader serves this one import
        return spec


def after_import(name: str, then: Callable[[ModuleType], None], *, is_quiet: bool = False) -> None:
    """Call `then` once `name` has been imported; `is_quiet` keeps the warnings of that import back."""
    if name not in sys.modules:
        sys.meta_path.insert(0, AfterImport(name, then, is_quiet))


def forget_all() -> None:
    """Take back what waits: a newer copy of the agent takes over."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not AfterImport]

"""The one name under which plugins are imported: `fourpane_plugins.<name>`, in a checkout, in a wheel and in tests.

Owns that name in `sys.modules`. Finding manifests and loading plugins is the loader's business, not this module's.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

NAME = "fourpane_plugins"


def install(*folders: Path) -> ModuleType:
    """Make each sub-folder of `folders` importable as `fourpane_plugins.<sub-folder>` and return the parent module.

    Imports no plugin. Repeated calls add the folders that are new, at the end: a later folder never hides a plugin of
    an earlier one. Call it from the thread that imports plugins.
    """
    module = sys.modules.get(NAME)
    if module is None:
        spec = ModuleSpec(NAME, None, is_package=True)
        module = sys.modules[NAME] = importlib.util.module_from_spec(spec)
        module.__path__ = []
    module.__path__ = list(dict.fromkeys([*module.__path__, *(str(folder.resolve()) for folder in folders)]))
    importlib.invalidate_caches()
    return module

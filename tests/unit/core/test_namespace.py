"""The import name of plugins."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.core import namespace


@pytest.fixture(autouse=True)
def own_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No plugin of the checkout is imported here, and none of these stays imported."""
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == namespace.NAME}
    for name in kept:
        del sys.modules[name]
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == namespace.NAME]:
        del sys.modules[name]
    sys.modules.update(kept)


def plugin(folder: Path, name: str, value: int) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(f"VALUE = {value}\n", "utf-8")
    return folder


def test_sub_folder_is_importable_under_the_one_name(tmp_path: Path) -> None:
    namespace.install(plugin(tmp_path, "lang_x", 1))

    assert importlib.import_module("fourpane_plugins.lang_x").VALUE == 1


def test_install_imports_no_plugin(tmp_path: Path) -> None:
    namespace.install(plugin(tmp_path, "lang_x", 1))

    assert "fourpane_plugins.lang_x" not in sys.modules


def test_later_folder_adds_plugins_and_hides_none(tmp_path: Path) -> None:
    first = plugin(tmp_path / "first", "lang_x", 1)
    second = plugin(plugin(tmp_path / "second", "lang_x", 2), "lang_y", 3)

    namespace.install(first)
    parent = namespace.install(second, first)

    assert list(parent.__path__) == [str(first.resolve()), str(second.resolve())]
    assert importlib.import_module("fourpane_plugins.lang_x").VALUE == 1
    assert importlib.import_module("fourpane_plugins.lang_y").VALUE == 3

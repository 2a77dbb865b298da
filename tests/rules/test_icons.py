"""The icons that are shipped and those that are named are the same ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ide._paths import resources_dir

ROOT = Path(__file__).resolve().parents[2]
ICONS = {path.stem for path in (resources_dir() / "icons").glob("*.svg")}
# Where an icon is named in code: `icon="x"`, `.icon("x")`, `.pixmap("x"`.
_NAMED = re.compile(r"""(?:\bicon\s*=\s*|\.icon\(\s*|\.pixmap\(\s*)["']([a-z][a-z0-9-]*)["']""")


def _sources() -> Iterator[Path]:
    for folder in ("ide", "plugins"):
        yield from (ROOT / folder).rglob("*.py")
        yield from (ROOT / folder).rglob("*.toml")


def test_every_icon_that_is_named_is_shipped() -> None:
    missing = {f"{name} in {path.relative_to(ROOT)}" for path in _sources()
               for name in _NAMED.findall(path.read_text()) if name not in ICONS}  # fmt: skip
    assert not missing


def test_every_icon_that_is_shipped_is_used() -> None:
    strings: set[str] = set()
    for path in _sources():
        if path.suffix == ".py":
            tree = ast.parse(path.read_text())
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            strings.update(value for value in constants if isinstance(value, str))
        else:
            strings.update(re.findall(r'"([a-z0-9-]+)"', path.read_text()))
    assert ICONS - strings == set()


def test_icons_come_with_their_licence() -> None:
    assert "Phosphor Icons" in (resources_dir() / "icons" / "LICENSE").read_text()
    assert "Phosphor Icons" in (ROOT / "NOTICE").read_text()

"""What is sent into a kernel stands alone: the standard library of Python 3.8 and the contract's table."""

from __future__ import annotations

import ast
import base64
import json
import re
import sys
import zlib
from pathlib import Path

import pytest

from ide._paths import plugins_dir

FOLDER = plugins_dir() / "lang_python"
SENT = [*sorted((FOLDER / "agent").glob("*.py")), FOLDER / "contract_table.py"]
OWN = "fourpane_plugins.lang_python."
USERS_OWN = {"IPython", "psutil"}  # what every Python kernel has


@pytest.mark.parametrize("path", SENT, ids=lambda path: path.name)
def test_agent_is_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", SENT, ids=lambda path: path.name)
def test_agent_imports_the_standard_library_and_itself(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    others = {name for name in found if not name.startswith(OWN) and name.split(".")[0] not in sys.stdlib_module_names}
    assert {name.split(".")[0] for name in others} <= USERS_OWN


def test_agent_is_sent_whole() -> None:
    from fourpane_plugins.lang_python.language import PythonLanguage

    source = PythonLanguage().agent()
    assert source is not None
    packed = re.search(r"b64decode\('([^']+)'\)", source.code)
    assert packed is not None
    sent = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    assert source.more is not None
    more = json.loads(zlib.decompress(base64.b64decode(source.more())))
    assert not set(sent) & set(more)
    sent.update(more)
    assert set(sent.values()) == {path.read_text(encoding="utf-8") for path in SENT if path.name != "__init__.py"}
    assert len(source.code) < 42_000

"""The search helper of Python: names read from files, over a real pipe and by its functions."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from fourpane_plugins.lang_python import name_index
from tests.unit.plugins.languages import PYTHON, R

FILES = {
    "tool/__init__.py": (
        '"""A tool."""\nfrom .core.make import Maker, build as made\nfrom .extra import *\nfrom os import path\n'
    ),
    "tool/core/__init__.py": "",
    "tool/core/make.py": (
        'import sys\n\nclass Maker(object):\n    """Makes things.\n\n    More."""\n    def make(self, x):\n'
        '        """Make one."""\n    def _hidden(self): pass\n\ndef build(\n    a: int,\n    b="x",\n) -> int:\n'
        "    '''Build it.'''\n\ndef plain(): pass\n\n\nasync def wait():\n    '''\n    Wait for it.\n    '''\n"
    ),
    "tool/extra.py": 'def more():\n    "no"\ndef _less(): pass\n',
    "tool/_private.py": "def secret(): pass\n",
    "tool/tests/test_it.py": "def test_it(): pass\n",
    "single.py": "def one():\n    'x'\n",
    "broken.py": "def half(:\n\x00\nclass Odd:\n",
    "_own.py": "def nothing(): pass\n",
    "not-a-name/__init__.py": "def nothing(): pass\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def names_in(folder: Path) -> dict[str, tuple[str, str]]:
    return {
        full: (kind, summary)
        for name, path in name_index.packages([str(folder)])
        for full, kind, summary in name_index.names_of(name, path)
    }


def test_names_are_told_where_users_find_them(folder: Path) -> None:
    found = names_in(folder)
    assert found["tool"] == ("module", "A tool.")
    assert found["tool.Maker"] == ("class", "Makes things.")
    assert found["tool.Maker.make"] == ("method", "Make one.")
    assert "tool.core.make.Maker" not in found
    assert found["tool.core.make.build"] == ("function", "Build it.")
    assert found["tool.core.make.plain"] == ("function", "")
    assert found["tool.core.make.wait"] == ("function", "Wait for it.")
    assert found["tool.more"][0] == "function"
    assert found["single.one"][0] == "function"
    assert "broken.Odd" in found


def test_private_names_tests_and_foreign_modules_are_left_out(folder: Path) -> None:
    found = names_in(folder)
    assert not [name for name in found if "secret" in name or "hidden" in name or "test" in name or "nothing" in name]
    assert "tool.path" not in found


def test_first_folder_wins_and_missing_ones_are_no_trouble(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "single.py").write_text("def two(): pass\n", encoding="utf-8")
    names = dict(name_index.packages([str(folder / "gone"), str(other), str(folder)]))
    assert names["single"] == other / "single.py"


def test_search_prefers_exact_names(folder: Path) -> None:
    index = name_index.Index([str(folder)])
    deadline = time.monotonic() + 20
    while not index.is_complete and time.monotonic() < deadline:
        time.sleep(0.01)
    found = [one["name"] for one in index.search("make", 10)["matches"]]
    assert found[:2] == ["tool.Maker.make", "tool.core.make"]
    assert [one["name"] for one in index.search("BUILD it", 10)["matches"]] == ["tool.core.make.build"]
    assert index.search("", 10)["matches"] == []
    assert len(index.search("o", 3)["matches"]) == 3


def test_helper_answers_over_its_pipe_until_it_is_complete(folder: Path) -> None:
    spec = PYTHON.search_helper()
    assert spec is not None
    assert spec.methods == {"search"}
    pipe = subprocess.PIPE
    with subprocess.Popen(spec.argv, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(line: str) -> dict[str, Any]:
            process.stdin.write(line + "\n")  # type: ignore[union-attr]  # told above
            process.stdin.flush()  # type: ignore[union-attr]
            answer: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return answer

        request = json.dumps({"id": 1, "method": "search", "text": "maker", "folders": [str(folder)], "limit": 5})
        result = ask(request)["result"]
        deadline = time.monotonic() + 20
        while not result["is_complete"] and time.monotonic() < deadline:
            result = ask(request)["result"]
        assert result["matches"][0]["name"] == "tool.Maker"
        assert "error" in ask("{}")
        assert "error" in ask("no json")
        assert "error" in ask("[]")
        process.stdin.close()
        assert process.wait(20) == 0


def test_r_needs_no_search_helper() -> None:
    assert R.search_helper() is None

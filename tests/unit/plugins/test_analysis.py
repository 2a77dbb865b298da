"""The static analysis process: real jedi and ruff over a real pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from fourpane_plugins.lang_python import analysis
from tests.unit.plugins.languages import PYTHON, R


class Helper:
    """The process, asked one thing at a time."""

    def __init__(self, home: Path) -> None:
        spec = PYTHON.helper()
        assert spec is not None
        environment = {**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONSAFEPATH": "1"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            spec.argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment
        )
        self.number = 0

    def send(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def ask(self, method: str, text: str, line: int = -1, column: int = -1, **more: object) -> Any:
        self.number += 1
        lines = text.split("\n")
        line = len(lines) - 1 if line < 0 else line
        column = len(lines[line]) if column < 0 else column
        request = {"id": self.number, "method": method, "text": text, "line": line, "column": column, **more}
        answer = self.send(json.dumps(request))
        assert answer["id"] == self.number
        return answer.get("result", answer)

    def close(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helper]:
    found = Helper(tmp_path_factory.mktemp("cache"))
    yield found
    assert found.close() == 0


def test_r_needs_no_helper_process() -> None:
    assert R.helper() is None


def test_names_complete_with_their_place(helper: Helper) -> None:
    items = helper.ask("complete", "import json\nx = json.dum")["items"]
    assert [item["text"] for item in items] == ["dump", "dumps"]
    assert (items[0]["replace_first"], items[0]["replace_end"]) == (21, 24)


def test_chained_calls_complete(helper: Helper) -> None:
    items = helper.ask("complete", "'a'.upper().spl")["items"]
    assert [item["text"] for item in items] == ["split", "splitlines"]


def test_magics_do_not_hinder(helper: Helper) -> None:
    items = helper.ask("complete", "%matplotlib inline\n!ls\nimport json\njson.dum")["items"]
    assert [item["text"] for item in items] == ["dump", "dumps"]
    assert items[0]["replace_end"] == 43


def test_signature_tells_the_active_parameter(helper: Helper) -> None:
    answer = helper.ask("signature", "def f(a, b=2): 'Do it.'\nf(1, ")
    assert answer["signatures"][0]["label"] == "f(a, b=2)"
    assert answer["signatures"][0]["doc"] == "Do it."
    assert [p["name"] for p in answer["signatures"][0]["parameters"]] == ["a", "b"]
    assert answer["active_parameter"] == 1
    assert helper.ask("signature", "x = 1") == {"signatures": [], "active_parameter": -1}


def test_hover_tells_signature_and_documentation(helper: Helper) -> None:
    answer = helper.ask("hover", "def func(a): 'Do it.'\nfunc", 1, 2)
    assert (answer["title"], answer["text"], answer["first"], answer["end"]) == ("func(a)", "Do it.", 22, 26)
    assert helper.ask("hover", "   ", 0, 1)["title"] == ""


def test_package_and_version_are_those_of_the_interpreter(helper: Helper) -> None:
    answer = helper.ask("hover", "import jedi\njedi.Script", 1, 7)
    assert (answer["package"], answer["version"]) == ("jedi", metadata.version("jedi"))
    assert helper.ask("help", "", topic="json.dumps")["version"] == ".".join(map(str, sys.version_info[:3]))
    assert helper.ask("hover", "def func(a): 'Do it.'\nfunc", 1, 2)["package"] == ""


def test_nothing_else_in_the_files_folder_is_read(helper: Helper, tmp_path: Path) -> None:
    """Not even a link that leads to itself, over which reading all of a folder fails."""
    (tmp_path / "a.py").symlink_to(tmp_path / "a.py")
    answer = helper.ask("hover", "import jedi\njedi.Script", 1, 7, path=str(tmp_path / "b.py"))
    assert answer["package"] == "jedi"


def test_help_of_a_full_name_needs_no_import_in_the_text(helper: Helper) -> None:
    page = helper.ask("help", "", topic="json.dumps")
    assert (page["topic"], page["kind"], page["package"]) == ("json.dumps", "function", "json")
    assert page["signature"].startswith("dumps(obj")
    assert "Serialize" in page["text"]
    assert Path(page["source_path"]).name == "__init__.py"
    names = {member["name"]: member["topic"] for member in helper.ask("help", "", topic="json")["members"]}
    assert names["dumps"] == "json.dumps"
    assert helper.ask("help", "", topic="len")["title"] == "len"


def test_help_at_a_place_follows_the_code(helper: Helper) -> None:
    page = helper.ask("help", "text = 'a'\ntext.upper", 1, 7)
    assert (page["topic"], page["kind"]) == ("str.upper", "function")
    assert "for" in helper.ask("help", "for a in b: pass", 0, 1)["text"]


@pytest.mark.parametrize("topic", ["no.such.name", "os.system('x')", "1", "a b", "import os; os"])
def test_help_of_what_is_no_name_is_empty(helper: Helper, topic: str) -> None:
    assert helper.ask("help", "", topic=topic)["topic"] == ""


def test_definition_in_the_text_and_in_a_file(helper: Helper, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("\n\ndef there(): pass\n", encoding="utf-8")
    path = str(tmp_path / "this.py")
    text = "from other import there\nhere = 1\nhere\nthere()"
    (place,) = helper.ask("definition", text, 2, 1, path=path)["places"]
    assert (place["path"], place["line"], place["column"]) == ("", 1, 0)
    (place,) = helper.ask("definition", text, 3, 1, path=path)["places"]
    assert (Path(place["path"]), place["line"], place["column"]) == (tmp_path / "other.py", 2, 4)


def test_problems_are_marked_by_weight(helper: Helper) -> None:
    found = helper.ask("problems", "import os\nx = missing\nif x == None:\n    pass\n%time x\n")["problems"]
    assert {(p["code"], p["severity"], p["start_line"]) for p in found} == {
        ("F401", "warning", 0),
        ("F821", "error", 1),
        ("E711", "hint", 2),
    }
    (problem,) = helper.ask("problems", "x = (\n")["problems"]
    assert (problem["severity"], problem["code"]) == ("error", "")


def test_format_keeps_magics(helper: Helper) -> None:
    text = "x=1\n%time  foo( 1 )\nif x :\n    !ls  -l\n"
    assert helper.ask("format", text) == {"text": "x = 1\n%time  foo( 1 )\nif x:\n    !ls  -l\n"}
    assert "error" in helper.ask("format", "x = (")


def test_configuration_counts_only_in_a_trusted_folder(helper: Helper, tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 20\n[lint]\nselect = ['E501']\n", encoding="utf-8")
    path = str(tmp_path / "a.py")
    text = "some_name = 'a long line'\nx = f(aaaaaaaaaa, bbbbbbbbbb)\n"
    assert "E501" not in {p["code"] for p in helper.ask("problems", text, path=path)["problems"]}
    assert "E501" in {p["code"] for p in helper.ask("problems", text, path=path, trusted=True)["problems"]}
    assert helper.ask("format", text, path=path)["text"].count("\n") == 2
    assert helper.ask("format", text, path=path, trusted=True)["text"].count("\n") > 2


def test_nothing_of_an_untrusted_project_runs(helper: Helper, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    project = tmp_path / "project"
    project.mkdir()
    for name in ("conftest", "setup", "json", "shadow", "sitecustomize", "gi", "manage"):
        (project / f"{name}.py").write_text(
            f"open({str(canary)!r}, 'a').write({name!r})\nvalue = 1\n", encoding="utf-8"
        )
    (project / "native.so").write_bytes(b"\x7fELF")
    interpreter = project / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f"#!/bin/sh\ntouch {canary}\n", encoding="utf-8")
    interpreter.chmod(0o755)
    path = str(project / "a.py")
    for method in ("complete", "signature", "hover", "definition", "problems", "format"):
        for text in ("import shadow\nshadow.", "import native\nnative.x", "import gi\ngi.", "import json\njson.dumps("):
            helper.ask(method, text, path=path, interpreter=str(interpreter))
    assert not canary.exists()


def test_bad_requests_are_answered(helper: Helper) -> None:
    assert "error" in helper.send("garbage")
    assert "error" in helper.send("[1]")
    assert "error" in helper.send('{"id": 1, "method": "nope"}')
    assert "error" in helper.send('{"id": 2, "method": "complete", "text": 3}')
    assert helper.ask("complete", "x.", 99, 99)["items"] == []


def test_older_question_of_a_kind_is_answered_with_nothing(helper: Helper) -> None:
    assert helper.process.stdin is not None
    assert helper.process.stdout is not None
    text = "import pathlib\npathlib.Path().absolute()."
    requests = [{"id": 100 + n, "method": "complete", "text": text, "line": 1, "column": 27} for n in range(6)]
    helper.process.stdin.write("".join(json.dumps(request) + "\n" for request in requests))
    helper.process.stdin.flush()
    answers = {}
    for _ in requests:
        answer = json.loads(helper.process.stdout.readline())
        answers[answer["id"]] = answer["result"]
    assert answers[105]["items"]
    assert {} in answers.values()


def test_helper_ends_when_its_pipe_ends(tmp_path: Path) -> None:
    assert Helper(tmp_path).close() == 0


@pytest.mark.parametrize(
    ("interpreter", "path", "trusted", "expected"),
    [
        ("/p/.venv/bin/python", "/p/a.py", False, ""),
        ("/p/.venv/bin/python", "/p/deep/er/a.py", False, ""),
        ("/p/.venv/bin/python", "/p/a.py", True, "/p/.venv/bin/python"),
        ("/e/v/bin/python", "/p/a.py", False, "/e/v/bin/python"),
        ("/usr/bin/python3", "/p/a.py", False, "/usr/bin/python3"),
        ("/p/.venv/bin/python", "", False, "/p/.venv/bin/python"),
    ],
)
def test_interpreter_in_the_files_folder_is_not_used(interpreter: str, path: str, trusted: bool, expected: str) -> None:
    assert analysis.safe_interpreter({"interpreter": interpreter, "path": path, "trusted": trusted}) == expected

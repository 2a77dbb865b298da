"""The static analysis process of Python: jedi and ruff, spoken to in JSON lines (`HelperSpec`, docs/architecture.md).

Runs in the program's own interpreter, as a program of its own: it imports nothing of `ide`. It runs none of the user's
code: jedi reads sources, compiled modules are only taken from the session's interpreter and never from the project, and
ruff reads no configuration of a folder that is not trusted.

Two workers: jedi's questions are answered in the main thread, one after the other, and one that a newer one of its
kind has followed is answered with nothing; ruff's in a second thread, so that they never wait for jedi.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

ITEMS_CAP = 500
KINDS_BUDGET_S = 0.06
DOC_LENGTH = 1_500
HELP_LENGTH = 200_000
TITLE_LENGTH = 200
MEMBERS_BUDGET_S = 0.5
TOOL_TIMEOUT_S = 10.0
IDLE_S = 0.3
END_S = 0.5
_KINDS = {"instance": "variable", "statement": "variable", "param": "parameter"}
_HELP_KINDS = {"instance": "value", "statement": "value", "param": "value"}
_FULL_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_WARMED = ("numpy", "pandas", "polars", "matplotlib.pyplot")
_MAGIC = re.compile(r"^([ \t]*)(?:%%?\w|!|\?\w).*$", re.MULTILINE)
_PUT_BY = re.compile(r"\bfourpane_put_by_(\d+)$", re.MULTILINE)
_ERRORS = ("F821", "F822", "F823", "F7", "F50", "F63", "E9")
_RULES = "E7,E9,F"
"""Likely errors and little style, where no configuration of the project's own is read."""
_HINTS = ("E", "W", "I", "D", "N", "UP", "Q", "COM", "ERA")

Request = Mapping[str, Any]
Result = dict[str, Any]


# ---- jedi -----------------------------------------------------------------------------------------------------------


class Jedi:
    """jedi with one interpreter at a time; used in one thread."""

    def __init__(self) -> None:
        import jedi

        jedi.settings.auto_import_modules = []  # these would really be imported
        # Calls in other files of the folder tell of parameters too; reading them takes long, and fails over a bad link.
        jedi.settings.dynamic_params_for_other_modules = False
        jedi.settings.case_insensitive_completion = True
        self._jedi: Any = jedi
        self._environments: dict[str, Any] = {}
        self._warmed: set[tuple[str, str]] = set()
        self._versions = Versions()
        self.methods: dict[str, Callable[[Request], Result]] = {
            "complete": self.complete,
            "signature": self.signature,
            "hover": self.hover,
            "help": self.help,
            "definition": self.definition,
        }

    def warm_up(self, interpreter: str, text: str) -> None:
        """Read what the first completion needs, and the large libraries that `text` imports."""
        for name in ("", *_WARMED):
            key = (interpreter, name)
            if key not in self._warmed and (not name or re.search(rf"^\s*(?:import|from)\s+{name}\b", text, re.M)):
                self._warmed.add(key)
                code = f"import {name or 'os'} as module\nmodule."
                script = self._jedi.Script(code, environment=self._environment(interpreter), project=self._project(""))
                script.complete(2, 7)
                return

    def complete(self, request: Request) -> Result:
        """What could be typed, without what only docstrings could tell: that would be slow."""
        script, line, column, offset = self._script(request)
        found = script.complete(line, column)[:ITEMS_CAP]
        end_s = time.monotonic() + KINDS_BUDGET_S
        items = []
        for one in found:
            text = one.name_with_symbols
            first = offset - one.get_completion_prefix_length()
            item = {
                "text": text,
                "label": text,
                "kind": "",
                "detail": "",
                "replace_first": first,
                "replace_end": offset,
            }
            if time.monotonic() < end_s:  # jedi follows each import to find them out: seconds for all of numpy's
                item["kind"], item["detail"] = _KINDS.get(one.type, one.type), one.module_name or ""
            items.append(item)
        return {"items": items}

    def signature(self, request: Request) -> Result:
        """The signatures of the call around the place."""
        script, line, column, _ = self._script(request)
        found = script.get_signatures(line, column)[:5]
        signatures = [
            {
                "label": signature.to_string(),
                "parameters": [{"name": p.name, "label": p.to_string(), "doc": ""} for p in signature.params],
                "doc": first_paragraph(signature.docstring(raw=True)),
            }
            for signature in found
        ]
        index = found[0].index if found else None
        return {"signatures": signatures, "active_parameter": -1 if index is None else index}

    def hover(self, request: Request) -> Result:
        """Signature or type, and documentation, of the name at the place."""
        script, line, column, offset = self._script(request)
        first, end = word_around(request["text"], offset)
        names = script.help(line, column) or script.infer(line, column)
        if not names or first == end:
            return {"title": "", "first": offset, "end": offset}
        name = names[0]
        signatures = name.get_signatures() if name.type in ("function", "class") else []
        title = signatures[0].to_string() if signatures else name.description
        text = name.docstring(raw=True)[:DOC_LENGTH]
        about = {"title": title, "type_name": name.type, "preview": "", "text": text, "first": first, "end": end}
        if name.type in ("function", "class", "module"):
            about["package"], about["version"] = self._home(name, request)
        return about

    def help(self, request: Request) -> Result:
        """The contract's `HelpPage` of `topic`, a full name that nobody needs to have imported, or of the place."""
        topic = str(request.get("topic") or "")
        name = self._named(topic, request) if topic else self._at_place(request)
        if name is None:
            return {"topic": ""}
        full_name = name.full_name or name.name
        shown = full_name.removeprefix("builtins.")
        package, version = self._home(name, request)
        is_called = name.type in ("function", "class")
        signatures = name.get_signatures() if is_called else []
        path = name.module_path
        return {
            "topic": topic or shown,
            "package": package,
            "version": version,
            "title": topic or shown,
            "kind": _HELP_KINDS.get(name.type, name.type),
            "signature": signatures[0].to_string() if signatures else "",
            "text": name.docstring(raw=True)[:HELP_LENGTH],
            "members": self._members(name, topic or shown) if name.type in ("module", "class") else [],
            "source_path": str(path) if path is not None and path.suffix == ".py" else "",
            "source_line": name.line or (1 if name.type == "module" else 0),
        }

    def _home(self, name: Any, request: Request) -> tuple[str, str]:
        """The package of a name, and the version that is installed beside it; empty for the text's own names."""
        package = (name.full_name or "").partition(".")[0]
        path = name.module_path
        if package in sys.stdlib_module_names:
            version = self._environment(safe_interpreter(request)).version_info
            return package, ".".join(str(part) for part in version)
        if path is None or package in ("", "__main__"):
            return package.removeprefix("__main__"), ""
        folder = next((one.parent for one in path.parents if one.name == package), path.parent)
        return package, self._versions.of(package, folder)

    def _at_place(self, request: Request) -> Any:
        script, line, column, _ = self._script(request)
        return next(iter(script.help(line, column) or script.infer(line, column)), None)

    def _named(self, topic: str, request: Request) -> Any:
        """A name by the longest part of it that is a module."""
        if _FULL_NAME.fullmatch(topic) is None:
            return None
        parts = topic.split(".")
        for count in range(len(parts), -1, -1):
            module = ".".join(parts[:count])
            text = f"import {module}\n{topic}" if count else topic
            place = {**request, "text": text, "line": 1 if count else 0, "column": len(topic)}
            script, line, column, _ = self._script(place)
            names = script.infer(line, column) or script.help(line, column)
            if names and (count or names[0].full_name):
                return names[0]
        return None

    def _members(self, owner: Any, topic: str) -> list[Result]:
        end_s = time.monotonic() + MEMBERS_BUDGET_S
        rows = []
        for one in owner.defined_names()[:ITEMS_CAP]:
            if one.name.startswith("_"):
                continue
            kind = title = ""
            if time.monotonic() < end_s:  # what a module takes from elsewhere is followed, at up to a second each
                kind = "method" if owner.type == "class" and one.type == "function" else one.type
                title = first_paragraph(one.docstring(raw=True))[:TITLE_LENGTH]
            row = {
                "name": one.name,
                "topic": f"{topic}.{one.name}",
                "kind": _HELP_KINDS.get(kind, kind),
                "title": title,
            }
            rows.append(row)
        return rows

    def definition(self, request: Request) -> Result:
        """Where the name at the place is defined; an empty path is the text itself."""
        script, line, column, _ = self._script(request)
        names = script.goto(line, column, follow_imports=True) or script.infer(line, column)
        places = []
        for name in names:
            if name.line is None:
                continue
            path = "" if name.module_path is None else str(name.module_path)
            path = "" if path == request.get("path") else path
            places.append({"path": path, "line": name.line - 1, "column": name.column, "name": name.name})
        return {"places": places}

    def _script(self, request: Request) -> tuple[Any, int, int, int]:
        """The script, the place as jedi counts (lines from 1), and the offset of the place in the text."""
        text = request["text"].replace("\r\n", " \n").replace("\r", " ").replace("\f", " ")
        lines = text.split("\n")
        line = min(max(0, request["line"]), len(lines) - 1)
        column = min(max(0, request["column"]), len(lines[line]))
        offset = sum(len(one) + 1 for one in lines[:line]) + column
        path = request.get("path") or ""
        interpreter = safe_interpreter(request)
        script = self._jedi.Script(
            put_magics_by(text, keep_length=True),
            path=path or None,
            environment=self._environment(interpreter),
            project=self._project(path),
        )
        return script, line + 1, column, offset

    def _project(self, path: str) -> Any:
        """The file's folder, with no settings read from it and no compiled module loaded from it. A text without a file
        has a folder that is not there, so that nobody's files are read for it."""
        folder = Path(path).parent if path else Path(__file__).with_name("nowhere")
        return self._jedi.Project(folder, smart_sys_path=bool(path), load_unsafe_extensions=False)

    def _environment(self, interpreter: str) -> Any:
        if interpreter not in self._environments:
            if len(self._environments) > 1:
                self._environments.clear()
            self._environments[interpreter] = self._make_environment(interpreter)
        return self._environments[interpreter]

    def _make_environment(self, interpreter: str) -> Any:
        if interpreter and Path(interpreter).is_file():
            try:
                return self._jedi.create_environment(interpreter, safe=False)
            except self._jedi.InvalidPythonEnvironment:
                pass
        return self._jedi.create_environment(sys.executable, safe=False)


class Versions:
    """Versions of installed packages, from what the installer wrote beside them."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, float], dict[str, str]] = {}

    def of(self, package: str, folder: Path) -> str:
        """The version of what is imported as `package` from `folder`; empty where nothing says so."""
        try:
            key = (folder, folder.stat().st_mtime)
        except OSError:
            return ""
        if key not in self._known:
            self._known = {key: dict(_installed(folder))}
        return self._known[key].get(package.lower(), "")


def _installed(folder: Path) -> Iterator[tuple[str, str]]:
    """Names to import and versions. A package may be called otherwise than what it brings (scikit-learn: sklearn)."""
    for about in folder.glob("*.dist-info"):
        name, _, version = about.name.removesuffix(".dist-info").rpartition("-")
        yield name.lower(), version
        try:
            tops = (about / "top_level.txt").read_text("utf-8").split()
        except (OSError, ValueError):
            continue
        yield from ((top.lower(), version) for top in tops)


def safe_interpreter(request: Request) -> str:
    """The session's interpreter, unless it lies in the folder of a file that is not trusted."""
    interpreter, path = request.get("interpreter") or "", request.get("path") or ""
    if not interpreter or request.get("trusted") or not path:
        return interpreter
    root = Path(interpreter).parent.parent.parent  # of project/.venv/bin/python: the project
    is_project = root != root.parent  # not so for /usr/bin/python3
    return "" if is_project and root in Path(path).parents else interpreter


def word_around(text: str, offset: int) -> tuple[int, int]:
    """Where the name at `offset` begins and ends."""
    first = end = offset
    while first > 0 and (text[first - 1].isalnum() or text[first - 1] == "_"):
        first -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return first, end


def first_paragraph(documentation: str) -> str:
    """The first paragraph in one line."""
    return " ".join(documentation.strip().split("\n\n", 1)[0].split())[:500]


def put_magics_by(text: str, *, keep_length: bool = False) -> str:
    """`text` with IPython's magics and shell lines out of the way, lines staying lines."""
    if "%" not in text and "!" not in text and "?" not in text:
        return text
    if keep_length:
        return _MAGIC.sub(lambda match: match[1] + "pass" + " " * max(0, len(match[0]) - len(match[1]) - 4), text)
    return _MAGIC.sub(lambda match: match[1] + "pass", text)


# ---- ruff -----------------------------------------------------------------------------------------------------------


def ruff(arguments: list[str], request: Request, text: str) -> subprocess.CompletedProcess[str]:
    """Run ruff over `text`. Configuration is only read where the request says that its folder is trusted."""
    name = request.get("path") or "untitled.py"
    isolation = [] if request.get("trusted") and request.get("path") else ["--isolated"]
    return subprocess.run(
        [_ruff_program(), *arguments, *isolation, "--no-cache", "--stdin-filename", name, "-"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=TOOL_TIMEOUT_S,
        cwd=tempfile.gettempdir(),
        check=False,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _ruff_program() -> str:
    from ruff import find_ruff_bin  # type: ignore[import-untyped]  # it comes without types

    return str(find_ruff_bin())


def problems(request: Request) -> Result:
    """What ruff finds; its own names of the rules stand in `code`."""
    rules = [] if request.get("trusted") and request.get("path") else ["--select", _RULES]
    done = ruff(["check", "--output-format", "json", "--exit-zero", *rules], request, put_magics_by(request["text"]))
    try:
        entries = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(done.stderr.strip()[-500:] or "ruff said nothing") from None
    return {"problems": [_problem(entry) for entry in entries]}


def _problem(entry: Mapping[str, Any]) -> Result:
    code = entry.get("code") or ""
    is_syntax = not code or code == "invalid-syntax"
    start, end = entry["location"], entry["end_location"]
    return {
        "start_line": start["row"] - 1,
        "start_column": start["column"] - 1,
        "end_line": end["row"] - 1,
        "end_column": end["column"] - 1,
        "message": entry["message"],
        "severity": "error" if is_syntax else severity(code),
        "code": "" if is_syntax else code,
    }


def severity(code: str) -> str:
    """error: it will fail when it runs; hint: only its style; warning: the rest."""
    if code.startswith(_ERRORS):
        return "error"
    return "hint" if code.rstrip("0123456789") in _HINTS else "warning"


def format_text(request: Request) -> Result:
    """The text as ruff formats it. Magics are kept as they are."""
    kept: list[str] = []

    def put_by(match: re.Match[str]) -> str:
        kept.append(match[0][len(match[1]) :])
        return f"{match[1]}fourpane_put_by_{len(kept) - 1}"

    done = ruff(["format"], request, _MAGIC.sub(put_by, request["text"]))
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().removeprefix("error: ")[-500:] or "ruff failed")
    return {"text": _PUT_BY.sub(lambda match: kept[int(match[1])], done.stdout)}


TOOLS: dict[str, Callable[[Request], Result]] = {"problems": problems, "format": format_text}


# ---- the process ----------------------------------------------------------------------------------------------------


class Answers:
    """Writes answers, from two threads, a line each."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, number: object, **answer: Any) -> None:
        """One line; the reader may be gone."""
        line = json.dumps({"id": number, **answer})
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()

    def work(self, request: Request, method: Callable[[Request], Result]) -> None:
        """Answer one request, with an error where it fails: one failure must not end the process."""
        try:
            result = method(checked(request))
        except Exception as error:  # noqa: BLE001 - jedi fails in many ways on code that is being typed
            self.send(request.get("id"), error=f"{type(error).__name__}: {error}")
        else:
            self.send(request.get("id"), result=result)


def checked(request: Request) -> Request:
    """The request, if its fields are of the right kinds."""
    kinds = {"text": str, "line": int, "column": int}
    for name, kind in kinds.items():
        if not isinstance(request.get(name, kind()), kind):
            raise TypeError(f"{name} is not {kind.__name__}")
    return {"text": "", "line": 0, "column": 0, **request}


class Desk:
    """The questions for jedi that wait, the oldest first."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._jedi: Jedi | None = None
        self._last: Request = {}
        self.put = self._waiting.put

    def serve(self) -> None:
        """Answer until None comes."""
        self._warm_up()
        while True:
            try:
                requests = [self._waiting.get(timeout=IDLE_S)]
            except queue.Empty:
                self._warm_up()
                requests = [self._waiting.get()]
            while not self._waiting.empty():
                requests.append(self._waiting.get())
            for index, request in enumerate(requests):
                if request is None:
                    return
                self._one(
                    request,
                    is_old=any(later and later["method"] == request["method"] for later in requests[index + 1 :]),
                )

    def _one(self, request: Request, *, is_old: bool) -> None:
        if is_old:
            self._answers.send(request.get("id"), result={})
            return
        self._last = request
        jedi = self._started()
        self._answers.work(request, jedi.methods[request["method"]])

    def _started(self) -> Jedi:
        if self._jedi is None:
            self._jedi = Jedi()
        return self._jedi

    def _warm_up(self) -> None:
        try:
            self._started().warm_up(safe_interpreter(self._last), self._last.get("text") or "")
        except Exception as error:  # noqa: BLE001 - the question itself will fail, and tell
            sys.stderr.write(f"warm-up failed: {error}\n")


def main() -> None:
    """Read requests until the pipe ends."""
    os.environ.pop(
        "PYTHONSAFEPATH", None
    )  # jedi's own process takes its first import path entry away, expecting another
    answers = Answers(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n"))
    sys.stdout = sys.stderr
    desk = Desk(answers)
    tools: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_serve_tools, args=(tools, answers), name="tools", daemon=True).start()
    threading.Thread(target=_read_and_end, args=(desk, tools, answers), name="requests", daemon=True).start()
    desk.serve()


def _serve_tools(requests: queue.SimpleQueue[Request | None], answers: Answers) -> None:
    while (request := requests.get()) is not None:
        answers.work(request, TOOLS[request["method"]])


def _read_and_end(desk: Desk, tools: queue.SimpleQueue[Request | None], answers: Answers) -> None:
    """After the last request the workers may finish; but nobody hears them, and jedi can take long over a package."""
    _read(desk, tools, answers)
    time.sleep(END_S)
    os._exit(0)


def _read(desk: Desk, tools: queue.SimpleQueue[Request | None], answers: Answers) -> None:
    for line in sys.stdin:
        try:
            request = json.loads(line)
            method = request["method"]
        except (ValueError, TypeError, KeyError):
            answers.send(None, error="not a request")
            continue
        if method in TOOLS:
            tools.put(request)
        elif method in ("complete", "signature", "hover", "help", "definition"):
            desk.put(request)
        else:
            answers.send(request.get("id"), error=f"unknown method: {method}")
    desk.put(None)
    tools.put(None)


if __name__ == "__main__":
    main()

"""The search helper of Python: public names of modules, read from their files without importing any (`HelperSpec`).

A program of its own: it imports nothing of `ide`. Answers {"id": n, "method": "search", "text": str, "folders": [str],
"limit": n} with {"matches": [...], "is_complete": bool} from what has been read so far; reading goes on in a thread,
the packages that take least first. Files are only read, and looked through by patterns: parsing them all would take
minutes. What a package offers under a shorter name than that of the module where it is made (`pandas.DataFrame`) is
told under that name. It ends by itself when nobody has asked for some minutes.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SECONDS_MOST = 60.0
IDLE_S = 300.0
FILE_BYTES_MOST = 1_500_000
NAMES_MOST = 30_000
"""Of one package."""
SUMMARY_LENGTH = 120
DEPTH_MOST = 6
STEPS_MOST = 6
_SKIPPED = frozenset({"tests", "test", "testdata", "idlelib", "lib2to3", "site-packages", "__pycache__", "third_party"})
_DEFINITION = re.compile(r"^(    )?(?:async\s+)?(def|class)\s+([A-Za-z]\w*)", re.MULTILINE)
_SUMMARY = re.compile(r":[ \t]*(?:#[^\n]*)?\n\s+[rRuUbB]{0,2}(?:\"\"\"|''')\s*([^\n]*)")
_LEFT = re.compile(r"^(?:class|def|async|@|[A-Za-z_]\w*\s*[=:(])", re.MULTILINE)

Row = tuple[str, str, str]


def packages(folders: list[str]) -> Iterator[tuple[str, Path]]:
    """Top-level packages and modules of the folders, each name once: the first folder wins, as in an import."""
    seen: set[str] = set()
    for folder in folders:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = Path(entry.path)
            name = path.stem if path.suffix in (".py", ".pyi") else entry.name
            if not name.isidentifier() or name[:1] == "_" or name in seen or name in _SKIPPED:
                continue
            is_package = (path / "__init__.py").is_file() or (path / "__init__.pyi").is_file()
            if is_package or path.suffix in (".py", ".pyi"):
                seen.add(name)
                yield name, path


def files_of(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    """The modules of a package with their full names, nearest first."""
    if path.is_file():
        yield name, path
        return
    waiting = [(name, path)]
    while waiting:
        package, folder = waiting.pop(0)
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.suffix == ".py" or (entry.suffix == ".pyi" and not entry.with_suffix(".py").exists()):
                yield package if entry.stem == "__init__" else f"{package}.{entry.stem}", entry
        if package.count(".") < DEPTH_MOST:
            names = [entry for entry in entries if entry.name.isidentifier() and entry.name not in _SKIPPED]
            inner = [entry for entry in names if entry.is_dir() and not entry.is_symlink()]
            waiting += [(f"{package}.{entry.name}", entry) for entry in inner]


class Package:
    """What was read of one package so far."""

    def __init__(self) -> None:
        self.modules: list[Row] = []
        self.made: dict[str, Row] = {}
        """By full name where it is made: module, name in it, summary; the kind stands in `kinds`."""
        self.kinds: dict[str, str] = {}
        self.offered: dict[str, tuple[str, str]] = {}
        """By name: the package that offers it, the shortest one, and the module that it says it has it from."""
        self.stars: list[tuple[str, str]] = []
        self._files: dict[str, Path] = {}
        self._given: dict[str, dict[str, str]] = {}

    def read(self, module: str, file: Path) -> None:
        """One module."""
        text = _text(file)
        self._files[module] = file
        if not _is_private(module):
            self.modules.append((module, "module", _module_summary(text)))
        if file.stem == "__init__" and not _is_private(module):
            for given, source in _imported(text, module, file):
                if given == "*":
                    self.stars.append((module, source))
                else:
                    self._offer(given, module, source)
        for full, kind, summary in definitions(module, text):
            if full not in self.made:
                self.made[full] = (module, full[len(module) + 1 :], summary)
                self.kinds[full] = kind

    def rows(self) -> list[Row]:
        """The public names, each where users find it."""
        for package, source in self.stars:
            for module, inner, _ in self.made.values():
                if module == source and "." not in inner and inner[:1] != "_":
                    self._offer(inner, package, source)
        makers = {name: self._maker(name, source) for name, (_, source) in self.offered.items()}
        rows: dict[str, Row] = {row[0]: row for row in self.modules}
        for full, (module, inner, summary) in self.made.items():
            first = inner.partition(".")[0]
            shown = f"{self.offered[first][0]}.{inner}" if makers.get(first) == module else full
            if not _is_private(shown) and not (shown in rows and rows[shown][2]):
                rows[shown] = (shown, self.kinds[full], summary)
        for given, (package, _) in self.offered.items():
            rows.setdefault(f"{package}.{given}", (f"{package}.{given}", "", ""))
        return list(rows.values())

    def _maker(self, name: str, source: str) -> str:
        """The module where a name is made that another one takes from `source`; empty where that is not to be read."""
        for _ in range(STEPS_MOST):
            if f"{source}.{name}" in self.made:
                return source
            if source not in self._given:
                file = self._files.get(source)
                self._given[source] = dict(_imported(_text(file), source, file)) if file is not None else {}
            if name not in self._given[source]:
                return ""
            source = self._given[source][name]
        return ""

    def _offer(self, name: str, package: str, source: str) -> None:
        if name not in self.offered or package.count(".") < self.offered[name][0].count("."):
            self.offered[name] = (package, source)


def names_of(name: str, path: Path) -> list[Row]:
    """The public names of one package."""
    package = Package()
    for module, file in files_of(name, path):
        package.read(module, file)
        if len(package.made) > NAMES_MOST:
            break
    return package.rows()


def definitions(module: str, text: str) -> Iterator[Row]:
    """Functions, classes and methods at their usual indents, with the first line of their documentation."""
    inside = ""
    for match in _DEFINITION.finditer(text):
        indent, word, name = match.groups()
        if indent is None:
            inside = name if word == "class" else ""
        elif not inside or word == "class":
            continue
        kind = "class" if word == "class" else "method" if indent else "function"
        yield f"{module}.{inside}.{name}" if indent else f"{module}.{name}", kind, _summary(text, match.end(), indent)


def _summary(text: str, end: int, indent: str | None) -> str:
    rest = text[end : end + 1_500]
    if not indent:
        left = _LEFT.search(rest, 1)
        rest = rest[: left.start()] if left else rest
    found = _SUMMARY.search(rest)
    if found is None:
        return ""
    line = found[1].strip()
    if not line:  # the text begins in the line behind the quotes
        line = next((one.strip() for one in rest[found.end() :].split("\n") if one.strip()), "")
    return line.removesuffix('"""').removesuffix("'''").strip()[:SUMMARY_LENGTH]


def _module_summary(text: str) -> str:
    found = re.match(r"\s*(?:#[^\n]*\n\s*)*[rRuU]?(?:\"\"\"|''')\s*([^\n]*)", text)
    line = found[1].strip() if found else ""
    return line.removesuffix('"""').removesuffix("'''").strip()[:SUMMARY_LENGTH]


def _imported(text: str, module: str, file: Path) -> Iterator[tuple[str, str]]:
    """Names that a module takes from elsewhere in its package, which it offers as its own, and where they come from."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in _statements(body):
        if isinstance(statement, ast.ImportFrom):
            parts = module.split(".") if file.stem == "__init__" else [*module.split(".")[:-1]]
            above = parts[: len(parts) - statement.level + 1] if statement.level else []
            source = ".".join([*above, *([statement.module] if statement.module else [])])
            if parts and source.partition(".")[0] == parts[0]:  # what another package makes is that package's
                for alias in statement.names:
                    given = alias.asname or alias.name
                    if given[:1] != "_":
                        yield given, source


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            yield from _statements([*statement.body, *statement.orelse])


def _is_private(name: str) -> bool:
    return any(part[:1] == "_" for part in name.split("."))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_BYTES_MOST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _count(path: Path) -> int:
    """How long a package will take, told by its first level."""
    try:
        return 1 if path.is_file() else sum(1 for _ in os.scandir(path))
    except OSError:
        return 0


# ---- search ---------------------------------------------------------------------------------------------------------


class Index:
    """The names below some folders; grows in a thread of its own."""

    def __init__(self, folders: list[str]) -> None:
        self.folders = folders
        self.is_complete = False
        self.is_dropped = False
        self._rows: list[tuple[str, str, str, str]] = []
        threading.Thread(target=self._read, name="read", daemon=True).start()

    def _read(self) -> None:
        end_s = time.monotonic() + SECONDS_MOST
        for name, path in sorted(packages(self.folders), key=lambda entry: _count(entry[1])):
            if self.is_dropped or time.monotonic() > end_s:
                break
            self._rows += [(*row, f"{row[0]} {row[2]}".lower()) for row in names_of(name, path)]
        self.is_complete = True

    def search(self, text: str, limit: int) -> dict[str, Any]:
        """The names that have all words, or whose documentation has, the best first."""
        is_complete = self.is_complete  # before looking: what comes meanwhile is asked for again
        words = text.lower().split()
        rows = self._rows[:] if words else []
        found = [row for row in rows if all(word in row[3] for word in words)]
        found.sort(key=lambda row: _order(row, words))
        matches = [
            {"name": name, "topic": name, "package": name.partition(".")[0], "kind": kind, "title": summary}
            for name, kind, summary, _ in found[:limit]
        ]
        return {"matches": matches, "is_complete": is_complete}


def _order(row: tuple[str, str, str, str], words: list[str]) -> tuple[Any, ...]:
    full = row[0].lower()
    name = full.rpartition(".")[2]
    typed = " ".join(words)
    is_named = all(word in name for word in words)
    is_begun = name.startswith(typed) or full.startswith(typed)
    return typed not in (name, full), not is_begun, not is_named, row[0].count("."), len(name), row[0]


def answer(request: Mapping[str, Any], index: Index | None) -> tuple[dict[str, Any], Index]:
    """The result of a request, and the index that holds for its folders."""
    folders = [str(folder) for folder in request["folders"]]
    if index is None or index.folders != folders:
        if index is not None:
            index.is_dropped = True
        index = Index(folders)
    return index.search(str(request["text"]), int(request.get("limit", 100))), index


class Watchdog:
    """Ends the process when nothing was asked for long."""

    def __init__(self) -> None:
        self.last_s = time.monotonic()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def _watch(self) -> None:
        while time.monotonic() - self.last_s < IDLE_S:
            time.sleep(10)
        os._exit(0)


def main() -> None:
    """Answer requests until the pipe ends."""
    index: Index | None = None
    watchdog = Watchdog()
    for line in sys.stdin:
        watchdog.last_s = time.monotonic()
        number: object = None
        try:
            request = json.loads(line)
            number = request.get("id")
            result, index = answer(request, index)
            reply: dict[str, Any] = {"id": number, "result": result}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reply = {"id": number, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

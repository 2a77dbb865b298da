"""Live completion: the names that the session knows and that fit at a place. Runs none of the user's code."""

from __future__ import annotations

import builtins
import keyword
import os
import re
from pathlib import Path
from typing import Any, Iterable, Iterator, Tuple

from fourpane_plugins.lang_python.agent import calls, look, place, things

ITEMS_CAP = 1_000
_WORD = re.compile(rf"(?<![\w.]){place.NAME}")
_FROM_IMPORT = re.compile(rf"^\s*from\s+({place.NAME}(?:\.{place.NAME})*)\s+import\s+[^#]*$")
_PATH_CALLS = re.compile(
    r"(?:^|[._])(?:open|read|load|save|write|to|scan|path|run|chdir|listdir|glob|imread|Path)\w*$", re.I
)
_KEY_METHODS = ("get", "pop", "setdefault")

Row = Tuple[str, str, str, str]
"""Text, label, kind, detail."""


def complete(shell: Any, names: list[str], code: str, offset: int) -> dict[str, Any]:
    """The contract's `Completions` at `offset`."""
    where = place.place_at(code, offset)
    namespace = shell.user_ns
    if where.in_comment:
        return {"items": [], "is_exhaustive": True}
    rows: Iterable[Row]
    if where.quote:
        typed = where.text[where.content :]
        rows, is_all = _in_string(namespace, where, typed, code[offset:])
    else:
        match = place.NAME_AT_END.search(where.text)
        typed = match.group() if match else ""
        rows, is_all = _in_code(shell, namespace, names, where, typed)
    return {"items": _as_items(_fitting(rows, typed), offset - len(typed), offset), "is_exhaustive": is_all}


def _as_items(rows: Iterable[Row], first: int, end: int) -> list[dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    for text, label, kind, detail in rows:
        if text not in items:
            items[text] = {
                "text": text.encode("utf-8", "replace").decode(),
                "label": label.encode("utf-8", "replace").decode(),
                "kind": kind,
                "detail": detail,
                "replace_first": first,
                "replace_end": end,
            }
        if len(items) >= ITEMS_CAP:
            break
    return list(items.values())


def _fitting(rows: Iterable[Row], typed: str) -> Iterator[Row]:
    """Rows that begin with what is typed, exact case first; names with an underscore only when one is typed."""
    lower = typed.lower()
    other: list[Row] = []
    for row in rows:
        label = row[1]
        if label[:1] == "_" and typed[:1] != "_" and row[2] not in ("key", "column"):
            continue
        if label.startswith(typed):
            yield row
        elif label.lower().startswith(lower):
            other.append(row)
    yield from other


# ---- in a string ----------------------------------------------------------------------------------------------------


def _in_string(namespace: dict[str, Any], where: place.Place, typed: str, after: str) -> tuple[list[Row], bool]:
    owner = _subscripted(namespace, where, where.string_start())
    if owner is None:
        owner = _asked_for_key(namespace, where)
    if owner is not None:
        rows = [(name, name, kind, detail) for name, kind, detail in things.keys(owner)]
        if rows:
            return rows, True
    rows = _columns_around(namespace, where, after)
    called = place.chain_before(where.text[: where.inner.at]) if where.inner else ""
    is_path = "/" in typed or (not rows and _PATH_CALLS.search(called.rpartition(".")[2]) is not None)
    return rows + (list(_paths(typed)) if is_path else []), False


def _subscripted(namespace: dict[str, Any], where: place.Place, at: int) -> things.Thing | None:
    """What is being indexed: `df["`, `df[["a", "`, `df.loc[:, "`; None in any other place."""
    depth = len(where.brackets) - 1
    if depth < 0 or where.brackets[depth].kind != "[":
        return None
    bracket = where.brackets[depth]
    chain = place.chain_before(where.text[: bracket.at])
    if not chain and depth > 0 and where.brackets[depth - 1].kind == "[":
        bracket = where.brackets[depth - 1]
        chain = place.chain_before(where.text[: bracket.at])
    elif not chain:
        return None
    for ending in (".loc", ".at"):
        if chain.endswith(ending):
            if not bracket.commas:
                return None
            chain = chain[: -len(ending)]
    return things.resolve(namespace, chain) if chain else None


def _asked_for_key(namespace: dict[str, Any], where: place.Place) -> things.Thing | None:
    """The dict in `d.get("`."""
    inner = where.inner
    if inner is None or inner.kind != "(" or inner.commas:
        return None
    chain = place.chain_before(where.text[: inner.at])
    owner, _, method = chain.rpartition(".")
    if not owner or method.strip() not in _KEY_METHODS:
        return None
    found = things.resolve(namespace, owner)
    is_dict = found is not None and found.has_value and any(base is dict for base in look.mro(found.cls))
    return found if is_dict else None


def _columns_around(namespace: dict[str, Any], where: place.Place, after: str) -> list[Row]:
    """Columns of all frames that the statement mentions: `pl.col("`, `df.groupby("`, `plot(data=df, x="`."""
    if not where.brackets:
        return []
    rest = after.split("\n\n", 1)[0][:2000]
    rows: list[Row] = []
    for word in dict.fromkeys(_WORD.findall(where.text[where.statement :] + " " + rest)):
        found = namespace.get(word)
        if found is None or look.known_type(found) is None:
            continue
        for name, kind, detail in things.keys(things.thing(found)):
            rows.append((name, name, kind, (detail + " in " + word).strip()))
    return rows


def _paths(typed: str) -> Iterator[Row]:
    """Files and folders that a path in a string could go on to."""
    if len(typed) > 400 or "\n" in typed or "://" in typed or "*" in typed:
        return
    folder, name = typed[: typed.rfind("/") + 1], typed[typed.rfind("/") + 1 :]
    try:
        with os.scandir(Path(folder).expanduser() if folder else ".") as entries:
            for count, entry in enumerate(entries):
                if count > 2000:
                    return
                if entry.name.lower().startswith(name.lower()) and (name[:1] == "." or entry.name[:1] != "."):
                    text = folder + entry.name + ("/" if entry.is_dir() else "")
                    yield text, text, "path", ""
    except (OSError, ValueError):
        return


# ---- in code --------------------------------------------------------------------------------------------------------


def _in_code(
    shell: Any, namespace: dict[str, Any], names: list[str], where: place.Place, typed: str
) -> tuple[Iterable[Row], bool]:
    head = where.text[: len(where.text) - len(typed)]
    line = head[head.rfind("\n") + 1 :]
    if line.strip() in ("%", "%%"):
        return _magics(shell, "cell" if line.strip() == "%%" else "line"), True
    imported = _FROM_IMPORT.match(line)
    if imported:
        module = look.library(imported.group(1))
        rows = [(n, n, things._kind(v, False), "") for n, v in (module or {}).items() if type(n) is str]
        return rows, False
    if head.rstrip().endswith("."):
        owner = things.resolve(namespace, place.chain_before(head.rstrip()[:-1]))
        if owner is None:
            return [], False
        return [(n, n, kind, detail) for n, kind, detail in things.attributes(owner)], owner.has_value
    if re.match(r"\s*(?:import|from)\b[^(]*$", line):
        return [], False
    return _plain(namespace, names, where, head, typed), False


def _plain(namespace: dict[str, Any], names: list[str], where: place.Place, head: str, typed: str) -> Iterator[Row]:
    for name in calls.parameter_names(namespace, where):
        yield name + "=", name + "=", "parameter", ""
    inner = where.inner
    if inner is not None and inner.kind == "[" and not typed:
        owner = _subscripted(namespace, where, len(head))
        for name, kind, detail in things.keys(owner) if owner is not None else ():
            yield repr(name), name, kind, detail
    if not typed:
        return
    for name in names:
        value = namespace.get(name)
        kind = look.kind_of(value) or "variable"
        yield name, name, kind, "" if kind != "variable" else look.type_name(type(value))
    for name in keyword.kwlist:
        yield name, name, "keyword", ""
    for name, value in vars(builtins).items():
        yield name, name, look.kind_of(value) or "variable", "builtins"


def _magics(shell: Any, kind: str) -> list[Row]:
    """Names of the magics that the shell has; the user's own among them are only named."""
    try:
        table = shell.magics_manager.magics[kind]
    except (AttributeError, KeyError):
        return []
    return [(name, name, "magic", "") for name in sorted(n for n in table if type(n) is str)]

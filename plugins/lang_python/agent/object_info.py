"""All that can be said of one object without running anything of it: classes, members, documentation, source.

Owns the contract's `ObjectInfo`. Reads slots and class dicts (see `look.py`) and files; imports and calls nothing.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import stat
import tokenize
import types
from itertools import islice
from pathlib import Path
from typing import Any, Iterator, NamedTuple

from fourpane_plugins.lang_python.agent import calls, look, objects, things, variables

MEMBERS_CAP = 2_000
DOC_LENGTH = 20_000
MEMBER_DOC_LENGTH = 400
SOURCE_LENGTH = 200_000
FILE_BYTES_MOST = 5_000_000
BUDGET_S = 0.25
PARSED_LINES_MOST = 4_000
_CELLS_SEARCHED = 300
_doc_of_property: Any = vars(property)["__doc__"].__get__
_getter_of: Any = vars(property)["fget"].__get__
_doc_of_function: Any = vars(types.FunctionType)["__doc__"].__get__
_qualname_of: Any = vars(type)["__qualname__"].__get__


class Source(NamedTuple):
    """Code as it stands in a file or in a cell that was run; the path is empty where it is no file. Lines from 1."""

    text: str = ""
    path: str = ""
    line: int = 0


def info(shell: Any, path: list[str]) -> dict[str, Any]:
    """The contract's `ObjectInfo` of the value at `path`."""
    value = objects.resolve(shell, path)
    found = things.thing(value)
    kind = look.kind_of(value)
    cls = value if kind == "class" else type(value)
    source = source_of(value, kind)
    documentation = things.documentation(found) or _class_documentation(cls, kind)
    return {
        "title": _sound(_title(shell, path, found), 200),
        "type_name": look.describe(value)[1],
        "classes": [_full_name(base) for base in look.mro(cls)],
        "doc": _sound(inspect.cleandoc(documentation[:DOC_LENGTH]), DOC_LENGTH),
        "members": list(islice(_members(value, kind), MEMBERS_CAP)),
        "source": _sound(source.text, SOURCE_LENGTH),
        "source_path": _sound(source.path, 4_000),
        "source_line": source.line,
    }


def _sound(text: str, length: int) -> str:
    return variables.sound(text if len(text) <= length else text[: length - 1] + "…")


def _title(shell: Any, path: list[str], found: things.Thing) -> str:
    title = objects.expression(shell, path) or path[0]
    is_called = look.kind_of(found.value) in ("function", "class")
    return title + _signature(found) if is_called else title


def _signature(found: things.Thing) -> str:
    parameters = calls.parameters_of(found)
    return "" if parameters is None else "(" + ", ".join(p.label for p in parameters) + ")"


def _full_name(cls: type) -> str:
    module = look.module_name(cls)
    name = look.type_name(cls)
    return name if module in ("builtins", "") else module + "." + name


def _class_documentation(cls: type, kind: str) -> str:
    """What the class says of its objects; what Python's own types say of themselves tells nobody anything."""
    if kind in ("module", "function") or look.module_name(cls) == "builtins":
        return ""
    doc = look.type_dict(cls).get("__doc__")
    return doc if type(doc) is str else ""


# ---- members --------------------------------------------------------------------------------------------------------


def _members(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    """What lies in the object itself in its own order, then what its classes give, by name, the nearest first."""
    budget = look.Budget(BUDGET_S)
    seen: set[str] = set()
    if kind != "class":
        slots = {name for name, _ in look.slots(value)}
        is_known = look.known_name(value) != ""  # how a library's object is made inside tells nobody anything
        for name, item in objects.attributes_of(value):
            if name not in seen and not (is_known and name[:1] == "_"):
                seen.add(name)
                yield _own_member(name, item, "slot" if name in slots else "attribute", budget)
    for base in look.mro(value if kind == "class" else type(value)):
        inside = look.type_dict(base)
        names = [name for name in inside if type(name) is str and _is_shown(name, base)]
        names.sort(key=lambda name: (name[:1] == "_", name))
        for name in names:
            if name not in seen:
                seen.add(name)
                yield _class_member(name, inside[name], base, budget)


def _is_shown(name: str, base: type) -> bool:
    """Special methods only where the user's own classes have them, and never what Python puts into every class."""
    if not objects.is_special(name):
        return True
    is_own = look.module_name(base) == "__main__"
    return is_own and name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__slots__",
                                   "__firstlineno__", "__static_attributes__", "__annotations__")  # fmt: skip


def _own_member(name: str, item: Any, kind: str, budget: look.Budget) -> dict[str, Any]:
    if look.kind_of(item) == "function":
        return _member(name, "method", item, look.type_name(type(item)), _function_preview(name, item), _doc(item))
    if look.kind_of(item) == "class":
        return _member(name, "class", item, "class", look.module_name(item), "")
    entry = variables.unlooked(item) if budget.is_spent() else look.describe(item)
    return _member(name, kind, item, entry[1], entry[3] if entry[5] else "", "")


def _member(name: str, kind: str, item: Any, type_name: str, preview: str, doc: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": _sound(name, 200), "kind": kind, "type_name": type_name}
    if preview:
        found["preview"] = _sound(preview, 200)
    if doc:
        found["doc"] = _sound(doc, MEMBER_DOC_LENGTH)
    return found


def _class_member(name: str, item: Any, base: type, budget: look.Budget) -> dict[str, Any]:
    """As it lies in the class: a property is told, not asked."""
    cls = type(item)
    if cls is property:
        found = _member(name, "property", item, "property", "", _property_doc(item))
    elif cls is types.GetSetDescriptorType or cls is types.MemberDescriptorType:
        found = _member(name, "slot" if cls is types.MemberDescriptorType else "property", item, "", "", _doc(item))
    elif cls is classmethod or cls is staticmethod:
        inner = item.__func__
        found = _member(name, "method", inner, look.type_name(cls), _function_preview(name, inner), _doc(inner))
    else:
        found = _own_member(name, item, "attribute", budget)
    found["from_class"] = look.type_name(base)
    return found


def _function_preview(name: str, item: Any) -> str:
    return name + (_signature(things.Thing(item, type(item), type(item) is types.FunctionType)) or "(…)")


def _doc(item: Any) -> str:
    return calls.summary(things.documentation(things.thing(item))[:DOC_LENGTH])


def _property_doc(item: Any) -> str:
    doc = _doc_of_property(item)
    getter = _getter_of(item)
    if type(doc) is not str and type(getter) is types.FunctionType:
        doc = _doc_of_function(getter)
    return calls.summary(doc[:DOC_LENGTH]) if type(doc) is str else ""


# ---- source ---------------------------------------------------------------------------------------------------------


def source_of(value: Any, kind: str) -> Source:
    """The code that made a function, a class, a module, or the class of an object."""
    if kind == "module":
        return _module_source(value)
    if kind == "class":
        return _class_source(value)
    function = things.function_of(things.thing(value)) if kind == "function" else None
    if function is not None:
        return _function_source(look.code_of(function[0]))
    return _class_source(type(value)) if kind == "" and look.module_name(type(value)) != "builtins" else Source()


def _function_source(code: types.CodeType) -> Source:
    lines, path = _lines(code.co_filename)
    first = code.co_firstlineno
    if not 0 < first <= len(lines):
        return Source()
    return Source(_block(lines[first - 1 :]), path, first)


def _block(lines: list[str]) -> str:
    """The function or class that begins in the first line."""
    try:
        return "".join(inspect.getblock(lines[:5_000]))[:SOURCE_LENGTH]
    except (SyntaxError, IndexError, tokenize.TokenError):
        return ""


def _module_source(module: Any) -> Source:
    name = (look.instance_dict(module) or {}).get("__file__")
    if type(name) is not str or not name.endswith((".py", ".pyw", ".pyi")):
        return Source()
    lines, path = _lines(name)
    return Source("".join(lines)[:SOURCE_LENGTH], path, 1) if lines else Source()


def _class_source(cls: type) -> Source:
    """A class keeps no line number before Python 3.13: so its name is looked for where its methods come from, in the
    file of its module, or in the cells that were run."""
    name = _qualname_of(cls)
    if type(name) is not str or "<locals>" in name:
        return Source()
    for file in _files_of(cls):
        lines, path = _lines(file)
        first, end = _find_class(lines, name.split("."))
        if first:
            return Source("".join(lines[first - 1 : end])[:SOURCE_LENGTH], path, first)
    return Source()


def _files_of(cls: type) -> Iterator[str]:
    for item in list(look.type_dict(cls).values()):
        if type(item) is types.FunctionType:
            file = look.code_of(item).co_filename
            if not file.startswith("<"):
                yield file
                break
    module = look.library(look.module_name(cls)) or {}
    place = module.get("__file__")
    if type(place) is str and place.endswith(".py"):
        yield place
    elif look.module_name(cls) == "__main__":
        cells = [name for name in list(linecache.cache) if type(name) is str and _is_cell(name)]
        yield from cells[: -_CELLS_SEARCHED - 1 : -1]


def _is_cell(name: str) -> bool:
    """IPython's names for the cells that it has run."""
    return "ipykernel_" in name or name.startswith("<ipython-input")


def _find_class(lines: list[str], names: list[str]) -> tuple[int, int]:
    """The first and last line of the last class statement of this name, decorators counted in; 0 where there is none.
    Long files take long to parse: there only the lines are looked at."""
    if not any(names[-1] in line for line in lines):
        return 0, 0
    if len(lines) > PARSED_LINES_MOST:
        return _find_lines(lines, names[0])
    try:
        body: list[ast.stmt] = ast.parse("".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0, 0
    node: ast.ClassDef | None = None
    for name in names:
        classes = [one for one in _statements(body) if isinstance(one, ast.ClassDef) and one.name == name]
        if not classes:
            return 0, 0
        node = classes[-1]
        body = node.body
    if node is None:
        return 0, 0
    return min([node.lineno, *(one.lineno for one in node.decorator_list)]), node.end_lineno or node.lineno


def _find_lines(lines: list[str], name: str) -> tuple[int, int]:
    """A class at the margin, up to the next class or function there."""
    start = re.compile(rf"class {re.escape(name)}\b")
    first = next((n for n, line in enumerate(lines) if start.match(line)), -1)
    if first < 0:
        return 0, 0
    end = next((n for n in range(first + 1, len(lines)) if lines[n].startswith(("class ", "def ", "@"))), len(lines))
    return first + 1, end


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements also under `if` and `try`."""
    for one in body:
        yield one
        for name in ("body", "orelse", "handlers", "finalbody"):
            inner = getattr(one, name, None)
            if inner and not isinstance(one, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from _statements(inner)


def _lines(name: str) -> tuple[list[str], str]:
    """The lines of a file or cell, and its path if it is a file. `linecache` itself would ask loaders and search
    folders; what it keeps already, and plain files, are enough."""
    entry = linecache.cache.get(name)
    is_file = _is_plain_file(name)
    if type(entry) is tuple and len(entry) == 4 and type(entry[2]) is list:
        return entry[2], name if is_file else ""
    if not is_file:
        return [], ""
    try:
        with tokenize.open(name) as file:
            return file.readlines(), name
    except (OSError, SyntaxError, UnicodeDecodeError):
        return [], ""


def _is_plain_file(name: str) -> bool:
    try:
        about = Path(name).stat()
    except (OSError, ValueError):
        return False
    return Path(name).is_absolute() and stat.S_ISREG(about.st_mode) and about.st_size <= FILE_BYTES_MOST

"""Documentation of what the session knows: `help.at`, `help.page`, `help.search`, and `x?` on its way to the window.

Owns the contract's `HelpPage`. Reads slots, class dicts and docstrings (see `look.py`); imports nothing of the user's
environment and calls nothing of the user's. Names of modules that nobody has imported are the static helper's.
"""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
import sys
import types
from pathlib import Path
from typing import Any, Iterator, NamedTuple

from fourpane_plugins.lang_python.agent import calls, look, object_info, place, things, variables

DOC_LENGTH = 200_000
MEMBERS_CAP = 1_500
SEARCH_BUDGET_S = 0.15
TITLE_LENGTH = 200
_TOPIC = re.compile(rf"{place.NAME}(?:\.{place.NAME})*\Z")
_module_of_function: Any = vars(types.FunctionType).get("__module__")
_qualname_of_function: Any = vars(types.FunctionType)["__qualname__"].__get__
_qualname_of_class: Any = vars(type)["__qualname__"].__get__
_BUILT_IN = vars(types.BuiltinFunctionType)


class Subject(NamedTuple):
    """What a page is about: the value, or the raw member of a class, and the class that it was found in."""

    topic: str
    value: Any
    owner: type | None = None
    name: str = ""


def at(shell: Any, code: str, offset: int) -> dict[str, Any]:
    """The page of the name at `offset`, or of the keyword there."""
    tail = re.match(r"\w*", code[offset:])
    where = place.place_at(code, offset + (tail.end() if tail else 0))
    if where.quote or where.in_comment or where.text[-1:].isspace():
        return {}
    return page(shell, place.chain_before(where.text), "")


def page(shell: Any, topic: str, package: str) -> dict[str, Any]:
    """The page of a chain of names in the session, else of a full name in a module that is imported."""
    topic = topic.strip() or package
    if keyword.iskeyword(topic):
        return _keyword_page(topic)
    if place.chain_before(topic) != topic:
        return {}
    subject = _in_session(shell.user_ns, topic)
    if subject is None or (subject.owner is None and _is_plain_value(subject.value)):
        # A variable of the user's that is called as a module is: the full name of a link means the module.
        subject = _in_modules(topic) or subject
    return {} if subject is None else _page(subject, shell.user_ns)


# ---- finding --------------------------------------------------------------------------------------------------------


def _in_session(namespace: dict[str, Any], chain: str) -> Subject | None:
    owner, dot, name = chain.rpartition(".")
    found = things.resolve(namespace, chain)
    if dot:
        holder = things.resolve(namespace, owner.strip())
        member = _raw_member(holder, name.strip()) if holder is not None else None
        if member is not None:
            return member
        module = holder.value if holder is not None and holder.has_value else None
        if type(module) is types.ModuleType:
            home = (look.instance_dict(module) or {}).get("__name__")
            chain = f"{home}.{name.strip()}" if type(home) is str and home != "__main__" else chain
    if found is None:
        return None
    return Subject(chain, found.value if found.has_value else found.cls)


def _raw_member(holder: things.Thing, name: str) -> Subject | None:
    """A member as it lies in a class, so that a property is told and not asked."""
    if holder.has_value and look.kind_of(holder.value) == "module":
        return None
    if holder.has_value:
        inside = None if look.is_class(holder.value) else look.instance_dict(holder.value)
        if inside is not None and name in inside:
            return None
    cls = holder.value if holder.has_value and look.is_class(holder.value) else holder.cls
    for base in look.mro(cls):
        if name in look.type_dict(base):
            return Subject(_shortest(_full_name(cls), cls) + "." + name, look.type_dict(base)[name], cls, name)
    return None


def _in_modules(topic: str) -> Subject | None:
    """A full name, from the longest part of it that is an imported module."""
    if _TOPIC.match(topic) is None:
        return None
    parts = topic.split(".")
    for count in range(len(parts), 0, -1):
        module = sys.modules.get(".".join(parts[:count]))
        if type(module) is not types.ModuleType:
            continue
        if count == len(parts):
            return Subject(topic, module)
        found = _in_session({"module": module}, ".".join(["module", *parts[count:]]))
        return None if found is None else found._replace(topic=topic)
    return None


def _is_plain_value(value: Any) -> bool:
    return look.kind_of(value) == ""


# ---- one page -------------------------------------------------------------------------------------------------------


def _page(subject: Subject, namespace: dict[str, Any]) -> dict[str, Any]:
    value, kind = _about(subject)
    is_instance = kind == "object"
    cls = type(value) if is_instance else value
    shown = things.thing(cls if is_instance else value)
    name = (
        _name_of(cls, subject, namespace) if is_instance or kind in ("class", "function", "module") else subject.topic
    )
    topic = subject.topic if is_instance else name  # a variable is found by its own name again
    module = _module_of(shown.value, subject)
    top = module.partition(".")[0].replace("__main__", "")
    documentation = _documentation(subject, value, kind)
    source = object_info.source_of(shown.value, look.kind_of(shown.value)) if kind != "property" else None
    return {
        "topic": _sound(topic, TITLE_LENGTH),
        "package": _sound(top, TITLE_LENGTH),
        "version": _version(top),
        "title": _sound(_value_title(subject, value) if is_instance else name, TITLE_LENGTH),
        "kind": kind,
        "signature": _sound(_signature(subject, shown, name), 4_000),
        "format": "docstring",
        "text": _sound(inspect.cleandoc(documentation[:DOC_LENGTH]), DOC_LENGTH),
        "members": list(_members(shown.value, name, kind)),
        "source_path": _sound(source.path, 4_000) if source is not None else "",
        "source_line": source.line if source is not None else 0,
    }


def _about(subject: Subject) -> tuple[Any, str]:
    """The value that a member stands for, and the word for what it is."""
    value = things.stood_for(subject.value)
    if type(value) in (classmethod, staticmethod):
        return value.__func__, "method"
    if type(value) is property or type(value) in (types.GetSetDescriptorType, types.MemberDescriptorType):
        return value, "property"
    kind = look.kind_of(value)
    if kind == "function":
        return value, "method" if subject.owner is not None else "function"
    if kind:
        return value, kind
    if look.module_name(type(value)) == "numpy" and look.type_name(type(value)) == "ufunc":
        return value, "function"
    if _is_cached_property(value):
        return value, "property"
    return value, "object"


def _is_cached_property(value: Any) -> bool:
    """Descriptors that are properties by another name: `functools.cached_property` and pandas' own."""
    return look.type_name(type(value)) in ("cached_property", "CachedProperty", "cache_readonly")


def _documentation(subject: Subject, value: Any, kind: str) -> str:
    found = _own_documentation(value, kind)
    if found or subject.owner is None:
        return found
    for base in look.mro(subject.owner):  # a method that overrides one of a base class has the base's documentation
        inherited = look.type_dict(base).get(subject.name)
        if inherited is not None:
            found = _own_documentation(*_about(Subject("", inherited, base, subject.name)))
            if found:
                return found
    return ""


def _own_documentation(value: Any, kind: str) -> str:
    if kind == "object":
        doc = look.type_dict(type(value)).get("__doc__")
        return doc if type(doc) is str else ""
    if type(value) is property:
        doc = object_info._doc_of_property(value)
        getter = object_info._getter_of(value)
        if type(doc) is not str and type(getter) is types.FunctionType:
            doc = object_info._doc_of_function(getter)
        return doc if type(doc) is str else ""
    if _is_cached_property(value):
        inner = (look.instance_dict(value) or {}).get("func")
        doc = object_info._doc_of_function(inner) if type(inner) is types.FunctionType else None
        return doc if type(doc) is str else ""
    if type(value) in (types.GetSetDescriptorType, types.MemberDescriptorType):
        doc = type(value).__dict__["__doc__"].__get__(value)
        return doc if type(doc) is str else ""
    found = things.documentation(things.thing(value))
    if not found and kind == "class":
        for base in look.mro(value)[1:-1]:
            doc = look.type_dict(base).get("__doc__")
            if type(doc) is str and doc:
                return doc
    return found


def _signature(subject: Subject, shown: things.Thing, topic: str) -> str:
    kind = look.kind_of(shown.value)
    if kind not in ("function", "class") and type(shown.value) not in (classmethod, staticmethod):
        return ""
    is_bound = subject.owner is not None and type(subject.value) is not staticmethod
    parameters = calls.parameters_of(things.Thing(shown.value, shown.cls, is_bound))
    if parameters is None:
        return ""
    labels = [p.label for p in parameters]
    first = next((at for at, p in enumerate(parameters) if p.is_named_only), -1)
    if first >= 0 and not any(p.is_rest for p in parameters[:first]):
        labels.insert(first, "*")
    return topic.rpartition(".")[2] + "(" + ", ".join(labels) + ")"


def _value_title(subject: Subject, value: Any) -> str:
    """For a value: its name, its type and what it is now, as Variables says it."""
    entry = look.describe(value)
    shape = " × ".join(str(size) for size in entry[2])
    return subject.topic + ": " + entry[1] + (f" ({shape})" if shape else "")


def _members(value: Any, topic: str, kind: str) -> Iterator[dict[str, str]]:
    """Public names of a module, or of a class with its bases, with a line on each."""
    if kind == "module":
        rows: Any = _module_rows(value)
    elif kind in ("class", "object") and look.is_class(value) and value is not object:
        rows = _class_rows(value)
    else:
        return
    budget = look.Budget(object_info.BUDGET_S)
    for count, (name, item, owner) in enumerate(rows):
        if count >= MEMBERS_CAP:
            return
        inner, word = _about(Subject("", item, owner, name))
        is_told = not budget.is_spent() and word != "object"
        summary = calls.summary(_own_documentation(inner, word)[:2_000]) if is_told else ""
        if word == "object":
            word = "value"
        yield {
            "name": _sound(name, TITLE_LENGTH),
            "topic": _sound(topic + "." + name, TITLE_LENGTH),
            "kind": word,
            "title": _sound(summary, TITLE_LENGTH),
        }


def _module_rows(module: Any) -> Iterator[tuple[str, Any, None]]:
    inside = look.instance_dict(module) or {}
    listed = inside.get("__all__")
    names = []
    if type(listed) is list or type(listed) is tuple:
        names = [name for name in listed if type(name) is str]
    else:
        names = [name for name in list(inside) if type(name) is str and name[:1] != "_"]
        own = look.instance_dict(module) or {}
        # Without a list of its own, what a module has imported from elsewhere is not its own.
        names = [name for name in names if look.kind_of(own[name]) != "module"]
    for name in sorted(set(names), key=str.lower):
        if name in inside:
            yield name, inside[name], None
    package = inside.get("__name__")
    for name in list(sys.modules):
        head, _, tail = name.rpartition(".")
        module = sys.modules.get(name) if head == package and tail[:1] != "_" and tail not in names else None
        if type(module) is types.ModuleType:
            yield tail, module, None


def _class_rows(cls: type) -> Iterator[tuple[str, Any, type]]:
    found: dict[str, tuple[Any, type]] = {}
    for base in look.mro(cls):
        if base is object:
            continue
        for name, item in list(look.type_dict(base).items()):
            if type(name) is str and name[:1] != "_":
                found.setdefault(name, (item, base))
    for name in sorted(found, key=str.lower):
        yield name, found[name][0], found[name][1]


# ---- names ----------------------------------------------------------------------------------------------------------


def _full_name(cls: type) -> str:
    module = look.module_name(cls)
    name = _qualname_of_class(cls)
    name = name if type(name) is str else look.type_name(cls)
    return name if module in ("builtins", "__main__", "") else module + "." + name


def _name_of(value: Any, subject: Subject, namespace: dict[str, Any]) -> str:
    """The name that is asked for again later: as the library calls it, where that leads to the same object."""
    if subject.owner is not None:
        return subject.topic
    if look.kind_of(value) == "module":
        name = (look.instance_dict(value) or {}).get("__name__")
        return name if type(name) is str else subject.topic
    full = ""
    if look.is_class(value):
        full = _full_name(value)
    elif type(value) is types.FunctionType:
        module, name = _place_of_function(value)
        full = module + "." + name if module not in ("__main__", "") and name else ""
    if full:
        full = _shortest(full, value)
        found = _in_modules(full) or _in_session(namespace, full)
        if found is not None and found.value is value:
            return full
    return subject.topic


def _shortest(full: str, value: Any) -> str:
    """The name of a library's thing as users write it: `pandas.merge` rather than `pandas.core.reshape.merge.merge`."""
    *modules, last = full.split(".")
    for count in range(1, len(modules)):
        name = ".".join([*modules[:count], last])
        inside = look.library(".".join(modules[:count]))
        if inside is not None and things.stood_for(inside.get(last)) is value:
            return name
    return full


def _place_of_function(function: types.FunctionType) -> tuple[str, str]:
    """Module and qualified name, by slots: both can be set to anything."""
    module = _get_module(function)
    name = _qualname_of_function(function)
    return module if type(module) is str else "", name if type(name) is str and "<" not in name else ""


def _get_module(function: types.FunctionType) -> Any:
    slot = _module_of_function
    return slot.__get__(function) if type(slot) in (types.GetSetDescriptorType, types.MemberDescriptorType) else None


def _module_of(value: Any, subject: Subject) -> str:
    if look.kind_of(value) == "module":
        name = (look.instance_dict(value) or {}).get("__name__")
        return name if type(name) is str else ""
    if look.module_name(type(value)) == "numpy" and look.type_name(type(value)) == "ufunc":
        return "numpy"
    if subject.owner is not None:
        return look.module_name(subject.owner)
    if look.is_class(value):
        return look.module_name(value)
    if type(value) is types.FunctionType:
        return _place_of_function(value)[0]
    if type(value) is types.BuiltinFunctionType:
        slot = _BUILT_IN.get("__module__")
        module = slot.__get__(value) if type(slot) is types.MemberDescriptorType else None
        return module if type(module) is str else "builtins"
    return subject.topic.partition(".")[0] if subject.topic.partition(".")[0] in sys.modules else ""


def home_of(namespace: dict[str, Any], chain: str) -> tuple[str, str]:
    """The package that a function, class or module of the session comes from, and its version; empty for the user's."""
    subject = _in_session(namespace, chain)
    if subject is None:
        return "", ""
    value, _kind = _about(subject)
    package = _module_of(things.thing(value).value, subject).partition(".")[0]
    return ("", "") if package == "__main__" else (_sound(package, TITLE_LENGTH), _version(package))


def _version(package: str) -> str:
    if package in sys.builtin_module_names or package in getattr(sys, "stdlib_module_names", ()):
        return ".".join(str(part) for part in sys.version_info[:3])
    version = (look.library(package) or {}).get("__version__")
    if type(version) is not str:
        version = _version_installed(package)
    return _sound(version, 40) if type(version) is str else ""


def _version_installed(package: str) -> str | None:
    """What the installer wrote down, for a package that works its version out when it is asked (matplotlib)."""
    if look.library(package) is None:
        return None
    from importlib import metadata

    try:
        return metadata.version(package)
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return None


def _sound(text: str, length: int) -> str:
    return variables.sound(text if len(text) <= length else text[: length - 1] + "…")


# ---- keywords -------------------------------------------------------------------------------------------------------


def _keyword_page(word: str) -> dict[str, Any]:
    """Python's own chapter on a keyword, which comes with it."""
    import pydoc

    entry = pydoc.Helper.keywords.get(word)
    while type(entry) is str and entry in pydoc.Helper.keywords and entry != word:
        entry = pydoc.Helper.keywords[entry]
    label = entry[0] if isinstance(entry, tuple) else entry or word
    try:
        from pydoc_data import topics
    except ImportError:
        return {}
    known: dict[str, str] = topics.topics
    text = known.get(label) or known.get(word) or ""
    return {
        "topic": word,
        "title": word,
        "kind": "keyword",
        "format": "text",
        "text": text[:DOC_LENGTH],
    }


# ---- search ---------------------------------------------------------------------------------------------------------


def search(shell: Any, text: str, limit: int) -> dict[str, Any]:
    """Names of modules that are imported, and of Python itself; what else lies in the folders is read elsewhere."""
    words = text.lower().split()
    budget = look.Budget(SEARCH_BUDGET_S)
    found: list[tuple[Any, dict[str, str]]] = []
    known = {id(module) for module in (builtins,)}
    rows = [("", vars(builtins))]
    for name, module in list(sys.modules.items()):
        is_public = type(name) is str and not any(part[:1] == "_" for part in name.split("."))
        if is_public and name != "__main__" and type(module) is types.ModuleType and id(module) not in known:
            known.add(id(module))
            rows.append((name, look.instance_dict(module) or {}))
    for module_name, inside in sorted(rows, key=lambda row: (row[0].count("."), row[0])):
        if budget.is_spent() or not words:
            break
        if module_name and all(word in module_name.lower() for word in words):
            found.append(_match(module_name, "module", sys.modules[module_name], words))
        for name in list(inside):
            if type(name) is str and name[:1] != "_" and _has_all(module_name, name, words):
                item = things.stood_for(inside[name])
                kind = look.kind_of(item)
                if kind in ("function", "class") and _is_home(item, module_name):
                    found.append(_match(f"{module_name}.{name}".strip("."), kind, item, words))
    found.sort(key=lambda row: row[0])
    seen: set[int] = set()
    matches = []
    for order, row in found:
        if order[-1] not in seen:  # the same object under a longer name
            seen.add(order[-1])
            matches.append(row)
    folders = [str(Path(entry or ".").absolute()) for entry in sys.path if type(entry) is str and Path(entry).is_dir()]
    return {"matches": matches[:limit], "folders": list(dict.fromkeys(folders)), "is_complete": True}


def _has_all(module: str, name: str, words: list[str]) -> bool:
    """Whether a name has all words; one with a dot may lead through its module."""
    lower, full = name.lower(), f"{module}.{name}".lower()
    return all(word in (full if "." in word else lower) for word in words)


def _is_home(value: Any, module: str) -> bool:
    """Whether an object is of the package in whose module it was found."""
    home = look.module_name(value) if look.is_class(value) else _module_of(value, Subject("", value))
    return home.partition(".")[0].lstrip("_") in (module.partition(".")[0], "" if module else "builtins", "builtins")


def _match(topic: str, kind: str, value: Any, words: list[str]) -> tuple[Any, dict[str, str]]:
    name = topic.rpartition(".")[2]
    lower, typed = name.lower(), " ".join(words)
    full = topic.lower()
    is_begun = lower.startswith(typed) or full.startswith(typed)
    order = (typed not in (lower, full), not is_begun, topic.count("."), len(name), topic, id(value))
    summary = calls.summary(things.documentation(things.thing(value))[:2_000])
    package = topic.partition(".")[0] if "." in topic or kind == "module" else "builtins"
    return order, {
        "name": _sound(topic, TITLE_LENGTH),
        "topic": _sound(topic, TITLE_LENGTH),
        "package": _sound(package, TITLE_LENGTH),
        "kind": kind,
        "title": _sound(summary, TITLE_LENGTH),
    }

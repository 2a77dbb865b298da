"""What lies inside a value, as a tree: its parts in their own order, and the value that a path of tokens leads to.

Owns tokens, which are opaque to the window, and the rules of getting at parts without running anything of theirs (see
`look.py`). Each kind of part is a `Section`. Does not change values (`acts.py`).
"""

from __future__ import annotations

import json
import keyword
import re
import types
import unicodedata
from itertools import islice
from typing import Any, Iterable, Iterator, NamedTuple

from fourpane_plugins.lang_python.agent import look, variables
from fourpane_plugins.lang_python.agent.refusal import Refusal

MISSING: Any = object()
"""Stands where a value cannot be had without running code that is not known to be safe."""
CHILDREN_CAP = 1_000
LABEL_LENGTH = 200
CHILDREN_BUDGET_S = 0.15
KEY_LENGTH = 1_000
_FIELDS_CAP = 100_000
_KEYS_AT_ONCE = 1_000
_PLAIN_KEYS = frozenset(id(cls) for cls in (str, int, float, bool, bytes, type(None)))


class Part(NamedTuple):
    """One part of a value. The value is MISSING where it could not be looked at."""

    token: str
    label: str
    value: Any


class Section:
    """One kind of parts of one value, in their order. The first letter of a token names the section."""

    letter = ""
    fixed = ""
    """Why these parts cannot be set; empty where they can."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def count(self) -> int:
        """How many parts there are."""
        raise NotImplementedError

    def take(self, first: int, end: int) -> Iterable[Part]:
        """The parts from `first` to `end`."""
        raise NotImplementedError

    def get(self, body: str) -> Any:
        """The part that a token, without its letter, stands for; MISSING where there is none any more."""
        raise NotImplementedError

    def code(self, owner: str, body: str) -> str:
        """An expression for the part, given one for its owner; empty where there is none."""
        raise NotImplementedError


# ---- keys as tokens -------------------------------------------------------------------------------------------------


def encoded(key: Any) -> str:
    """A text for a key of a plain type, the same for equal keys of the same type; "" for all other keys."""
    kind = type(key)
    if kind is str:
        return "s" + key if len(key) <= KEY_LENGTH and _is_sound(key) else ""
    if kind is bool or key is None:
        return "b" + repr(key)
    if kind is int:
        return f"i{key}" if key.bit_length() <= 2000 else ""
    if kind is float:
        return "f" + float.hex(key)
    if kind is bytes:
        return "y" + bytes.hex(key) if len(key) <= KEY_LENGTH else ""
    if kind is tuple and len(key) <= 20:
        parts = [encoded(item) for item in key]
        return "t" + json.dumps(parts) if all(parts) else ""
    return ""


def _is_sound(text: str) -> bool:
    """Whether a text can travel: half a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _literal(key: Any) -> str:
    """Code for a key of a plain type; "" where it has none."""
    if not encoded(key):
        return ""
    text = repr(key)
    return "" if re.search(r"\b(?:nan|inf)\b", re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "", text)) else text


def _label(value: Any) -> str:
    """How a key or row label is shown."""
    text = look.preview(value, 1, look.Budget(0.002))
    return f"<{look.type_name(type(value))}>" if text is None else text


def _keyed(token: str, key: Any, position: int) -> str:
    """A token by the key where it is plain, else by its place and identity."""
    body = encoded(key)
    return token + "k" + body if body else f"{token}p{position}:{id(key)}"


def _position_of(keys: Iterable[Any], body: str) -> int:
    """Where the key is that `_keyed` spoke of; -1 where it is gone."""
    if body[:1] == "k":
        wanted = body[1:]
        if wanted[:1] == "s":
            return _position_of_text(keys, wanted[1:])
        return next((n for n, key in enumerate(keys) if encoded(key) == wanted), -1)
    identity = _number(body.rpartition(":")[2])
    return next((n for n, key in enumerate(keys) if id(key) == identity), -1)


def _position_of_text(keys: Iterable[Any], text: str) -> int:
    """Many keys at once: where all are plain text, comparing them runs nothing of anybody's."""
    waiting = iter(keys)
    first = 0
    while True:
        some = list(islice(waiting, _KEYS_AT_ONCE))
        if not some:
            return -1
        if set(map(id, map(type, some))) == {id(str)}:
            found = some.index(text) if text in some else -1
        else:
            found = next((n for n, key in enumerate(some) if type(key) is str and key == text), -1)
        if found >= 0:
            return first + found
        first += len(some)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 20 else -1


# ---- Python's own containers ----------------------------------------------------------------------------------------


class Items(Section):
    """Items of a list, tuple or deque, by place."""

    letter = "i"

    def __init__(self, owner: Any, base: Any, names: tuple[str, ...] = ()) -> None:
        super().__init__(owner)
        self.base = base
        self.names = names
        if base is tuple:
            self.fixed = "A tuple cannot be changed: put a new one in its place."

    def count(self) -> int:
        return int(self.base.__len__(self.owner))

    def take(self, first: int, end: int) -> Iterator[Part]:
        for index in range(first, min(end, self.count())):
            name = self.names[index] if index < len(self.names) else f"[{index}]"
            yield Part(f"i{index}", name, self.base.__getitem__(self.owner, index))

    def get(self, body: str) -> Any:
        index = _number(body)
        return self.base.__getitem__(self.owner, index) if 0 <= index < self.count() else MISSING

    def code(self, owner: str, body: str) -> str:
        return f"{owner}[{body}]"


class Members(Section):
    """Members of a set, in the order in which they lie."""

    letter = "m"
    fixed = "A member of a set cannot be replaced: put a new set in its place."

    def __init__(self, owner: Any, base: Any) -> None:
        super().__init__(owner)
        self.base = base

    def count(self) -> int:
        return int(self.base.__len__(self.owner))

    def take(self, first: int, end: int) -> Iterator[Part]:
        for position, value in enumerate(islice(self.base.__iter__(self.owner), first, end), first):
            yield Part(_keyed("m", value, position), f"{{{position}}}", value)

    def get(self, body: str) -> Any:
        position = _position_of(self.base.__iter__(self.owner), body)
        return MISSING if position < 0 else next(islice(self.base.__iter__(self.owner), position, None))

    def code(self, owner: str, body: str) -> str:
        return ""


class Keys(Section):
    """Values of a dict, by key. No key is hashed or compared, unless it is of a plain type."""

    letter = "k"

    def count(self) -> int:
        return dict.__len__(self.owner)

    def _pairs(self) -> Iterable[tuple[Any, Any]]:
        """An ordered dict has an order of its own. Its iterator hashes the keys, so it may only see plain ones."""
        ordered = (look.library("collections") or {}).get("OrderedDict")
        if ordered is None or not any(base is ordered for base in look.mro(type(self.owner))) or self.count() > 50_000:
            return dict.items(self.owner)
        values = {id(key): (key, value) for key, value in dict.items(self.owner)}
        if not all(id(type(key)) in _PLAIN_KEYS for key, _ in values.values()):
            return values.values()
        return [values[id(key)] for key in ordered.__iter__(self.owner) if id(key) in values]

    def take(self, first: int, end: int) -> Iterator[Part]:
        for position, (key, value) in enumerate(islice(self._pairs(), first, end), first):
            yield Part(_keyed("k", key, position), _label(key), value)

    def get(self, body: str) -> Any:
        position = _position_of(dict.keys(self.owner), body)
        return MISSING if position < 0 else next(islice(dict.values(self.owner), position, None))

    def code(self, owner: str, body: str) -> str:
        if body[:1] != "k":
            return ""
        position = _position_of(dict.keys(self.owner), body)
        literal = "" if position < 0 else _literal(next(islice(dict.keys(self.owner), position, None)))
        return f"{owner}[{literal}]" if literal else ""


class Attributes(Section):
    """What lies in an object's dict and slots; of a module and a class, their names."""

    letter = "a"

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.entries = list(islice(attributes_of(owner), _FIELDS_CAP))

    def count(self) -> int:
        return len(self.entries)

    def take(self, first: int, end: int) -> Iterator[Part]:
        for name, value in self.entries[first:end]:
            yield Part("a" + name, name, value)

    def get(self, body: str) -> Any:
        return next((value for name, value in self.entries if name == body), MISSING)

    def code(self, owner: str, body: str) -> str:
        return f"{owner}.{body}" if is_name(body) else ""


def attributes_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values that lie in an object itself, without those that Python puts there."""
    kind = look.kind_of(value)
    if kind == "class":
        yield from _class_attributes(value)
        return
    for name, item in list((look.instance_dict(value) or {}).items()):
        if type(name) is str and _is_sound(name) and not (kind == "module" and is_special(name)):
            yield name, item
    for name, item in look.slots(value):
        if _is_sound(name):
            yield name, item


def _class_attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The members of an enumeration; of other classes all that their body made."""
    inside = look.type_dict(value)
    members = inside.get("_member_map_")
    if type(members) is dict:
        for name, member in list(members.items()):
            if type(name) is str:
                yield name, member
        return
    for name, item in list(inside.items()):
        if type(name) is str and not is_special(name) and _is_sound(name):
            yield name, item


def is_special(name: str) -> bool:
    """`__name__` and its kin."""
    return name[:2] == "__" and name[-2:] == "__"


class Closure(Section):
    """Variables that a function keeps from around it."""

    letter = "f"
    fixed = "A variable that a function keeps from around it can only be changed by code inside that function."

    def count(self) -> int:
        return len(look.closure(self.owner))

    def take(self, first: int, end: int) -> Iterator[Part]:
        for index, name in enumerate(look.closure(self.owner)[first:end], first):
            yield Part("f" + name, name, self._value(index))

    def _value(self, index: int) -> Any:
        try:
            return look.closure_value(self.owner, index)
        except ValueError:  # it was never given a value
            return MISSING

    def get(self, body: str) -> Any:
        names = look.closure(self.owner)
        return self._value(names.index(body)) if body in names else MISSING

    def code(self, owner: str, body: str) -> str:
        return ""


# ---- frames and arrays ----------------------------------------------------------------------------------------------


class Columns(Section):
    """Columns of a frame; by name, and by place where several have the same one."""

    letter = "c"

    def __init__(self, owner: Any, kind: str, names: list[Any]) -> None:
        super().__init__(owner)
        self.kind = kind
        self.names = names

    def count(self) -> int:
        return len(self.names)

    def take(self, first: int, end: int) -> Iterator[Part]:
        for position in range(first, min(end, len(self.names))):
            name = self.names[position]
            label = name if type(name) is str else _label(name)
            yield Part(f"c{position}:{encoded(name)}", label, self._value(position))

    def _value(self, position: int) -> Any:
        try:
            if self.kind == "_pandas_frame":
                return self._series(position)
            if self.kind == "_polars_frame":
                return self.owner.to_series(position)
            if self.kind == "_arrow_table":
                return self.owner.column(position)
            return self.owner[self.names[position]]
        except Exception:  # noqa: BLE001 - a library's object in a state that we do not know; its neighbours still show
            return MISSING

    def _series(self, position: int) -> Any:
        """A column of pandas' as a series; making one of an array of the user's own kind would ask that for its
        length."""
        manager = self.owner._mgr
        values = manager.blocks[manager.blknos[position]].values
        if look.module_name(type(values)).split(".")[0] not in ("numpy", "pandas"):
            return MISSING
        return (look.library("pandas") or {})["DataFrame"]._ixs(self.owner, position, 1)

    def position(self, body: str) -> int:
        """Where the column is by now; -1 where it is gone."""
        before, _, name = body.partition(":")
        position = _number(before)
        if 0 <= position < len(self.names) and encoded(self.names[position]) == name:
            return position
        return next((n for n, other in enumerate(self.names) if name and encoded(other) == name), -1)

    def get(self, body: str) -> Any:
        position = self.position(body)
        return MISSING if position < 0 else self._value(position)

    def code(self, owner: str, body: str) -> str:
        position = self.position(body)
        if position < 0:
            return ""
        token = encoded(self.names[position])
        literal = _literal(self.names[position])
        if literal and sum(encoded(name) == token for name in self.names) == 1:
            return f"{owner}[{literal}]"
        by_place = {"_pandas_frame": f"{owner}.iloc[:, {position}]", "_polars_frame": f"{owner}.to_series({position})"}
        return by_place.get(self.kind, f"{owner}.column({position})" if self.kind == "_arrow_table" else "")


class Elements(Section):
    """What lies along the first axis of an array, a series or an index."""

    letter = "e"

    def __init__(self, owner: Any, kind: str) -> None:
        super().__init__(owner)
        self.kind = kind
        self.labels: Any = None
        self.values: Any = owner
        if kind == "_pandas_series":
            axes = look.pandas_axes(owner)
            self.labels = axes[0] if axes else None
            values: Any = owner._mgr.blocks[0].values
            self.values = values if look.module_name(type(values)).split(".")[0] in ("numpy", "pandas") else None
        if kind != "_ndarray":
            self.fixed = "Open it as a table to change its cells."

    def count(self) -> int:
        if self.values is None or (self.kind == "_pandas_series" and self.labels is None):
            return 0
        return int(self.values.shape[0]) if self.kind == "_ndarray" else len(self.values)

    def take(self, first: int, end: int) -> Iterator[Part]:
        for index in range(first, min(end, self.count())):
            label = f"[{index}]" if self.labels is None else _label(self.labels[index])
            yield Part(f"e{index}", label, self._value(index))

    def _value(self, index: int) -> Any:
        try:
            if self.kind == "_arrow_array":
                return self.values[index].as_py() if is_arrows_own(self.values.type) else MISSING
            return self.values[index]
        except Exception:  # noqa: BLE001 - a library's object in a state that we do not know; its neighbours still show
            return MISSING

    def get(self, body: str) -> Any:
        index = _number(body)
        return self._value(index) if 0 <= index < self.count() else MISSING

    def code(self, owner: str, body: str) -> str:
        return f"{owner}.iloc[{body}]" if self.kind == "_pandas_series" else f"{owner}[{body}]"


def is_arrows_own(kind: Any) -> bool:
    """Whether an arrow type and the types in it are arrow's own: extension types bring code of others."""
    if look.module_name(type(kind)) != "pyarrow.lib" or "Extension" in look.type_name(type(kind)):
        return False
    count = min(int(getattr(kind, "num_fields", 0)), 1_000)
    parts = [kind.field(index).type for index in range(count)] if count and hasattr(kind, "field") else []
    for name in ("value_type", "item_type", "key_type"):
        part = getattr(kind, name, None)
        if part is not None:
            parts.append(part)
    return all(is_arrows_own(part) for part in parts)


# ---- the tree -------------------------------------------------------------------------------------------------------


def sections(value: Any) -> list[Section]:
    """The parts of a value, kind after kind."""
    try:
        return _sections(value)
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know shows no parts
        return []


def _sections(value: Any) -> list[Section]:
    group, base = look.base_of(value)
    if group == "scalar":
        return []
    if group:
        found: list[Section] = [_contents(value, group, base)]
        return found if type(value) is base else [*found, Attributes(value)]
    known = look.known_name(value)
    if known in ("_pandas_frame", "_polars_frame", "_arrow_table"):
        return [Columns(value, known, _column_names(value, known))]
    if known == "_ndarray":
        return [Elements(value, known)] if value.shape else []
    if known in ("_pandas_series", "_pandas_index", "_polars_series", "_arrow_array"):
        return [Elements(value, known)]
    if known == "_numpy_scalar" and value.dtype.names is not None:
        return [Columns(value, "", list(value.dtype.names))]
    if known in ("_numpy_scalar", "_pandas_moment", "_pandas_missing", "_polars_lazy"):
        return []
    if type(value) is types.FunctionType:
        return [Closure(value), Attributes(value)]
    return [Attributes(value)]


def _contents(value: Any, group: str, base: Any) -> Section:
    if group == "mapping":
        return Keys(value)
    if base is set or base is frozenset:
        return Members(value, base)
    names: Any = look.class_attribute(type(value), "_fields") if base is tuple else None
    is_named = type(names) is tuple and all(type(name) is str for name in names)
    return Items(value, base, names if is_named else ())


def _column_names(value: Any, known: str) -> list[Any]:
    if known == "_pandas_frame":
        axes = look.pandas_axes(value)
        return axes[0].tolist() if axes else []
    if known == "_polars_frame":
        return list(object.__getattribute__(value, "_df").columns())
    return list(value.schema.names)


def step(value: Any, token: str) -> Any:
    """The part of `value` that `token` stands for, or MISSING."""
    section = section_of(value, token)
    return MISSING if section is None else section.get(token[1:])


def section_of(value: Any, token: str) -> Section | None:
    """The section that a token is of."""
    return next((section for section in sections(value) if token and section.letter == token[0]), None)


def resolve(shell: Any, path: list[str]) -> Any:
    """The value at `path`: a name of the user's, then tokens. Runs nothing of the user's. Raises Refusal
    (`not_possible`) in plain words where it is not there any more. Any thread."""
    if not path:
        raise Refusal("bad_params", "path is empty")
    value = shell.user_ns.get(path[0], MISSING)
    if value is MISSING:
        raise Refusal("not_possible", f"There is no variable {path[0]} any more.")
    for token in path[1:]:
        value = step(value, token)
        if value is MISSING:
            raise Refusal("not_possible", f"This part of {path[0]} is not there any more, or cannot be looked at.")
    return value


def is_name(text: str) -> bool:
    """Whether Python reads `text` as that very name."""
    is_plain = text.isascii() or unicodedata.normalize("NFKC", text) == text
    return is_plain and text.isidentifier() and not keyword.iskeyword(text)


def expression(shell: Any, path: list[str]) -> str:
    """Code for the value at `path`, such as `d['a'][0].x`; empty where it cannot be written as code."""
    text = path[0] if is_name(path[0]) else f"globals()[{path[0]!r}]"
    value = resolve(shell, path[:1])
    for token in path[1:]:
        section = section_of(value, token)
        text = section.code(text, token[1:]) if section is not None else ""
        if not text or section is None:
            return ""
        value = section.get(token[1:])
    return text


def children(shell: Any, path: list[str], first: int, limit: int) -> dict[str, Any]:
    """The contract's `VariableChildren`."""
    value = resolve(shell, path)
    first, limit = max(0, first), max(0, min(limit, CHILDREN_CAP))
    budget = look.Budget(CHILDREN_BUDGET_S)
    found: list[dict[str, Any]] = []
    total = 0
    for section in sections(value):
        count = section.count()
        start, end = max(0, first - total), min(count, first + limit - total)
        total += count
        if start < end:
            found.extend(_parts(section, start, end, budget))
    return {"children": found, "total": total}


def _parts(section: Section, first: int, end: int, budget: look.Budget) -> list[dict[str, Any]]:
    found = []
    try:
        for part in section.take(first, end):
            label = variables.sound(_cut(part.label))
            found.append({"token": part.token, "label": label, "entry": _entry(label, part.value, budget)})
    except RuntimeError:  # it changed while we looked: another thread is at work
        return found
    return found


def _entry(name: str, value: Any, budget: look.Budget) -> dict[str, Any]:
    if value is MISSING:
        return {"name": name, "type_name": "?", "kind": "other", "is_evaluated": False}
    return variables.as_json(name, variables.unlooked(value) if budget.is_spent() else look.describe(value))


def _cut(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "…"

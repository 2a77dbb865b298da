"""What values take in memory, counted without asking any of them. Owns the count and its budget of time.

Each object is counted once, by what its type written in C says of it; arrays and frames by the buffers that they keep
alive, so a view counts as the whole array behind it. What belongs to everybody (modules, classes, code) counts nothing.
"""

from __future__ import annotations

import sys
import types
from itertools import islice
from typing import Any, Callable, Iterator

from fourpane_plugins.lang_python.agent import look, objects

BUDGET_S = 0.05
NAME_BUDGET_S = 0.045
CHUNK = 1_000
_HEADER_BYTES = 16
_PLAIN = (int, float, complex, bool, str, bytes, bytearray, type(None))
_PLAIN_IDS = frozenset(id(cls) for cls in _PLAIN)


class _SpentError(Exception):
    """There is no time to count on."""


def sizes(shell: Any, names: list[str]) -> dict[str, Any]:
    """The contract's `VariableSizes`: the first names of the list for which there was time, at least one."""
    whole = look.Budget(BUDGET_S)
    found: list[dict[str, Any]] = []
    for name in names:
        value = shell.user_ns.get(name, objects.MISSING)
        if value is objects.MISSING:
            continue
        if found and whole.is_spent():
            break
        found.append({"name": name, "size_bytes": size_of(value, look.Budget(NAME_BUDGET_S))})
    return {"sizes": found}


def size_of(value: Any, budget: look.Budget) -> int | None:
    """Bytes that `value` keeps alive; None where nobody can tell, or not in time."""
    if look.kind_of(value) in ("module", "class"):
        return None
    try:
        return _Count(budget).total(value)
    except _SpentError:
        return None
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know
        return None


class _Count:
    """One count. `seen` holds ids of what was counted; everything in it is kept alive by the value itself."""

    def __init__(self, budget: look.Budget) -> None:
        self.budget = budget
        self.seen: set[int] = set()
        self.buffers: set[int] = set()
        self.waiting: list[Iterator[Any]] = []

    def total(self, value: Any) -> int:
        size = 0
        self.waiting.append(iter((value,)))
        while self.waiting:
            if self.budget.is_spent():
                raise _SpentError
            some = list(islice(self.waiting[-1], CHUNK))
            if not some:
                self.waiting.pop()
                continue
            size += self._some(some)
        return size

    def _some(self, values: list[Any]) -> int:
        """Many at once: a list of a million numbers must not take a million steps."""
        fresh = {id(value): value for value in values}
        for key in self.seen.intersection(fresh):
            del fresh[key]
        self.seen.update(fresh)
        size = 0
        for value in fresh.values():
            size += sys.getsizeof(value) if id(type(value)) in _PLAIN_IDS else self._one(value)
        return size

    def _one(self, value: Any) -> int:
        group, base = look.base_of(value)
        kind = "" if group else look.kind_of(value)
        if kind in ("module", "class"):
            return 0
        counted = None if group else _BUFFERS.get(look.known_name(value))
        if counted is not None:
            return counted(self, value)
        if group == "mapping":
            self.waiting.append(iter(list(dict.keys(value)) + list(dict.values(value))))
        elif group == "sequence":
            self.waiting.append(iter(base.__iter__(value)))
        if kind == "function":
            if type(value) is types.FunctionType:
                self.waiting.append(part.value for part in objects.Closure(value).take(0, 10_000))
        elif group != "scalar" and type(value) is not base:
            inside = look.instance_dict(value)
            if inside is not None:
                self.waiting.append(iter((inside,)))
            self.waiting.append(iter([item for _, item in look.slots(value)]))
        return _own_size(value)

    def array(self, value: Any) -> int:
        """The buffer of an array: that of the array which it is a view of, where it is one."""
        arrays = (look.library("numpy") or {})["ndarray"]
        while any(cls is arrays for cls in look.mro(type(value.base))):
            value = value.base
        if value.dtype.hasobject and value.dtype.names is None:
            self.waiting.append(iter(value.ravel(order="K")))
        size = int(value.nbytes)
        if not value.flags.owndata:  # a broadcast value says that it is large
            size = min(size, _extent(value))
        return self._once(value, size)

    def _once(self, value: Any, size: int) -> int:
        """`size` where the array `value` is counted for the first time."""
        is_new = id(value) not in self.buffers
        self.buffers.add(id(value))
        return size if is_new else 0

    def block(self, values: Any) -> int:
        """The values behind pandas' columns, an array or one of pandas' own kinds."""
        root = look.module_name(type(values)).split(".")[0]
        if root == "numpy":
            return self.array(values)
        if root != "pandas":
            return 0
        inside = object.__getattribute__(values, "__dict__") if hasattr(type(values), "__dict__") else {}
        inner = inside.get("_ndarray")
        if inner is not None and look.module_name(type(inner)) == "numpy":
            size = self.array(inner)
            return size + (self.index(inside["_dtype"].categories) if "Categor" in look.type_name(type(values)) else 0)
        return int(values.nbytes)

    def index(self, index: Any) -> int:
        """The values behind an index."""
        if look.type_name(type(index)) == "MultiIndex":
            codes = sum(self.array(code) for code in index.codes)
            return codes + sum(self.index(level) for level in index.levels)
        if look.type_name(type(index)) == "RangeIndex":
            return 0
        values = object.__getattribute__(index, "__dict__").get("_data")
        return self.block(values) if values is not None else 0


def _extent(value: Any) -> int:
    """Bytes from the first to the last that an array can reach."""
    if not value.size:
        return 0
    return int(value.itemsize + sum(abs(s) * (n - 1) for n, s in zip(value.shape, value.strides)))


def _own_size(value: Any) -> int:
    """By the method of the nearest base that is written in C; the user's own `__sizeof__` is passed over."""
    for cls in look.mro(type(value)):
        method = look.type_dict(cls).get("__sizeof__")
        if type(method) is types.MethodDescriptorType:
            return int(types.MethodDescriptorType.__call__(method, value)) + _HEADER_BYTES
    return 0


def _frame(count: _Count, value: Any) -> int:
    axes = look.pandas_axes(value)
    if axes is None:
        raise _SpentError
    return sum(count.block(block.values) for block in value._mgr.blocks) + sum(count.index(axis) for axis in axes)


def _series(count: _Count, value: Any) -> int:
    return _frame(count, value)


def _tensor(count: _Count, value: Any) -> int:
    return int(value.nelement() * value.element_size())


_BUFFERS: dict[str, Callable[[_Count, Any], int]] = {
    "_ndarray": _Count.array,
    "_numpy_scalar": lambda count, value: _own_size(value),
    "_pandas_frame": _frame,
    "_pandas_series": _series,
    "_pandas_index": _Count.index,
    "_polars_frame": lambda count, value: int(object.__getattribute__(value, "_df").estimated_size()),
    "_polars_series": lambda count, value: int(object.__getattribute__(value, "_s").estimated_size()),
    "_arrow_table": lambda count, value: int(value.get_total_buffer_size()),
    "_arrow_array": lambda count, value: int(value.get_total_buffer_size()),
    "_tensor": _tensor,
}

"""Looking at objects without running anything of theirs. Owns what is said about one value: type, shape, preview.

Rules: `type()` and never `isinstance`, which asks `__class__`; no hash or comparison of types, which metaclasses may
define, but identities; attributes through the slots of `type` and `object`; contents only of types that are known, by
identity, to be Python's own or a library's. Everything else is a type name and "not evaluated".
"""

from __future__ import annotations

import sys
import time
import types
from typing import Any, Callable, Iterator, Optional, Tuple

PREVIEW_LENGTH = 200
ITEMS_SHOWN = 20
DEPTH_SHOWN = 3
OBJECT_BUDGET_S = 0.02

_name_of = type.__dict__["__name__"].__get__
_module_of = type.__dict__["__module__"].__get__
_mro_of = type.__dict__["__mro__"].__get__
_dict_of_type = type.__dict__["__dict__"].__get__
_dict_of_module: Any = vars(types.ModuleType)["__dict__"].__get__
_dict_of_namespace: Any = vars(types.SimpleNamespace)["__dict__"].__get__
_dict_of_function: Any = vars(types.FunctionType)["__dict__"].__get__
_code_of: Any = vars(types.FunctionType)["__code__"].__get__
_closure_of: Any = vars(types.FunctionType)["__closure__"].__get__
_get_slot = types.GetSetDescriptorType.__get__
_get_member = types.MemberDescriptorType.__get__

Entry = Tuple[str, str, Tuple[int, ...], str, bool, bool]
"""Kind, type name, shape, preview, has children, is evaluated."""


def type_name(cls: type) -> str:
    """The name of a class by the slot of `type`, whatever its metaclass says."""
    name = _name_of(cls)
    return name if type(name) is str else "?"


def module_name(cls: type) -> str:
    """The module that a class says it is of; "" where that is no text."""
    try:
        module = _module_of(cls)
    except AttributeError:
        return ""
    return module if type(module) is str else ""


def type_dict(cls: type) -> Any:
    """A class's own attributes, read only."""
    return _dict_of_type(cls)


def mro(cls: type) -> tuple[type, ...]:
    """A class and its bases in the order of look-up."""
    return _mro_of(cls) or (cls,)


def class_attribute(cls: type, name: str) -> Any:
    """What a class or the nearest of its bases holds under a name, as it lies there; None where none does."""
    for base in mro(cls):
        found = type_dict(base)
        if name in found:
            return found[name]
    return None


def instance_dict(value: object) -> dict[str, Any] | None:
    """The attributes of one object, or None where it has none or where asking would run its class's code."""
    kind = type(value)
    if kind is types.SimpleNamespace:
        names: dict[str, Any] = _dict_of_namespace(value)
        return names
    if kind is types.ModuleType:
        found: Any = _dict_of_module(value)
        return found if type(found) is dict else None
    if kind is types.FunctionType:
        return dict(_dict_of_function(value))
    for cls in mro(kind):
        slot = type_dict(cls).get("__dict__")
        if slot is not None:
            if type(slot) is not types.GetSetDescriptorType:
                return None
            try:
                found = _get_slot(slot, value, kind)
            except (AttributeError, TypeError):
                return None
            return found if type(found) is dict else None
    return None


def library(name: str) -> dict[str, Any] | None:
    """The names of a module that the user has imported already, or None. Imports nothing."""
    module = sys.modules.get(name)
    return _dict_of_module(module) if type(module) is types.ModuleType else None


def slots(value: object) -> Iterator[tuple[str, Any]]:
    """What lies in the slots of an object: those that its class declares, and the fields of types written in C. Read
    through descriptors that are Python's own; a slot that holds nothing is left out."""
    cls = type(value)
    for base in mro(cls):
        for name, slot in list(type_dict(base).items()):
            if type(slot) is not types.MemberDescriptorType or type(name) is not str:
                continue
            if name[:2] == "__" and cls is not types.MethodType:  # `__func__` and `__self__` are worth a look
                continue
            try:
                yield name, _get_member(slot, value, cls)
            except (AttributeError, TypeError):
                continue


def has_attributes(value: object) -> bool:
    """Whether there is something to see in an object's dict or slots."""
    return bool(instance_dict(value)) or any(True for _ in slots(value))


# ---- Python's own types ---------------------------------------------------------------------------------------------


class Budget:
    """How much time may go into looking."""

    __slots__ = ("end_s",)

    def __init__(self, seconds: float) -> None:
        self.end_s = time.perf_counter() + seconds

    def is_spent(self) -> bool:
        """Whether it is time to stop."""
        return time.perf_counter() > self.end_s


def _text(value: str) -> str:
    return repr(value) if len(value) <= PREVIEW_LENGTH else repr(value[:PREVIEW_LENGTH])[:-1] + "…"


def _bytes(value: Any) -> str:
    return repr(bytes(value[:60])) if len(value) <= 60 else repr(bytes(value[:60]))[:-1] + "…"


def _integer(value: int) -> str:
    """Turning a number of many digits into text takes quadratic time, and newer Pythons refuse it."""
    bits = value.bit_length()
    if bits <= 2000:
        return repr(value)
    return f"{'negative ' if value < 0 else ''}integer of about {int(bits * 0.30103) + 1} digits"


def _complete(value: object) -> str:
    return repr(value)


def _decimal(value: Any) -> str:
    return repr(value) if sys.getsizeof(value) <= 400 else "Decimal of many digits"


def _fraction(value: Any) -> str:
    return f"Fraction({_integer(value._numerator)}, {_integer(value._denominator)})"


def _moment(value: Any) -> str:
    """Dates and times: their text asks the time zone, which may be the user's own class."""
    zone = getattr(value, "tzinfo", None)
    if zone is not None and (module_name(type(zone)), type_name(type(zone))) not in (
        ("datetime", "timezone"),
        ("zoneinfo", "ZoneInfo"),
    ):
        return ""
    return str(value)


_SCALARS: dict[int, Callable[[Any], str]] = {}
_SEQUENCES: dict[int, tuple[type, str, str]] = {}
_MAPPINGS: dict[int, type] = {}
_KEPT: list[type] = []


def _know(cls: type, table: dict[int, Any], value: Any) -> None:
    """Known by identity; the class is kept alive, so that no other can come by the same id."""
    _KEPT.append(cls)
    table[id(cls)] = value


for _cls in (type(None), bool, float, complex, range, type(...), type(NotImplemented)):
    _know(_cls, _SCALARS, _complete)
_know(int, _SCALARS, _integer)
_know(str, _SCALARS, _text)
_know(bytes, _SCALARS, _bytes)
_know(bytearray, _SCALARS, _bytes)
_know(list, _SEQUENCES, (list, "[", "]"))
_know(tuple, _SEQUENCES, (tuple, "(", ")"))
_know(set, _SEQUENCES, (set, "{", "}"))
_know(frozenset, _SEQUENCES, (frozenset, "frozenset({", "})"))
_know(dict, _MAPPINGS, dict)

_LIBRARY_SCALARS: dict[str, dict[str, Callable[[Any], str]]] = {
    "datetime": {"date": str, "datetime": _moment, "time": _moment, "timedelta": str, "timezone": str},
    "decimal": {"Decimal": _decimal},
    "fractions": {"Fraction": _fraction},
    "uuid": {"UUID": str},
    "pathlib": {"PosixPath": str, "WindowsPath": str, "PurePosixPath": str, "PureWindowsPath": str},
}
_LIBRARY_MAPPINGS = ("OrderedDict", "defaultdict", "Counter")


def _learn(cls: type) -> bool:
    """Whether `cls` is a class of the standard library that has just become known."""
    root, name = module_name(cls).split(".")[0], type_name(cls)
    names = library(root)
    if names is None or names.get(name) is not cls:
        return False
    if name in _LIBRARY_SCALARS.get(root, {}):
        _know(cls, _SCALARS, _LIBRARY_SCALARS[root][name])
    elif root == "collections" and name in _LIBRARY_MAPPINGS:
        _know(cls, _MAPPINGS, cls)
    elif root == "collections" and name == "deque":
        _know(cls, _SEQUENCES, (cls, "deque([", "])"))
    else:
        return False
    return True


def base_of(value: Any) -> tuple[str, Any]:
    """scalar, sequence or mapping, and which class of Python's own holds the contents; ("", None) for all else."""
    cls = type(value)
    for base in mro(cls):
        if id(base) in _SEQUENCES:
            return "sequence", base
        if id(base) in _MAPPINGS:
            return "mapping", base
    if id(cls) in _SCALARS or _learn(cls):
        return ("scalar", cls) if id(cls) in _SCALARS else base_of(value)
    return "", None


def scalar_text(value: Any) -> str | None:
    """The text of one value of Python's own plain types and those of its standard library, whole or as `preview`
    has it; "" where telling would run the user's code, None where the type is not one of those."""
    cls = type(value)
    if id(cls) not in _SCALARS and not _learn(cls):
        return None
    scalar = _SCALARS.get(id(cls))
    return None if scalar is None else scalar(value)


def is_plain(value: Any) -> bool:
    """Whether `value` is a small constant of Python's own that may be held on to without any effect."""
    kind = type(value)
    if kind is int:
        return bool(value.bit_length() <= 2000)
    if kind is str or kind is bytes:
        return len(value) <= PREVIEW_LENGTH
    return kind is float or kind is bool or value is None


def preview(value: object, depth: int = 0, budget: Budget | None = None) -> str | None:
    """A text for `value` in few characters, or None where only its own code could tell."""
    if budget is not None and budget.is_spent():
        return None
    cls = type(value)
    key = id(cls)
    scalar = _SCALARS.get(key)
    if scalar is not None:
        return scalar(value) or None
    if key in _SEQUENCES or key in _MAPPINGS:
        return _container(value, key, depth, budget)
    known = known_type(value)
    if known is not None:
        entry = known(value, budget or Budget(OBJECT_BUDGET_S))
        return None if entry is None else _short(entry)
    return preview(value, depth, budget) if _learn(cls) else None


def _short(entry: Entry) -> str:
    shape = " × ".join(str(size) for size in entry[2])
    return f"{entry[1]} ({shape})" if shape else entry[3] or entry[1]


def _size(value: Any, key: int) -> int:
    """The length that the built-in base keeps, whatever a subclass says."""
    base: Any = _MAPPINGS[key] if key in _MAPPINGS else _SEQUENCES[key][0]
    size: int = base.__len__(value)
    return size


def _container(value: Any, key: int, depth: int, budget: Budget | None) -> str:
    size = _size(value, key)
    _, opening, closing = _SEQUENCES.get(key, (dict, "{", "}"))
    if not size:
        return {id(set): "set()", id(frozenset): "frozenset()"}.get(key, opening + closing)
    if depth >= DEPTH_SHOWN:
        return opening + "…" + closing
    parts: list[str] = []
    length = 0
    limit = ITEMS_SHOWN if depth == 0 else 6
    try:
        for count, item in enumerate(_items(value, key)):
            if count >= limit or length > PREVIEW_LENGTH or (budget is not None and budget.is_spent()):
                parts.append("…")
                break
            parts.append(_item(item, key in _MAPPINGS, depth, budget))
            length += len(parts[-1]) + 2
    except RuntimeError:  # it changed while we looked: another thread is at work
        parts.append("…")
    return opening + ", ".join(parts) + ("," if key == id(tuple) and size == 1 else "") + closing


def _items(value: Any, key: int) -> Any:
    if key in _MAPPINGS:
        return dict.items(value)
    base: Any = _SEQUENCES[key][0]
    return base.__iter__(value)


def _item(item: Any, is_pair: bool, depth: int, budget: Budget | None) -> str:
    if is_pair:
        return _item(item[0], False, depth, budget) + ": " + _item(item[1], False, depth, budget)
    text = preview(item, depth + 1, budget)
    return f"<{type_name(type(item))}>" if text is None else text


# ---- types of libraries ---------------------------------------------------------------------------------------------

Known = Callable[[Any, Budget], Optional[Entry]]
_KNOWN: dict[int, Known] = {}
_NOT_KNOWN: dict[int, type] = {}


def known_type(value: object) -> Known | None:
    """What describes `value`, where its type is one of a library that the agent knows."""
    cls = type(value)
    key = id(cls)
    known = _KNOWN.get(key)
    if known is not None or _NOT_KNOWN.get(key) is cls:
        return known
    known = _find_known(cls)
    if known is not None:
        _know(cls, _KNOWN, known)
    elif len(_NOT_KNOWN) < 1000:
        _NOT_KNOWN[key] = cls  # held, so that its id stays its own
    return known


def known_name(value: object) -> str:
    """Which of the known kinds of a library `value` is, such as `_pandas_frame`; "" for all else."""
    known = known_type(value)
    return "" if known is None else known.__name__


def _find_known(cls: type) -> Known | None:
    """A class that says it is numpy's must really be the one that numpy has under that name."""
    root = module_name(cls).split(".")[0]
    for module, names, known in _LIBRARY_TYPES.get(root, ()):
        found = library(module)
        name = type_name(cls)
        if found is not None and (names is None or name in names) and found.get(name) is cls:
            return known
    return None


def _values(sizes: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in sizes)


def _ndarray(value: Any, budget: Budget) -> Entry | None:
    dtype: Any = value.dtype
    shape = _values(value.shape)
    some = [slice(0, 1)] * (len(shape) - 2) + [slice(0, 6)] * (len(shape) > 1)
    few: Any = value if not shape else value[(*some, slice(0, 20))]
    shown = "…" if few.dtype.itemsize * few.size > 100_000 else preview(few.tolist(), 0, budget) or "…"
    text = f"{dtype.name if dtype.names is None else 'structured'}: {shown}"
    return "data", type_name(type(value)), shape, text, True, True


def _numpy_scalar(value: Any, budget: Budget) -> Entry | None:
    is_record = value.dtype.names is not None
    if value.dtype.hasobject or value.nbytes > 10_000:
        return "value", type_name(type(value)), (), "", is_record, False
    return "value", type_name(type(value)), (), str(value), is_record, True


def _axis_names(axis: Any, budget: Budget) -> str:
    """The first names of a pandas axis; labels may be objects of the user's."""
    return ", ".join(_label(item, budget) for item in axis[:8].tolist())


def _label(item: Any, budget: Budget) -> str:
    return item[:40] if type(item) is str else _item(item, False, 1, budget)


def pandas_axes(value: Any) -> list[Any] | None:
    """The axes as the frame's manager holds them, columns first; None where one is of an unknown type."""
    names = object.__getattribute__(value, "__dict__")
    manager = names.get("_mgr", names.get("_data"))
    if manager is None or not module_name(type(manager)).startswith("pandas."):
        return None
    axes = list(manager.axes)
    return axes if all(_is_sound_axis(axis) for axis in axes) else None


def _is_sound_axis(axis: Any) -> bool:
    """Whether an axis and the array in it are of pandas or numpy: the user can bring arrays of his own."""
    if known_type(axis) is not _pandas_index:
        return False
    values = object.__getattribute__(axis, "__dict__").get("_data")
    return values is None or module_name(type(values)).split(".")[0] in ("numpy", "pandas")


def _pandas_frame(value: Any, budget: Budget) -> Entry | None:
    axes = pandas_axes(value)
    if axes is None:
        return None
    columns, index = axes
    shape = (len(index), len(columns))
    names = _axis_names(columns, budget) + (", …" if shape[1] > 8 else "")
    return "data", "DataFrame", shape, names, shape[1] > 0, True


def _pandas_series(value: Any, budget: Budget) -> Entry | None:
    axes = pandas_axes(value)
    if axes is None:
        return None
    values: Any = value._mgr.blocks[0].values
    dtype = str(values.dtype) if module_name(type(values)).split(".")[0] in ("numpy", "pandas") else "?"
    shown = ""
    if known_type(values) is _ndarray:
        shown = preview(values[:20].tolist(), 0, budget) or ""
    return "data", "Series", (len(axes[0]),), (dtype + ": " + shown).rstrip(": "), True, True


def _pandas_index(value: Any, budget: Budget) -> Entry | None:
    name = type_name(type(value))
    return "data", name, (len(value),), "", True, True


def _pandas_moment(value: Any, budget: Budget) -> Entry | None:
    text = _moment(value) if type_name(type(value)) == "Timestamp" else str(value)
    return "value", type_name(type(value)), (), text, False, bool(text)


def _pandas_missing(value: Any, budget: Budget) -> Entry | None:
    return "value", type_name(type(value)), (), "NaT" if type_name(type(value)) == "NaTType" else "NA", False, True


def _polars_frame(value: Any, budget: Budget) -> Entry | None:
    frame = object.__getattribute__(value, "_df")
    shape = _values(frame.shape())
    columns = frame.columns()
    names = ", ".join(name[:40] for name in columns[:8]) + (", …" if len(columns) > 8 else "")
    return "data", "DataFrame", shape, names, shape[1] > 0, True


def _polars_series(value: Any, budget: Budget) -> Entry | None:
    series = object.__getattribute__(value, "_s")
    size = int(series.len())
    return "data", "Series", (size,), str(series.dtype()), True, True


def _polars_lazy(value: Any, budget: Budget) -> Entry | None:
    return "data", "LazyFrame", (), "not collected", False, False


def _arrow_table(value: Any, budget: Budget) -> Entry | None:
    names = value.schema.names
    text = ", ".join(name[:40] for name in names[:8]) + (", …" if len(names) > 8 else "")
    return "data", type_name(type(value)), (int(value.num_rows), int(value.num_columns)), text, bool(names), True


def _arrow_array(value: Any, budget: Budget) -> Entry | None:
    if not type_name(type(value)).endswith("Array"):
        return None
    kind = type(value.type)  # an extension type may be the user's own class
    text = str(value.type)[:PREVIEW_LENGTH] if module_name(kind) == "pyarrow.lib" else type_name(kind)
    return "data", type_name(type(value)), (len(value),), text, True, True


def _tensor(value: Any, budget: Budget) -> Entry | None:
    text = f"{value.dtype} on {value.device}"
    return "data", type_name(type(value)), _values(value.shape), text, True, True


def _sparse(value: Any, budget: Budget) -> Entry | None:
    shape = object.__getattribute__(value, "__dict__").get("_shape")
    if type(shape) is not tuple:
        return None
    return "data", type_name(type(value)), _values(shape), "sparse", True, True


_INDEXES = frozenset(
    [
        "Index",
        "RangeIndex",
        "MultiIndex",
        "DatetimeIndex",
        "TimedeltaIndex",
        "PeriodIndex",
        "CategoricalIndex",
        "IntervalIndex",
        "Int64Index",
        "UInt64Index",
        "Float64Index",
        "NumericIndex",
    ]
)
_LIBRARY_TYPES: dict[str, tuple[tuple[str, frozenset[str] | None, Known], ...]] = {
    "numpy": (
        ("numpy", frozenset({"ndarray", "memmap", "matrix", "recarray"}), _ndarray),
        (
            "numpy",
            frozenset(
                [
                    "bool_",
                    "bool",
                    "int8",
                    "int16",
                    "int32",
                    "int64",
                    "uint8",
                    "uint16",
                    "uint32",
                    "uint64",
                    "longlong",
                    "ulonglong",
                    "float16",
                    "float32",
                    "float64",
                    "longdouble",
                    "complex64",
                    "complex128",
                    "clongdouble",
                    "datetime64",
                    "timedelta64",
                    "str_",
                    "bytes_",
                    "intc",
                    "uintc",
                    "void",
                ]
            ),
            _numpy_scalar,
        ),
    ),
    "pandas": (
        ("pandas", frozenset({"DataFrame"}), _pandas_frame),
        ("pandas", frozenset({"Series"}), _pandas_series),
        ("pandas", _INDEXES, _pandas_index),
        ("pandas", frozenset({"Timestamp", "Timedelta", "Period", "Interval"}), _pandas_moment),
        ("pandas._libs.tslibs.nattype", frozenset({"NaTType"}), _pandas_missing),
        ("pandas._libs.missing", frozenset({"NAType"}), _pandas_missing),
    ),
    "polars": (
        ("polars", frozenset({"DataFrame"}), _polars_frame),
        ("polars", frozenset({"Series"}), _polars_series),
        ("polars", frozenset({"LazyFrame"}), _polars_lazy),
    ),
    "pyarrow": (
        ("pyarrow", frozenset({"Table", "RecordBatch"}), _arrow_table),
        ("pyarrow", None, _arrow_array),
    ),
    "torch": (("torch", frozenset({"Tensor"}), _tensor),),
    "scipy": (("scipy.sparse", None, _sparse),),
}

# ---- one value ------------------------------------------------------------------------------------------------------

_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
)
_FUNCTION_IDS = frozenset(id(cls) for cls in _FUNCTIONS)


def closure(value: object) -> tuple[str, ...]:
    """Names of the variables that a function written in Python keeps from around it."""
    return code_of(value).co_freevars if type(value) is types.FunctionType else ()


def code_of(value: types.FunctionType) -> types.CodeType:
    """The code of a function written in Python."""
    found: types.CodeType = _code_of(value)
    return found


def closure_value(value: object, index: int) -> Any:
    """What the variable holds; raises ValueError where it was never set."""
    return _closure_of(value)[index].cell_contents


def has_inside(value: object) -> bool:
    """Whether a function has something to see: variables from around it, attributes, the object that it is bound to."""
    return bool(closure(value)) or has_attributes(value) if type(value) is types.FunctionType else has_attributes(value)


def library_scalar_text(value: Any) -> str | None:
    """The exact text of a numpy scalar, a Timestamp or a Timedelta; None where it is none of them."""
    known = known_type(value)
    if known is not _numpy_scalar and known is not _pandas_moment:
        return None
    entry = known(value, Budget(OBJECT_BUDGET_S))
    return entry[3] if entry is not None and entry[5] else None


def is_genuine(cls: type, root: str) -> bool:
    """Whether `cls` is really what its module, one of the library `root`, has under its name."""
    module = module_name(cls)
    if module.split(".")[0] != root:
        return False
    names = library(module)
    return names is not None and names.get(type_name(cls)) is cls


def is_class(value: object) -> bool:
    """Whether `value` is a class, by its type's bases and not by its own word."""
    return any(cls is type for cls in mro(type(value)))


def kind_of(value: object) -> str:
    """function, module, class or "" by type alone."""
    cls = type(value)
    if id(cls) in _FUNCTION_IDS:
        return "function"
    if any(base is types.ModuleType for base in mro(cls)):
        return "module"
    return "class" if is_class(value) else ""


def describe(value: Any, budget: Budget | None = None) -> Entry:
    """What the Variables pane shows of `value`. Never raises and never runs the value's own code."""
    cls = type(value)
    try:
        return _describe(value, cls, budget or Budget(OBJECT_BUDGET_S))
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know; the neighbours still show
        return "other", type_name(cls), (), "", False, False


def _describe(value: Any, cls: type, budget: Budget) -> Entry:
    key = id(cls)
    if key in _SCALARS:
        text = _SCALARS[key](value)
        shape = (len(value),) if key in (id(str), id(bytes), id(bytearray)) else ()
        return "value", type_name(cls), shape, _cut(text), False, bool(text)
    if key in _SEQUENCES or key in _MAPPINGS:
        return _describe_container(value, cls, key, budget)
    known = known_type(value)
    entry = known(value, budget) if known is not None else None
    if entry is not None:
        return (entry[0], entry[1], entry[2], _cut(entry[3]), entry[4], entry[5])
    return _describe_other(value, cls, budget)


def _cut(text: str) -> str:
    return text if len(text) <= PREVIEW_LENGTH else text[: PREVIEW_LENGTH - 1] + "…"


def _describe_container(value: Any, cls: type, key: int, budget: Budget) -> Entry:
    size = _size(value, key)
    return "value", type_name(cls), (size,), _cut(_container(value, key, 0, budget)), size > 0, True


def _describe_other(value: Any, cls: type, budget: Budget) -> Entry:
    kind = kind_of(value)
    if kind == "function":
        return "function", type_name(cls), (), "", has_inside(value), True
    if kind == "module":
        inside = instance_dict(value)
        name = (inside or {}).get("__name__")
        return "module", "module", (), _cut(name) if type(name) is str else "", inside is not None, True
    if kind == "class":
        return "other", "class", (), _cut(module_name(value)), True, True
    if _learn(cls):
        return _describe(value, cls, budget)
    for base in mro(cls)[1:]:  # a named tuple, a dict of the user's: what the built-in part of it holds
        if id(base) in _SEQUENCES or id(base) in _MAPPINGS:
            return _describe_container(value, cls, id(base), budget)
    return "other", type_name(cls), (), "", has_attributes(value), False

"""What a chain of names stands for, found without running anything: values, or only their types.

Owns the rules of getting from an object to its attributes, keys and columns by slots alone (see `look.py`).
"""

from __future__ import annotations

import builtins
import types
from typing import Any, Iterator, NamedTuple

from fourpane_plugins.lang_python.agent import look, place

KEYS_CAP = 5_000
_MISSING: Any = object()
_func_of: Any = vars(types.MethodType)["__func__"].__get__
_doc_of_function: Any = vars(types.FunctionType)["__doc__"].__get__


class Thing(NamedTuple):
    """A value, or where only running code could give it, its class. `is_bound` tells that a function was found on an
    instance, so that its first parameter is taken."""

    value: Any
    cls: type
    is_bound: bool = False

    @property
    def has_value(self) -> bool:
        """Whether the value itself is known."""
        return self.value is not _MISSING


def thing(value: Any) -> Thing:
    """A thing whose value is known."""
    return Thing(value, type(value))


def resolve(namespace: dict[str, Any], chain: str) -> Thing | None:
    """What `chain` (`frame.column`, `d["k"].x`) stands for in `namespace`, or None."""
    steps = list(place.STEPS.finditer(chain))
    name = chain[: steps[0].start()].strip() if steps else chain.strip()
    value = namespace.get(name, _MISSING)
    if value is _MISSING:
        value = vars(builtins).get(name, _MISSING)
    found = None if value is _MISSING else thing(value)
    for step in steps:
        if found is None:
            return None
        found = _step(found, step)
    if found is not None and found.has_value and (inner := stood_for(found.value)) is not found.value:
        return Thing(inner, type(inner), found.is_bound)
    return found


def stood_for(value: Any) -> Any:
    """The plain function that a wrapper written in C hands its calls to: most of numpy's own functions, and what
    `functools.lru_cache` keeps the answers of. Any other value as it is."""
    if look.type_name(type(value)) not in ("_ArrayFunctionDispatcher", "_lru_cache_wrapper"):
        return value
    inner = (look.instance_dict(value) or {}).get("__wrapped__")
    return inner if type(inner) in (types.FunctionType, types.BuiltinFunctionType) else value


def _step(owner: Thing, step: Any) -> Thing | None:
    attribute, double, single, number = step.groups()
    if attribute is not None:
        return attribute_of(owner, attribute)
    if number is not None:
        return _at_index(owner, int(number))
    return _at_key(owner, double if double is not None else single)


def _at_index(owner: Thing, index: int) -> Thing | None:
    if owner.has_value and (owner.cls is list or owner.cls is tuple) and -len(owner.value) <= index < len(owner.value):
        return thing(owner.value[index])
    return None


def _at_key(owner: Thing, key: str) -> Thing | None:
    if not owner.has_value:
        return None
    for known, value in _dict_items(owner.value):
        if known == key:
            return thing(value)
    return _column(owner, key)


def _column(owner: Thing, name: str) -> Thing | None:
    series = column_class(owner)
    return Thing(_MISSING, series) if series is not None and name in columns(owner) else None


def attribute_of(owner: Thing, name: str) -> Thing | None:
    """The attribute as it lies in the object or its classes; properties are not called, so they give None."""
    if owner.has_value:
        inside = look.instance_dict(owner.value)
        if inside is not None and name in inside:
            return thing(inside[name])
        if look.is_class(owner.value):
            return _class_attribute(owner.value, name, is_bound=False)
        column = _column(owner, name)
        if column is not None:
            return column
    return _class_attribute(owner.cls, name, is_bound=True)


def _class_attribute(cls: type, name: str, *, is_bound: bool) -> Thing | None:
    for base in look.mro(cls):
        value = look.type_dict(base).get(name, _MISSING)
        if value is _MISSING:
            continue
        kind = type(value)
        if kind is classmethod:
            return Thing(value.__func__, type(value.__func__), True)
        if kind is staticmethod:
            return Thing(value.__func__, type(value.__func__))
        if kind is property or kind is types.GetSetDescriptorType or kind is types.MemberDescriptorType:
            return None
        accessor = _accessor(value)
        if accessor is not None:
            return Thing(_MISSING, accessor)
        return Thing(value, kind, is_bound)
    return None


def _accessor(value: Any) -> type | None:
    """The class behind pandas' `.str` and `.dt`."""
    if look.module_name(type(value)) not in ("pandas.core.accessor", "pandas.core.indexers.objects"):
        return None
    found = (look.instance_dict(value) or {}).get("_accessor")
    return found if found is not None and look.is_class(found) else None


def columns(owner: Thing) -> list[str]:
    """Names of the columns of a frame, and of the fields of a structured array; [] for all else."""
    if not owner.has_value:
        return []
    try:
        names = _column_names(owner.value)
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know
        return []
    return [name for name in names[:KEYS_CAP] if type(name) is str]


def _column_names(value: Any) -> list[Any]:
    known = look.known_type(value)
    kind = known.__name__ if known is not None else ""
    if kind == "_pandas_frame":
        axes = look.pandas_axes(value)
        if not axes:
            return []
        names = axes[0][:KEYS_CAP].tolist()
        return list(dict.fromkeys(name[0] if type(name) is tuple and name else name for name in names))
    if kind == "_polars_frame":
        return list(object.__getattribute__(value, "_df").columns())
    if kind == "_arrow_table":
        return list(value.schema.names)
    if kind == "_ndarray" and value.dtype.names:
        return list(value.dtype.names)
    return []


def column_types(owner: Thing) -> dict[str, str]:
    """The type of each column, where it can be had cheaply."""
    value = owner.value
    try:
        kind = getattr(look.known_type(value), "__name__", "")
        names = columns(owner)
        if len(names) > 1000:
            return {}
        if kind == "_pandas_frame":
            return dict(zip(names, (str(dtype) for dtype in value._mgr.get_dtypes())))
        if kind == "_polars_frame":
            return dict(zip(names, (str(dtype) for dtype in object.__getattribute__(value, "_df").dtypes())))
        if kind == "_arrow_table":
            return dict(zip(names, (str(field.type) for field in value.schema)))
    except Exception:  # noqa: BLE001 - only a hint is lost
        return {}
    return {}


def column_class(owner: Thing) -> type | None:
    """The class that one column of a frame has."""
    if not owner.has_value:
        return None
    kind = getattr(look.known_type(owner.value), "__name__", "")
    module, name = {
        "_pandas_frame": ("pandas", "Series"),
        "_polars_frame": ("polars", "Series"),
        "_arrow_table": ("pyarrow", "ChunkedArray"),
    }.get(kind, ("", ""))
    found = (look.library(module) or {}).get(name)
    return found if found is not None and look.is_class(found) else None


def _dict_items(value: Any) -> Iterator[tuple[str, Any]]:
    """Text keys of a dict or of a subclass of dict, and their values; no key is hashed or compared."""
    if not any(base is dict for base in look.mro(type(value))):
        return
    try:
        for count, (key, item) in enumerate(dict.items(value)):
            if count >= KEYS_CAP:
                return
            if type(key) is str:
                yield key, item
    except RuntimeError:  # it changed while we looked
        return


def keys(owner: Thing) -> list[tuple[str, str, str]]:
    """What can stand between `[` and `]`: name, kind (column or key) and type."""
    if not owner.has_value:
        return []
    names = columns(owner)
    if names:
        kinds = column_types(owner)
        return [(name, "column", kinds.get(name, "")) for name in names]
    return [(key, "key", look.type_name(type(value))) for key, value in _dict_items(owner.value)]


def attributes(owner: Thing) -> Iterator[tuple[str, str, str]]:
    """Names after a dot: name, kind and detail; columns first, then in alphabetical order."""
    found: dict[str, tuple[str, str, str]] = {}
    for name, kind, detail in _attributes(owner):
        found.setdefault(name, (name, kind, detail))
    yield from sorted(found.values(), key=_order)


def _order(row: tuple[str, str, str]) -> tuple[bool, str]:
    """Columns keep their own order, as the sort is stable."""
    return row[1] != "column", "" if row[1] == "column" else row[0].lower()


def _attributes(owner: Thing) -> Iterator[tuple[str, str, str]]:
    is_class = owner.has_value and look.is_class(owner.value)
    if owner.has_value:
        kinds = column_types(owner)
        for name in columns(owner):
            if name.isidentifier():
                yield name, "column", kinds.get(name, "")
        inside = None if is_class else look.instance_dict(owner.value)
        is_module = look.kind_of(owner.value) == "module"
        for name in list(inside or ()):
            if type(name) is str and name.isidentifier():
                yield name, _kind(inside[name], not is_module), look.type_name(type(inside[name]))  # type: ignore[index]
    for base in (*(look.mro(owner.value) if is_class else ()), *look.mro(owner.cls)):
        for name, value in list(look.type_dict(base).items()):
            if type(name) is str and name.isidentifier():
                yield name, _kind(value, True), look.type_name(base)


def _kind(value: Any, is_member: bool) -> str:
    kind = look.kind_of(value)
    if kind == "function" or type(value) is classmethod or type(value) is staticmethod:
        return "method" if is_member else "function"
    if kind:
        return kind
    if any("__call__" in look.type_dict(base) for base in look.mro(type(value))):
        return "method" if is_member else "function"
    if type(value) in (property, types.GetSetDescriptorType, types.MemberDescriptorType):
        return "property"
    return "property" if is_member else "variable"


def function_of(found: Thing) -> tuple[types.FunctionType, bool] | None:
    """The Python function that a call would enter, and whether its first parameter is taken."""
    value, is_bound = found.value, found.is_bound
    if not found.has_value:
        return None
    if type(value) is types.MethodType:
        value, is_bound = _func_of(value), True
    elif look.is_class(value):
        for name in ("__init__", "__new__"):
            maker = _class_attribute(value, name, is_bound=True)
            if maker is not None and type(maker.value) is types.FunctionType:
                return _unwrapped(maker.value), True
        return None
    elif type(value) is not types.FunctionType and look.kind_of(value) == "":
        maker = _class_attribute(type(value), "__call__", is_bound=True)
        if maker is None or type(maker.value) is not types.FunctionType:
            return None
        value, is_bound = maker.value, True
    return (_unwrapped(value), is_bound) if type(value) is types.FunctionType else None


def _unwrapped(function: types.FunctionType) -> types.FunctionType:
    """The function under decorators that say what they wrap."""
    for _ in range(10):
        inner = (look.instance_dict(function) or {}).get("__wrapped__")
        if type(inner) is not types.FunctionType:
            break
        function = inner
    return function


def documentation(found: Thing) -> str:
    """The documentation that lies in a function, class or property; "" where it is not plain text."""
    value = found.value
    if not found.has_value:
        return ""
    if type(value) is types.MethodType:
        value = _func_of(value)
    if type(value) is types.FunctionType:
        doc = _doc_of_function(value)
    elif look.is_class(value):
        doc = look.type_dict(value).get("__doc__")
    elif look.kind_of(value) == "function":
        slot = look.type_dict(type(value)).get("__doc__")
        doc = slot.__get__(value) if type(slot) is types.GetSetDescriptorType else None
    elif look.kind_of(value) == "module":
        doc = (look.instance_dict(value) or {}).get("__doc__")
    elif look.module_name(type(value)) == "numpy" and look.type_name(type(value)) == "ufunc":
        doc = value.__doc__
    else:
        doc = None
    return doc if type(doc) is str else ""

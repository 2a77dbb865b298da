"""How a script names a value, and which pictures can be made of it. Owns the forms that `plot_code.py` writes code for.

Looks at types and a bounded number of items; nothing is drawn, imported or converted here.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from fourpane_plugins.lang_python.agent import look, objects

COLUMNS_MOST = 30
"""Of a frame or array with more, no picture says anything."""
ITEMS_LOOKED_AT = 10_000


def code(shell: Any, path: list[str]) -> dict[str, Any]:
    """The contract's `VariableCode`."""
    value = objects.resolve(shell, path)
    text = objects.expression(shell, path)
    form = form_of(value) if text else ""
    needs = "matplotlib" if form and not _is_there("matplotlib") else ""
    install = f"%pip install {needs}" if needs and _is_there("pip") else ""
    frame = _FRAMES.get(look.known_name(value), "") if text else ""
    return {"code": text, "form": form, "needs": needs, "install": install, "frame": frame}


def _is_there(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def form_of(value: Any) -> str:
    """Which of the forms a value has; "" for none."""
    known = look.known_name(value)
    try:
        if type(value) is list or type(value) is tuple:
            return _of_items(value)
        found = _FORMS.get(known)
        return "" if found is None else found(value)
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know: nothing is drawn of it
        return ""


def _of_items(value: Any) -> str:
    types = {type(item) for item in value[:ITEMS_LOOKED_AT]}
    return "numbers" if types and types <= {int, float} else ""


def _of_array(value: Any) -> str:
    if value.dtype.kind not in "iuf" or not value.size:
        return ""
    if value.ndim == 1:
        return "numpy_floats" if value.dtype.kind == "f" else "numbers"
    return "columns" if value.ndim == 2 and value.shape[1] <= COLUMNS_MOST else ""


def _of_series(value: Any) -> str:
    values = value._mgr.blocks[0].values
    if look.module_name(type(values)).split(".")[0] not in ("numpy", "pandas") or not len(values):
        return ""
    kind = getattr(values.dtype, "kind", "")
    if look.type_name(type(values.dtype)) == "CategoricalDtype" or kind == "b":
        return "pandas_counts"
    if kind in ("i", "u", "f"):
        return "pandas_numbers"
    if look.type_name(type(values.dtype)) in ("StringDtype", "ArrowDtype"):
        return "pandas_texts" if str(values.dtype).startswith("str") else ""
    if kind != "O":
        return ""
    present = [item for item in values[:ITEMS_LOOKED_AT] if item is not None and type(item) is not float]
    return "pandas_texts" if present and all(type(item) is str for item in present) else ""


def _of_frame(value: Any) -> str:
    numbers = 0
    for block in value._mgr.blocks:
        if getattr(block.values.dtype, "kind", "") in ("i", "u", "f"):
            numbers += len(block.mgr_locs)
    return "pandas_frame" if 1 <= numbers <= COLUMNS_MOST and len(value.index) else ""


def _of_polars(value: Any) -> str:
    if not value.len():
        return ""
    if value.dtype.is_numeric():
        return "polars_floats" if value.dtype.is_float() else "polars_numbers"
    is_counted = look.type_name(value.dtype.base_type()) in ("Categorical", "Enum", "Boolean", "String")
    return "polars_counts" if is_counted else ""


_FRAMES = {"_pandas_frame": "pandas", "_pandas_series": "pandas"}
_FORMS = {
    "_ndarray": _of_array,
    "_pandas_series": _of_series,
    "_pandas_frame": _of_frame,
    "_polars_series": _of_polars,
}

"""Cells as they travel: one column of a page as buffers, and single Python values as text with a code.

Owns the codes, the buffers (`PageColumn` of the contract) and the exact text of any value of a known type. No library
is needed here; columns of libraries are turned into these by their own modules.
"""

from __future__ import annotations

import sys
from array import array
from typing import Any, NamedTuple, Sequence, Tuple

from fourpane_plugins.lang_python.agent import look

VALUE, NA, NAN, NAT, NONE, NULL, UNSEEN, CUT, OBJECT = range(9)
TEXT_LENGTH = 200
BITS_MOST = 10_000
"""Turning more into text takes long, and newer Pythons refuse it."""
INT64 = (-(1 << 63), (1 << 63) - 1)
UINT64_MOST = (1 << 64) - 1

CellText = Tuple[str, int]
"""Text and code of one cell."""


class Cells(NamedTuple):
    """The cells of one column; `codes` is empty where every cell is a value, `ends` where the encoding is not text."""

    encoding: str
    data: bytes
    codes: bytes = b""
    ends: bytes = b""

    def buffers(self) -> list[bytes]:
        """What follows in the message, in the contract's order."""
        found = [self.codes] if self.codes else []
        found.append(self.data)
        if self.encoding == "text":
            found.append(self.ends)
        return found


def is_missing_code(code: int) -> bool:
    """Whether the code says that there is no value."""
    return NA <= code <= NULL


def kept_codes(codes: bytearray | bytes) -> bytes:
    """The codes as they travel: nothing where all are values."""
    return bytes(codes) if any(codes) else b""


def little(numbers: Any) -> bytes:
    """The bytes of an `array`, little-endian wherever we are."""
    if sys.byteorder == "big":
        numbers.byteswap()
    found: bytes = numbers.tobytes()
    return found


def text_cells(texts: Sequence[str], codes: bytearray) -> Cells:
    """Texts, cut where they are long. `codes` is written to."""
    data = bytearray()
    ends = array("I")
    for row, text in enumerate(texts):
        if len(text) > TEXT_LENGTH:
            text = text[:TEXT_LENGTH]
            if codes[row] == VALUE:
                codes[row] = CUT
        data += text.encode("utf-8", "replace")
        ends.append(len(data))
    return Cells("text", bytes(data), kept_codes(codes), little(ends))


def number_cells(encoding: str, values: list[Any], codes: bytearray) -> Cells:
    """Python's numbers and booleans; None where the code says that there is no value."""
    form, blank = {"bool": ("B", 0), "int64": ("q", 0), "uint64": ("Q", 0), "float64": ("d", float("nan"))}[encoding]
    return Cells(
        encoding, little(array(form, [blank if value is None else value for value in values])), kept_codes(codes)
    )


def best_number_cells(values: list[Any], codes: bytearray) -> Cells:
    """Ints and floats of any size by the narrowest encoding that is exact for all of them, else as text."""
    present = [value for value in values if value is not None]
    ints = [value for value in present if type(value) is int]
    low, high = (min(ints), max(ints)) if ints else (0, 0)
    if len(ints) == len(present) and low >= INT64[0] and high <= UINT64_MOST and (high <= INT64[1] or low >= 0):
        return number_cells("int64" if high <= INT64[1] else "uint64", values, codes)
    if low >= -(1 << 53) and high <= 1 << 53:
        return number_cells("float64", values, codes)
    return text_cells(["" if value is None else number_text(value) for value in values], codes)


def number_text(value: Any) -> str:
    """An int or float in the form that filters use."""
    if type(value) is int:
        return str(value) if value.bit_length() <= BITS_MOST else look.preview(value) or ""
    return repr(float(value))


def unseen_cells(count: int, name: str) -> Cells:
    """Cells that only the user's code could show."""
    return text_cells([name] * count, bytearray([UNSEEN]) * count)


# ---- single values --------------------------------------------------------------------------------------------------


def cell_of(value: Any) -> CellText:
    """Text and code of any value, without running anything of its own."""
    kind = type(value)
    if kind is str:
        return value, VALUE
    if value is None:
        return "", NONE
    if kind is float:
        return (repr(value), VALUE) if value == value else ("", NAN)
    if kind is bool or (kind is int and value.bit_length() <= BITS_MOST):
        return repr(value), VALUE
    if kind is bytes:
        return repr(value[: TEXT_LENGTH + 1]), (VALUE if len(value) <= TEXT_LENGTH else CUT)
    return _cell_of_other(value, kind)


def _cell_of_other(value: Any, kind: type) -> CellText:
    missing = _missing_code(value, kind)
    if missing:
        return "", missing
    text = whole_text(value)
    if text is not None:
        return text, VALUE
    try:
        shown = look.preview(value, 0, look.Budget(look.OBJECT_BUDGET_S))
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know; the neighbours still show
        shown = None
    return (look.type_name(kind), UNSEEN) if shown is None else (shown, OBJECT)


def _missing_code(value: Any, kind: type) -> int:
    root = look.module_name(kind).split(".")[0]
    if root == "pandas":
        names = look.library("pandas") or {}
        return NA if value is names.get("NA") else NAT if value is names.get("NaT") else VALUE
    if root == "numpy" and look.known_type(value) is not None and look.type_name(kind) != "ndarray":
        return _numpy_missing(value, kind)
    if root == "decimal" and kind is (look.library("decimal") or {}).get("Decimal"):
        return NAN if value.is_nan() else VALUE
    return VALUE


def _numpy_missing(value: Any, kind: type) -> int:
    form = value.dtype.kind
    if form in "mM":
        return NAT if str(value) == "NaT" else VALUE
    return NAN if form == "f" and bool(value != value) else VALUE


def whole_text(value: Any) -> str | None:
    """The exact text of one plain value (a number, a date, ...), or None where it is none or of an unknown type."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bytes or kind is bytearray:
        return repr(value)
    if kind is int and value.bit_length() > BITS_MOST:
        return None
    if (look.module_name(kind), look.type_name(kind)) == ("decimal", "Decimal"):
        return _decimal_text(value, kind)
    text = look.scalar_text(value)
    if text is None:
        text = look.library_scalar_text(value)
    if text is None and look.type_name(kind) in ("Period", "Interval") and look.is_genuine(kind, "pandas"):
        return _pandas_text(value, look.type_name(kind))
    return text or None


def _decimal_text(value: Any, kind: type) -> str | None:
    is_real = kind is (look.library("decimal") or {}).get("Decimal") and sys.getsizeof(value) <= 10_000
    return str(value) if is_real else None


def _pandas_text(value: Any, name: str) -> str | None:
    if name == "Period":
        return str(value)
    ends = [whole_text(value.left), whole_text(value.right)]
    if None in ends:
        return None
    closed = value.closed
    return (
        f"{'[' if closed in ('left', 'both') else '('}{ends[0]}, {ends[1]}{']' if closed in ('right', 'both') else ')'}"
    )


def object_cells(values: Sequence[Any]) -> Cells:
    """Cells of any kind beside each other."""
    texts: list[str] = []
    codes = bytearray(len(values))
    for row, value in enumerate(values):
        text, codes[row] = cell_of(value)
        texts.append(text)
    return text_cells(texts, codes)

"""What is noted of one frame to compare it with later: rows, kinds, missing values, repeats, a mark of the index.

Owns the ways into pandas' and polars' own frames; subclasses and columns of foreign classes are left alone, as looking
at them could run code of the user's. Nothing in a profile refers to the frame. A frame of more cells than
`CELLS_MOST` is looked at in part, and the profile says so; so it does where the time ran out, which is looked at only
past `CELLS_LEAST`: however slow the machine is, small frames are looked at whole.
"""

from __future__ import annotations

from typing import Any, Iterable, Sequence

from fourpane_plugins.lang_python.agent import look

BUDGET_S = 0.05
CELLS_MOST = 2_000_000
CELLS_LEAST = 200_000
OBJECTS_MOST = 20_000
UNIQUE_MOST = 200_000
COLUMNS_MOST = 500
UNIQUE_COLUMNS_MOST = 12
_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})
_NUMPY_KINDS = {"i": "integer", "u": "integer", "f": "float", "b": "boolean", "M": "date", "m": "duration", "U": "text"}
_PANDAS_KINDS = {
    "StringDtype": "text",
    "CategoricalDtype": "category",
    "DatetimeTZDtype": "date",
    "PeriodDtype": "date",
}
_POLARS_KINDS = {
    **dict.fromkeys(("Int8", "Int16", "Int32", "Int64", "Int128", "UInt8", "UInt16", "UInt32", "UInt64"), "integer"),
    **dict.fromkeys(("Float32", "Float64", "Decimal"), "float"),
    **dict.fromkeys(("String", "Utf8"), "text"),
    **dict.fromkeys(("Date", "Datetime"), "date"),
    **dict.fromkeys(("Categorical", "Enum"), "category"),
    "Boolean": "boolean",
    "Duration": "duration",
}
_KEY_KINDS = ("integer", "text", "date", "category")


class ColumnProfile:
    """Of one column: its kind, the library's word for its type, missing values, whether all values differ."""

    __slots__ = ("is_unique", "kind", "missing", "type_word")

    def __init__(self, kind: str, type_word: str, missing: int, is_unique: bool | None) -> None:
        self.kind = kind
        self.type_word = type_word
        self.missing = missing
        self.is_unique = is_unique


class Profile:
    """Of one frame. `looked_rows` of `rows` were looked at for missing values."""

    __slots__ = ("columns", "index_mark", "looked_rows", "rows")

    def __init__(self, rows: int, looked_rows: int, columns: dict[str, ColumnProfile], index_mark: int) -> None:
        self.rows = rows
        self.looked_rows = looked_rows
        self.columns = columns
        self.index_mark = index_mark

    @property
    def is_sampled(self) -> bool:
        return self.looked_rows < self.rows


class PandasFrame:
    """A frame of pandas' own class."""

    library = "pandas"

    def __init__(self, value: Any) -> None:
        self.value = value
        self.pandas: Any = look.library("pandas")
        self.numpy: Any = look.library("numpy")
        self.rows = len(value.index)
        self.names = [name if type(name) is str else "" for name in value.columns.tolist()]

    def array(self, at: int) -> Any:
        """What holds a column; None where that is a class of somebody else."""
        found = self.value._mgr.iget_values(at)
        return found if look.module_name(type(found)).split(".")[0] in ("numpy", "pandas") else None

    def kind(self, array: Any) -> tuple[str, str]:
        """The kind and the library's word."""
        dtype = array.dtype
        word = look.type_name(type(dtype))
        kind = _PANDAS_KINDS.get(word) or _NUMPY_KINDS.get(dtype.kind, "object")
        return kind, word if word not in ("ArrowDtype",) else kind

    def looked(self, array: Any, rows: int) -> Any:
        """At most `rows` values, evenly from all."""
        return array if rows >= len(array) else array[:: -(-len(array) // rows)]

    def missing(self, array: Any) -> tuple[int, int]:
        """Missing values and how many were looked at."""
        if type(array) is self.numpy["ndarray"]:
            kind = array.dtype.kind
            if kind == "O":
                some = self.looked(array, OBJECTS_MOST).tolist()
                return sum(map(self.is_missing, some)), len(some)
            if kind == "f":
                return int(self.numpy["isnan"](array).sum()), len(array)
            return (int(self.numpy["isnat"](array).sum()) if kind in "mM" else 0), len(array)
        return int(array.isna().sum()), len(array)

    def is_missing(self, item: Any) -> bool:
        """None, NaN, NaT or NA; nothing of the item's own is asked."""
        return item is None or (type(item) is float and item != item) or look.known_name(item) == "_pandas_missing"

    def is_plain(self, array: Any) -> bool:
        """Whether comparing and hashing values runs nothing of the user's."""
        if array is None:
            return False
        if array.dtype.kind == "O" and type(array) is self.numpy["ndarray"]:
            return len(array) <= UNIQUE_MOST and set(map(type, array.tolist())) <= _PLAIN
        categories = getattr(array.dtype, "categories", None)
        return categories is None or self.is_plain(categories._values)

    def are_plain(self, places: Iterable[int]) -> bool:
        """Whether that holds for the rows of these columns that repeats are looked for in."""
        arrays = [self.array(at) for at in places]
        return all(array is not None and self.is_plain(array[:UNIQUE_MOST]) for array in arrays)

    def is_unique(self, array: Any) -> bool | None:
        """Whether no value comes twice among those looked at; None where that is not to be known."""
        if array is None or not self.is_plain(array[:UNIQUE_MOST]):
            return None
        some = array[:UNIQUE_MOST]
        return len(self.pandas["unique"](some)) == len(some)

    def index_mark(self) -> int:
        """A number that is another one for most other indexes."""
        index = self.value.index
        if look.known_name(index) != "_pandas_index" or look.type_name(type(index)) == "MultiIndex":
            return 0
        if look.type_name(type(index)) == "RangeIndex":
            return hash((index.start, index.stop, index.step))
        values = index._values
        if not self.is_plain(values):
            return 0
        return hash(tuple(self.looked(values, 200).tolist()))

    def repeats(self, keys: Sequence[str], is_index: bool = False) -> int | None:
        """How many rows share their key with another one; None where that is not to be known."""
        if is_index:
            array = self.value.index._values[:UNIQUE_MOST]
            if look.type_name(type(self.value.index)) == "MultiIndex" or not self.is_plain(array):
                return None
            return int(self.value.index[:UNIQUE_MOST].duplicated(keep=False).sum())
        places = [self.names.index(key) for key in keys if key in self.names]
        if not places or len(places) < len(keys) or not self.are_plain(places):
            return None
        return int(self.value.iloc[:UNIQUE_MOST, places].duplicated(keep=False).sum())


class PolarsFrame:
    """A frame of polars' own class."""

    library = "polars"

    def __init__(self, value: Any) -> None:
        self.value = value
        self.rows = value.height
        self.names: list[str] = value.columns

    def array(self, at: int) -> Any:
        return self.value.to_series(at)

    def kind(self, array: Any) -> tuple[str, str]:
        word = look.type_name(array.dtype if type(array.dtype) is type else type(array.dtype))
        word = str(array.dtype.base_type().__name__) if word == "DataTypeClass" else word
        return _POLARS_KINDS.get(word, "object"), word

    def looked(self, array: Any, rows: int) -> Any:
        return array

    def missing(self, array: Any) -> tuple[int, int]:
        return array.null_count(), len(array)

    def is_plain(self, array: Any) -> bool:
        return self.kind(array)[1] not in ("Object", "List", "Struct", "Array", "Unknown")

    def are_plain(self, places: Iterable[int]) -> bool:
        return all(self.is_plain(self.array(at)) for at in places)

    def is_unique(self, array: Any) -> bool | None:
        if not self.is_plain(array):
            return None
        some = array.head(UNIQUE_MOST)
        return bool(some.n_unique() == len(some))

    def index_mark(self) -> int:
        return 0

    def repeats(self, keys: Sequence[str], is_index: bool = False) -> int | None:
        if is_index or not keys or not set(keys) <= set(self.names):
            return None
        if not all(self.is_plain(self.value[key]) for key in keys):
            return None
        return int(self.value.select(list(keys)).head(UNIQUE_MOST).is_duplicated().sum())


def frame_of(value: Any) -> Any:
    """A `PandasFrame` or `PolarsFrame` over the value; None where it is no frame that can be looked at."""
    name = look.known_name(value)
    if name == "_pandas_frame" and look.pandas_axes(value) is not None:
        return PandasFrame(value)
    return PolarsFrame(value) if name == "_polars_frame" else None


def profile(frame: Any) -> Profile:
    """Look at a frame."""
    budget = look.Budget(BUDGET_S)
    width = min(len(frame.names), COLUMNS_MOST)
    rows_each = max(1_000, CELLS_MOST // max(1, width))
    looked_rows = frame.rows
    found: dict[str, ColumnProfile] = {}
    unique_left = UNIQUE_COLUMNS_MOST
    for at, name in enumerate(frame.names[:width]):
        array = frame.array(at)
        if not name or array is None or name in found:
            continue
        if at * min(rows_each, frame.rows) > CELLS_LEAST and budget.is_spent():
            looked_rows = 0
            break
        kind, word = frame.kind(array)
        missing, looked = frame.missing(frame.looked(array, rows_each))
        looked_rows = min(looked_rows, looked)
        is_unique = None
        if kind in _KEY_KINDS and unique_left and frame.rows > 1:
            unique_left -= 1
            is_unique = frame.is_unique(array)
        found[name] = ColumnProfile(kind, word, missing, is_unique)
    return Profile(frame.rows, looked_rows, found, frame.index_mark())

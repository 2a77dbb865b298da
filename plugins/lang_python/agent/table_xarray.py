"""Tables over xarray's arrays and data sets. Only what lies in memory as a numpy array is shown: nothing is loaded."""

from __future__ import annotations

from typing import Any, NamedTuple

from fourpane_plugins.lang_python.agent import look
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_columns import Column, Frame, name_of
from fourpane_plugins.lang_python.agent.table_numpy import ArrayFrame, array_column, is_array
from fourpane_plugins.lang_python.agent.table_pandas import index_column, is_index


class Axis(NamedTuple):
    """A dimension: its name, and the column of its coordinates or None."""

    name: str
    column: Column | None


def class_of(value: Any) -> str:
    """DataArray, Dataset or Variable, if it is exactly xarray's own; else ""."""
    name = look.type_name(type(value))
    names = look.library("xarray")
    is_own = names is not None and name in ("DataArray", "Dataset", "Variable") and names.get(name) is type(value)
    return name if is_own else ""


def xarray_frame(value: Any, view: tuple[int, int, tuple[int, ...]] | None) -> Frame:
    """The table over an array of xarray, or over a data set of one dimension."""
    kind = class_of(value)
    if kind == "Dataset":
        return DatasetFrame(value)
    variable = value.variable if kind == "DataArray" else value
    array = loaded(variable)
    coordinates = value.coords if kind == "DataArray" else {}
    axes = [Axis(str(name), _labels(coordinates, name)) for name in variable.dims]
    return ArrayFrame(array, None, view, "xarray", kind, id(value), axes)


def loaded(variable: Any) -> Any:
    """The numpy array of a variable; raises Refusal where it would have to be computed or read first."""
    data = variable._data
    if is_array(data):
        return data
    index = getattr(data, "array", None)
    if is_index(index):
        return variable.values
    name = look.type_name(type(data))
    raise Refusal("not_possible", f"Its values are not in memory yet ({name}). Run .load() on it to look at them.")


def _labels(coordinates: Any, name: Any) -> Column | None:
    """The column of a dimension's coordinates."""
    if name not in coordinates:
        return None
    data = coordinates[name].variable._data
    if is_array(data):
        return array_column(data)
    index = getattr(data, "array", None)
    return index_column(index) if is_index(index) else None


class DatasetFrame(Frame):
    """The variables of a data set that lie along the same single dimension."""

    library = "xarray"
    engine = "numpy"
    type_name = "Dataset"

    def __init__(self, value: Any) -> None:
        variables = {name: value.variables[name] for name in value.data_vars}
        dims = {variable.dims for variable in variables.values()}
        if len(dims) != 1 or len(next(iter(dims))) != 1:
            raise Refusal("not_possible", "Its variables have several axes: open one of them by itself.")
        self.identity = id(value)
        self.dim = next(iter(dims))[0]
        self.names = list(variables)
        self.arrays = [loaded(variable) for variable in variables.values()]
        self.labels = _labels(value.coords, self.dim)
        self.label_count = 0 if self.labels is None else 1
        self.row_count, self.column_count = len(self.arrays[0]), len(self.names)

    def make_column(self, index: int) -> Column:
        if index < 0 and self.labels is not None:
            return self.labels
        column = array_column(self.arrays[index])
        column.can_edit = False
        return column

    def name(self, index: int) -> tuple[str, str]:
        return name_of(self.dim if index < 0 else self.names[index])

    def stamp(self) -> Any:
        return self.identity, self.row_count, tuple(array.__array_interface__["data"][0] for array in self.arrays)

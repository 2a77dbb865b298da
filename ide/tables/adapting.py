"""Sort keys and filters carried over to other columns, by name, where they still fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ide.core.table import Column, Filter, SortKey, ViewSpec
from ide.tables import filters

_AKIN: Final = ({"text", "category"}, {"date", "timestamp"})


def moved_columns(old: Mapping[int, Column], new: Iterable[Column]) -> dict[int, int]:
    """Where columns are now, by their old index: the same name, and among equal names the same place in their row."""
    places: dict[tuple[str, str, int], int] = {}
    for key, column in _numbered(new):
        places[key] = column.index
    return {column.index: places[key] for key, column in _numbered(old.values()) if key in places}


def _numbered(columns: Iterable[Column]) -> Iterable[tuple[tuple[str, str, int], Column]]:
    """Columns with a key that tells those of one name apart. Row labels are apart from columns."""
    seen: dict[tuple[str, str, bool], int] = {}
    for column in sorted(columns, key=lambda one: (one.index < 0, abs(one.index))):
        name = (column.name, column.name_code, column.index < 0)
        seen[name] = seen.get(name, -1) + 1
        yield (f"{'label' if column.index < 0 else 'column'} {column.name}", column.name_code, seen[name]), column


def _is_akin(old: Column, new: Column, one: Filter) -> bool:
    """Whether a filter means the same of the other kind: 3 is a number, and a text too, but not the same wish."""
    is_presence = one.operator in ("is_missing", "is_present")
    return old.kind == new.kind or is_presence or {old.kind, new.kind} in _AKIN


def adapt(spec: ViewSpec, old: Mapping[int, Column], new: Iterable[Column]) -> tuple[ViewSpec, tuple[str, ...]]:
    """The same wishes of other columns, and a sentence for each that had to be dropped."""
    fresh = {column.index: column for column in new}
    moved = moved_columns(old, fresh.values())
    dropped: list[str] = []

    def column_of(index: int) -> tuple[Column | None, str]:
        name = old[index].name if index in old else f"column {index + 1}"
        found = fresh.get(moved[index]) if index in moved else None
        return found, "" if found is not None else f"there is no column “{name}” any more"

    def change(_place: int, one: Filter) -> Filter | None:
        column, reason = column_of(one.column)
        if column is not None:
            fitted = Filter(column.index, one.operator, one.values, one.is_case_sensitive)
            if _is_akin(old[one.column], column, one) and not filters.check(fitted, column):
                return fitted
            reason = f"the column holds {filters.KIND_WORDS[column.kind]} now"
        dropped.append(f"The filter “{filters.sentence(one, old)}” was dropped: {reason}.")
        return None

    kept = filters.changed(spec.filter, change)
    keys = []
    for key in spec.sort:
        column, reason = column_of(key.column)
        if column is not None and column.can_sort:
            keys.append(SortKey(column.index, key.is_descending))
            continue
        name = old[key.column].name if key.column in old else f"column {key.column + 1}"
        dropped.append(f"The sort by “{name}” was dropped: {reason or 'the column cannot be sorted now'}.")
    return ViewSpec(tuple(keys), kept), tuple(dropped)

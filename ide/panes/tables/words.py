"""What a page says of its table: title, chips, footer. Pure; owns no table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from ide.core.record import dataclass
from ide.core.table import Column, Filter, FilterGroup, FilterProblem, Progress, TableInfo, ViewSpec
from ide.core.text import with_unseen_shown
from ide.tables import filters

THIN_SPACE: Final = "\u2009"
_STEPS: Final[Mapping[str, str]] = {"sort": "Sorting", "filter": "Filtering", "read": "Reading", "write": "Writing"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table lives. `place` is said in the footer ("Python 3.13", a folder), `name` is what its tab is called.

    `moment` says how new its cells are ("In [7]"), asked for when they change; empty where that means nothing.
    """

    key: str
    name: str
    place: str
    badge: str = ""
    badge_role: str = "badge_other"
    tooltip: str = ""
    session: str = ""
    path: str = ""
    moment: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Chip:
    """A sort key or a filter above the grid. `place` counts sort keys, or members of the filter group."""

    kind: Literal["sort", "filter"]
    place: int
    text: str
    column: int
    problem: str = ""


def number(count: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{count:,}".replace(",", THIN_SPACE)


def counted(count: int, word: str) -> str:
    """`1 row`, `344 rows`."""
    return f"{number(count)} {word}{'' if count == 1 else 's'}"


def size_text(info: TableInfo, row_count: int) -> str:
    """`344 × 8`; all axes of an array."""
    if len(info.dims) > 2:
        return " × ".join(number(extent) for extent in info.dims)
    rows = number(row_count) if info.row_count >= 0 else f"{number(row_count)}+"
    return f"{rows} × {number(info.column_count)}"


def column_name(column: Column | None, index: int) -> str:
    """As it is drawn; row labels without a name are the index."""
    if column is None:
        return f"column {index + 1}"
    name = with_unseen_shown(column.name)
    return name or ("row labels" if index < 0 else "unnamed column")


def column_fits(column: Column | None, text: str) -> bool:
    """Whether name, type or label contain `text`, in whatever case; a column that is not here fits no text."""
    wanted = text.strip().casefold()
    if not wanted or column is None:
        return not wanted
    return any(wanted in word.casefold() for word in (column.name, column.type_name, column.label))


def chips(
    spec: ViewSpec, columns: Mapping[int, Column], problems: tuple[FilterProblem, ...], shown: ViewSpec
) -> tuple[Chip, ...]:
    """Sort keys, then filters. Problems are those of the view that is shown."""
    wrong = {one.filter: one.message for one in problems} if shown.filter == spec.filter else {}
    found = [Chip("sort", place, _sort_words(spec, place, columns), key.column) for place, key in enumerate(spec.sort)]
    for place, (member, numbers) in enumerate(_numbered(spec.filter)):
        inner = member.filters() if isinstance(member, FilterGroup) else (member,)
        problem = next((wrong[at] for at in numbers if at in wrong), "")
        text = filters.sentence(member, columns)
        found.append(Chip("filter", place, text, inner[0].column if inner else -1, problem))
    return tuple(found)


def _numbered(group: FilterGroup) -> Iterator[tuple[Filter | FilterGroup, range]]:
    """Members with the numbers of the filters in them, depth first as problems name them."""
    first = 0
    for member in group.members:
        count = len(member.filters()) if isinstance(member, FilterGroup) else 1
        yield member, range(first, first + count)
        first += count


def _sort_words(spec: ViewSpec, place: int, columns: Mapping[int, Column]) -> str:
    key = spec.sort[place]
    arrow = "↓" if key.is_descending else "↑"
    number_text = f"{place + 1} " if len(spec.sort) > 1 else ""
    return f"{number_text}{arrow} {column_name(columns.get(key.column), key.column)}"


def rows_text(info: TableInfo, row_count: int, spec: ViewSpec) -> str:
    """`344 rows × 8 columns`, or `52 of 344 rows × 8 columns`."""
    columns = counted(info.column_count, "column")
    if spec.filter.filters() and info.row_count >= 0:
        return f"{number(row_count)} of {counted(info.row_count, 'row')} × {columns}"
    more = "" if info.row_count >= 0 else "at least "
    return f"{more}{counted(row_count, 'row')} × {columns}"


def sort_text(spec: ViewSpec, columns: Mapping[int, Column]) -> str:
    """`sorted by price (descending), date`; empty where it is not."""
    parts = [
        column_name(columns.get(key.column), key.column) + (" (descending)" if key.is_descending else "")
        for key in spec.sort
    ]
    return f"sorted by {', '.join(parts)}" if parts else ""


def filter_text(spec: ViewSpec) -> str:
    """`2 filters`; the chips say which."""
    count = len(spec.filter.members)
    return counted(count, "filter") if count else ""


def origin_text(origin: Origin, moment: str) -> str:
    """`df in Python 3.13, as of In [7]`."""
    place = f"{origin.name} in {origin.place}" if origin.place else origin.name
    return f"{place}, as of {moment}" if moment else place


def view_step(asked: ViewSpec, shown: ViewSpec) -> str:
    """What must be done to come from the rows shown to those asked for."""
    if asked.filter != shown.filter:
        return "Filtering and sorting" if asked.sort != shown.sort else "Filtering"
    return "Sorting" if asked.sort else "Reading"


def progress_text(progress: Progress | None, usual: str = "Reading") -> str:
    """`Sorting, 40 %`; `usual` where the source has told nothing yet."""
    if progress is None:
        return usual
    step = _STEPS.get(progress.step, progress.step.capitalize() or "Working")
    if progress.total <= 0:
        return step
    return f"{step}, {min(100, round(100 * progress.done / progress.total))}{THIN_SPACE}%"

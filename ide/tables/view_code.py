"""Code for what the viewer shows: makes the request that a language answers, whatever the dialect.

Owns which dialects there are by name and how results are called; the code itself is written by the language plugins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ide.core.language import Language
from ide.core.table import Column, FilterProblem, TableInfo, ViewSpec
from ide.core.view_code import ViewCodeError, ViewCodeRequest
from ide.tables.filters import without_problems

DIALECT_NAMES: Final[Mapping[str, str]] = {
    "pandas": "pandas", "polars": "Polars", "sql": "SQL (DuckDB)", "base_r": "Base R", "dplyr": "dplyr",
}  # fmt: skip
_WORD: Final = re.compile(r"\W+", re.ASCII)


def view_code(
    info: TableInfo,
    columns: Iterable[Column],
    spec: ViewSpec,
    dialect: str,
    language: Language,
    *,
    problems: Sequence[FilterProblem] = (),
    path: str = "",
    file_format: str = "",
    options: Mapping[str, object] | None = None,
) -> str:
    """Code that gives exactly the rows that are shown, in their order. Raises ViewCodeError, told as it is.

    `columns` are all that are known, row labels too or not; those that `spec` speaks of must be among them. Filters
    with a problem are left out, as the source left them out. The last three are of files.
    """
    known = {column.index: column for column in (*info.labels, *columns)}
    request = ViewCodeRequest(
        expression=info.expression,
        result=result_name(info.expression or info.title),
        library=info.library,
        type_name=info.type_name,
        columns=known,
        spec=without_problems(spec, problems),
        repeated=_repeated(known.values()),
        path=path,
        file_format=file_format,
        options=options or {},
    )
    if not request.expression and not path:
        raise ViewCodeError("This table has no name that code could use.", "", "Assign it to a variable first.")
    return language.view_code(dialect, request)


def result_name(expression: str) -> str:
    """How the rows are called in the code: `df_view` for `df`, for other expressions and files after their words."""
    words = _WORD.sub("_", re.split(r"[/\\]", expression)[-1]).strip("_")
    if not words or not words[0].isalpha() or len(words) > 30:
        return "view"
    return f"{words}_view"


def _repeated(columns: Iterable[Column]) -> frozenset[int]:
    """Indexes of columns whose name is not theirs alone."""
    known = [column for column in columns if column.index >= 0]
    counts = Counter((column.name, column.name_code) for column in known)
    return frozenset(column.index for column in known if counts[column.name, column.name_code] > 1)

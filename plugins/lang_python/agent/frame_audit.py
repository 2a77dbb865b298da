"""Suspicious things in one frame, when the user asks: each with code that shows it and code that mends it.

Owns the checks and their code in the frame's own library. Looks at pandas' and polars' own frames as
`frame_profiles.py` does: nothing of the user's runs. Of long frames evenly taken rows are looked at, and the findings
say so.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

from fourpane_plugins.lang_python.agent import frame_profiles, look, objects, variables
from fourpane_plugins.lang_python.agent.refusal import Refusal

ROWS_MOST = 100_000
COLUMNS_MOST = 200
CATEGORIES_MOST = 2_000
BUDGET_S = 5.0
VALUES_MOST = 200
"""Values that a filter names; with more of them there is none."""
SERIOUS = frozenset({"like_missing", "mixed_types", "near_duplicates", "duplicate_rows"})
"""What makes counts, sums and groups wrong without a word."""
LIKE_MISSING = ("NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "none", "-", "--", "?", "#N/A", "")
NUMBERS_LIKE_MISSING = (-999, -9999, -99999, 9999, 99999)
_NUMBER = re.compile(r"\s*[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?\s*$")
_DATE = re.compile(r"\s*\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*$")
_LEADING_ZERO = re.compile(r"\s*[-+]?0\d")
Finding = Any


def audit(shell: Any, path: list[str], job: Any) -> dict[str, Any]:
    """The contract's `FrameFindings` of the frame at `path`."""
    value = objects.resolve(shell, path)
    frame = frame_profiles.frame_of(value)
    if frame is None:
        raise Refusal("not_possible", "Only frames of pandas and polars can be audited.")
    expression = objects.expression(shell, path) or path[0]
    found = Audit(frame, expression, job)
    return {
        "name": variables.sound(expression),
        "findings": list(found.findings()),
        "row_count": frame.rows,
        "rows_looked_at": -(-frame.rows // found.stride),
        "column_count": len(frame.names),
        "columns_looked_at": found.columns_looked_at,
    }


class Audit:
    """The checks of one frame; `name` is the expression that stands for it in code."""

    def __init__(self, frame: Any, name: str, job: Any) -> None:
        self.frame = frame
        self.name = name
        self.job = job
        self.is_pandas = frame.library == "pandas"
        self.stride = max(1, -(-frame.rows // ROWS_MOST))
        self.columns_looked_at = 0

    def findings(self) -> Iterator[Finding]:
        """All that is suspicious; each column once for each kind of thing."""
        budget = look.Budget(BUDGET_S)
        width = min(len(self.frame.names), COLUMNS_MOST)
        for at, name in enumerate(self.frame.names[:width]):
            if budget.is_spent() or (self.job is not None and self.job.is_cancelled()):
                return
            array = self.frame.array(at)
            if name and array is not None and self.frame.names.count(name) == 1:
                yield from self._column(name, array)
                self.columns_looked_at += 1
        yield from self._duplicate_rows()

    def note(
        self,
        kind: str,
        sentence: str,
        short: str,
        columns: tuple[str, ...],
        code: str,
        mend: str,
        *,
        count: int = 0,
        filters: tuple[tuple[str, Any], ...] = (),
        is_all: bool = True,
    ) -> Finding:
        """One finding; `filters` are operators with their values, on its column."""
        places = [self.frame.names.index(column) for column in columns]
        members = [
            {"column": places[0], "operator": operator, "values": [str(value) for value in values]}
            for operator, values in filters
        ]
        is_filter = all(len(member["values"]) <= VALUES_MOST for member in members)
        return {
            "kind": kind,
            "sentence": sentence,
            "short": short,
            "columns": [variables.sound(column) for column in columns],
            "severity": "warning" if kind in SERIOUS else "notice",
            "code": code,
            "mend_code": mend,
            "places": places,
            "filters": members if is_filter else [],
            "is_all": is_all,
            "count": count,
            "is_sampled": self.stride > 1,
        }

    # ---- code -------------------------------------------------------------------------------------------------------

    def cell(self, name: str) -> str:
        return f"{self.name}[{name!r}]"

    def rows(self, condition: str) -> str:
        """Code that shows the rows of a condition."""
        return f"{self.name}[{condition}]" if self.is_pandas else f"{self.name}.filter({condition})"

    def put(self, name: str, expression: str) -> str:
        """Code that puts a column into the frame."""
        if self.is_pandas:
            return f"{self.cell(name)} = {expression}"
        return f"{self.name} = {self.name}.with_columns(({expression}).alias({name!r}))"

    def drop(self, name: str) -> str:
        argument = f"columns=[{name!r}]" if self.is_pandas else repr(name)
        return f"{self.name} = {self.name}.drop({argument})"

    # ---- one column -------------------------------------------------------------------------------------------------

    def _column(self, name: str, array: Any) -> Iterator[Finding]:
        kind = self.frame.kind(array)[0]
        if kind == "category" and not self.is_pandas:
            return
        some = array[:: self.stride]
        values = some.tolist() if self.is_pandas else some.to_list()
        present = (
            [value for value in values if not self.frame.is_missing(value)]
            if self.is_pandas
            else [value for value in values if value is not None]
        )
        types = set(map(type, present))
        if len(present) < 2:
            return
        if types <= {str, int, float, bool} and len(present) == len(values) and len(set(present)) == 1:
            sentence = f"All rows of `{name}` hold the same value."
            yield self.note("constant", sentence, "constant", (name,), f"{self.cell(name)}.unique()", self.drop(name))
            return
        if len(types) > 1 and kind == "object" and self.is_pandas:
            yield self._mixed(name, types)
        elif types == {str}:
            yield from self._text(name, present)
        elif kind in ("integer", "float") and types <= {int, float}:
            yield from self._numbers(name, [value for value in present if value == value])

    def _mixed(self, name: str, types: set[type]) -> Finding:
        words = ", ".join(sorted(look.type_name(item) for item in types))
        show = f"{self.cell(name)}.map(lambda value: type(value).__name__).value_counts()"
        mend = self.put(name, f"{self.cell(name)}.where({self.cell(name)}.isna(), {self.cell(name)}.astype(str))")
        return self.note(
            "mixed_types", f"`{name}` holds values of several types: {words}.", "mixed types", (name,), show, mend
        )

    def _text(self, name: str, present: list[str]) -> Iterator[Finding]:
        column = self.cell(name)
        spaced = sum(1 for value in present if value != value.strip())
        strip = ".str.strip()" if self.is_pandas else ".str.strip_chars()"
        if spaced:
            condition = (
                f"{column}.notna() & ({column} != {column}.str.strip())"
                if self.is_pandas
                else f"{column} != {column}{strip}"
            )
            yield self.note(
                "spaces",
                f"{_values(spaced, name, 'begins or ends', 'begin or end')} with spaces.",
                f"{spaced:,} with spaces",
                (name,),
                self.rows(condition),
                self.put(name, column + strip),
                count=spaced,
                filters=(("regex", (r"^\s|\s$",)),),
            )
        like = sorted({value for value in present if value.strip() in LIKE_MISSING})
        if like:
            yield self._like_missing(name, like, sum(1 for value in present if value in like))
        rest = [value for value in present if value not in like]
        if len(rest) < 2:
            return
        if all(map(_DATE.match, rest)):
            convert = f"pd.to_datetime({column}, errors='coerce', format='ISO8601')"
            if not self.is_pandas:
                has_time = any(len(value.strip()) > 10 for value in rest)
                convert = f"{column}.str.strip_chars().str.{'to_datetime' if has_time else 'to_date'}(strict=False)"
            yield self._as_text("dates_as_text", name, "dates", convert)
        elif all(map(_NUMBER.match, rest)) and not any(map(_LEADING_ZERO.match, rest)):
            bare = (
                f"{column}.str.replace(',', '', regex=False)"
                if self.is_pandas
                else f"{column}.str.replace_all(',', '', literal=True)"
            )
            convert = (
                f"pd.to_numeric({bare}, errors='coerce')"
                if self.is_pandas
                else f"{bare}.str.strip_chars().cast(float, strict=False)"
            )
            yield self._as_text("numbers_as_text", name, "numbers", convert)
        else:
            yield from self._near(name, rest)

    def _as_text(self, kind: str, name: str, word: str, convert: str) -> Finding:
        show = f"{self.cell(name)}.head(20)"
        imported = "import pandas as pd\n" if self.is_pandas else ""
        return self.note(
            kind,
            f"`{name}` holds {word} as text.",
            f"{word} as text",
            (name,),
            show,
            imported + self.put(name, convert),
        )

    def _like_missing(self, name: str, like: list[str], count: int) -> Finding:
        words = ", ".join(repr(value) for value in like[:5])
        column = self.cell(name)
        show = self.rows(f"{column}.{'isin' if self.is_pandas else 'is_in'}({like!r})")
        if self.is_pandas:
            mend = self.put(name, f"{column}.mask({column}.isin({like!r}))")
        else:
            mend = f"{self.name} = {self.name}.with_columns({column}.replace({dict.fromkeys(like)!r}).alias({name!r}))"
        return self.note(
            "like_missing",
            f"{_values(count, name, 'looks like a missing one', 'look like missing ones')}: {words}.",
            f"{count:,} like missing",
            (name,),
            show,
            mend,
            count=count,
            filters=(("in", like),),
        )

    def _near(self, name: str, present: list[str]) -> Iterator[Finding]:
        counts: dict[str, int] = {}
        for value in present:
            counts[value] = counts.get(value, 0) + 1
        if len(counts) > CATEGORIES_MOST or len(counts) * 2 > len(present) + 2:
            return
        groups: dict[str, list[str]] = {}
        for value in counts:
            groups.setdefault(" ".join(value.casefold().split()), []).append(value)
        near = {}
        for group in groups.values():
            best = max(group, key=lambda value: (counts[value], value == value.strip(), value))
            near.update({value: best.strip() for value in group if value != best.strip() and len(group) > 1})
        if not near:
            return
        both = sorted({*near, *near.values()})
        show = f"{self.cell(name)}.value_counts()"
        first, best = next(iter(near.items()))
        sentence = f"{len(both):,} values of `{name}` differ by case or spaces only, such as {first!r} and {best!r}."
        yield self.note(
            "near_duplicates",
            sentence,
            "near duplicates",
            (name,),
            show,
            self.put(name, f"{self.cell(name)}.replace({near!r})"),
            count=sum(counts.get(value, 0) for value in both),
            filters=(("in", both),),
        )

    def _numbers(self, name: str, present: list[float]) -> Iterator[Finding]:
        like = [number for number in NUMBERS_LIKE_MISSING if present.count(number) > 0]
        column = self.cell(name)
        ordered = sorted(value for value in present if value not in like)
        if not ordered:
            return
        like = [number for number in like if number < ordered[0] or number > ordered[-1] * 10]
        isin = "isin" if self.is_pandas else "is_in"
        if like:
            count = sum(1 for value in present if value in like)
            mend = self.put(name, f"{column}.mask({column}.isin({like!r}))")
            if not self.is_pandas:
                mend = self.put(name, f"{column}.replace({dict.fromkeys(like)!r})")
            yield self.note(
                "like_missing",
                _values(count, name, "looks like a missing one", "look like missing ones")
                + f": {', '.join(map(str, like))}.",
                f"{count:,} like missing",
                (name,),
                self.rows(f"{column}.{isin}({like!r})"),
                mend,
                count=count,
                filters=(("in", like),),
            )
        if len(ordered) < 20:
            return
        low, high = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
        spread = high - low
        if spread <= 0:
            return
        least, most = low - 5 * spread, high + 5 * spread
        count = sum(1 for value in ordered if value < least or value > most)
        if 0 < count <= len(ordered) // 50 + 1:
            inside = (
                f"{column}.between({least!r}, {most!r})"
                if self.is_pandas
                else f"{column}.is_between({least!r}, {most!r})"
            )
            missing = f" & {column}.notna()" if self.is_pandas else ""
            cut = f"{column}.clip({least!r}, {most!r})"
            yield self.note(
                "outliers",
                f"{_values(count, name, 'lies', 'lie')} far from all others.",
                f"{count:,} outliers",
                (name,),
                self.rows(f"~{inside}{missing}"),
                self.put(name, cut),
                count=count,
                filters=(("lt", (least,)), ("gt", (most,))),
                is_all=False,
            )

    # ---- all columns ------------------------------------------------------------------------------------------------

    def _duplicate_rows(self) -> Iterator[Finding]:
        if not self.frame.names or len(set(self.frame.names)) < len(self.frame.names):
            return
        if not self.is_pandas:
            if not self.frame.are_plain(range(len(self.frame.names))):
                return
            some = self.frame.value.head(frame_profiles.UNIQUE_MOST)
            count = some.height - some.n_unique()
            show = f"{self.name}.filter({self.name}.is_duplicated())"
            mend = f"{self.name} = {self.name}.unique(maintain_order=True)"
        else:
            if not self.frame.are_plain(range(len(self.frame.names))):
                return
            count = int(self.frame.value.iloc[: frame_profiles.UNIQUE_MOST].duplicated().sum())
            show = f"{self.name}[{self.name}.duplicated(keep=False)]"
            mend = f"{self.name} = {self.name}.drop_duplicates()"
        if count:
            found = self.note(
                "duplicate_rows",
                f"{count:,} rows are the same as an earlier one.",
                f"{count:,} duplicate rows",
                (),
                show,
                mend,
                count=count,
            )
            found["is_sampled"] = self.frame.rows > frame_profiles.UNIQUE_MOST
            yield found


def _values(count: int, name: str, one: str, more: str) -> str:
    """The beginning of a sentence about some values of a column; the verb fits their number."""
    return f"1 value of `{name}` {one}" if count == 1 else f"{count:,} values of `{name}` {more}"

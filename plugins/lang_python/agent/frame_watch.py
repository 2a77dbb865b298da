"""What a run did to frames that is easily overlooked: rows multiplied by a join, values that became missing.

Owns the profiles kept of frames (numbers; no reference to a frame) and the sentences said about them. Looks after each
run, in the kernel's main thread: only at frames that the run changed, each within its budget. The code of the run is
read, never run. A finding needs evidence in the frames themselves: that a key repeats, that a value has no partner.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

from fourpane_plugins.lang_python.agent import frame_profiles, look, variables
from fourpane_plugins.lang_python.agent.frame_profiles import Profile
from fourpane_plugins.lang_python.agent.frame_steps import (
    DROPS,
    FILLS,
    SAYS_MISSING,
    SAYS_TYPE,
    STACKS,
    Join,
    Step,
    Steps,
)

RUN_BUDGET_S = 0.25
FRAMES_MOST = 200
FRAMES_LEAST = 4
KEY_ROWS_MOST = 50_000
KEYS_SHOWN = 20
"""Keys that a filter names, of those that were found among so many rows."""
_KEY_NAME = re.compile(r"(?:^|_|\b)(?:id|key|code|nr|no|number|uuid)$|(?:Id|ID)$", re.ASCII)
_TYPE_WORDS = {
    "integer": "whole numbers",
    "float": "numbers with a fraction",
    "boolean": "true and false",
    "text": "text",
    "date": "dates",
    "duration": "durations",
    "category": "categories",
    "object": "mixed objects",
}
Finding = Any
"""A dict as the contract's `FrameFinding`."""


class FrameWatch:
    """Follows the frames of one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.kept: dict[str, tuple[Any, Profile]] = {}
        self.noted: set[str] = set()

    def after_run(self, code: str) -> list[dict[str, Any]]:
        """The contract's `FrameFindings` of each frame that the run changed, where there is something to say or to
        take back."""
        present = dict(self._frames())
        for name in [name for name in self.kept if name not in present]:
            del self.kept[name]
            self.noted.discard(name)
        if not present:
            return []
        steps = Steps(code)
        before = {name: kept[1] for name, kept in self.kept.items()}
        fresh = self._look_at_changed(present, steps)
        told = []
        for name in fresh:
            new = self.kept[name][1]
            findings = list(Comparison(name, present, before, new, steps, self.shell.user_ns).findings())
            if findings or name in self.noted:
                told.append({"name": variables.sound(name), "findings": findings})
            (self.noted.add if findings else self.noted.discard)(name)
        return told

    def _frames(self) -> Iterator[tuple[str, Any]]:
        count = 0
        for name, value in list(self.shell.user_ns.items()):
            if type(name) is str and look.known_name(value) in ("_pandas_frame", "_polars_frame"):
                if variables.is_shells_own(name):
                    continue
                count += 1
                if count > FRAMES_MOST:
                    return
                yield name, value

    def _look_at_changed(self, present: dict[str, Any], steps: Steps) -> list[str]:
        """Look at the frames that are other ones or were written into; those whose profile has changed."""
        budget = look.Budget(RUN_BUDGET_S)
        fresh = []
        looks = 0
        for name, value in present.items():
            mark = (id(value), variables.fingerprint(value))
            kept = self.kept.get(name)
            is_other = kept is None or kept[0] != mark
            if not is_other and name not in steps.touched:
                continue
            looks += 1
            is_late = looks > FRAMES_LEAST and budget.is_spent()
            frame = None if is_late else frame_profiles.frame_of(value)
            if frame is None:
                self.kept.pop(name, None)
                continue
            found = frame_profiles.profile(frame)
            self.kept[name] = (mark, found)
            if is_other or kept is None or not _is_same(kept[1], found):
                fresh.append(name)
        return fresh


def _is_same(old: Profile, new: Profile) -> bool:
    def figures(profile: Profile) -> list[Any]:
        return [(name, c.kind, c.missing, c.is_unique) for name, c in profile.columns.items()]

    return old.rows == new.rows and old.index_mark == new.index_mark and figures(old) == figures(new)


class Comparison:
    """One frame after a run, and what is known of it and others from before."""

    def __init__(
        self,
        name: str,
        present: dict[str, Any],
        before: dict[str, Profile],
        new: Profile,
        steps: Steps,
        namespace: dict[str, Any],
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.present = present
        self.old = before.get(name)
        self.new = new
        self.steps = steps
        self.step = steps.last.get(name)
        self.frame = frame_profiles.frame_of(present[name])
        is_kin = name not in steps.assigned or name in steps.fed
        if not is_kin:
            self.old = None

    def findings(self) -> Iterator[Finding]:
        """All that is to be said."""
        said = [*self._of_joins(), *self._of_alignment()]
        yield from said
        if self.old is not None:
            yield from self._of_rows(self.old)
            yield from self._of_types(self.old)
            if not any(finding["kind"] in ("missing_added", "index_changed") for finding in said):
                yield from self._of_missing(self.old)
            if not any(finding["kind"] == "rows_grew" for finding in said):
                yield from self._of_keys(self.old)

    def note(self, kind: str, sentence: str, short: str, columns: Any = (), filters: Any = (), **more: Any) -> Finding:
        """One finding, in the frame itself; `filters` are (column, operator, values)."""
        return self.note_in(self.frame, self.name, kind, sentence, short, columns, filters, **more)

    def note_in(
        self, frame: Any, path: str, kind: str, sentence: str, short: str, columns: Any = (), filters: Any = (),
        **more: Any,
    ) -> Finding:  # fmt: skip
        """One finding whose rows are in that frame."""
        names = frame.names
        found = {
            "kind": kind,
            "sentence": sentence,
            "short": short,
            "columns": list(columns),
            "path": [path],
            "places": [names.index(name) for name in columns if name in names],
            "filters": [
                {"column": names.index(name), "operator": operator, "values": list(values)}
                for name, operator, values in filters
                if name in names
            ],
        }
        return {**found, "is_sampled": self.new.is_sampled, **more}

    # ---- joins ------------------------------------------------------------------------------------------------------

    def _of_joins(self) -> Iterator[Finding]:
        step = self.step
        if step is None or not step.joins:
            return
        rows = self._rows_before(step)
        if rows is None:
            return
        if self.new.rows > rows:
            yield from self._grown(step, rows)
        elif step.is_exact and len(step.joins) == 1:
            yield from self._dropped(step, step.joins[0], rows)
        if step.is_exact and len(step.joins) == 1:
            yield from self._partners(step, step.joins[0])
            yield from self._suffixes(step.joins[0])

    def _left(self, step: Step) -> Any:
        """The frame that the step began with, where it is still there."""
        if step.left == step.target or not self.steps.is_as_used(step.left, step.order):
            return None
        value = self.present.get(step.left)
        return None if value is None else frame_profiles.frame_of(value)

    def _right(self, step: Step, join: Join) -> Any:
        if join.right == step.target or not self.steps.is_as_used(join.right, step.order):
            return None
        value = self.present.get(join.right)
        return None if value is None else frame_profiles.frame_of(value)

    def _rows_before(self, step: Step) -> int | None:
        if step.left == step.target:
            return None if self.old is None else self.old.rows
        left = self._left(step)
        return None if left is None else left.rows

    def _keys(self, step: Step, join: Join, right: Any) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool]:
        """Keys of the left and the right, and whether either is the index."""
        if right.library == "pandas" and join.name == "join":
            return join.left_keys or (), join.right_keys or (), join.left_keys is None, join.right_keys is None
        if join.left_keys or join.right_keys or join.is_left_index or join.is_right_index:
            return join.left_keys or (), join.right_keys or (), join.is_left_index, join.is_right_index
        left = self._left(step)
        names = left.names if left is not None else list(self.old.columns) if self.old is not None else []
        common = tuple(name for name in names if name in right.names)
        return common, common, False, False

    def _repeats_left(self, step: Step, keys: tuple[str, ...], is_index: bool) -> bool | None:
        left = self._left(step)
        if left is not None:
            count = left.repeats(keys, is_index)
            return None if count is None else count > 0
        if self.old is not None and len(keys) == 1 and keys[0] in self.old.columns:
            is_unique = self.old.columns[keys[0]].is_unique
            return None if is_unique is None else not is_unique
        return None

    def _grown(self, step: Step, rows: int) -> Iterator[Finding]:
        for join in step.joins:
            right = self._right(step, join)
            if right is None or join.how == "cross" or not join.is_right_exact:
                continue
            left_keys, right_keys, is_left_index, is_right_index = self._keys(step, join, right)
            if not right.repeats(right_keys, is_right_index):
                continue
            is_both = self._repeats_left(step, left_keys, is_left_index)
            if not is_both and step.left != step.target and (is_both is False or self.new.rows <= right.rows):
                continue  # one row on the left for several on the right: what such a join is for
            filters = self._repeated_in(right, right_keys, left_keys)
            yield self._grew(step, join, rows, is_both, right_keys, filters)
            return

    def _repeated_in(self, right: Any, right_keys: tuple[str, ...], left_keys: tuple[str, ...]) -> Any:
        """Filters that keep rows of the new frame whose key repeats on the right; none where that cannot be said."""
        names = left_keys if set(left_keys) <= set(self.new.columns) else right_keys
        if len(left_keys) != len(right_keys) or not set(names) <= set(self.new.columns):
            return ()
        there = set(_key_texts(self.frame, names))
        return _key_filters(names, [key for key in _repeated(_key_texts(right, right_keys)) if key in there])

    def _grew(
        self, step: Step, join: Join, rows: int, is_both: bool | None, keys: tuple[str, ...], filters: Any
    ) -> Finding:
        new = self.new.rows
        where = f"both `{step.left}` and `{join.right}`" if is_both else f"`{join.right}`"
        factor = f" (x{new / rows:.1f})" if rows and new / rows >= 1.05 else ""
        key = (
            f"key {_named(keys)} repeats"
            if len(keys) == 1
            else f"keys {_named(keys)} repeat"
            if keys
            else "the index repeats"
        )
        sentence = f"{rows:,} -> {new:,} rows{factor} after {join.name}: {key} in {where}."
        show, mend = "", ""
        if self.frame.library == "pandas":
            show = f"{join.right}[{join.right}.duplicated({list(keys)!r}, keep=False)].sort_values({list(keys)!r})"
            mend = f"{join.right} = {join.right}.drop_duplicates({list(keys)!r})"
        else:
            show = f"{join.right}.filter({join.right}.select({list(keys)!r}).is_duplicated()).sort({list(keys)!r})"
            mend = f"{join.right} = {join.right}.unique({list(keys)!r}, keep='first', maintain_order=True)"
        if not keys:
            show, mend = f"{join.right}[{join.right}.index.duplicated(keep=False)]", ""
        elif step.left == step.target:
            mend = ""  # the frame is multiplied already: it must be made anew
        else:
            mend += "\n" + step.source
        short = (
            f"x{new / rows:.1f} rows after {join.name}"
            if rows and new >= 1.5 * rows
            else f"+{new - rows:,} rows after {join.name}"
        )
        return self.note(
            "rows_grew", sentence, short, keys, filters, severity="warning", code=show, mend_code=mend, count=new - rows
        )

    def _how(self, join: Join) -> str:
        if join.how:
            return join.how
        return "left" if self.frame.library == "pandas" and join.name == "join" else "inner"

    def _dropped(self, step: Step, join: Join, rows: int) -> Iterator[Finding]:
        right = self._right(step, join)
        lost = rows - self.new.rows
        if right is None or self._how(join) != "inner" or lost <= 0 or not join.is_right_exact:
            return
        left_keys, right_keys, _, is_right_index = self._keys(step, join, right)
        if right.repeats(right_keys, is_right_index) != 0:
            return  # how many rows found no partner cannot be told from the number of rows
        show = ""
        if step.left != step.target and len(left_keys) == len(right_keys) == 1:
            if self.frame.library == "pandas":
                show = f"{step.left}[~{step.left}[{left_keys[0]!r}].isin({join.right}[{right_keys[0]!r}])]"
            else:
                keys = f"left_on={left_keys[0]!r}, right_on={right_keys[0]!r}"
                show = f"{step.left}.join({join.right}, {keys}, how='anti')"
        sentence = f"{lost:,} of {rows:,} rows of `{step.left}` found no partner in `{join.right}` and were dropped."
        short = f"-{lost:,} rows after {join.name}"
        left = self._left(step)
        if left is None:
            yield self.note("rows_dropped", sentence, short, left_keys, code=show, count=lost)
            return
        partners = set(_key_texts(right, right_keys)) if right.rows <= KEY_ROWS_MOST else set()
        alone = [key for key in _key_texts(left, left_keys) if partners and key not in partners]
        filters = _key_filters(left_keys, alone)
        yield self.note_in(left, step.left, "rows_dropped", sentence, short, left_keys, filters, code=show, count=lost)

    def _partners(self, step: Step, join: Join) -> Iterator[Finding]:
        right = self._right(step, join)
        if right is None or self._how(join) != "left" or self.new.is_sampled:
            return
        keys = self._keys(step, join, right)[1]
        profile = frame_profiles.profile(right)
        whole = [n for n, c in profile.columns.items() if n not in keys and not c.missing and n in self.new.columns]
        left = self._left(step)
        names = left.names if left is not None else list(self.old.columns) if self.old is not None else []
        whole = [name for name in whole if name not in names]
        if profile.is_sampled or not whole:
            return
        missing = min(self.new.columns[name].missing for name in whole)
        if missing:
            column = whole[0]
            show = f"{self.name}[{self.name}[{column!r}].isna()]"
            if self.frame.library == "polars":
                show = f"{self.name}.filter({self.name}[{column!r}].is_null())"
            sentence = f"{missing:,} of {self.new.rows:,} rows found no partner in `{join.right}`: "
            sentence += f"there {_named(whole)} is missing."
            yield self.note(
                "missing_added",
                sentence,
                f"{missing:,} rows without partner",
                whole,
                ((column, "is_missing", ()),),
                severity="warning",
                code=show,
                count=missing,
            )

    def _suffixes(self, join: Join) -> Iterator[Finding]:
        names = set(self.new.columns)
        right = self.present.get(join.right)
        found: Any = None if right is None else frame_profiles.frame_of(right)
        if found is None:
            return
        for name in found.names:
            pairs = [(name + "_x", name + "_y")] if self.frame.library == "pandas" else [(name, name + "_right")]
            for first, second in pairs:
                if {first, second} <= names and not {first, second} & set(found.names) - {name}:
                    sentence = f"Column `{name}` was in both frames: it is now `{first}` and `{second}`."
                    yield self.note("columns_added", sentence, f"{name} twice", (first, second))

    # ---- pandas' alignment ------------------------------------------------------------------------------------------

    def _of_alignment(self) -> Iterator[Finding]:
        for frame, column, source, part in self.steps.aligned:
            if frame != self.name or self.frame.library != "pandas" or column not in self.new.columns:
                continue
            value: Any = self.namespace.get(source)
            if look.known_name(value) == "_pandas_frame" and part is not None:
                other = frame_profiles.frame_of(value)
                array = other.array(other.names.index(part)) if other is not None and part in other.names else None
            elif look.known_name(value) == "_pandas_series" and part is None:
                array = value._mgr.blocks[0].values
            else:
                continue
            missing = self.new.columns[column].missing
            if array is None or not missing or self.new.is_sampled or self.frame.missing(array)[0]:
                continue
            sentence = (
                f"`{column}` was aligned by the index: {missing:,} of {self.new.rows:,} rows have a label that "
                f"`{source}` does not have, and are missing."
            )
            show = f"{self.name}[{self.name}[{column!r}].isna()]"
            yield self.note(
                "index_changed",
                sentence,
                f"{missing:,} missing by index",
                (column,),
                ((column, "is_missing", ()),),
                severity="warning",
                code=show,
                count=missing,
            )

    # ---- the same name, before and after ----------------------------------------------------------------------------

    def _of_rows(self, old: Profile) -> Iterator[Finding]:
        step = self.step
        lost = old.rows - self.new.rows
        if step is None or step.joins or step.left != self.name or lost <= 0 or DROPS.isdisjoint(step.calls):
            return
        holes = [name for name, column in old.columns.items() if column.missing]
        sentence = f"{lost:,} of {old.rows:,} rows were dropped because of missing values in {_named(holes)}."
        yield self.note("rows_dropped", sentence, f"-{lost:,} rows, missing values", holes)

    def _of_types(self, old: Profile) -> Iterator[Finding]:
        for name, now in self.new.columns.items():
            was = old.columns.get(name)
            if was is None or was.kind == now.kind:
                continue
            if was.kind == "integer" and now.kind == "float" and now.missing > was.missing:
                sentence = f"`{name}` held whole numbers and holds fractions now, because {now.missing:,} are missing."
                yield self.note("type_changed", sentence, f"{name}: {now.type_word}", (name,))
            elif now.kind in ("text", "object") and not self.steps.says(SAYS_TYPE):
                sentence = f"`{name}` held {_TYPE_WORDS[was.kind]} and holds {_TYPE_WORDS[now.kind]} now."
                yield self.note("type_changed", sentence, f"{name}: {now.type_word}", (name,), severity="warning")

    def _of_missing(self, old: Profile) -> Iterator[Finding]:
        for name, now in self.new.columns.items():
            was = old.columns.get(name)
            if was is None or old.is_sampled or self.new.is_sampled:
                continue
            more = now.missing - was.missing
            if more > 0 and old.rows == self.new.rows and not self.steps.says(SAYS_MISSING):
                values, are = ("value", "is") if more == 1 else ("values", "are")
                sentence = f"{more:,} {values} of `{name}` became missing: {was.missing:,} before, {now.missing:,} now."
                if self.steps.says(frozenset({"coerce"})):
                    sentence = f"{more:,} {values} of `{name}` could not be converted and {are} missing now."
                yield self.note(
                    "missing_added",
                    sentence,
                    f"{more:,} new missing",
                    (name,),
                    ((name, "is_missing", ()),),
                    severity="warning",
                    count=more,
                )
        step = self.step
        if step is None or step.left != self.name or FILLS.isdisjoint(step.calls) or old.rows != self.new.rows:
            return
        filled = {
            name: old.columns[name].missing - now.missing
            for name, now in self.new.columns.items()
            if name in old.columns and old.columns[name].missing > now.missing
        }
        if filled:
            sentence = f"{sum(filled.values()):,} missing values were filled in {_named(filled)}."
            yield self.note("values_filled", sentence, f"{sum(filled.values()):,} filled", filled)

    def _of_keys(self, old: Profile) -> Iterator[Finding]:
        if not self.steps.says(STACKS):
            return
        first = next(iter(self.new.columns), "")
        for name, now in self.new.columns.items():
            was = old.columns.get(name)
            if was is None or not was.is_unique or now.is_unique is not False or old.rows < 2:
                continue
            if name == first or _KEY_NAME.search(name):
                sentence = f"`{name}` was different in each row and repeats now."
                show = f"{self.name}[{self.name}.duplicated([{name!r}], keep=False)].sort_values([{name!r}])"
                if self.frame.library == "polars":
                    show = f"{self.name}.filter({self.name}[{name!r}].is_duplicated()).sort({name!r})"
                filters = _key_filters((name,), _repeated(_key_texts(self.frame, (name,))))
                yield self.note(
                    "keys_repeated", sentence, f"{name} repeats", (name,), filters, severity="warning", code=show
                )


def _key_texts(frame: Any, keys: Any) -> list[tuple[str, ...]]:
    """The keys of the first rows as a filter names them; empty where a column holds other things than numbers and
    text. Missing keys are left out."""
    if not keys or not set(keys) <= set(frame.names):
        return []
    arrays = [frame.array(frame.names.index(key)) for key in keys]
    if any(array is None or not frame.is_plain(array[:KEY_ROWS_MOST]) for array in arrays):
        return []
    columns = []
    for array in arrays:
        some = array[:KEY_ROWS_MOST]
        columns.append(_texts(some.to_list() if frame.library == "polars" else some.tolist()))
    return [key for key in zip(*columns) if None not in key]


def _texts(values: list[Any]) -> list[str | None]:
    """Numbers and text in the canonical form of filters; a whole number is the same text as integer and fraction."""
    found: list[str | None] = []
    for value in values:
        if type(value) is float:
            is_number = value == value and value not in (float("inf"), float("-inf"))
            found.append((str(int(value)) if value == int(value) else repr(value)) if is_number else None)
        else:
            found.append(str(value) if type(value) in (int, str) else None)
    return found


def _repeated(keys: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those that come more than once."""
    counts: dict[tuple[str, ...], int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return [key for key, count in counts.items() if count > 1]


def _key_filters(names: Any, keys: list[tuple[str, ...]]) -> Any:
    """Filters that keep the rows of some of the keys: of one where several columns make it."""
    some = list(dict.fromkeys(keys))[:KEYS_SHOWN]
    if not some:
        return ()
    if len(names) == 1:
        return ((names[0], "in", [key[0] for key in some]),)
    return tuple((name, "eq", (text,)) for name, text in zip(names, some[0]))


def _named(names: Any) -> str:
    """Some names in a sentence."""
    names = list(names)
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")

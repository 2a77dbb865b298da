"""The tables that viewers have open: all `table.*` methods of the contract, views, and what runs changed.

A table is a path to an object and two numbers that tell whether the object is still the same. The object itself is
looked up for every request and never held; only the index vectors of the newest view are kept (they are ours).

Called from the kernel's main thread and from those of the door, also while the user's code runs. The lock guards the
records of tables and views, never the work. Whatever a library raises because the object changed under it ends in an
error for that one request.
"""

from __future__ import annotations

import json
import re
import threading
import time
from itertools import count
from typing import Any, Callable

from fourpane_plugins.lang_python.agent import look, table_cells, table_filters
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_columns import Frame

PAGE_ROWS_MOST = 2_000
PAGE_CELLS_MOST = 100_000
CELL_TEXT_MOST = 1_000_000
PROGRESSIVE_ROWS = 1_000_000
READY_ROWS = 1_000
FIND_S = 1.0
FIND_CELLS = 20_000
_WORD = re.compile(r"[^\W\d]\w*")

Answer = Any
"""A dict, or a dict and the buffers that follow it."""


class NoJob:
    """A slow request that nobody can cancel: over the comm there is only one thread."""

    def is_cancelled(self) -> bool:
        return False

    def progress(self, step: str, done: int, total: int) -> None:
        """Nobody is told."""


class View:
    """A sorted or filtered table: which rows, in which order (None: all rows as they are)."""

    def __init__(self, number: int, rows: Any, row_count: int, table_rows: int) -> None:
        self.number = number
        self.rows = rows
        self.row_count = row_count
        self.table_rows = table_rows


class Table:
    """What is known of one open table; nothing in it holds the user's data."""

    def __init__(self, name: str, path: list[str]) -> None:
        self.name = name
        self.path = path
        self.version = 0
        self.slice: tuple[int, int, tuple[int, ...]] | None = None
        self.stamp: Any = None
        self.told_stamp: Any = None
        self.schema = 0
        self.told_schema = 0
        self.is_gone = False
        self.view = View(0, None, -1, -1)
        self.newest_view = 0
        self.order: Any = None
        """Keys, mark and rows of the last order of all rows."""
        self.known_view: Any = None
        """What the newest view was asked for, mark and rows."""
        self.memory: dict[str, Any] = {}
        self.edits: Any = None

    def forget_views(self) -> None:
        """Other columns: what was sorted or filtered is no more."""
        self.view = View(0, None, -1, -1)
        self.order = self.known_view = None


class _Marks:
    """Tells whether the cells that a view depends on are as they were: by a fingerprint of them, or where there is
    none by the version, which grows with every run that names the table."""

    def __init__(self, table: Table, frame: Frame, engine: Any) -> None:
        self.table = table
        self.frame = frame
        self.engine = engine
        self._known: dict[tuple[int, ...], Any] = {}

    def of(self, keys: list[tuple[int, bool]], group: Any) -> Any:
        """The mark of a view with these keys and filters."""
        indexes = {index for index, _ in keys} | (set() if group is None else group.columns())
        wanted = tuple(sorted(indexes))
        if wanted not in self._known:
            found = self.engine.fingerprint(self.frame, list(wanted))
            is_whole = found is not None and None not in found
            self._known[wanted] = found if is_whole else ("version", self.table.version)
        return self._known[wanted]


def frame_of(value: Any, view: tuple[int, int, tuple[int, ...]] | None, memory: dict[str, Any]) -> Frame:
    """The table over an object; raises Refusal for those that are none."""
    roots = {look.module_name(base).split(".")[0] for base in look.mro(type(value))}
    if "pandas" in roots:
        from fourpane_plugins.lang_python.agent import table_pandas

        if table_pandas.class_of(value):
            return table_pandas.pandas_frame(value)
    if "polars" in roots:
        from fourpane_plugins.lang_python.agent import table_polars

        if table_polars.class_of(value):
            return table_polars.polars_frame(value)
    if "numpy" in roots:
        from fourpane_plugins.lang_python.agent import table_numpy

        if table_numpy.is_array(value):
            return table_numpy.array_frame(value, view)
    return _other_frame(value, view, memory, roots)


def _other_frame(value: Any, view: Any, memory: dict[str, Any], roots: set[str]) -> Frame:
    from fourpane_plugins.lang_python.agent import table_plain

    if "pyarrow" in roots:
        from fourpane_plugins.lang_python.agent import table_arrow

        if table_arrow.is_arrow(value):
            return table_arrow.ArrowFrame(value)
    if "xarray" in roots:
        from fourpane_plugins.lang_python.agent import table_xarray

        if table_xarray.class_of(value):
            return table_xarray.xarray_frame(value, view)
    if table_plain.base_of(value) is not None:
        return table_plain.plain_frame(value, memory)
    raise table_plain.refuse(value)


def engines(frame: Frame) -> tuple[Any, Any]:
    """The modules that find rows and sum up columns of this kind of table."""
    if frame.engine == "numpy":
        from fourpane_plugins.lang_python.agent import profiles_numpy, rows_numpy

        return rows_numpy, profiles_numpy
    if frame.engine == "polars":
        from fourpane_plugins.lang_python.agent import profiles_polars, rows_polars

        return rows_polars, profiles_polars
    from fourpane_plugins.lang_python.agent import profiles_plain, rows_plain

    return rows_plain, profiles_plain


class Tables:
    """All open tables of one shell. `send_event(name, params)` tells the window something; `has_door` whether the
    rest of a large sort can follow in an event while the kernel does other things."""

    def __init__(
        self, shell: Any, send_event: Callable[[str, dict[str, Any]], None], has_door: Callable[[], bool]
    ) -> None:
        self.shell = shell
        self.send_event = send_event
        self.has_door = has_door
        self._lock = threading.Lock()
        self._tables: dict[str, Table] = {}
        self._numbers = count(1)
        self.methods: dict[str, Callable[..., Answer]] = {
            "table.open": self.open,
            "table.columns": self.columns,
            "table.page": self.page,
            "table.view": self.view,
            "table.slice": self.slice,
            "table.profile": self.profile,
            "table.missing": self.missing,
            "table.values": self.values,
            "table.find": self.find,
            "table.cell": self.cell,
            "table.edit": self.edit,
            "table.undo": self.undo,
            "table.close": self.close,
        }

    # ---- objects and tables -----------------------------------------------------------------------------------------

    def _value(self, path: list[str]) -> Any:
        """The object that a path names now."""
        if not path:
            raise Refusal("bad_params", "the path is empty")
        if len(path) > 1:
            from fourpane_plugins.lang_python.agent import objects

            return objects.resolve(self.shell, path)
        namespace = self.shell.user_ns
        if path[0] not in namespace:
            raise Refusal("not_possible", f"There is no variable {path[0]} any more.")
        return namespace[path[0]]

    def _table(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            raise Refusal("out_of_date", "This table has been closed.")
        return table

    def _frame(self, table: Table) -> Frame:
        """The table as it is at this moment. Other columns than the window knows are out of date; other data of the
        same columns are served, and the version grows."""
        try:
            frame = frame_of(self._value(table.path), table.slice, table.memory)
        except Refusal as refusal:
            raise Refusal("out_of_date", str(refusal)) from refusal
        stamp = frame.stamp()
        if stamp != table.stamp:
            schema = frame.schema()
            with self._lock:
                table.stamp = stamp
                table.version += 1
                table.schema = schema
        if table.schema != table.told_schema:
            raise Refusal("out_of_date", "The table has other columns by now.")
        return frame

    def _view_rows(self, table: Table, number: int, frame: Frame) -> Any:
        """The rows of a view; None stands for all as they are."""
        view = table.view
        if number == 0:
            return None
        if number != view.number or view.table_rows != frame.row_count:
            raise Refusal("out_of_date", "The table is sorted or filtered in another way by now.")
        return view.rows

    def _title(self, table: Table) -> tuple[str, str]:
        """Title and expression."""
        if len(table.path) == 1:
            name = table.path[0]
            return name, name if name.isidentifier() else ""
        from fourpane_plugins.lang_python.agent import objects

        maker = getattr(objects, "expression", None)
        code = maker(self.shell, table.path) if maker is not None else ""
        return code or " › ".join(table.path), code

    def _info(self, table: Table, frame: Frame) -> dict[str, Any]:
        title, expression = self._title(table)
        info = frame.info_json(table.name, title, expression, table.version)
        if self._can_edit(table, frame):
            info["features"] = [*info["features"], "edit"]
        return info

    @staticmethod
    def _can_edit(table: Table, frame: Frame) -> bool:
        is_kind = frame.library in ("pandas", "polars", "numpy") and "sort" in frame.features
        return is_kind and len(table.path) == 1 and table.path[0].isidentifier()

    # ---- quick methods ----------------------------------------------------------------------------------------------

    def open(self, path: list[str]) -> Answer:
        """The contract's `table.open`."""
        table = Table(f"t{next(self._numbers)}", list(path))
        frame = frame_of(self._value(path), None, table.memory)
        table.stamp = table.told_stamp = frame.stamp()
        table.schema = table.told_schema = frame.schema()
        if frame.dims:
            table.slice = (frame.row_axis, frame.column_axis, frame.fixed)
        with self._lock:
            self._tables[table.name] = table
        return self._info(table, frame)

    def columns(self, table: str, first: int, end: int) -> Answer:
        """The contract's `table.columns`."""
        known = self._table(table)
        frame = self._frame(known)
        can_edit = self._can_edit(known, frame)
        found = [frame.column_json(index) for index in range(max(first, 0), min(end, frame.column_count))]
        if not can_edit:
            for column in found:
                column.pop("can_edit", None)
        return {"columns": found}

    def page(self, table: str, view: int, first: int, end: int, columns: list[int]) -> Answer:
        """The contract's `table.page`."""
        if not 0 <= first <= end or end - first > PAGE_ROWS_MOST or (end - first) * len(columns) > PAGE_CELLS_MOST:
            raise Refusal("bad_params", "that is no page")
        known = self._table(table)
        frame = self._frame(known)
        vector = self._view_rows(known, view, frame)
        total = end if frame.row_count < 0 else frame.row_count if vector is None else len(vector)
        first, end = min(first, total), min(end, total)
        rows: Any = slice(first, end)
        end = first + frame.prepare(columns, rows)
        rows = slice(first, end) if frame.row_count >= 0 else slice(0, end - first)
        rows = rows if vector is None else vector[first:end]
        told, buffers = [], []
        for index in columns:
            cells = frame.column(index).cells(rows)
            told.append({"column": index, "encoding": cells.encoding, "has_codes": bool(cells.codes)})
            buffers.extend(cells.buffers())
        page = {"view": view, "first": first, "end": end, "columns": told, "version": known.version}
        return page, buffers

    def slice(self, table: str, row_axis: int, column_axis: int, fixed: list[int]) -> Answer:
        """The contract's `table.slice`."""
        known = self._table(table)
        frame = self._frame(known)
        if "slice" not in frame.features:
            raise Refusal("not_possible", "This table has only two axes.")
        wanted = (row_axis, column_axis, tuple(fixed))
        fresh = frame_of(self._value(known.path), wanted, known.memory)
        with self._lock:
            known.slice = wanted
            known.version += 1
            known.stamp = known.told_stamp = fresh.stamp()
            known.schema = known.told_schema = fresh.schema()
            known.forget_views()
        return self._info(known, fresh)

    def cell(self, table: str, view: int, row: int, column: int) -> Answer:
        """The contract's `table.cell`."""
        known = self._table(table)
        frame = self._frame(known)
        place = self._place(known, view, row, frame)
        one = frame.column(column)
        texts, codes = one.texts(slice(place, place + 1))
        found = {"text": texts[0], "type_name": one.type_name, "code": codes[0], "length": len(texts[0])}
        if codes[0] == table_cells.UNSEEN or table_cells.is_missing_code(codes[0]):
            return found
        value = one.whole(place)
        found["type_name"] = look.type_name(type(value)) if one.kind in ("object", "nested") else one.type_name
        if one.kind in ("object", "nested") and codes[0] in (table_cells.OBJECT, table_cells.CUT):
            tree = _Tree()
            found["tree"] = json.dumps(tree.of(value, 0), ensure_ascii=False)
            found["is_cut"] = tree.is_cut
        if len(texts[0]) > CELL_TEXT_MOST:
            found.update(text=texts[0][:CELL_TEXT_MOST], is_cut=True, code=table_cells.CUT)
        return found

    def _place(self, table: Table, view: int, row: int, frame: Frame) -> int:
        """The row of the object that is row `row` of a view."""
        rows = self._view_rows(table, view, frame)
        total = frame.row_count if rows is None else len(rows)
        if not 0 <= row < total:
            raise Refusal("bad_params", f"there is no row {row}")
        return row if rows is None else int(rows[row])

    def close(self, table: str) -> Answer:
        """The contract's `table.close`; closing twice does no harm."""
        with self._lock:
            self._tables.pop(table, None)
        return {}

    # ---- views ------------------------------------------------------------------------------------------------------

    def view(self, table: str, view: int, sort: list[Any], filter: dict[str, Any], job: Any = None) -> Answer:
        """The contract's `table.view`."""
        job = job or NoJob()
        known = self._table(table)
        with self._lock:
            if view <= known.newest_view:
                raise Refusal("out_of_date", "A newer view is there.")
            known.newest_view = view
        frame = self._frame(known)
        if "sort" not in frame.features:
            raise Refusal("not_possible", "This kind of table cannot be sorted or filtered here.")
        keys = _keys(sort, frame)
        engine = engines(frame)[0]
        group, problems = table_filters.read(filter, frame.column, lambda test: engine.check(frame, test))
        return self._make_view(known, frame, view, keys, group, problems, job)

    def _make_view(
        self,
        table: Table,
        frame: Frame,
        number: int,
        keys: list[tuple[int, bool]],
        group: Any,
        problems: list[dict[str, Any]],
        job: Any,
    ) -> Answer:
        engine = engines(frame)[0]
        marks = _Marks(table, frame, engine)
        known_view = self._known_view(table, (tuple(keys), group), marks) if keys else None
        if known_view is not None:
            self._keep(table, View(number, known_view, len(known_view), frame.row_count))
            return _view_json(number, len(known_view), -1, problems)
        mark = marks.of(keys, group) if keys else None  # to filter again costs no more than to look
        rows = None if group is None else engine.filter_rows(frame, group, job)
        known_order = self._known_order(table, keys, marks)
        if keys and known_order is not None:
            rows = known_order if rows is None else engine.gathered(known_order, rows, frame.row_count)
        elif keys:
            size = frame.row_count if rows is None else len(rows)
            if size > PROGRESSIVE_ROWS and self.has_door():
                first = engine.first_rows(frame, keys, rows, READY_ROWS, job)
                if first is not None:
                    self._keep(table, View(number, first, size, frame.row_count))
                    self._finish_later(table, number, keys, group, rows, problems)
                    return _view_json(number, size, len(first), problems)
            sorted_rows = engine.order(frame, keys, rows, job)
            if rows is None:
                table.order = (tuple(keys), mark, sorted_rows)
            rows = sorted_rows
        size = frame.row_count if rows is None else len(rows)
        self._keep(table, View(number, rows, size, frame.row_count))
        table.known_view = ((tuple(keys), group), mark, rows) if keys else None
        return _view_json(number, size, -1, problems)

    @staticmethod
    def _known_view(table: Table, spec: Any, marks: _Marks) -> Any:
        """The rows of the last view, where the same is asked and the cells that it looked at are as they were: runs
        that only read a table must not cost a sort."""
        known, table.known_view = table.known_view, None
        if known is None or known[0] != spec or known[1] != marks.of(list(spec[0]), spec[1]):
            return None
        table.known_view = known
        return known[2]

    @staticmethod
    def _known_order(table: Table, keys: list[tuple[int, bool]], marks: _Marks) -> Any:
        order = table.order
        if order is not None and keys:
            if order[0] == tuple(keys) and order[1] == marks.of(keys, None):
                return order[2]
            table.order = None
        return None

    def _keep(self, table: Table, view: View) -> None:
        with self._lock:
            if view.number < table.newest_view:
                raise Refusal("cancelled", "")
            table.view = view

    def _finish_later(
        self,
        table: Table,
        number: int,
        keys: list[tuple[int, bool]],
        group: Any,
        rows: Any,
        problems: list[dict[str, Any]],
    ) -> None:
        """Sort all rows in a thread of its own, and tell."""

        class Newest:
            """Given up when another view is wanted or the table was closed."""

            def is_cancelled(self) -> bool:
                return table.newest_view != number or tables.get(table.name) is not table

            def progress(self, step: str, done: int, total: int) -> None:
                """The request has been answered already."""

        tables = self._tables

        def work() -> None:
            try:
                frame = self._frame(table)
                engine = engines(frame)[0]
                mark = _Marks(table, frame, engine).of(keys, group)
                found = engine.order(frame, keys, rows, Newest())
                self._keep(table, View(number, found, len(found), frame.row_count))
                table.known_view = ((tuple(keys), group), mark, found)
                if rows is None:
                    table.order = (tuple(keys), mark, found)
                self.send_event(
                    "table.view_ready", dict(_view_json(number, len(found), -1, problems), table=table.name)
                )
            except Refusal:
                return  # another view is wanted, or the table is another: the window knows
            except Exception as error:  # noqa: BLE001 - told to the window; the first rows stay
                self.send_event("agent.failed", {"message": repr(error)})

        threading.Thread(target=work, name="fourpane-sort", daemon=True).start()

    # ---- slow methods -----------------------------------------------------------------------------------------------

    def _full_rows(self, table: Table, view: int, frame: Frame) -> Any:
        rows = self._view_rows(table, view, frame)
        if view and table.view.row_count != len(rows if rows is not None else range(frame.row_count)):
            raise Refusal("out_of_date", "The rows of this view are still being put in order.")
        return rows

    def profile(
        self, table: str, view: int, column: int, is_exact: bool, bins: int, top: int, job: Any = None
    ) -> Answer:
        """The contract's `table.profile`; what goes wrong with one column is its `problem`."""
        known = self._table(table)
        frame = self._frame(known)
        rows = self._full_rows(known, view, frame)
        frame.column(column)
        try:
            return engines(frame)[1].profile(
                frame, column, rows, is_exact, max(1, min(bins, 1_000)), max(0, min(top, 1_000)), job or NoJob()
            )
        except Refusal:
            raise
        except Exception as error:  # noqa: BLE001 - told to the window; the other columns still have theirs
            return {
                "column": column,
                "row_count": frame.row_count,
                "rows_looked_at": 0,
                "problem": f"This column could not be summed up: {type(error).__name__}: {error}"[:500],
            }

    def missing(
        self, table: str, view: int, columns: list[int], buckets: int, is_exact: bool, job: Any = None
    ) -> Answer:
        """The contract's `table.missing`."""
        known = self._table(table)
        frame = self._frame(known)
        rows = self._full_rows(known, view, frame)
        return engines(frame)[1].missing(frame, columns, rows, max(1, min(buckets, 10_000)), is_exact, job or NoJob())

    def values(self, table: str, column: int, search: str, limit: int, job: Any = None) -> Answer:
        """The contract's `table.values`."""
        frame = self._frame(self._table(table))
        if frame.column(column).kind == "nested":
            raise Refusal("not_possible", "Nested values cannot be counted.")
        return engines(frame)[1].values(frame, column, search, max(0, min(limit, 10_000)), job or NoJob())

    def find(
        self,
        table: str,
        view: int,
        text: str,
        row: int,
        column: int,
        is_case_sensitive: bool,
        is_regex: bool,
        job: Any = None,
    ) -> Answer:
        """The contract's `table.find`; labels of rows are not looked through."""
        job = job or NoJob()
        known = self._table(table)
        frame = self._frame(known)
        vector = self._full_rows(known, view, frame)
        fits = _finder(text, is_case_sensitive, is_regex)
        total = frame.row_count if vector is None else len(vector)
        end_s = time.monotonic() + FIND_S
        at, step = max(row, 0), max(1, FIND_CELLS // max(frame.column_count, 1))
        while at < total:
            if job.is_cancelled():
                raise Refusal("cancelled", "")
            job.progress("find", at, total)
            end = min(at + step, total)
            found = _find_in(
                frame, slice(at, end) if vector is None else vector[at:end], fits, column if at == row else 0
            )
            if found is not None:
                return {"row": at + found[0], "column": found[1]}
            at = end
            if time.monotonic() > end_s and at < total:
                return {"row": -1, "next_row": at}
        return {"row": -1}

    # ---- edits, in the main thread ----------------------------------------------------------------------------------

    def edit(self, table: str, view: int, row: int, column: int, text: str, is_missing: bool) -> Answer:
        """The contract's `table.edit`."""
        from fourpane_plugins.lang_python.agent import table_edits

        known = self._table(table)
        frame = self._frame(known)
        place = self._place(known, view, row, frame)
        old, was_missing = table_edits.old_text(frame.column(column), place)
        found = self._put(known, frame, place, column, text, is_missing)
        if known.edits is None:
            known.edits = table_edits.Edits()
        edit = table_edits.Edit(place, column, old, was_missing, known.schema, frame.row_count)
        found["undo"] = known.edits.keep(edit)
        return found

    def undo(self, table: str, undo: str) -> Answer:
        """The contract's `table.undo`."""
        known = self._table(table)
        if known.edits is None:
            raise Refusal("not_possible", "This edit cannot be taken back any more.")
        edit = known.edits.take(undo)
        frame = self._frame(known)
        if (edit.schema, edit.row_count) != (known.schema, frame.row_count):
            raise Refusal("not_possible", "The table has changed since: this edit cannot be taken back.")
        return self._put(known, frame, edit.row, edit.column, edit.text, edit.is_missing)

    def _put(self, table: Table, frame: Frame, row: int, column: int, text: str, is_missing: bool) -> dict[str, Any]:
        """Run the line that changes the cell. Who calls tells of the change, as after a run."""
        from fourpane_plugins.lang_python.agent import table_edits

        if not self._can_edit(table, frame):
            raise Refusal("not_possible", "Cells of this kind of table cannot be changed here.")
        namespace = self.shell.user_ns
        code = table_edits.code_for(frame, table.path[0], namespace, row, column, text, is_missing)
        try:
            exec(compile(code, "<fourpane edit>", "exec"), namespace)
        except Exception as error:
            raise Refusal("not_possible", f"{type(error).__name__}: {error}") from error
        fresh = frame_of(self._value(table.path), table.slice, table.memory)
        texts, _ = fresh.column(column).texts(slice(row, row + 1))
        return {"code": code, "text": texts[0][:CELL_TEXT_MOST]}

    # ---- after runs -------------------------------------------------------------------------------------------------

    def after_run(self, code: str) -> None:
        """Tell of each open table what the run changed: data, columns, or that it is gone."""
        words = set(_WORD.findall(code[:100_000]))
        for table in list(self._tables.values()):
            change = self._change_of(table, words)
            if change is not None:
                self.send_event("table.changed", change)

    def _change_of(self, table: Table, words: set[str]) -> dict[str, Any] | None:
        try:
            frame = self._followed(table)
            stamp = frame.stamp()
            schema = table.schema if stamp == table.stamp else frame.schema()
        except Exception:  # noqa: BLE001 - no such name, no table, or nothing that could be shown: gone either way
            return self._gone(table)
        is_new_schema = table.is_gone or schema != table.told_schema
        if not is_new_schema and stamp == table.told_stamp and table.path[0] not in words:
            return None
        with self._lock:
            table.is_gone = False
            table.version += 1
            table.stamp = table.told_stamp = stamp
            table.schema = table.told_schema = schema
            if is_new_schema:
                table.forget_views()
        info = self._info(table, frame)
        change = "schema" if is_new_schema else "data"
        return {"table": table.name, "change": change, "info": info, "version": table.version}

    def _followed(self, table: Table) -> Frame:
        """The object that the path names now; an array of other axes is shown as when it was opened."""
        value = self._value(table.path)
        try:
            return frame_of(value, table.slice, table.memory)
        except Refusal:
            frame = frame_of(value, None, table.memory)
            table.slice = (frame.row_axis, frame.column_axis, frame.fixed) if frame.dims else None
            return frame

    def _gone(self, table: Table) -> dict[str, Any] | None:
        if table.is_gone:
            return None
        with self._lock:
            table.is_gone = True
            table.forget_views()
            table.memory.clear()
        return {"table": table.name, "change": "gone", "version": table.version}


def _view_json(number: int, row_count: int, ready_rows: int, problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {"view": number, "row_count": row_count, "ready_rows": ready_rows, "problems": problems}


def _keys(sort: list[Any], frame: Frame) -> list[tuple[int, bool]]:
    """Sort keys; only columns that can be sorted."""
    found = []
    for key in sort:
        index, is_descending = key.get("column"), key.get("is_descending", False)
        if type(index) is not int or type(is_descending) is not bool:
            raise Refusal("bad_params", "a sort key lacks its column")
        if not frame.column(index).can_sort:
            raise Refusal("not_possible", "A column of this type cannot be sorted.")
        found.append((index, is_descending))
    return found


def _finder(text: str, is_case_sensitive: bool, is_regex: bool) -> Callable[[str], bool]:
    if not is_regex:
        lowered: Callable[[str], str] = str if is_case_sensitive else str.lower
        wanted = lowered(text)
        return lambda cell: wanted in lowered(cell)
    try:
        search = re.compile(text, 0 if is_case_sensitive else re.IGNORECASE).search
    except re.error as error:
        raise Refusal("not_possible", f"The pattern cannot be read: {error}.") from error
    return lambda cell: search(cell) is not None


def _find_in(frame: Frame, rows: Any, fits: Callable[[str], bool], first_column: int) -> tuple[int, int] | None:
    """Row (of these) and column of the first cell that fits; in the first row from `first_column` on."""
    best: tuple[int, int] | None = None
    for index in range(frame.column_count):
        texts, codes = frame.column(index).texts(rows)
        for row, (text, code) in enumerate(zip(texts, codes)):
            if best is not None and row >= best[0]:
                break
            if row == 0 and index < first_column:
                continue
            if not table_cells.is_missing_code(code) and fits(text):
                best = (row, index)
                break
    return best


class _Tree:
    """A nested value as JSON, up to so many parts."""

    PARTS_MOST = 20_000
    DEPTH_MOST = 50

    def __init__(self) -> None:
        self.left = self.PARTS_MOST
        self.is_cut = False

    def of(self, value: Any, depth: int) -> Any:
        """Lists and objects of JSON; what JSON lacks as text."""
        self.left -= 1
        if self.left <= 0 or depth > self.DEPTH_MOST:
            self.is_cut = True
            return "…"
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int and value.bit_length() <= 53:
            return value
        if kind is float and value - value == 0:
            return value
        return self._of_container(value, depth)

    def _of_container(self, value: Any, depth: int) -> Any:
        from fourpane_plugins.lang_python.agent import table_numpy, table_plain

        base = table_plain.base_of(value)
        if base is dict:
            pairs = list(dict.items(value))[: self.left]
            self.is_cut = self.is_cut or len(pairs) < dict.__len__(value)
            return {table_cells.cell_of(key)[0]: self.of(item, depth + 1) for key, item in pairs}
        if table_numpy.is_array(value) and not table_numpy.bare(value).dtype.hasobject:
            array = table_numpy.bare(value)
            few = array[: self.left] if array.ndim else array
            self.is_cut = self.is_cut or few.size < array.size
            return self.of(few.tolist() if few.size <= self.PARTS_MOST else "…", depth + 1)
        kind: Any = base if base is not None else type(value) if type(value) in (set, frozenset) else None
        if kind is not None:
            items = [item for item, _ in zip(kind.__iter__(value), range(self.left))]
            self.is_cut = self.is_cut or len(items) < kind.__len__(value)
            return [self.of(item, depth + 1) for item in items]
        return table_cells.cell_of(value)[0]

"""From the contract's records to those of `ide.core.table`, and back. Pure; what does not fit raises ContractError."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, cast

from ide.core import table as core
from ide.kernels import contract
from ide.kernels.contract_checks import refused

Buffers = tuple[bytes, ...]


def info_of(read: contract.TableInfo) -> core.TableInfo:
    """What a table is."""
    return core.TableInfo(
        title=read.title,
        row_count=read.row_count,
        column_count=read.column_count,
        type_name=read.type_name,
        library=read.library,
        dialects=read.dialects,
        expression=read.expression,
        labels=tuple(map(column_of, read.labels)),
        dims=read.dims,
        row_axis=read.row_axis,
        column_axis=read.column_axis,
        fixed=read.fixed,
        features=frozenset(read.features),
        version=read.version,
        note=read.note,
    )


def column_of(read: contract.TableColumn) -> core.Column:
    """One column."""
    return core.Column(
        index=read.index,
        name=read.name,
        kind=cast(core.ColumnKind, read.kind),  # the contract's reader has checked the choice
        type_name=read.type_name,
        name_code=read.name_code,
        unit=read.unit,
        zone=read.zone,
        label=read.label,
        level_count=read.level_count,
        is_ordered=read.is_ordered,
        can_sort=read.can_sort,
        can_filter=read.can_filter,
        can_edit=read.can_edit,
    )


def columns_of(read: contract.TableColumns, _buffers: Buffers) -> tuple[core.Column, ...]:
    """Some columns."""
    return tuple(map(column_of, read.columns))


def page_of(read: contract.TablePage, buffers: Buffers) -> core.Page:
    """A block of cells; every buffer has the size that its rows need."""
    waiting = list(_whole(buffers, read.inline))
    rows = read.end - read.first
    if rows < 0:
        raise refused("a page ends before it begins")
    cells = {one.column: _cells(one, waiting, rows) for one in read.columns}
    if waiting:
        raise refused("a page has more buffers than columns")
    return core.Page(read.view, read.first, read.end, cells, read.version)


def _cells(one: contract.PageColumn, waiting: list[bytes], rows: int) -> core.Cells:
    encoding = cast(core.Encoding, one.encoding)  # checked by the contract's reader
    codes = _next(waiting) if one.has_codes else b""
    data = _next(waiting)
    ends = _next(waiting) if encoding == "text" else b""
    if one.has_codes and (len(codes) != rows or any(code > max(core.Code) for code in set(codes))):
        raise refused("the codes of a page do not fit its rows")
    if encoding == "text":
        if len(ends) != 4 * rows or (rows and int.from_bytes(ends[-4:], "little") != len(data)):
            raise refused("the text of a page does not fit its rows")
    elif len(data) != rows * core.WIDTHS[encoding]:
        raise refused("the values of a page do not fit its rows")
    return core.Cells(encoding, data, codes, ends)


def view_of(read: contract.TableView, _buffers: Buffers = ()) -> core.ViewState:
    """What a view came to."""
    problems = tuple(core.FilterProblem(one.filter, one.message) for one in read.problems)
    return core.ViewState(read.view, read.row_count, read.ready_rows, problems)


def profile_of(read: contract.ColumnProfile, _buffers: Buffers) -> core.ColumnProfile:
    """What a column holds."""
    return core.ColumnProfile(
        column=read.column,
        row_count=read.row_count,
        rows_looked_at=read.rows_looked_at,
        missing=tuple(map(_count_of, read.missing)),
        statistics=tuple((one.name, one.text) for one in read.statistics),
        edges=read.edges,
        counts=read.counts,
        top=tuple(map(_count_of, read.top)),
        problem=read.problem,
    )


def missing_of(read: contract.MissingPicture, buffers: Buffers) -> core.MissingPicture:
    """Where values are missing."""
    shares = b"".join(_whole(buffers, read.inline))
    if len(shares) != len(read.columns) * read.buckets:
        raise refused("the picture of missing values does not fit its columns")
    patterns = tuple((one.columns, one.count) for one in read.patterns)
    return core.MissingPicture(
        read.columns, read.buckets, shares, read.counts, read.row_count, read.rows_looked_at, patterns
    )


def values_of(read: contract.ValueCounts, _buffers: Buffers) -> core.ValueCounts:
    """Distinct values."""
    return core.ValueCounts(tuple(map(_count_of, read.values)), read.total, read.rows_looked_at)


def found_of(read: contract.FoundCell, _buffers: Buffers) -> core.FoundCell:
    """The next cell that fits."""
    return core.FoundCell(read.row, read.column, read.next_row)


def cell_of(read: contract.CellDetail, _buffers: Buffers) -> core.CellDetail:
    """One cell whole."""
    return core.CellDetail(read.text, read.type_name, _code_of(read.code), read.tree, read.is_cut, read.length)


def edit_of(read: contract.CellEdit, _buffers: Buffers) -> core.CellEdit:
    """A change of a cell."""
    return core.CellEdit(read.code, read.undo, read.text)


def spec_to_json(spec: core.ViewSpec) -> dict[str, Any]:
    """The parameters of `table.view` that say how rows are chosen and ordered."""
    sort = [{"column": key.column, "is_descending": key.is_descending} for key in spec.sort]
    return {"sort": sort, "filter": _group_to_json(spec.filter) if spec.filter.filters() else {}}


def _group_to_json(group: core.FilterGroup) -> dict[str, Any]:
    return {"all": group.is_all, "members": [_member_to_json(member) for member in group.members]}


def _member_to_json(member: core.Filter | core.FilterGroup) -> dict[str, Any]:
    if isinstance(member, core.FilterGroup):
        return _group_to_json(member)
    return {
        "column": member.column,
        "operator": member.operator,
        "values": list(member.values),
        "is_case_sensitive": member.is_case_sensitive,
    }


def _count_of(read: contract.ValueCount) -> core.ValueCount:
    return core.ValueCount(read.text, read.count, _code_of(read.code))


def _code_of(number: int) -> core.Code:
    try:
        return core.Code(number)
    except ValueError as error:
        raise refused(f"{number} is no code of a cell") from error


def _whole(buffers: Buffers, inline: Sequence[str]) -> Buffers:
    """The buffers, also where they could only travel as text."""
    if not inline:
        return buffers
    try:
        return tuple(base64.b64decode(text, validate=True) for text in inline)
    except (binascii.Error, ValueError) as error:
        raise refused("a buffer is no base64") from error


def _next(waiting: list[bytes]) -> bytes:
    if not waiting:
        raise refused("a page has fewer buffers than its columns need")
    return waiting.pop(0)

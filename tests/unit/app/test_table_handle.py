"""Cells as Arrow, for scripts."""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta

import pytest

from ide.app.table_handle import _array
from ide.core.table import Cells, Column, ColumnKind

DAYS_OR_SECONDS = (18_000.5, float("inf"), -1.25)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("date", [date(2019, 4, 14), None, date(1969, 12, 30)]),
        ("timestamp", [datetime(1970, 1, 1, 5, 0, 0, 500_000), None, datetime(1969, 12, 31, 23, 59, 58, 750_000)]),
        ("duration", [timedelta(seconds=18_000.5), None, timedelta(seconds=-1.25)]),
    ],
)
def test_moments_in_floats_become_those_of_arrow(kind: ColumnKind, expected: list[object]) -> None:
    cells = Cells("float64", struct.pack("<3d", *DAYS_OR_SECONDS), b"")
    assert _array(cells, 3, Column(0, "x", kind, unit="s")).to_pylist() == expected

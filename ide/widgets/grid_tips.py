"""Tooltips of a grid: what a column is, a cell that is cut off. Owns no state; everything shown is escaped."""

from __future__ import annotations

import html

from ide.core.table import MISSING_WORDS, Column, ColumnProfile
from ide.tables.cell_text import is_zone_known, one_line
from ide.widgets.grid_header import type_text
from ide.widgets.grid_spark import percent

LONGEST = 1_000
_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


def head_tip(column: Column, profile: ColumnProfile | None) -> str:
    """Name, type, label, units, zone, what is missing."""
    lines = [f"<b>{_escaped(one_line(column.name) or '(no name)')}</b>", _escaped(type_text(column))]
    if column.label:
        lines.append(_escaped(one_line(column.label)))
    if column.unit:
        lines.append(f"Unit: {_UNITS.get(column.unit, _escaped(one_line(column.unit)))}")
    if column.zone:
        known = "" if is_zone_known(column.zone) else ", not known here: shown in UTC"
        lines.append(f"Time zone: {_escaped(one_line(column.zone))}{known}")
    if column.is_ordered:
        lines.append("Ordered levels")
    if profile is not None:
        lines.extend(_profile_lines(profile))
    return "<p style='white-space:pre'>" + "<br>".join(lines) + "</p>"


def cell_tip(text: str) -> str:
    """All of a cell, or as much as can be read in a tooltip."""
    words = one_line(text[:LONGEST]) + ("…" if len(text) > LONGEST else "")
    return f"<p>{_escaped(words)}</p>"


def _profile_lines(profile: ColumnProfile) -> list[str]:
    if profile.problem:
        return [_escaped(one_line(profile.problem))]
    words = [f"{MISSING_WORDS.get(one.code, one.text)} {one.count:,}" for one in profile.missing if one.count]
    lines = [f"Missing: {percent(profile.missing_share)} ({', '.join(words)})"] if words else []
    if profile.edges:
        lines.append(f"From {profile.edges[0]:g} to {profile.edges[-1]:g}")
    if not profile.is_exact:
        lines.append(f"From a sample of {profile.rows_looked_at:,} rows")
    return lines


def _escaped(text: str) -> str:
    return html.escape(text)

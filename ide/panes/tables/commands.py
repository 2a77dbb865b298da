"""Commands of the data viewer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ide.commands.command import Command
from ide.commands.context import Context
from ide.commands.registry import Commands

IS_SHOWN: Final = "table.is_shown"
HAS_CELL: Final = "table.has_cell"
CAN_SORT: Final = "table.can_sort"
CAN_FILTER: Final = "table.can_filter"
HAS_VIEW: Final = "table.has_view"
HAS_HIDDEN: Final = "table.has_hidden_columns"
IS_PINNED: Final = "table.is_column_pinned"
HAS_HEAT: Final = "table.has_heat_map"
CAN_HEAT: Final = "table.can_heat"
CAN_FIND: Final = "table.can_find"
CAN_EDIT: Final = "table.can_edit"
CAN_UNDO: Final = "table.can_undo"
CAN_CODE: Final = "table.can_write_code"
IS_COMPACT: Final = "table.is_compact"
IS_FILE: Final = "table.is_text_file"
CAN_SUMMARISE: Final = "table.can_summarise"
HAS_SUMMARIES: Final = "table.has_summaries"
CAN_SHOW_MISSING: Final = "table.can_show_missing"
HAS_MISSING: Final = "table.has_missing"
CAN_AUDIT: Final = "table.can_audit"
HAS_AUDIT: Final = "table.has_audit"

Handlers = Mapping[str, Callable[..., object]]

COMMANDS: Final[tuple[Command, ...]] = (
    Command("table.open", "Open as table", help="Open a data frame or an array in the data viewer.", icon="table"),
    Command(
        "table.open_file",
        "Open data file...",
        help="Open a data file in the data viewer, without running any code.",
        icon="table",
        menu="file/2_open_table",
    ),
    Command(
        "table.open_as_text",
        "Open as text",
        help="Open the data file of the table in front in the editor.",
        icon="file-text",
        when=IS_FILE,
        menu="table/7_text",
    ),
    Command("table.sort_ascending", "Sort ascending", icon="arrow-up", when=CAN_SORT, menu="table/1_sort"),
    Command("table.sort_descending", "Sort descending", icon="arrow-down", when=CAN_SORT, menu="table/1_sort_down"),
    Command(
        "table.filter",
        "Filter column...",
        help="Choose which rows are shown by the values of the current column.",
        icon="funnel",
        when=CAN_FILTER,
        menu="table/1_filter",
    ),
    Command("table.filter_to_value", "Filter to this value", when=CAN_FILTER, menu="table/1_filter_value"),
    Command(
        "table.clear_view",
        "Clear sort and filters",
        icon="x-circle",
        when=HAS_VIEW,
        menu="table/1_z_clear",
    ),
    Command("table.find", "Find in table...", icon="magnifying-glass", when=CAN_FIND, menu="table/2_find"),
    Command("table.find_next", "Find next in table", when=CAN_FIND, menu="table/2_find_next"),
    Command("table.find_previous", "Find previous in table", when=CAN_FIND, menu="table/2_find_previous"),
    Command("table.go_to", "Go to row...", when=HAS_CELL, menu="table/2_go"),
    Command("table.copy", "Copy cells", icon="copy", when=HAS_CELL, menu="table/3_copy"),
    Command("table.copy_with_headings", "Copy cells with headings", when=HAS_CELL, menu="table/3_copy_headings"),
    Command("table.copy_as_csv", "Copy as CSV", when=HAS_CELL),
    Command("table.copy_as_markdown", "Copy as Markdown table", when=HAS_CELL, menu="table/3_copy_markdown"),
    Command("table.copy_as_python", "Copy as Python code", when=HAS_CELL, menu="table/3_copy_python"),
    Command("table.copy_as_r", "Copy as R code", when=HAS_CELL, menu="table/3_copy_r"),
    Command(
        "table.columns",
        "Columns...",
        help="Find a column by its name or type; hide, show and pin columns.",
        icon="columns",
        when=IS_SHOWN,
        menu="table/4_columns",
    ),
    Command("table.hide_column", "Hide columns", when=HAS_CELL, menu="table/4_hide"),
    Command("table.show_columns", "Show all columns", when=HAS_HIDDEN, menu="table/4_show"),
    Command(
        "table.pin_column",
        "Pin column at the left",
        when=HAS_CELL,
        menu="table/4_pin",
        is_checkable=True,
        checked=IS_PINNED,
    ),
    Command(
        "table.heat_map",
        "Heat map of column",
        help="Colour the cells of the current column by their value.",
        when=CAN_HEAT,
        menu="table/4_y_heat",
        is_checkable=True,
        checked=HAS_HEAT,
    ),
    Command(
        "table.summaries",
        "Column summaries",
        help="Show beside the table what each column holds: distribution, missing values, figures.",
        icon="chart-bar",
        when=CAN_SUMMARISE,
        menu="table/4_t_summaries",
        is_checkable=True,
        checked=HAS_SUMMARIES,
    ),
    Command(
        "table.missing",
        "Missing values",
        help="Show beside the table where values are missing, and which columns lack them together.",
        when=CAN_SHOW_MISSING,
        menu="table/4_u_missing",
        is_checkable=True,
        checked=HAS_MISSING,
    ),
    Command(
        "table.audit",
        "Audit this frame",
        help="Show beside the table what is suspicious in it, with code to see and to mend each thing.",
        when=CAN_AUDIT,
        menu="table/4_v_audit",
        is_checkable=True,
        checked=HAS_AUDIT,
    ),
    Command(
        "table.compact",
        "Compact rows",
        when=IS_SHOWN,
        menu="table/4_z_compact",
        is_checkable=True,
        checked=IS_COMPACT,
    ),
    Command("table.inspect", "Inspect cell", icon="magnifying-glass-plus", when=HAS_CELL, menu="table/5_inspect"),
    Command("table.edit_cell", "Edit cell", icon="pencil-simple", when=CAN_EDIT, menu="table/5_edit"),
    Command("table.set_missing", "Set cell to missing", when=CAN_EDIT, menu="table/5_missing"),
    Command(
        "table.undo",
        "Undo edit of a cell",
        icon="arrow-counter-clockwise",
        when=CAN_UNDO,
        menu="table/5_undo",
    ),
    Command(
        "table.code",
        "Code for what you see",
        help="Write the code that gives the rows shown: pandas, Polars, SQL, R.",
        icon="code",
        when=CAN_CODE,
        menu="table/6_code",
    ),
    Command(
        "table.export",
        "Export...",
        help="Write the rows shown to a file.",
        icon="download-simple",
        when=IS_SHOWN,
        menu="table/6_export",
    ),
    Command(
        "table.refresh",
        "Look at the data again",
        icon="arrows-clockwise",
        when=IS_SHOWN,
        menu="table/7_refresh",
    ),
    Command("table.close", "Close table", when=IS_SHOWN, menu="table/7_z_close"),
)


def declare_context(context: Context) -> None:
    """The context keys that the viewer keeps up to date."""
    source = "Data viewer"
    context.declare(IS_SHOWN, False, "an open table in front", source)
    context.declare(HAS_CELL, False, "a chosen cell of a table", source)
    context.declare(CAN_SORT, False, "a column that can be sorted", source)
    context.declare(CAN_FILTER, False, "a column that can be filtered", source)
    context.declare(HAS_VIEW, False, "a sorted or filtered table", source)
    context.declare(HAS_HIDDEN, False, "hidden columns", source)
    context.declare(IS_PINNED, False, "a pinned column", source)
    context.declare(HAS_HEAT, False, "a coloured column", source)
    context.declare(CAN_HEAT, False, "a column of numbers", source)
    context.declare(CAN_FIND, False, "a table that can be searched", source)
    context.declare(CAN_EDIT, False, "a cell that can be edited", source)
    context.declare(CAN_UNDO, False, "an edited cell", source)
    context.declare(CAN_CODE, False, "a table that code can name", source)
    context.declare(IS_COMPACT, False, "compact rows", source)
    context.declare(IS_FILE, False, "a table of a text file", source)
    context.declare(CAN_SUMMARISE, False, "a table with column summaries", source)
    context.declare(HAS_SUMMARIES, False, "column summaries beside the table", source)
    context.declare(CAN_SHOW_MISSING, False, "a table whose missing values can be shown", source)
    context.declare(HAS_MISSING, False, "missing values beside the table", source)
    context.declare(CAN_AUDIT, False, "a data frame that can be audited", source)
    context.declare(HAS_AUDIT, False, "an audit beside the table", source)


def add_commands(commands: Commands, handlers: Handlers) -> None:
    """Declare the context keys and add the commands."""
    declare_context(commands.context)
    for command in COMMANDS:
        commands.add(command, handlers[command.id])

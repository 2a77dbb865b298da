"""Commands of the Variables pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ide.commands.command import Command
from ide.commands.registry import Commands
from ide.core.variables import Kind
from ide.panes.variables.model import GROUPS, SORTS

HAS_SELECTION: Final = "variables.has_selection"
HAS_ROW: Final = "variables.has_row"
HAS_FINDINGS: Final = "variables.has_findings"
HAS_DATA: Final = "variables.has_data"
WATCHES: Final = "variables.watches_frames"
CAN_PLOT: Final = "variables.can_plot"
CAN_HISTOGRAM: Final = "variables.can_histogram"
CAN_SHARE: Final = "variables.can_share"
HAS_CODE: Final = "variables.has_code"
HAS_UNDO: Final = "variables.has_undo"
PREVIEWS: Final = "variables.previews"
SORT: Final = "variables.sort"

KIND_COMMANDS: Final[Mapping[Kind, str]] = {
    "data": "variables.show_data",
    "value": "variables.show_values",
    "function": "variables.show_functions",
    "other": "variables.show_other",
    "module": "variables.show_modules",
}


def shows(kind: Kind) -> str:
    """The context key that tells whether names of a kind are listed."""
    return f"variables.shows_{kind}"


_KIND_HELP: Final[Mapping[Kind, str]] = {
    "data": "List data frames, arrays and other tables among the variables.",
    "value": "List numbers, texts, lists and other values among the variables.",
    "function": "List functions and classes among the variables.",
    "other": "List objects of other kinds among the variables.",
    "module": "List imported modules and packages among the variables.",
}

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "variables.filter",
        "Filter variables",
        help="Put the caret into the filter box of the Variables pane.",
        icon="magnifying-glass",
        menu="view/7_variables",
    ),
    Command(
        "variables.copy_name",
        "Copy name",
        help="Copy the name of the selected variable.",
        icon="copy",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.copy_value",
        "Copy value",
        help="Copy the value of the selected row as it is written in the list.",
        when=HAS_ROW,
    ),
    Command(
        "variables.copy_path",
        "Copy path",
        help="Copy how a script names the selected row, such as df['x'] or l$a[[2]].",
        when=HAS_CODE,
    ),
    Command(
        "variables.plot",
        "Plot",
        help="Draw the selected value as its language does. The code runs in the console.",
        icon="chart-line",
        when=CAN_PLOT,
    ),
    Command(
        "variables.histogram",
        "Histogram",
        help="Draw how the numbers of the selected value are spread. The code runs in the console.",
        when=CAN_HISTOGRAM,
    ),
    Command(
        "variables.share",
        "Move to Dask",
        help="Show code that makes a data frame of Dask from the selected one. It runs when you say so.",
        icon="cube",
        when=CAN_SHARE,
    ),
    Command(
        "variables.rename",
        "Rename variable...",
        help="Type another name for the selected variable, in its place.",
        icon="pencil-simple",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.edit",
        "Edit value...",
        help="Type another value for the selected row, as code, in its place.",
        icon="pencil-simple",
        when=HAS_ROW,
    ),
    Command(
        "variables.duplicate",
        "Duplicate variable",
        help="Copy the selected variable under a name of its own.",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.remove",
        "Remove variables",
        help="Remove the selected variables from the session. It can be undone for some minutes.",
        icon="trash",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.undo",
        "Undo in variables",
        help="Take back what was last removed, renamed, duplicated or edited in the list of variables.",
        icon="arrow-counter-clockwise",
        when=HAS_UNDO,
    ),
    Command(
        "variables.show_object",
        "Show object",
        help="Open a page with the members, the source and the documentation of the selected value.",
        icon="info",
        when=HAS_ROW,
    ),
    Command(
        "variables.show_findings",
        "Show findings",
        help="Show what runs did to the selected data frame that is easily overlooked.",
        icon="warning-circle",
        when=HAS_FINDINGS,
    ),
    Command(
        "variables.audit",
        "Audit this frame",
        help="Open the selected data frame and show what is suspicious in it.",
        when=HAS_DATA,
    ),
    Command(
        "variables.watch_frames",
        "Compare data frames after each run",
        help="Mark data frames where a run did something that is easily overlooked.",
        is_checkable=True,
        checked=WATCHES,
    ),
    Command(
        "variables.save",
        "Save variables...",
        help="Save the selected variables into a new folder: frames as Parquet, arrays as .npy, R objects as .rds.",
        icon="floppy-disk",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.load",
        "Load variables...",
        help="Load variables that were saved, or one data file. Nothing in it is run.",
        icon="download-simple",
        when="session.exists",
    ),
    Command(
        "variables.load_trusted",
        "Load variables that can run code...",
        help="Load saved variables with pickles and objects of all kinds, which run what their maker put into them.",
        when="session.exists",
    ),
    Command(
        "variables.choose_order",
        "Sort variables",
        help="Choose by what the names of each group are ordered.",
        icon="arrow-down",
    ),
    *(
        Command(
            f"variables.sort_by_{sort}",
            f"Sort variables {title[:1].lower()}{title[1:]}",
            is_checkable=True,
            checked=f'{SORT} == "{sort}"',
        )
        for sort, title in SORTS.items()
    ),
    Command(
        "variables.choose_kinds",
        "Choose kinds of variables",
        help="Choose which kinds of names are listed.",
        icon="funnel",
    ),
    *(
        Command(
            KIND_COMMANDS[kind],
            f"Show {title.lower()}",
            help=_KIND_HELP[kind],
            is_checkable=True,
            checked=shows(kind),
        )
        for kind, title in GROUPS
    ),
    Command(
        "variables.preview",
        "Preview data frames",
        help="Show the first rows of the selected data frame below the list.",
        icon="table",
        is_checkable=True,
        checked=PREVIEWS,
    ),
    Command(
        "variables.refresh",
        "List variables again",
        help="Ask the session for all of its names anew.",
        icon="arrows-clockwise",
        when="session.exists",
    ),
)


def add_commands(commands: Commands, handlers: Mapping[str, Callable[..., object]]) -> None:
    """Declare the pane's context keys and add its commands; a command without a handler is a mistake."""
    declare = commands.context.declare
    declare(HAS_SELECTION, False, "a selected variable", "Variables pane")
    declare(HAS_ROW, False, "a selected variable or part of one", "Variables pane")
    declare(HAS_FINDINGS, False, "findings in the selected data frame", "Variables pane")
    declare(HAS_DATA, False, "a selected data frame or array", "Variables pane")
    declare(WATCHES, True, "the comparison of data frames", "Variables pane")
    declare(HAS_CODE, False, "a selected row that code can name", "Variables pane")
    declare(CAN_PLOT, False, "a selected value that can be drawn", "Variables pane")
    declare(CAN_HISTOGRAM, False, "a selected value with numbers to be counted", "Variables pane")
    declare(CAN_SHARE, False, "a selected data frame of pandas", "Variables pane")
    declare(HAS_UNDO, False, "something done in the list of variables", "Variables pane")
    declare(PREVIEWS, True, "the preview of data frames", "Variables pane")
    declare(SORT, "name", "an order of variables", "Variables pane")
    for kind, title in GROUPS:
        declare(shows(kind), kind != "module", f"{title.lower()} in the list of variables", "Variables pane")
    for command in COMMANDS:
        commands.add(command, handlers[command.id])

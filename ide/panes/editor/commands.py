"""Commands of the editor: files, editing, running, cells. Records here; what they do is handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ide.commands.command import Command
from ide.commands.context import Context
from ide.commands.registry import Commands

HAS_DOCUMENT: Final = "editor.has_document"
HAS_TAB: Final = "editor.has_tab"
CAN_EDIT: Final = "editor.has_document and not editor.is_read_only"
CAN_RUN: Final = "editor.can_run"
HAS_CELLS: Final = "editor.has_cells"
RUN_TITLE: Final = "editor.run_title"

Handlers = Mapping[str, Callable[..., object]]

COMMANDS: Final[tuple[Command, ...]] = (
    # --- file
    Command("file.open", "Open...", icon="folder-open", menu="file/2_open", toolbar="3_open"),
    Command(
        "file.reopen_closed", "Open closed text again", help="Bring back unsaved text of a closed tab.", menu="file/2_r"
    ),
    Command("file.save", "Save", icon="floppy-disk", when=HAS_DOCUMENT, menu="file/3_save", toolbar="3_save"),
    Command("file.save_as", "Save as...", when=HAS_DOCUMENT, menu="file/3_save_as"),
    Command("file.save_all", "Save all", when=HAS_DOCUMENT, menu="file/3_save_all"),
    Command(
        "file.reload",
        "Reload from disk",
        help="Take the text that is on disk. It can be undone.",
        when="editor.has_file",
        menu="file/4_reload",
    ),
    Command(
        "file.show_difference",
        "Show difference to disk",
        help="Compare the text with the file on disk.",
        icon="git-diff",
        when="editor.has_file",
        menu="file/4_difference",
    ),
    Command("file.choose_encoding", "Encoding...", when=CAN_EDIT, menu="file/5_encoding"),
    Command("file.choose_line_ending", "Line endings...", when=CAN_EDIT, menu="file/5_line_ending"),
    Command("file.choose_language", "Language...", when=CAN_EDIT, menu="file/5_language"),
    Command("file.close", "Close", when=HAS_TAB, menu="file/6_close"),
    Command("file.close_all", "Close all", when=HAS_TAB, menu="file/6_close_all"),
    # --- edit
    Command("edit.undo", "Undo", icon="arrow-counter-clockwise", menu="edit/1_undo"),
    Command("edit.redo", "Redo", icon="arrow-clockwise", menu="edit/1_redo"),
    Command("edit.cut", "Cut", menu="edit/2_cut"),
    Command("edit.copy", "Copy", icon="copy", menu="edit/2_copy"),
    Command("edit.paste", "Paste", icon="clipboard-text", menu="edit/2_paste"),
    Command("edit.select_all", "Select all", menu="edit/2_select_all"),
    Command("edit.find", "Find...", icon="magnifying-glass", when=HAS_DOCUMENT, menu="edit/3_find"),
    Command("edit.replace", "Replace...", when=CAN_EDIT, menu="edit/3_replace"),
    Command("edit.find_next", "Find next", when=HAS_DOCUMENT, menu="edit/3_next"),
    Command("edit.find_previous", "Find previous", when=HAS_DOCUMENT, menu="edit/3_previous"),
    Command("edit.go_to_line", "Go to line...", when=HAS_DOCUMENT, menu="edit/3_line"),
    Command("edit.toggle_comment", "Comment or uncomment", when=CAN_EDIT, menu="edit/4_comment"),
    Command("edit.indent", "Indent lines", icon="text-indent", when=CAN_EDIT, menu="edit/4_indent"),
    Command("edit.outdent", "Outdent lines", when=CAN_EDIT, menu="edit/4_outdent"),
    Command("edit.move_lines_up", "Move lines up", when=CAN_EDIT, menu="edit/4_up"),
    Command("edit.move_lines_down", "Move lines down", when=CAN_EDIT, menu="edit/4_down"),
    Command("edit.duplicate_lines", "Duplicate lines", when=CAN_EDIT, menu="edit/4_duplicate"),
    Command("edit.delete_lines", "Delete lines", when=CAN_EDIT, menu="edit/4_delete"),
    Command("edit.join_lines", "Join lines", when=CAN_EDIT, menu="edit/4_join"),
    Command("edit.add_caret_above", "Add caret above", when=CAN_EDIT, menu="edit/5_above"),
    Command("edit.add_caret_below", "Add caret below", when=CAN_EDIT, menu="edit/5_below"),
    Command("edit.select_next_occurrence", "Select next occurrence", when=HAS_DOCUMENT, menu="edit/5_next"),
    Command("edit.select_all_occurrences", "Select all occurrences", when=HAS_DOCUMENT, menu="edit/5_all"),
    Command("edit.fold", "Fold", when=HAS_DOCUMENT, menu="view/8_fold"),
    Command("edit.unfold", "Unfold", when=HAS_DOCUMENT, menu="view/8_unfold"),
    Command("edit.fold_all", "Fold all", when=HAS_DOCUMENT, menu="view/8_fold_all"),
    Command("edit.unfold_all", "Unfold all", when=HAS_DOCUMENT, menu="view/8_unfold_all"),
    Command(
        "edit.split",
        "Split editor",
        help="Show the document a second time beside itself.",
        icon="split-horizontal",
        when="editor.has_document and not editor.is_split",
        menu="view/9_split",
    ),
    Command("edit.unsplit", "Close split", when="editor.is_split", menu="view/9_unsplit"),
    Command("edit.go_to_bracket", "Go to matching bracket", when=HAS_DOCUMENT),
    Command(
        "edit.format",
        "Format document",
        help="Lay the code out anew; it can be undone.",
        when="editor.can_format",
        menu="edit/6_format",
    ),
    Command("edit.complete", "Complete", help="Offer what could be typed here.", when=CAN_EDIT, menu="edit/6_complete"),
    Command("edit.go_to_definition", "Go to definition", when=HAS_DOCUMENT, menu="edit/6_definition"),
    Command(
        "edit.show_help",
        "Help for this name",
        help="Say what is known of the name at the caret.",
        icon="question",
        when=HAS_DOCUMENT,
        menu="edit/6_help",
    ),
    Command("edit.insert_assignment", "Insert assignment", help="R: puts in <-"),
    Command("edit.insert_pipe", "Insert pipe", help="R: puts in the pipe that is set, |> or %>%"),
    # --- run
    Command(
        "run.default",
        "Run",
        help="Run the selection, the cell or the statement at the caret.",
        icon="play",
        when=CAN_RUN,
        menu="run/1_default",
        toolbar="1_1run",
        live_title=RUN_TITLE,
    ),
    Command("run.advance", "Run and go on", icon="skip-forward", when=CAN_RUN, menu="run/1_advance"),
    Command("run.statement", "Run statement", when=CAN_RUN, menu="run/1_statement"),
    Command("run.selection_or_line", "Run selection or line", when=CAN_RUN, menu="run/1_selection"),
    Command("run.file", "Run file", help="Run the whole document.", when=CAN_RUN, menu="run/2_file"),
    Command(
        "run.restart_and_run_all",
        "Restart and run all",
        help="Begin the session anew and run the document from the top.",
        icon="arrow-clockwise",
        when=CAN_RUN,
        menu="run/2_restart",
        toolbar="1_3restart",
    ),
    Command("cell.run", "Run cell", when=f"{CAN_RUN} and {HAS_CELLS}", menu="run/3_cell"),
    Command("cell.run_advance", "Run cell and go on", when=f"{CAN_RUN} and {HAS_CELLS}", menu="run/3_cell_advance"),
    Command("cell.next", "Next cell", when=HAS_CELLS, menu="run/4_next"),
    Command("cell.previous", "Previous cell", when=HAS_CELLS, menu="run/4_previous"),
    # --- what errors of documents offer
    Command("document.save", "Save", is_in_palette=False),
    Command("document.save_as", "Save as", is_in_palette=False),
    Command("document.save_as_utf8", "Save as UTF-8", is_in_palette=False),
    Command("document.overwrite", "Overwrite the file on disk", is_in_palette=False),
    Command("document.reload", "Reload", is_in_palette=False),
    Command("document.compare", "Compare", is_in_palette=False),
    Command("document.show", "Show document", is_in_palette=False),
    Command("document.open", "Open", is_in_palette=False),
    Command("document.open_anyway", "Open anyway", is_in_palette=False),
    Command("document.open_as_text", "Open as text", is_in_palette=False),
    Command("document.open_with_encoding", "Open with encoding", is_in_palette=False),
)


def new_command(language: str, name: str) -> Command:
    """The command that makes a new text of one language."""
    return Command(f"file.new_{language}", f"New {name} script", icon="file-plus", menu="file/1_new")


def declare_context(context: Context) -> None:
    """The context keys that the editor keeps up to date."""
    source = "Editor"
    context.declare(HAS_DOCUMENT, False, "an open document", source)
    context.declare(HAS_TAB, False, "an open tab", source)
    context.declare("editor.has_file", False, "a document that has a file", source)
    context.declare("editor.is_read_only", False, "a read-only document", source)
    context.declare("editor.language", "", "a document in this language", source)
    context.declare("editor.has_selection", False, "selected text", source)
    context.declare(HAS_CELLS, False, "a document with cells", source)
    context.declare(CAN_RUN, False, "a document with code that can run", source)
    context.declare("editor.can_format", False, "a language that can be formatted", source)
    context.declare("editor.is_split", False, "a split editor", source)
    context.declare(RUN_TITLE, "Run", "something to run", source)


def add_commands(
    commands: Commands, handlers: Handlers, new: Sequence[tuple[str, str]], make: Callable[[str], object]
) -> None:
    """Add the editor's commands. `new` are id and name of each language, `make` makes a new text of one."""
    declare_context(commands.context)
    for language, name in new:
        commands.add(new_command(language, name), _Maker(make, language))
    for command in COMMANDS:
        commands.add(command, handlers[command.id])


class _Maker:
    """Handler of one `file.new_*`."""

    def __init__(self, make: Callable[[str], object], language: str) -> None:
        self._make = make
        self._language = language

    def __call__(self) -> object:
        return self._make(self._language)

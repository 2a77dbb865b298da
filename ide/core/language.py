"""What the program asks of a language: the protocol that language plugins fulfil, and its records.

A kernel whose language has no plugin still gets an editor with highlighting, a console, plots and rich output; so
everywhere but here "no Language" is an ordinary case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from ide.core.cells import Cell
from ide.core.environment import Environment, LaunchSpec
from ide.core.record import dataclass, field
from ide.core.text import LineRange, Place

if TYPE_CHECKING:  # the records of tables are no part of the start
    from ide.core.scaling import Scaling
    from ide.core.view_code import ViewCodeRequest


@dataclass(frozen=True, slots=True)
class AgentSource:
    """The code that is sent silently into a kernel at its start, and the comm target that it registers there.

    `code` stands alone: the standard library of its language only. `target` is the comm that the window opens. `more`
    makes what a prompt does not need; the agent takes it by `agent.more` as soon as it has said hello.
    """

    code: str
    target: str = "fourpane"
    more: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class TypingRules:
    """What the editor does while keys are pressed.

    `pairs` close themselves ("(" -> ")"). `inserts` maps a command id to text put in at the caret
    (`edit.insert_assignment` -> " <- "). `indent` is one level.
    """

    comment: str
    pairs: Mapping[str, str] = field(default_factory=dict)
    inserts: Mapping[str, str] = field(default_factory=dict)
    indent: str = "    "


@dataclass(frozen=True, slots=True)
class TraceLink:
    """A place in a file that a stretch of printed text names. `first` and `end` are offsets in that text."""

    first: int
    end: int
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class CompletionItem:
    """One thing that could be typed. `replace_first` to `replace_end` are offsets in the text asked about."""

    text: str
    label: str
    kind: str = ""
    detail: str = ""
    replace_first: int = 0
    replace_end: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A mark in the editor. `severity` orders: error, warning, hint. Places count from 0."""

    start: Place
    end: Place
    message: str
    severity: Literal["error", "warning", "hint"] = "warning"
    code: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class HelperSpec:
    """A helper process for static analysis: reads JSON lines on stdin, answers JSON lines on stdout.

    Requests: {"id": n, "method": "complete"|"signature"|"hover"|"help"|"definition"|"problems"|"format", "path": str,
    "text": str, "line": int, "column": int, "interpreter": str}; "help" may have a "topic" in place of the place;
    "search" has "text", "folders" and "limit". Answers: {"id": n, "result": ...} or
    {"id": n, "error": str}. Lines and columns count code points from 0. The shapes of results are in
    docs/architecture.md. `argv` starts it with the program's own interpreter.
    """

    argv: tuple[str, ...]
    methods: frozenset[str]


MentionKind = Literal["read", "write", "variable", "text"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that code names, and what for: a file that is read or written, an environment variable that must be set,
    or any other text. `line` counts from 1."""

    kind: MentionKind
    text: str
    line: int


PlotKind = Literal["plot", "histogram"]
"""What can be drawn of a value: as the language's own `plot` would, or how its numbers are spread."""


@runtime_checkable
class Language(Protocol):
    """One language. Everything here is pure and quick (under 5 ms for 10,000 lines) but `discover`."""

    id: str
    """Lower-case word, the same that kernelspecs use for their language ("python", "r")."""
    name: str
    badge: str
    """One or two letters, shown on tabs ("Py", "R")."""
    badge_role: str
    """Theme role of the badge's colour ("badge_python")."""
    aliases: frozenset[str]
    """Other words for it in kernelspecs and code fences, lower case."""
    suffixes: tuple[str, ...]
    """File endings with the dot, lower case, the usual one first."""
    lexer: str
    """Alias of the Pygments lexer."""
    typing: TypingRules
    runs_by_statement: bool
    """Whether Mod+Enter takes a whole statement even where the file has cells (R's habit)."""
    sample: str
    """One line that makes a variable, for the empty Variables pane."""

    def agent(self) -> AgentSource | None:
        """What to send into a kernel at its start."""

    def statement(self, lines: Sequence[str], line: int) -> LineRange | None:
        """The whole top-level statement at `line`, or the next one below blanks and comments; None past the last."""

    def cells(self, lines: Sequence[str]) -> tuple[Cell, ...]:
        """Cells of a script, in order and without gaps; empty where it has no cell marks."""

    def folds(self, lines: Sequence[str]) -> tuple[LineRange, ...]:
        """What can be folded: blocks, brackets over several lines, sections."""

    def indent(self, lines: Sequence[str], line: int) -> str:
        """The white space for a new line put in after `line`."""

    def is_complete(self, code: str) -> bool:
        """Whether `code` is whole, so that Enter in the console runs it."""

    def trace_links(self, text: str) -> tuple[TraceLink, ...]:
        """Places in files named by plain text (ANSI taken out before)."""

    def launch(self, environment: Environment, folder: Path, *, is_trusted: bool, private_folder: Path) -> LaunchSpec:
        """How a kernel of `environment` starts in `folder`: nothing of an untrusted folder may run (PROMISES D2).

        `private_folder` is an empty 0700 folder of ours that such a kernel may start in.
        """

    def helper(self) -> HelperSpec | None:
        """The static analysis process, or None."""

    def search_helper(self) -> HelperSpec | None:
        """The process that finds names in installed modules which nobody has imported ("search"); None where the
        language's agent finds all itself."""

    def set_folder_code(self, folder: Path) -> str:
        """Code that makes `folder` the working folder."""

    def run_file_code(self, path: Path) -> str:
        """Code that runs a file with its prints, as the language's users expect."""

    def plot_code(self, expression: str, form: str, kind: PlotKind) -> str:
        """Code that draws a value, as a user would type it; empty where this makes no sense.

        `form` is what the language's own agent said of the value (`VariableCode` of the contract).
        """

    def save_plot_code(self, code: str, file: str, width_in: float, height_in: float, dpi: int) -> str:
        """Code that writes the plot which `code` draws to `file`, in inches, as a user would type it."""

    def scaling(self) -> Scaling | None:
        """How a console of this language gets workers; None where there is no way."""

    def share_code(self, expression: str, frame: str) -> str:
        """Code that parts a data frame over the workers of a console, as a user would type it; empty where this makes
        no sense. `frame` is whose frame it is (`VariableCode`)."""

    def missing_import(self, error: str, message: str) -> str:
        """The name of a module or package that an error (its name and message) says is not installed; "" for others."""

    def imports(self, code: str) -> tuple[str, ...]:
        """Names of modules or packages that code loads, in order, what belongs to the language itself left out."""

    def mentions(self, code: str) -> tuple[Mention, ...]:
        """Files and environment variables that code names, as far as its text tells, and its other texts, by line."""

    def package_of(self, name: str) -> str:
        """The package, by its name in an index, that brings what code imports as `name`."""

    def view_code(self, dialect: str, request: ViewCodeRequest) -> str:
        """Code that gives exactly the rows of a view in their order, by the rules of docs/reference/filters.md.

        `dialect` is one of those that `TableInfo.dialects` named. Raises ViewCodeError where it cannot say it.
        """

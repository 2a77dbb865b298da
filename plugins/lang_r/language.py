"""The `Language` object of R: one thin door to the modules that do the work."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fourpane_plugins.lang_r import folds as folding
from fourpane_plugins.lang_r import launch as launching
from fourpane_plugins.lang_r import scan, statements, trace
from ide.api import (
    AgentSource,
    Cell,
    Environment,
    HelperSpec,
    Language,
    LaunchSpec,
    LineRange,
    Mention,
    PlotKind,
    TraceLink,
    TypingRules,
    marked_cells,
)

if TYPE_CHECKING:
    from ide.api.scaling import Scaling
    from ide.api.tables import ViewCodeRequest

_FOLDER: Final = Path(__file__).resolve().parent
_AGENT_FILES: Final = (
    "contract.R",
    "agent.R",
    "tables.R",
    "table_cells.R",
    "table_views.R",
    "table_profiles.R",
    "table_edits.R",
    "objects.R",
    "variable_acts.R",
    "variable_files.R",
    "plots.R",
    "plot_words.R",
    "plot_forms.R",
    "object_info.R",
    "frames.R",
    "help_pages.R",
    "pages.R",
    "console.R",
)
# By the form that `plot_forms.R` found.
_PLOT_CODE: Final[Mapping[tuple[str, PlotKind], str]] = {
    ("numbers", "plot"): "plot({x})",
    ("numbers", "histogram"): "hist({x})",
    ("counts", "plot"): "barplot(table({x}))",
    ("texts", "plot"): "barplot(head(sort(table({x}), decreasing = TRUE), 30))",
    ("frame", "plot"): "plot({x})",
    ("matrix", "plot"): 'matplot({x}, type = "l")',
    ("matrix", "histogram"): "hist({x})",
}
_GGPLOT: Final = re.compile(r"\b(ggplot|qplot|autoplot)\s*\(")


class RLanguage:
    """R, as `ide.core.language.Language` asks."""

    id = "r"
    name = "R"
    badge = "R"
    badge_role = "badge_r"
    aliases: frozenset[str] = frozenset({"r", "rscript", "s", "splus"})
    suffixes: tuple[str, ...] = (".r",)
    lexer = "r"
    typing = TypingRules(
        comment="# ",
        pairs={"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"},
        inserts={"edit.insert_assignment": " <- ", "edit.insert_pipe": " |> "},
        indent="  ",
    )
    runs_by_statement = True
    sample = "ages <- c(31, 42)"

    def agent(self) -> AgentSource | None:
        """The agent's files, run in an environment of their own, so that no name is left in the global one."""
        return AgentSource(_agent_code())

    def statement(self, lines: Sequence[str], line: int) -> LineRange | None:
        return statements.statement(lines, line)

    def cells(self, lines: Sequence[str]) -> tuple[Cell, ...]:
        if not marked_cells(lines, self.id, extra_mark=folding.CHUNK_MARK, extra_hint="#+"):
            return ()
        hidden = folding.hidden_lines(scan.scan(lines))
        return marked_cells(lines, self.id, extra_mark=folding.CHUNK_MARK, extra_hint="#+", hidden=hidden)

    def folds(self, lines: Sequence[str]) -> tuple[LineRange, ...]:
        return folding.folds(lines)

    def indent(self, lines: Sequence[str], line: int) -> str:
        return statements.indent(lines, line, self.typing.indent)

    def is_complete(self, code: str) -> bool:
        return statements.is_complete(code)

    def trace_links(self, text: str) -> tuple[TraceLink, ...]:
        return trace.trace_links(text)

    def launch(
        self,
        environment: Environment,
        folder: Path,
        *,
        is_trusted: bool,
        private_folder: Path,
        is_safe: bool = False,
    ) -> LaunchSpec:
        return launching.launch(
            environment, folder, is_trusted=is_trusted, private_folder=private_folder, is_safe=is_safe
        )

    def helper(self) -> HelperSpec | None:
        """None: R's own parser, asked through the agent (`parse`), marks problems."""
        return None

    def search_helper(self) -> HelperSpec | None:
        """None: R keeps a database of all installed help pages, which the agent asks."""
        return None

    def set_folder_code(self, folder: Path) -> str:
        return f"setwd({_quoted(str(folder))})"

    def run_file_code(self, path: Path) -> str:
        """`echo` prints what the expressions print, as RStudio's "Source with Echo" does."""
        return f'source({_quoted(str(path))}, echo = TRUE, max.deparse.length = Inf, encoding = "UTF-8")'

    def plot_code(self, expression: str, form: str, kind: PlotKind) -> str:
        """R's own graphics: every R has them."""
        return _PLOT_CODE.get((form, kind), "").format(x=expression)

    def save_plot_code(self, code: str, file: str, width_in: float, height_in: float, dpi: int) -> str:
        """`ggsave` for what it knows, else a device of R around the code."""
        size = f"width = {width_in:.3g}, height = {height_in:.3g}"
        if _GGPLOT.search(code):
            return f"ggsave({_quoted(file)}, {size}, dpi = {dpi})"
        return f'png({_quoted(file)}, {size}, units = "in", res = {dpi})\n{code.strip()}\ndev.off()'

    def scaling(self) -> Scaling | None:
        from fourpane_plugins.lang_r import futures  # only who wants workers loads it

        return futures.scaling

    def share_code(self, expression: str, frame: str) -> str:
        """ "": `future` sends by itself what its workers need."""
        return ""

    def missing_import(self, error: str, message: str) -> str:
        from fourpane_plugins.lang_r import packages  # only at an error

        return packages.missing_import(message)

    def imports(self, code: str) -> tuple[str, ...]:
        from fourpane_plugins.lang_r import packages  # not on the way to the first window

        return packages.imports(code)

    def mentions(self, code: str) -> tuple[Mention, ...]:
        from fourpane_plugins.lang_r import mentions  # only who sends code away loads it

        return mentions.mentions(code)

    def package_of(self, name: str) -> str:
        """R loads packages by their own names."""
        return name

    def view_code(self, dialect: str, request: ViewCodeRequest) -> str:
        from fourpane_plugins.lang_r import view_code  # only who wants code loads it

        return view_code.view_code(dialect, request)


@cache
def _agent_code() -> str:
    """One line that unpacks and runs the files: IRkernel takes longer over a long code than R over parsing it."""
    source = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _AGENT_FILES)
    packed = base64.b64encode(zlib.compress(source.encode())).decode()
    text = f'memDecompress(jsonlite::base64_dec("{packed}"), "gzip", asChar = TRUE)'
    parsed = f'parse(text = {text}, keep.source = FALSE, encoding = "UTF-8")'
    return f"eval({parsed}, new.env(parent = baseenv()))\n"


def _quoted(text: str) -> str:
    """`text` as an R string literal."""
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return f'"{text}"'


language: Language = RLanguage()

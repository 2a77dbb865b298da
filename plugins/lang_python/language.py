"""The `Language` object of Python: one thin door to the modules that do the work."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fourpane_plugins.lang_python import folds as folding
from fourpane_plugins.lang_python import launch as launching
from fourpane_plugins.lang_python import scan, statements, trace
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
_AGENT_MODULES: Final = (
    "look",
    "variables",
    "main",
    "start_up",
    "console_width",
    "imports",
    "place",
    "things",
    "names",
    "calls",
    "process",
    "refusal",
    "help_calls",
)
# What a prompt does not need goes in after it.
_MORE_MODULES: Final = (
    "pages",
    "door",
    "objects",
    "sizes",
    "literals",
    "plot_forms",
    "object_info",
    "help_pages",
    "acts",
    "plain_json",
    "variable_files",
    "table_times",
    "table_filters",
    "table_cells",
    "table_columns",
    "table_numpy",
    "table_arrow",
    "table_pandas",
    "table_polars",
    "table_plain",
    "table_xarray",
    "rows_numpy",
    "rows_polars",
    "rows_plain",
    "text_arrow",
    "profile_records",
    "profiles_numpy",
    "profiles_polars",
    "profiles_plain",
    "table_edits",
    "tables",
    "frame_profiles",
    "frame_steps",
    "frame_watch",
    "frame_audit",
    "figure_words",
    "plotnine_figures",
    "figures",
    "figure_store",
)
# IPython and Python take long over long code: so the text is packed.
_RUN_AGENT: Final = (
    "(lambda s: exec(s['loader'], {{'__name__': 'fourpane', 'SOURCES': s}}))"
    "(__import__('json').loads(__import__('zlib').decompress(__import__('base64').b64decode({packed!r}))))"
)


def _sources(names: Sequence[str]) -> dict[str, str]:
    agent = _FOLDER / "agent"
    return {f"agent.{name}": (agent / f"{name}.py").read_text(encoding="utf-8") for name in names}


def _packed(sources: dict[str, str]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(sources).encode("ascii"))).decode("ascii")


def _more() -> str:
    return _packed(_sources(_MORE_MODULES))


class PythonLanguage:
    """Python, as `ide.core.language.Language` asks."""

    id = "python"
    name = "Python"
    badge = "Py"
    badge_role = "badge_python"
    aliases: frozenset[str] = frozenset({"python", "python2", "python3", "py", "ipython", "ipython3"})
    suffixes: tuple[str, ...] = (".py", ".pyw", ".pyi")
    lexer = "python"
    typing = TypingRules(
        comment="# ",
        pairs={"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"},
        indent="    ",
    )
    runs_by_statement = False
    sample = "ages = [31, 42]"

    def agent(self) -> AgentSource | None:
        """The agent's modules in one expression, which leaves no name in the user's namespace."""
        sources = _sources(_AGENT_MODULES)
        sources["contract_table"] = (_FOLDER / "contract_table.py").read_text(encoding="utf-8")
        sources["loader"] = (_FOLDER / "agent" / "loader.py").read_text(encoding="utf-8")
        return AgentSource(_RUN_AGENT.format(packed=_packed(sources)), more=_more)

    def statement(self, lines: Sequence[str], line: int) -> LineRange | None:
        return statements.statement(lines, line)

    def cells(self, lines: Sequence[str]) -> tuple[Cell, ...]:
        if not marked_cells(lines, self.id):
            return ()
        return marked_cells(lines, self.id, hidden=folding.hidden_lines(scan.scan(lines)))

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
        """jedi and ruff. `-P` keeps the helper's own folder and the working folder off its import path."""
        return HelperSpec(
            argv=(sys.executable, "-P", "-Xutf8", str(_FOLDER / "analysis.py")),
            methods=frozenset({"complete", "signature", "hover", "help", "definition", "problems", "format"}),
        )

    def search_helper(self) -> HelperSpec | None:
        """Names in modules that nobody has imported."""
        argv = (sys.executable, "-P", "-Xutf8", str(_FOLDER / "name_index.py"))
        return HelperSpec(argv=argv, methods=frozenset({"search"}))

    def set_folder_code(self, folder: Path) -> str:
        return f"__import__('os').chdir({str(folder)!r})"

    def run_file_code(self, path: Path) -> str:
        """`%run -i`: the script's names stay, as in a cell. IPython expands `$` and braces in magics: they double."""
        text = str(path)
        if sys.platform != "win32":
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        for character in "${}":
            text = text.replace(character, character * 2)
        return f'%run -i "{text}"'

    def plot_code(self, expression: str, form: str, kind: PlotKind) -> str:
        from fourpane_plugins.lang_python import plot_code  # only who draws something loads it

        return plot_code.plot_code(expression, form, kind)

    def save_plot_code(self, code: str, file: str, width_in: float, height_in: float, dpi: int) -> str:
        from fourpane_plugins.lang_python import plot_code  # only who draws something loads it

        return plot_code.save_plot_code(code, file, width_in, height_in, dpi)

    def scaling(self) -> Scaling | None:
        from fourpane_plugins.lang_python import dask_code  # only who wants workers loads it

        return dask_code.scaling

    def share_code(self, expression: str, frame: str) -> str:
        from fourpane_plugins.lang_python import dask_code  # only who wants code loads it

        return dask_code.share_code(expression, frame)

    def missing_import(self, error: str, message: str) -> str:
        from fourpane_plugins.lang_python import imports  # only at an error

        return imports.missing_import(error, message)

    def imports(self, code: str) -> tuple[str, ...]:
        from fourpane_plugins.lang_python import imports  # not on the way to the first window

        return imports.imports(code)

    def mentions(self, code: str) -> tuple[Mention, ...]:
        from fourpane_plugins.lang_python import mentions  # only who sends code away loads it

        return mentions.mentions(code)

    def package_of(self, name: str) -> str:
        from fourpane_plugins.lang_python import imports  # only where a package is missing

        return imports.package_of(name)

    def view_code(self, dialect: str, request: ViewCodeRequest) -> str:
        from fourpane_plugins.lang_python import view_code  # only who wants code loads it

        return view_code.view_code(dialect, request)


language: Language = PythonLanguage()

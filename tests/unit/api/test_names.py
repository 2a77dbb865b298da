"""The names that plugins may rely on: a list on purpose, since taking one away breaks plugins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ide.api
import ide.api.language
import ide.api.tables
from ide.core import language as core_language

ROOT = Path(__file__).resolve().parents[3]
LANGUAGE_NAMES = {
    "AgentSource",
    "Cell",
    "CompletionItem",
    "Environment",
    "FourpaneError",
    "HelperSpec",
    "KernelError",
    "Language",
    "LaunchSpec",
    "LineRange",
    "Mention",
    "MentionKind",
    "Place",
    "PlotKind",
    "Problem",
    "TraceLink",
    "TypingRules",
}

TABLE_NAMES = {
    "MISSING_IN_FILES", "Column", "Filter", "FilterGroup", "SortKey", "ViewCodeError", "ViewCodeRequest", "ViewSpec"
}  # fmt: skip


def test_api_has_these_names_and_no_others() -> None:
    assert set(ide.api.language.__all__) == LANGUAGE_NAMES
    assert set(ide.api.__all__) == LANGUAGE_NAMES | {"marked_cells"}
    assert set(ide.api.tables.__all__) == TABLE_NAMES
    for name in ide.api.__all__:
        assert getattr(ide.api, name) is not None


def test_api_gives_the_programs_own_records() -> None:
    assert ide.api.Language is core_language.Language
    assert ide.api.AgentSource is core_language.AgentSource


def test_importing_the_api_loads_no_qt_and_no_heavy_library() -> None:
    code = (
        "import sys, ide.api\n"
        "heavy = {'PySide6', 'shiboken6', 'jedi', 'pygments', 'zmq', 'jupyter_client', 'numpy', 'pyarrow'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

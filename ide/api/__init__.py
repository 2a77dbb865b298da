"""The one door for plugins. `ide.api.language` has what a language plugin needs; nothing here loads Qt."""

from __future__ import annotations

from ide.api.cells import marked_cells
from ide.api.language import (
    AgentSource,
    Cell,
    CompletionItem,
    Environment,
    FourpaneError,
    HelperSpec,
    KernelError,
    Language,
    LaunchSpec,
    LineRange,
    Mention,
    MentionKind,
    Place,
    PlotKind,
    Problem,
    TraceLink,
    TypingRules,
)

__all__ = [
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
    "marked_cells",
]

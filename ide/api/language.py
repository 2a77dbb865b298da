"""The `Language` protocol and its records, for plugins. What they mean is told in `ide.core.language`."""

from __future__ import annotations

from ide.core.cells import Cell
from ide.core.environment import Environment, LaunchSpec
from ide.core.errors import FourpaneError, KernelError
from ide.core.language import (
    AgentSource,
    CompletionItem,
    HelperSpec,
    Language,
    Mention,
    MentionKind,
    PlotKind,
    Problem,
    TraceLink,
    TypingRules,
)
from ide.core.text import LineRange, Place

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
]

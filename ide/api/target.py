"""What a plugin needs that runs jobs somewhere. What it means is told in `ide.core.target`."""

from __future__ import annotations

from ide.core.deploy import (
    ClusterLink,
    ClusterState,
    JobEvent,
    JobOutcome,
    JobRequest,
    JobState,
    Resources,
    TargetOption,
    TargetSpec,
    TargetStatus,
)
from ide.core.errors import DeployError
from ide.core.target import Target, TargetKind

__all__ = [
    "ClusterLink", "ClusterState", "DeployError", "JobEvent", "JobOutcome", "JobRequest", "JobState", "Resources",
    "Target", "TargetKind", "TargetOption", "TargetSpec", "TargetStatus",
]  # fmt: skip

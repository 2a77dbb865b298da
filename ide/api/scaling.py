"""Workers for consoles, for plugins of languages. What they mean is told in `ide.core.scaling`."""

from __future__ import annotations

from ide.core.deploy import ClusterLink
from ide.core.scaling import Scaling

__all__ = ["ClusterLink", "Scaling"]

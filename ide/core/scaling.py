"""What a language says of workers for its consoles. A record without I/O."""

from __future__ import annotations

from collections.abc import Callable

from ide.core.deploy import ClusterLink
from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a console gets workers. Code is what a user would type; it is run in the console, in view.

    With `joins_clusters` they are those of a target's cluster, and `connect` writes the code for a client of it. Else
    they are processes of the language on this computer: `plan` writes the code for so many, 0 for none. `package` is
    what either needs, by its name in an index. `about` is one sentence on what the workers are.
    """

    package: str
    about: str
    joins_clusters: bool
    connect: Callable[[ClusterLink], str] = lambda _link: ""
    plan: Callable[[int], str] = lambda _workers: ""

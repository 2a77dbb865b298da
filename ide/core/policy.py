"""What a policy says of a package or an environment: allowed, to be approved, or denied, with the reasons.

Reading is not done here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from ide.core.record import dataclass


class Standing(IntEnum):
    """From mild to strict: the strictest of several holds."""

    ALLOWED = 0
    NEEDS_APPROVAL = 1
    DENIED = 2

    @property
    def words(self) -> str:
        """As it is shown."""
        return ("Allowed", "Needs approval", "Denied")[self]


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What holds for one package. `reasons` are sentences that name the policy that they come from."""

    name: str
    version: str
    standing: Standing
    reasons: tuple[str, ...] = ()
    licence: str = ""

    @property
    def key(self) -> str:
        """The package's name as it is compared."""
        from ide.core.packages import package_key

        return package_key(self.name)

    @property
    def is_allowed(self) -> bool:
        """Whether it may be installed without asking anybody."""
        return self.standing is Standing.ALLOWED


@dataclass(frozen=True, slots=True)
class EnvironmentVerdict:
    """The strictest of what holds for the packages of an environment; `against` are those of that strictness."""

    standing: Standing
    against: tuple[PolicyVerdict, ...] = ()

    @classmethod
    def of(cls, verdicts: Iterable[PolicyVerdict]) -> EnvironmentVerdict:
        """From what is said of each package."""
        verdicts = tuple(verdicts)
        standing = max((one.standing for one in verdicts), default=Standing.ALLOWED)
        return cls(standing, tuple(one for one in verdicts if one.standing is standing and not one.is_allowed))

    @property
    def about(self) -> str:
        """The first reason, and how many packages besides stand so; "" where all is allowed."""
        if not self.against:
            return ""
        reason = next((reason for one in self.against for reason in one.reasons), "")
        more = len(self.against) - 1
        state = "denied" if self.standing is Standing.DENIED else "to be approved"
        said = f"{more} more package{'s are' if more > 1 else ' is'} {state}." if more else ""
        return f"{reason} {said}".strip()

"""What a policy says of a package: allowed, to be approved, or denied, with the reasons. Reading is not done here."""

from __future__ import annotations

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

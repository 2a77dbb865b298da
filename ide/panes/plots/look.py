"""The ways in which plots are looked at. Pure; `seeing.py` makes the pictures."""

from __future__ import annotations

from typing import Final, Literal

from ide.core.record import dataclass

Vision = Literal["", "deuteranopia", "protanopia", "tritanopia"]


@dataclass(frozen=True, slots=True)
class Look:
    """A way to look at plots."""

    is_dark: bool = False
    vision: Vision = ""

    @property
    def words(self) -> str:
        """What is to be said, so that nobody takes it for the plot itself; empty for the plain look."""
        parts = [f"as with {self.vision}"] if self.vision else []
        parts += ["on dark paper"] if self.is_dark else []
        return f"Seen {' '.join(parts)}" if parts else ""


PLAIN: Final = Look()

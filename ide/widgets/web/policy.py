"""What one page may load. Pure: addresses in, verdicts out.

Default is no. A page has itself, the files beside it where it came from a file, the copies of known scripts, and what
the user allowed: the hosts that were named, until the page is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from ide.core.record import dataclass
from ide.widgets.web.addresses import copy_of

SCHEME: Final = "output"
"""Every page is an origin of its own: `output://<its id>/`."""
COPIES_PATH: Final = "/-/copies/"
_INNER: Final = ("data", "blob")
_TYPES: Final = {
    ".html": "text/html;charset=utf-8",
    ".htm": "text/html;charset=utf-8",
    ".js": "text/javascript;charset=utf-8",
    ".mjs": "text/javascript;charset=utf-8",
    ".css": "text/css;charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".csv": "text/csv;charset=utf-8",
    ".txt": "text/plain;charset=utf-8",
    ".map": "application/json",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a request. `place` is where it is sent to ("redirect") or whom the user may allow ("block")."""

    act: Literal["pass", "redirect", "block"]
    place: str = ""


PASS: Final = Verdict("pass")


def mime_of(path: Path) -> str:
    """The type that a file is served as."""
    return _TYPES.get(path.suffix.lower(), "application/octet-stream")


class Policy:
    """Of one page. `id` is the host of its origin. `folder` holds files that the page may read, `served` is the only
    address of a server on this machine that it may talk to ("http://127.0.0.1:8050"); both may be missing.
    """

    def __init__(
        self, id: str, copies: Path, packages: Sequence[Path] = (), folder: Path | None = None, served: str = ""
    ) -> None:
        self.id = id
        self.allowed: set[str] = set()
        self._copies = copies
        self._packages = tuple(packages)
        self._folder = folder
        self.served = served

    @property
    def origin(self) -> str:
        """The address that the page stands at."""
        return self.served or f"{SCHEME}://{self.id}"

    def judge(self, address: str) -> Verdict:
        """What becomes of a request of the page for `address`."""
        parts = urlsplit(address)
        if parts.scheme in _INNER or (parts.scheme == SCHEME and parts.hostname == self.id):
            return PASS
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https", "ws", "wss") or not host:
            return Verdict("block")
        if self.served and _origin(address) == self.served:
            return PASS
        if self.copy(address) is not None:
            # Host and path stay as they are: a style sheet names its pictures and fonts from there.
            return Verdict("redirect", f"{SCHEME}://{self.id}{COPIES_PATH}{host}{parts.path}")
        place = parts.netloc.rpartition("@")[2]
        return PASS if place in self.allowed else Verdict("block", place)

    def goes_to(self, address: str, *, is_main_frame: bool) -> bool:
        """Whether a frame of the page may go to `address`; the page itself goes nowhere else."""
        parts = urlsplit(address)
        is_own = (parts.scheme == SCHEME and parts.hostname == self.id) or (
            bool(self.served) and _origin(address) == self.served
        )
        if is_main_frame:
            return is_own
        is_inner = parts.scheme in _INNER or address in ("about:blank", "about:srcdoc")
        return is_own or is_inner or self.judge(address).act == "pass"

    def copy(self, address: str) -> Path | None:
        """The file that stands for a known address."""
        return copy_of(address, self._copies, self._packages)

    def file_of(self, path: str) -> Path | None:
        """The file that answers a path within the page's own origin: a copy, or one beside the page. Reads the disk."""
        if path.startswith(COPIES_PATH):
            return self.copy(f"https://{path.removeprefix(COPIES_PATH)}")
        if self._folder is None:
            return None
        inside = self._folder.resolve()
        found = (inside / unquote(path).lstrip("/")).resolve()
        return found if found.is_relative_to(inside) and found.is_file() else None


def _origin(address: str) -> str:
    parts = urlsplit(address)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc.rpartition('@')[2]}"

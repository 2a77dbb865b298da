"""Solves and installs conda packages with py-rattler, in a process of its own that can be killed at any moment.

Started by `conda.py` as a file, so it stands alone: the standard library and rattler. One request as JSON on standard
input, one answer as JSON on standard output; steps go to standard error, their fields parted by tabs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

STEP = "step"
TIME_LIMIT = timedelta(minutes=10)


def say(text: str, done: int = 0, total: int = 0) -> None:
    """Tell a step."""
    sys.stderr.write(f"{STEP}\t{done}\t{total}\t{text}\n")
    sys.stderr.flush()


class Reporter:
    """rattler's steps, in bytes while packages come, counted while they are linked."""

    def __init__(self, records: list[Any]) -> None:
        self._total = sum(record.size or 0 for record in records)
        self._names: list[str] = []
        self._came: dict[int, int] = {}
        self._count = len(records)
        self._linked = 0

    def on_transaction_start(self, total_operations: int) -> None:
        """rattler calls."""

    def on_transaction_operation_start(self, operation: int) -> None:
        """rattler calls."""

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        """rattler calls."""
        self._names.append(package_name)
        return len(self._names) - 1

    def on_validate_start(self, cache_entry: int) -> int:
        """rattler calls."""
        return cache_entry

    def on_validate_complete(self, validate_idx: int) -> None:
        """rattler calls."""

    def on_download_start(self, cache_entry: int) -> int:
        """rattler calls."""
        self._came.setdefault(cache_entry, 0)
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        """rattler calls."""
        self._came[download_idx] = progress
        say(f"Downloading {self._names[download_idx]}", sum(self._came.values()), self._total)

    def on_download_completed(self, download_idx: int) -> None:
        """rattler calls."""

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        """rattler calls."""

    def on_unlink_start(self, operation: int, package_name: str) -> int:
        """rattler calls."""
        return operation

    def on_unlink_complete(self, index: int) -> None:
        """rattler calls."""

    def on_link_start(self, operation: int, package_name: str) -> int:
        """rattler calls."""
        self._linked += 1
        say(f"Installing {self._linked} of {self._count}: {package_name}", self._linked, self._count)
        return operation

    def on_link_complete(self, index: int) -> None:
        """rattler calls."""

    def on_post_link_start(self, package_name: str, script_path: str) -> int:
        """rattler calls."""
        return 0

    def on_post_link_complete(self, index: int, success: bool) -> None:
        """rattler calls."""

    def on_pre_unlink_start(self, package_name: str, script_path: str) -> int:
        """rattler calls."""
        return 0

    def on_pre_unlink_complete(self, index: int, success: bool) -> None:
        """rattler calls."""

    def on_transaction_operation_complete(self, operation: int) -> None:
        """rattler calls."""

    def on_transaction_complete(self) -> None:
        """rattler calls."""


async def carry_out(request: dict[str, Any]) -> dict[str, Any]:
    """Solve what is asked, check its hashes, and install it where a prefix is named; or list the names in channels."""
    import rattler

    cache = Path(request["cache"])
    gateway = rattler.Gateway(cache_dir=cache / "repodata")
    if request.get("wants_names"):
        say("Fetching the names of all packages")
        found = await gateway.names(request["channels"], [rattler.Subdir.current(), "noarch"])
        return {"names": sorted({name.normalized for name in found})}
    say("Looking what fits together")
    records = await rattler.solve(
        request["channels"],
        request["specs"],
        gateway=gateway,
        platforms=[rattler.Subdir.current(), "noarch"],
        virtual_packages=rattler.VirtualPackage.detect(),
        timeout=TIME_LIMIT,
    )
    packages = [_told(record) for record in records]
    wanted = request.get("hashes", {})
    wrong = [one["name"] for one in packages if wanted.get(one["name"]) not in (None, one["sha256"], one["md5"])]
    if wrong:
        return {"error": f"other files than the lock names: {', '.join(sorted(wrong))}", "kind": "hash"}
    if request.get("prefix"):
        await rattler.install(
            records,
            request["prefix"],
            cache_dir=cache / "packages",
            show_progress=False,
            reporter=Reporter(records),
        )
    return {"packages": packages}


def _told(record: Any) -> dict[str, Any]:
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "url": str(record.url),
        "sha256": record.sha256.hex() if record.sha256 else "",
        "md5": record.md5.hex() if record.md5 else "",
        "size": record.size or 0,
        "licence": record.license or "",
    }


def main() -> None:
    """Answer one request."""
    if len(sys.argv) > 1:
        sys.path.insert(0, sys.argv[1])
    try:
        answer = asyncio.run(carry_out(json.load(sys.stdin)))
    except Exception as error:  # noqa: BLE001 - whatever rattler says is told by the window
        answer = {"error": str(error), "kind": type(error).__name__}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # Not by the ordinary way out: threads of rattler's that still run then abort the process now and then.
    os._exit(0)


if __name__ == "__main__":
    main()

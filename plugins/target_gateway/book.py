"""Which jobs were handed to which cluster, on disk: a file for each, so that two windows never overwrite each other."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ide.api.target import DeployError


class Book:
    """Files below `folder`. Any thread. What is secret is in files of their own, for the user's eyes alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, kind: str, name: str, **content: Any) -> None:
        """Write it, whole or not at all. Raises DeployError where the disk does not take it."""
        place = self._place(kind, name)
        part = place.with_name(f"{place.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_text(json.dumps(content), "utf-8")
            part.replace(place)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise DeployError(
                "Where the job runs can't be noted, so it was not handed over.",
                f"The system says: {error.strerror or error}.",
            ) from error

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """What was put, None where nothing was."""
        try:
            found = json.loads(self._place(kind, name).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """All of them, by name."""
        for path in sorted((self._folder / kind).glob("*.json")):
            found = self.get(kind, path.stem)
            if found is not None:
                yield path.stem, found

    def remove(self, kind: str, name: str) -> None:
        """Forget it."""
        with contextlib.suppress(OSError):
            self._place(kind, name).unlink()

    def put_secret(self, kind: str, name: str, text: str) -> Path:
        """A file that has it, which only the user can read. Raises DeployError."""
        place = self._place(kind, name).with_suffix(".pem")
        part = place.with_name(f"{place.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
                stream.write(text)
            part.replace(place)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise DeployError(
                "The cluster's certificate can't be kept.", f"The system says: {error.strerror or error}."
            ) from error
        return place

    def secrets(self, kind: str) -> list[str]:
        """Names of those that are kept."""
        return [path.stem for path in (self._folder / kind).glob("*.pem")]

    def remove_secret(self, kind: str, name: str) -> None:
        """Forget it."""
        with contextlib.suppress(OSError):
            self._place(kind, name).with_suffix(".pem").unlink()

    def _place(self, kind: str, name: str) -> Path:
        safe = "".join(letter for letter in name if letter.isalnum() or letter in "-_")
        return self._folder / kind / f"{safe}.json"

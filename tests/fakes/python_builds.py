"""A mirror of Python builds on this computer: archives in uv's layout, made of real Pythons that are here."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "__pycache__", "site-packages"}
_PUBLIC = "https://github.com/astral-sh/python-build-standalone/releases/download"
_RELEASE = "20240101"


@dataclass
class Builds:
    """`address` is what a mirror is named by in the settings; `fetched` are the files that were asked for."""

    address: str
    fetched: list[str] = field(default_factory=list)


def bases() -> dict[str, Path]:
    """Pythons of other versions that lie beside the one that runs the tests, by version, newest first."""
    own = Path(os.path.realpath(sys.base_prefix))
    found = {folder.name: folder for folder in own.parent.iterdir() if re.fullmatch(r"3\.\d+\.\d+", folder.name)}
    usable = {version: folder for version, folder in found.items() if _numbers(version) >= (3, 9) and folder != own}
    return dict(sorted(usable.items(), key=lambda one: _numbers(one[0]), reverse=True))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@contextmanager
def served_builds(folder: Path, version: str, base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builds]:
    """Serve a build of `base`; uv knows of it by a list of downloads, and installs into `folder`."""
    name = f"cpython-{version}+{_RELEASE}-{platform.machine()}-unknown-linux-gnu-install_only_stripped.tar.gz"
    archive = folder / "mirror" / _RELEASE / name
    archive.parent.mkdir(parents=True)
    short = ".".join(version.split(".")[:2])
    with tarfile.open(archive, "w:gz", compresslevel=1) as made:
        for part in (f"bin/python{short}", "bin/python3", "lib"):
            made.add(base / part, f"python/{part}", filter=_kept)
    major, minor, patch = _numbers(version)
    entry = {
        "name": "cpython", "arch": {"family": platform.machine(), "variant": None}, "os": "linux", "libc": "gnu",
        "major": major, "minor": minor, "patch": patch, "prerelease": "", "variant": None, "build": _RELEASE,
        "url": f"{_PUBLIC}/{_RELEASE}/{name.replace('+', '%2B')}",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
    }  # fmt: skip
    listed = folder / "downloads.json"
    listed.write_text(json.dumps({f"cpython-{version}-linux-{platform.machine()}-gnu": entry}))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(listed))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(folder / "pythons"))
    with _served(folder / "mirror") as builds:
        yield builds


def _kept(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(info.name).parts
    is_left_out = any(part in _LEFT_OUT or part.startswith("config-") for part in parts)
    return None if is_left_out or info.name.endswith(".a") else info


@contextmanager
def _served(folder: Path) -> Iterator[Builds]:
    builds = Builds("")

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            builds.fetched.append(self.path)
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        builds.address = f"http://127.0.0.1:{server.server_port}"
        yield builds
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

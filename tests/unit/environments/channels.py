"""A conda channel in a folder, made by a test, so that py-rattler solves and installs without any network."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rattler import Subdir

R_SCRIPT = '#!/bin/sh\nexec /usr/bin/R "$@"\n'


def make_package(
    channel: Path,
    name: str,
    version: str = "1.0",
    depends: Sequence[str] = (),
    *,
    files: Mapping[str, str] | None = None,
    is_for_any: bool = True,
) -> None:
    """One package. `files` are programs and texts below the prefix."""
    subdir = "noarch" if is_for_any else str(Subdir.current())
    content = dict(files or {f"share/{name}.txt": version})
    index = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends)}
    index |= {"subdir": subdir, "license": "MIT", "timestamp": 1_700_000_000_000}
    index |= {"noarch": "generic"} if is_for_any else {}
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_in_bytes": len(text.encode()),
        }
        for path, text in content.items()
    ]
    whole = {
        **content,
        "info/index.json": json.dumps(index),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
    }
    (channel / subdir).mkdir(parents=True, exist_ok=True)
    with tarfile.open(channel / subdir / f"{name}-{version}-0.tar.bz2", "w:bz2") as archive:
        for path, text in whole.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.mtime = len(text.encode()), 0o755, 1_700_000_000
            archive.addfile(entry, io.BytesIO(text.encode()))


def make_index(channel: Path) -> str:
    """Write the channel's index and return its address. In a process of its own: rattler keeps sockets open."""
    code = (
        "import asyncio, os, sys; from rattler.index import index_fs; asyncio.run(index_fs(sys.argv[1])); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(channel)], check=True)
    return channel.as_uri()

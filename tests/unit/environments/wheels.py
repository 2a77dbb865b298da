"""Wheels and sources made by a test, so that real uv installs them without any network."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ide.environments.network import Network
from ide.environments.uv import Uv


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    requires: Sequence[str] = (),
    *,
    files: Mapping[str, str] | None = None,
    metadata: str = "",
) -> Path:
    """A wheel of one module with the same name. `metadata` is further lines of METADATA."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    lines = [
        f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n",
        *(f"Requires-Dist: {one}\n" for one in requires),
    ]
    content = {
        f"{module}/__init__.py": f'__version__ = "{version}"\n',
        **(files or {}),
        f"{info}/METADATA": "".join(lines) + metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text.encode())}\n" for path, text in content.items())
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in content.items():
            # The same time always: the same wheel has the same hash.
            archive.writestr(zipfile.ZipInfo(each, (2026, 1, 1, 0, 0, 0)), text)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2026, 1, 1, 0, 0, 0)), record + f"{info}/RECORD,,\n")
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def loopback_index(wheels: Path) -> Iterator[str]:
    """Serve the wheels of a folder as an index in simple form; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.strip("/").split("/")
            found = sorted(wheels.glob("*.whl"))
            if parts[0] == "simple" and len(parts) == 2:
                named = [one for one in found if one.name.partition("-")[0].replace("_", "-") == parts[1]]
                links = (f'<a href="/files/{one.name}#sha256={_sha256(one)}">{one.name}</a>' for one in named)
                self._answer("".join(links).encode() if named else b"", "text/html", 200 if named else 404)
            else:
                one = wheels / parts[-1]
                self._answer(
                    one.read_bytes() if one.is_file() else b"", "application/zip", 200 if one.is_file() else 404
                )

        def _answer(self, content: bytes, kind: str, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def own_uv(folder: Path, monkeypatch: pytest.MonkeyPatch, *, wheels: Path | None = None) -> Uv:
    """uv with a cache and a configuration of its own, packages from `wheels` alone where it is named."""
    folder.mkdir(parents=True, exist_ok=True)
    empty = folder / "uv.toml"
    empty.write_text("")
    for name in list(os.environ):
        if name.startswith(("UV_", "PIP_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_CONFIG_FILE", str(empty))
    monkeypatch.setenv("UV_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    return Uv(folder / "work", Network(wheel_folder=wheels))

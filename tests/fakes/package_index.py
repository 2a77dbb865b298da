"""An index on the loopback device that serves wheels as PyPI does (PEP 691, 658), each request noted."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class LoopbackIndex:
    """What `served_index` gives. `fetched` are the names of wheels that were asked for, in order."""

    address: str
    folder: Path
    fetched: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    advisories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """OSV records by package name, for `address` without /simple."""
    ecosystems: set[str] = field(default_factory=set)
    """Those that records were asked for in."""
    policy: bytes | None = None
    """What `/policy.toml` gives."""

    @property
    def root(self) -> str:
        """The address of the server."""
        return self.address.removesuffix("/simple")


@contextmanager
def served_index(folder: Path) -> Iterator[LoopbackIndex]:
    """Serve the wheels of a folder until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            parts = [part for part in self.path.split("/") if part]
            if parts == ["simple"]:
                self._json({"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in _names(folder)]})
            elif len(parts) == 2 and parts[0] == "simple":
                files = _files_of(folder, parts[1])
                said = {"meta": {"api-version": "1.1"}, "name": parts[1], "files": files}
                self._json(said) if files else self._send(404, "text/plain", b"")
            elif len(parts) == 2 and parts[0] == "files" and parts[1].endswith(".metadata"):
                self._send(200, "text/plain", _metadata(folder / parts[1].removesuffix(".metadata")))
            elif len(parts) == 2 and parts[0] == "files" and (folder / parts[1]).is_file():
                index.fetched.append(parts[1])
                self._send(200, "application/zip", (folder / parts[1]).read_bytes())
            elif parts == ["policy.toml"] and index.policy is not None:
                self._send(200, "text/plain", index.policy)
            elif len(parts) == 3 and parts[:2] == ["v1", "vulns"]:
                known = (one for records in index.advisories.values() for one in records)
                self._json(next(one for one in known if one["id"] == parts[2]))
            else:
                self._send(404, "text/plain", b"")

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            names = [query["package"]["name"] for query in asked["queries"]]
            index.ecosystems |= {query["package"]["ecosystem"] for query in asked["queries"]}
            found = [[{"id": one["id"]} for one in index.advisories.get(name, [])] for name in names]
            self._json({"results": [{"vulns": ids} if ids else {} for ids in found]})

        def _json(self, said: object) -> None:
            self._send(200, JSON, json.dumps(said).encode())

        def _send(self, code: int, kind: str, content: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    index = LoopbackIndex(f"http://127.0.0.1:{server.server_address[1]}/simple", folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="package-index")
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _names(folder: Path) -> list[str]:
    return sorted({path.name.partition("-")[0].replace("_", "-") for path in folder.glob("*.whl")})


def _files_of(folder: Path, key: str) -> list[dict[str, Any]]:
    return [
        {
            "filename": path.name,
            "url": f"/files/{path.name}",
            "hashes": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
            "size": path.stat().st_size,
            "core-metadata": True,
        }
        for path in sorted(folder.glob("*.whl"))
        if path.name.partition("-")[0].replace("_", "-").lower() == key
    ]


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA")))

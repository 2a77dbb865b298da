"""What a worker has: versions, packages of R, limits. Standard library alone, one file, shipped as source."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

_R_FACTS = (
    'cat(paste0("R ", getRversion(), "\\n")); found <- installed.packages()[, c("Package", "Version")];'
    'cat(paste(found[, 1], found[, 2]), sep = "\\n")'
)


def facts() -> dict[str, Any]:
    """As `TargetStatus` has them: versions, platform, packages, limits, capabilities. A second or two where R is."""
    found: dict[str, Any] = {
        "versions": {"python": platform.python_version(), **_installed("dask", "distributed")},
        "platform": uv_platform(), "packages": {},
        "capabilities": [],
        "limits": {"disk_bytes": float(shutil.disk_usage(Path.cwd()).free), "cores_per_worker": os.cpu_count() or 1},
    }  # fmt: skip
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    uv = os.environ.get("FOURPANE_UV") or (str(beside) if beside.is_file() else shutil.which("uv"))
    if uv:
        said = _said([uv, "--version"])
        found["versions"]["uv"] = said.split()[1] if len(said.split()) > 1 else ""
        found["capabilities"].append("restore_python")
    rscript = shutil.which("Rscript")
    lines = _said([rscript, "-e", _R_FACTS]).splitlines() if rscript else []
    if lines and lines[0].startswith("R "):
        found["versions"]["r"] = lines[0][2:]
        found["packages"]["r"] = dict(line.split(" ", 1) for line in lines[1:] if " " in line)
    return found


def _installed(*names: str) -> dict[str, str]:
    """Versions of those distributions that are there."""
    found = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def uv_platform() -> str:
    """As uv names it: "x86_64-manylinux_2_36"."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "win32":
        return f"{machine}-pc-windows-msvc"
    if sys.platform == "darwin":
        return f"{machine}-apple-darwin"
    name, version = platform.libc_ver()
    digits = re.match(r"(\d+)\.(\d+)", version)
    return (
        f"{machine}-manylinux_{digits[1]}_{digits[2]}"
        if name == "glibc" and digits
        else f"{machine}-unknown-linux-musl"
    )


def _said(argv: list[str]) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""

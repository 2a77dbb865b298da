"""Gives each test a home of its own: no test reads or writes the files of the person who runs it.

The machine's own configuration of pip, uv and npm stays in force: only its place is handed on, by path.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOLDERS = {
    "HOME": "home",
    "USERPROFILE": "home",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "run",
    "APPDATA": "roaming",
    "LOCALAPPDATA": "local",
    "JUPYTER_CONFIG_DIR": "jupyter",
    "JUPYTER_DATA_DIR": "jupyter-data",
    "JUPYTER_RUNTIME_DIR": "jupyter-run",
    "IPYTHONDIR": "ipython",
    "MPLCONFIGDIR": "matplotlib",
    "TMPDIR": "tmp",
    "TEMP": "tmp",
    "TMP": "tmp",
}
# Variables of the person's desktop and shell that would change what the program does.
_REMOVED = (
    "DBUS_SESSION_BUS_ADDRESS", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONSAFEPATH", "VIRTUAL_ENV", "CONDA_PREFIX",
    "R_PROFILE_USER", "R_ENVIRON_USER", "JUPYTER_PATH", "FOURPANE_PROFILE", "LANGUAGE",
)  # fmt: skip


@pytest.fixture(autouse=True)
def private_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh folder that holds every per-user place. Its path is short: a Unix socket's may have 103 bytes."""
    tmp_path_factory.getbasetemp()  # chosen now, before the temporary folder is another one in each test
    kept = _package_settings()
    base = Path(tempfile.mkdtemp(prefix="fp-"))
    for variable, folder in _FOLDERS.items():
        (base / folder).mkdir(mode=0o700, exist_ok=True)
        monkeypatch.setenv(variable, str(base / folder))
    for variable in _REMOVED:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", **kept}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield base
    shutil.rmtree(base, ignore_errors=True)


def _package_settings() -> dict[str, str]:
    """Point at the real home's settings and caches of package tools: a mirror or proxy must stay in use."""
    home = Path.home()
    roaming = Path(os.environ.get("APPDATA", home))
    candidates = {
        "PIP_CONFIG_FILE": [home / ".config/pip/pip.conf", home / ".pip/pip.conf", roaming / "pip/pip.ini"],
        "UV_CONFIG_FILE": [home / ".config/uv/uv.toml", roaming / "uv/uv.toml"],
        "NPM_CONFIG_USERCONFIG": [home / ".npmrc"],
        "UV_CACHE_DIR": [home / ".cache/uv"] if sys.platform.startswith("linux") else [],
    }
    found = {name: next((str(p) for p in paths if p.exists()), "") for name, paths in candidates.items()}
    return {name: path for name, path in found.items() if path and name not in os.environ}

"""An environment of a test's own that can run kernels: made by uv, with the sample environment's packages linked in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ide.environments.uv import uv_command

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_PYTHON = ROOT / ".venv-sample" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
CLUSTER = ROOT / ".venv-cluster"
# What a kernel needs; anything else would only take time.
KERNEL = (
    "_yaml", "asttokens", "comm", "dateutil", "debugpy", "decorator", "executing", "ipykernel",
    "ipykernel_launcher.py", "IPython", "ipython_pygments_lexers.py", "jedi", "jupyter_client", "jupyter_core",
    "jupyter.py", "matplotlib_inline", "nest_asyncio.py", "nest_asyncio2.py", "packaging", "parso", "pexpect",
    "platformdirs", "prompt_toolkit", "psutil", "ptyprocess", "pure_eval", "pygments", "six.py", "stack_data",
    "tornado", "traitlets", "typing_extensions.py", "wcwidth", "zmq", "pyzmq.libs", "tzdata",
)  # fmt: skip


def make_linked_env(folder: Path, *, more: tuple[str, ...] = (), has_dask: bool = False) -> Path:
    """The Python of a new environment in `folder`. `more` are further top-level names of the sample environment;
    with `has_dask` it has what the environment of clusters has."""
    subprocess.run([*uv_command(), "--quiet", "venv", "--python", str(SAMPLE_PYTHON), str(folder)], check=True)
    own, sample = _site(folder), _site(SAMPLE_PYTHON.parent.parent)
    wanted = {*KERNEL, *more}
    for entry in sample.iterdir():
        stem = entry.name.partition("-")[0].lower()
        is_info = entry.name.endswith(".dist-info") and stem in {name.partition(".")[0].lower() for name in wanted}
        if entry.name in wanted or is_info:
            (own / entry.name).symlink_to(entry)
    if has_dask:
        there = {entry.name for entry in own.iterdir()}
        for entry in _site(CLUSTER).iterdir():
            if entry.name not in there:
                (own / entry.name).symlink_to(entry)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _site(prefix: Path) -> Path:
    return next(iter(prefix.glob("lib/python3*/site-packages")), prefix / "Lib" / "site-packages")

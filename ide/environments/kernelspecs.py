"""Reads every Jupyter kernelspec. Owns no opinion about them; broken ones come with their reason."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ide.core.record import dataclass, field
from ide.environments import platform
from ide.environments.machine import Machine

_SIZE_LIMIT_BYTES = 100_000
_SPEAK_TCP_ONLY = ("deno",)
"""Programs whose kernel dies when it is told to use a socket in a folder."""


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """One `kernel.json`. `prefix` is the environment that it lies in, None for one that lies in a shared place."""

    name: str
    folder: Path
    argv: tuple[str, ...] = ()
    title: str = ""
    language: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    interrupt_mode: str = "signal"
    program: Path | None = None
    prefix: Path | None = None
    reason: str = ""
    is_tcp_only: bool = False


def find_kernelspecs(machine: Machine, prefixes: tuple[Path, ...] = ()) -> tuple[KernelSpec, ...]:
    """Kernelspecs in shared places, of one name only the first as Jupyter does, then those inside `prefixes`."""
    found: list[KernelSpec] = []
    names: set[str] = set()
    for folder in platform.jupyter_folders(machine):
        for spec_folder in _spec_folders(folder):
            if spec_folder.name.lower() not in names:
                names.add(spec_folder.name.lower())
                own = machine.program_prefix if spec_folder.is_relative_to(machine.program_prefix) else None
                found.append(read_kernelspec(spec_folder, machine, own))
    seen = {os.path.realpath(spec.folder) for spec in found}
    for prefix in prefixes:
        for spec_folder in _spec_folders(prefix / "share" / "jupyter"):
            if os.path.realpath(spec_folder) not in seen:
                seen.add(os.path.realpath(spec_folder))
                found.append(read_kernelspec(spec_folder, machine, prefix))
    return tuple(found)


def _spec_folders(data_folder: Path) -> Iterator[Path]:
    for folder in platform.entries(data_folder / "kernels", "*"):
        if os.path.lexists(folder / "kernel.json"):
            yield folder


def read_kernelspec(folder: Path, machine: Machine, prefix: Path | None = None) -> KernelSpec:
    """The kernelspec in `folder`; a broken one has `reason` set."""
    name = folder.name.lower()
    path = folder / "kernel.json"
    try:
        if not path.is_file():
            raise ValueError("it is not an ordinary file")
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            raise ValueError("it is too large")
        content = json.loads(path.read_text("utf-8"))
        return _from_json(name, folder, content, machine, prefix)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return KernelSpec(name, folder, title=name, prefix=prefix, reason=f"{path} cannot be read: {why}.")


def _from_json(name: str, folder: Path, content: object, machine: Machine, prefix: Path | None) -> KernelSpec:
    if not isinstance(content, dict):
        raise ValueError("it holds no table")
    argv = content.get("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(part, str) for part in argv):
        raise ValueError("it does not say what to start (argv)")
    variables = content.get("env", {})
    if not isinstance(variables, dict):
        raise ValueError("its env is no table")
    if not any("{connection_file}" in part for part in argv):
        raise ValueError("its argv has no {connection_file}")
    program = _program(argv[0], machine, prefix)
    return KernelSpec(
        name,
        folder,
        tuple(argv),
        str(content.get("display_name") or name),
        str(content.get("language") or "").lower(),
        {str(key): str(value) for key, value in variables.items()},
        "message" if content.get("interrupt_mode") == "message" else "signal",
        program,
        prefix,
        "" if program else f"Its program {argv[0]} does not exist.",
        _is_tcp_only(content, argv[0]),
    )


def _is_tcp_only(content: Mapping[str, object], program: str) -> bool:
    """Known by its program, or said in the kernelspec: `"metadata": {"fourpane": {"transport": "tcp"}}`."""
    metadata = content.get("metadata")
    ours = metadata.get("fourpane") if isinstance(metadata, dict) else None
    said = ours.get("transport") if isinstance(ours, dict) else None
    return said == "tcp" or Path(program).stem.lower() in _SPEAK_TCP_ONLY


def _program(text: str, machine: Machine, prefix: Path | None) -> Path | None:
    """The file behind argv[0]. "python" in an environment's own kernelspec means that environment's."""
    path = Path(text)
    if path.is_absolute():
        return path if path.is_file() else None
    if path.name != text:
        return None  # relative to a folder that is not known yet
    is_python = text.lower().removesuffix(".exe").rstrip("0123456789.") == "python"
    if prefix is not None and is_python:
        return platform.python_in(prefix, machine.system)
    found = shutil.which(text, path=os.pathsep.join(map(str, machine.search_path())))
    return Path(found) if found else None

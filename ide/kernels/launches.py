"""How a launch and the keeper's record of a kernel are written down: plain JSON in the kernel's private folder.

Standard library only; shared by the keeper, `prestart` and the window.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ide.core.environment import Environment, Health, LaunchSpec
from ide.kernels import platform, private

RECORD = "kernel.json"
KEEPER = "keeper.json"
KEEPER_CRASH = "keeper-crash.txt"
_HIDDEN = ("JPY_PARENT_PID", "JPY_INTERRUPT_EVENT")  # a kernel that believes in a parent dies with it


def new_id() -> str:
    """Eight hexadecimal digits: the name of a kernel and of its folder."""
    return os.urandom(4).hex()


def launch_to_json(launch: LaunchSpec) -> dict[str, Any]:
    """A launch as JSON."""
    import dataclasses

    environment = launch.environment
    fields = {field.name: getattr(environment, field.name) for field in dataclasses.fields(environment)}
    fields["interpreter"] = str(environment.interpreter) if environment.interpreter else None
    fields["health"] = environment.health.value
    return {
        "environment": fields,
        "argv": list(launch.argv),
        "working_folder": str(launch.working_folder),
        "variables": dict(launch.variables),
        "unset": list(launch.unset),
        "interrupt_mode": launch.interrupt_mode,
        "encryption": launch.encryption,
        "is_trusted": launch.is_trusted,
    }


def launch_from_json(value: dict[str, Any]) -> LaunchSpec:
    """The launch that `launch_to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    fields = dict(value["environment"])
    fields["interpreter"] = Path(fields["interpreter"]) if fields.get("interpreter") else None
    fields["health"] = Health(fields.get("health", "ready"))
    return LaunchSpec(
        environment=Environment(**fields),
        argv=tuple(map(str, value["argv"])),
        working_folder=Path(value["working_folder"]),
        variables={str(name): str(text) for name, text in value["variables"].items()},
        unset=tuple(map(str, value["unset"])),
        interrupt_mode=str(value["interrupt_mode"]),
        encryption=str(value.get("encryption", "ipc")),
        is_trusted=bool(value["is_trusted"]),
    )


def start_request(
    kernel_id: str, launch: LaunchSpec, name: str, *, is_spare: bool, settings: dict[str, Any]
) -> dict[str, Any]:
    """What the keeper is asked for a start. The environment goes along: a keeper may be older than the window."""
    pid, mark = platform.own_mark()
    return {
        "id": kernel_id,
        "name": name,
        "launch": launch_to_json(launch),
        "variables": dict(os.environ),
        "owner": {"pid": pid, "mark": mark},
        "is_spare": is_spare,
        "settings": settings,
    }


def process_variables(base: dict[str, str], launch: dict[str, Any]) -> dict[str, str]:
    """The environment of a kernel's process: the window's own, less `unset`, plus `variables`."""
    hidden = {*_HIDDEN, *launch["unset"]}
    return {**{name: text for name, text in base.items() if name not in hidden}, **launch["variables"]}


def is_owned(record: dict[str, Any]) -> bool:
    """Whether the window that a kernel belongs to is alive."""
    owner = record.get("owner") or {}
    return platform.is_alive(int(owner.get("pid", 0)), str(owner.get("mark", "")))


def is_running(record: dict[str, Any]) -> bool:
    """Whether the kernel's process is alive: that one, not a later one with its pid."""
    return platform.is_alive(int(record.get("pid") or 0), str(record.get("mark", "")))


def records(runtime_folder: Path) -> list[dict[str, Any]]:
    """The records of all kernels in a runtime folder, oldest first. Records that cannot be read are left out."""
    try:
        folders = sorted(path for path in runtime_folder.iterdir() if len(path.name) == 8)
    except OSError:
        return []
    found = [private.read_json(folder / RECORD) for folder in folders]
    known = [record for record in found if record is not None and "launch" in record and "id" in record]
    return sorted(known, key=lambda record: float(record.get("started_s", 0)))


def live_keeper(runtime_folder: Path) -> dict[str, Any] | None:
    """Endpoint, key, pid and mark of the keeper that serves this folder; None when there is none."""
    info = private.read_json(runtime_folder / KEEPER)
    if info is None or not platform.is_alive(int(info.get("pid", 0)), str(info.get("mark", ""))):
        return None
    return info

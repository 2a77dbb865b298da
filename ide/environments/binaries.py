"""Whether a program's file can run here at all, told by its rights and its first bytes. Nothing is run."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from ide.environments.machine import Machine

# ELF's e_machine and PE's Machine, for the processors that Python is built for.
_ELF = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 21: "ppc64le", 22: "s390x", 243: "riscv64"}
_PE = {0x14C: "i386", 0x8664: "x86_64", 0xAA64: "aarch64"}
_ALIASES = {"amd64": "x86_64", "arm64": "aarch64", "i686": "i386", "x86": "i386", "armv7l": "arm"}
_ALSO_RUNS = {"x86_64": ("i386",), "aarch64": ("arm",)}
_HEAD_BYTES = 1024


def why_it_cannot_run(program: Path, machine: Machine) -> str:
    """A sentence for the user, or "" where nothing speaks against it."""
    if not program.is_file():
        return f"{program} is not a program."
    if not machine.is_windows and not os.access(program, os.X_OK):
        return f"{program} may not be run: it lacks the right to be executed."
    built_for = processor_of(program)
    if not built_for or not machine.processor:
        return ""
    here = _ALIASES.get(machine.processor.lower(), machine.processor.lower())
    # Windows on ARM runs everything of the others.
    if built_for == here or built_for in _ALSO_RUNS.get(here, ()) or (machine.is_windows and here == "aarch64"):
        return ""
    return f"It is built for another processor: {built_for}, and this machine has {here}."


def processor_of(program: Path) -> str:
    """What an ELF or PE program is built for; "" for scripts, other formats and what cannot be read."""
    try:
        with program.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    if head[:4] == b"\x7fELF" and len(head) >= 20:
        order = ">" if head[5] == 2 else "<"
        return _ELF.get(struct.unpack_from(f"{order}H", head, 18)[0], "")
    if head[:2] == b"MZ" and len(head) >= 64:
        at = struct.unpack_from("<I", head, 60)[0]
        if head[at : at + 4] == b"PE\0\0" and len(head) >= at + 6:
            return _PE.get(struct.unpack_from("<H", head, at + 4)[0], "")
    return ""

"""Why a kernel ended or never began, in words for the user. Pure: made from the keeper's record."""

from __future__ import annotations

from typing import Any

from ide.core.errors import KernelError
from ide.kernels import platform
from ide.kernels.records import DeathCause

STDERR_LINES = 20
_MEMORY_ERRORS = (
    "MemoryError",
    "std::bad_alloc",
    "Cannot allocate memory",
    "cannot allocate vector of size",
    "out of memory",
)


def cause_of(record: dict[str, Any]) -> DeathCause:
    """The cause of death of a kernel whose record says that it is not running."""
    found: dict[str, Any] = record.get("exit") or {}
    name = str(record["launch"]["environment"]["name"])
    if "error" in found:
        return _never_started(name, found)
    lines = tuple(str(found.get("stderr") or "").splitlines()[-STDERR_LINES:])
    code, number = found.get("code"), found.get("signal")
    if not found.get("was_running", True) and not found.get("was_asked"):
        how = f"with exit code {code}" if number is None else f"by {platform.signal_name(number)}"
        return DeathCause(
            "start", f"The kernel of {name} ended while it was starting, {how}.", code, _name(number), False, lines
        )
    if found.get("was_asked"):
        return DeathCause("asked", "The kernel was ended.", code, _name(number), False, lines)
    if number is not None:
        return _by_signal(name, int(number), bool(found.get("is_out_of_memory")), lines)
    if code is not None:
        return DeathCause(
            "exit", f"The kernel of {name} ended by itself with exit code {code}.", int(code), "", False, lines
        )
    text = f"The kernel of {name} ended while nobody was there to see how; its exit code is not known."
    return DeathCause("unknown", text, stderr_lines=lines)


def slow_start_error(name: str, stderr: str, waited_s: float) -> KernelError:
    """The kernel has not answered for long; it is still waited for."""
    lines = stderr.splitlines()[-3:]
    return KernelError(
        f"The kernel of {name} has not answered for {waited_s:.0f} s.",
        ("It printed: " + " / ".join(lines)) if lines else "It has printed nothing. Fourpane is still waiting.",
        "Wait, or restart the kernel, or choose another environment.",
        action="session.restart",
        action_title="Restart",
    )


def readable_error(name: str) -> KernelError:
    """The kernel can only talk in clear on this system."""
    return KernelError(
        f"The kernel of {name} cannot encrypt its connection.",
        "Other people who are logged in to this computer could read what it prints; they cannot run anything.",
        "Update its Jupyter kernel package, or print no secrets while others are logged in.",
    )


def refused_error(name: str, reason: str) -> KernelError:
    """The kernel sends messages that cannot be read."""
    return KernelError(
        f"The kernel of {name} sends messages that Fourpane cannot read.",
        f"They are left out ({reason}).",
        "Restart the kernel, or update its Jupyter kernel package.",
        action="session.restart",
        action_title="Restart",
    )


def interrupt_error(name: str, waited_s: float) -> KernelError:
    """The kernel goes on although it was interrupted."""
    return KernelError(
        f"The kernel of {name} has not stopped for {waited_s:.0f} s.",
        "It may be inside a computation that cannot be interrupted. Variables are lost if it is restarted or killed.",
        "Wait, interrupt again, or restart the kernel.",
        action="session.restart",
        action_title="Restart",
    )


def _by_signal(name: str, number: int, is_out_of_memory: bool, lines: tuple[str, ...]) -> DeathCause:
    word = platform.signal_name(number)
    told_by_itself = any(error in line for line in lines[-8:] for error in _MEMORY_ERRORS) and word in (
        "SIGABRT",
        "SIGKILL",
    )
    if is_out_of_memory or told_by_itself:
        text = f"The kernel of {name} ran out of memory and was ended by {word}."
        return DeathCause("signal", text, None, word, True, lines)
    if word == "SIGKILL":
        text = f"The kernel of {name} was killed (SIGKILL); often memory ran out."
    else:
        text = f"The kernel of {name} ended by {word}."
    return DeathCause("signal", text, None, word, False, lines)


def _never_started(name: str, found: dict[str, Any]) -> DeathCause:
    missing, reason = str(found.get("name", "")), str(found.get("reason", ""))
    if found["error"] == "folder":
        text = f"The kernel of {name} could not be started: the folder {missing} is not there."
    elif missing:
        text = f"The kernel of {name} could not be started: {missing}: {reason}."
    else:
        text = f"The kernel of {name} could not be started: {reason}."
    return DeathCause("start", text)


def _name(number: int | None) -> str:
    return platform.signal_name(int(number)) if number is not None else ""

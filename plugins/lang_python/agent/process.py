"""What concerns the kernel as a process: its memory; and its parser."""

from __future__ import annotations

import ast
import os
import sys
from typing import Any


def rss_bytes() -> int | None:
    """Memory of this process that is in use, or None where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    try:
        import psutil  # type: ignore[import-untyped,unused-ignore]  # ipykernel brings it

        return int(psutil.Process().memory_info().rss)
    except Exception:  # noqa: BLE001 - missing or refused: then it is not known
        return None


def is_memory_short(share_used_most: float, share_free_least: float) -> bool:
    """Whether this process takes much of the machine's memory, or little of it is free; False where nobody knows."""
    total, free = _machine_bytes()
    used = rss_bytes()
    return total > 0 and ((used or 0) > share_used_most * total or free < share_free_least * total)


def _machine_bytes() -> tuple[int, int]:
    """Memory of the machine, and what of it can be had; (0, 0) where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return 1024 * int(lines["MemTotal"].split()[0]), 1024 * int(lines["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError):
        pass
    try:
        import psutil  # type: ignore[import-untyped,unused-ignore]  # ipykernel brings it

        memory = psutil.virtual_memory()
        return int(memory.total), int(memory.available)
    except Exception:  # noqa: BLE001 - missing or refused: then it is not known
        return 0, 0


def parse(shell: Any, code: str) -> dict[str, Any]:
    """Problems that this Python's own parser has with `code`; magics and shell lines are taken out before."""
    import warnings

    try:
        plain = shell.input_transformer_manager.transform_cell(code)
    except SyntaxError as error:
        return {"problems": _problems(error), "is_incomplete": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(plain, "<parse>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return {"problems": _problems(error), "is_incomplete": False}
    except (ValueError, MemoryError, RecursionError):
        return {"problems": [], "is_incomplete": False}
    return {"problems": [], "is_incomplete": False}


def _problems(error: SyntaxError) -> list[dict[str, Any]]:
    line = max(0, (error.lineno or 1) - 1)
    column = max(0, (error.offset or 1) - 1)
    end_line = end_column = None
    if sys.version_info >= (3, 10):
        end_line, end_column = error.end_lineno, error.end_offset
    return [
        {
            "start_line": line,
            "start_column": column,
            "end_line": max(line, (end_line or line + 1) - 1),
            "end_column": max(column + 1, (end_column or 0) - 1) if (end_line or line + 1) - 1 == line else 0,
            "message": str(error.msg),
        }
    ]

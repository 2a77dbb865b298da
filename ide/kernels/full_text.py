"""The whole text that a run printed, put together from the spool. Any thread; reading a large spool takes a moment."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from ide.kernels.spool import DELIMITER, MESSAGE, SpoolReader, SpoolRecord

_STREAM = re.compile(rb'"msg_type"\s*:\s*"stream"')
READ_BYTES = 1 << 20


def write_full_output(folder: Path, run_id: str) -> Path | None:
    """Write what the spool in `folder` holds of a run's streams to a text file (0600) and return its path.

    None when the spool holds nothing of it. The file is written anew at each call and goes with the kernel's folder.
    """
    wanted, reader = run_id.encode(), SpoolReader(folder)
    path = folder / f"output-{re.sub(r'[^A-Za-z0-9-]', '_', run_id)[-80:]}.txt"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    has_text = False
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        while records := reader.read(READ_BYTES):
            for record in records:
                text = _text_of(record, wanted)
                has_text = has_text or bool(text)
                file.write(text)
    if not has_text:
        path.unlink(missing_ok=True)
        return None
    return path


def _text_of(record: SpoolRecord, run_id: bytes) -> str:
    if record.kind != MESSAGE or DELIMITER not in record.frames:
        return ""
    place = record.frames.index(DELIMITER)
    if (
        len(record.frames) < place + 6
        or run_id not in record.frames[place + 3]
        or not _STREAM.search(record.frames[place + 2])
    ):
        return ""
    try:
        return str(json.loads(record.frames[place + 5])["text"])
    except (ValueError, KeyError, TypeError):
        return ""

"""A bundle of 10,000 files, with the sum of each, against the same files packed by the standard library's `zipfile`."""

from __future__ import annotations

import random
import tempfile
import time
import zipfile
from pathlib import Path

from bench.measure import Result

_FILES = 10_000


def measure(runs: int) -> Result:
    """Bundle and plain archive in turn; the files are made once. The baseline is `zipfile` with its usual deflate."""
    from ide.deploy.bundle import write_bundle

    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        root = Path(folder)
        files = _made(root / "project")
        taken: list[float] = []
        plain: list[float] = []
        for _ in range(runs):
            started = time.perf_counter()
            bundle = write_bundle(root / "bundle.zip", files, entry="0/0.py", language="python")
            taken.append(time.perf_counter() - started)
            if len(bundle.files) != _FILES:
                raise RuntimeError(f"only {len(bundle.files)} files were bundled")
            started = time.perf_counter()
            with zipfile.ZipFile(root / "plain.zip", "w", zipfile.ZIP_DEFLATED) as opened:
                for path, file in files.items():
                    opened.write(file, path)
            plain.append(time.perf_counter() - started)
        return Result.of(taken, "s", plain)


def _made(folder: Path) -> dict[str, Path]:
    chance = random.Random(1)
    files = {}
    for number in range(_FILES):
        path = f"{number // 100}/{number % 100}.py"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        lines = (f"value_{chance.randrange(1000)} = {chance.random()}\n" for _ in range(chance.randrange(10, 200)))
        (folder / path).write_text("".join(lines), "utf-8")
        files[path] = folder / path
    return files

"""A repository of tiny R packages, written by a test: sources and the `PACKAGES` index, without R's help."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path


def make_r_package(
    repository: Path, name: str, version: str = "1.0", *, imports: str = "", licence: str = "GPL-2", code: str = ""
) -> Path:
    """Add a source package of one function (`NAME_version()`); `PACKAGES` lists the newest of each."""
    folder = repository / "src" / "contrib"
    folder.mkdir(parents=True, exist_ok=True)
    description = "".join(
        f"{field}: {value}\n"
        for field, value in (
            ("Package", name),
            ("Version", version),
            ("Title", f"The {name} Package"),
            ("Author", "A"),
            ("Maintainer", "A <a@example.org>"),
            ("Description", "Made by a test."),
            ("License", licence),
            ("Imports", imports),
            ("NeedsCompilation", "no"),
        )
        if value
    )
    content = {
        "DESCRIPTION": description,
        "NAMESPACE": f"export({name}_version)\n",
        f"R/{name}.R": f'{name}_version <- function() "{version}"\n{code}',
    }
    for old in folder.glob(f"{name}_*.tar.gz"):
        old.unlink()
    path = folder / f"{name}_{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in content.items():
            entry = tarfile.TarInfo(f"{name}/{inner}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    _write_index(folder)
    return path


def _write_index(folder: Path) -> None:
    entries = []
    for path in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(path) as archive:
            file = archive.extractfile(f"{path.name.partition('_')[0]}/DESCRIPTION")
            assert file is not None
            text = file.read().decode()
        kept = [line for line in text.splitlines() if line.split(":")[0] in _FIELDS]
        entries.append("\n".join([*kept, f"MD5sum: {hashlib.md5(path.read_bytes()).hexdigest()}"]))
    (folder / "PACKAGES").write_text("\n\n".join(entries) + "\n", "utf-8")


_FIELDS = ("Package", "Version", "License", "Imports", "Depends", "NeedsCompilation")

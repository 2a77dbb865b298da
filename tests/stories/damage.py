"""Ways in which a file can be damaged, drawn from a seed; each leaves the profile such as a start must cope with."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, random.Random], None]


def _empty(path: Path, _chance: random.Random) -> None:
    path.write_bytes(b"")


def _cut(path: Path, chance: random.Random) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: chance.randrange(len(whole) + 1)])


def _flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes() or b"x")
    for _ in range(3):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _zeros(path: Path, _chance: random.Random) -> None:
    path.write_bytes(b"\0" * max(1, path.stat().st_size))


def _noise(path: Path, chance: random.Random) -> None:
    path.write_bytes(b"\xff\xfe" + chance.randbytes(500))


def _wrong_types(path: Path, chance: random.Random) -> None:
    json = (b"[1, 2]", b'"text"', b'{"version": [], "folders": 7, "files": {"a": 1}, "known": "x", "crashes": null}')
    toml = (
        b'version = "x"\neditor = 3\nfull = []\nwindow = "no"\n',
        b"[editor]\ntab_width = [[1]]\n[window]\nedit = 1\n",
    )
    path.write_bytes(chance.choice(toml if path.suffix == ".toml" else json))


def _nested(path: Path, _chance: random.Random) -> None:
    path.write_bytes((b"x = " if path.suffix == ".toml" else b"") + b"[" * 100_000)


def _huge(path: Path, _chance: random.Random) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def _future(path: Path, _chance: random.Random) -> None:
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"version": 1', b'"version": 999').replace(b"version = 1", b"version = 999"))


def _folder(path: Path, _chance: random.Random) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def _pipe(path: Path, _chance: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def _loop(path: Path, _chance: random.Random) -> None:
    path.unlink()
    path.symlink_to(path)


def _missing(path: Path, _chance: random.Random) -> None:
    path.unlink()


UNREADABLE: tuple[Damage, ...] = (_noise, _zeros, _nested, _huge, _folder, _pipe)
"""After these nothing of the file can be used: it must be put aside and said."""
ALL: tuple[Damage, ...] = (*UNREADABLE, _empty, _cut, _flip, _wrong_types, _future, _loop, _missing)


def spoil(path: Path, chance: random.Random, ways: tuple[Damage, ...] = ALL) -> str:
    """Damage a file in one of the ways and say in which."""
    way = chance.choice(ways)
    way(path, chance)
    return way.__name__.strip("_")


def copy_of(template: Path, target: Path) -> Path:
    """A profile of its own for one start."""
    shutil.copytree(template, target, symlinks=True)
    return target

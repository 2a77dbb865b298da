"""PROMISES A6 for keys.toml: whatever is in its place, the key map holds, the text is kept and it is said once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide._paths import resources_dir
from ide.commands import KeyMaps, key_text
from ide.settings.toml_store import TomlStore

VARIANT_COUNT = 500
SOUND = b"""# my keys
[window]
"file.save" = ["Ctrl+S", "F7"]
"view.maximise_pane" = ["Ctrl+Shift+Space"]

[editor]
"edit.delete_lines" = "Ctrl+D"

[editor.r]
"edit.insert_pipe" = ["Ctrl+Shift+M", "Alt+P"]
"""


def started(path: Path) -> KeyMaps:
    maps = KeyMaps(resources_dir() / "keymaps", TomlStore(path), system="linux")
    maps.load()
    return maps


def variants() -> Iterator[bytes]:
    chance = random.Random(7)
    yield from (
        b"",
        b"\0" * 4096,
        b"\xff\xfe",
        b"[" * 50_000,
        b"x = " + b"9" * 10_000,
        b"window = 3",
        b"[window]\n3 = 4",
    )
    values = (
        b"3",
        b"true",
        b"[3]",
        b"[[]]",
        b"{a = 1}",
        b'"Strg+S"',
        b'["", " "]',
        b"1979-05-27",
        b'"\\u0000"',
        b"nan",
    )
    for place in (b"window", b"editor", b"editor.r", b"nowhere", b'"".""'):
        yield from (b'[%s]\n"file.save" = %s\n' % (place, value) for value in values)
    yield from (SOUND[:cut] for cut in range(len(SOUND)))
    while True:
        damaged = bytearray(SOUND)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        yield bytes(damaged)


def test_500_variants_start_with_keys_that_work(tmp_path: Path) -> None:
    for number, data in zip(range(VARIANT_COUNT), variants(), strict=False):
        path = tmp_path / str(number) / "keys.toml"
        path.parent.mkdir()
        path.write_bytes(data)
        maps = started(path)
        assert maps.keys("app.palette"), data
        for binding in maps.bindings():
            assert key_text.normal(binding.key) == binding.key
        maps.conflicts()
        kept = [file.read_bytes() for file in path.parent.iterdir()]
        assert data in kept
        maps.set_keys("file.open", ("F4",))
        again = started(path)
        assert again.keys("file.open") == ("F4",)
        assert not [problem for problem in again.problems if "could not be read" in problem.text]


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "huge"])
def test_thing_in_place_of_the_file_does_not_stop_the_start(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "keys.toml"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "huge":
            with path.open("wb") as file:
                file.truncate(100_000_000)
    first = started(path)
    assert len(first.problems) == 1
    assert first.keys("file.save") == ("Ctrl+S",)
    assert started(path).problems == ()

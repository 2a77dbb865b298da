"""PROMISES A6 for settings.toml: whatever is in its place, the program reads it, keeps it and says it once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.core.errors import SettingsError
from ide.settings.declared import APPEARANCE_ZOOM, DECLARED, EDITOR_TAB_WIDTH
from ide.settings.settings import Settings
from ide.settings.toml_file import SIZE_LIMIT_BYTES, TomlFile

VARIANT_COUNT = 500


def sound() -> bytes:
    lines = ["# my settings", "version = 1"]
    section = ""
    for setting in DECLARED:
        here, _, name = setting.id.partition(".")
        if here != section:
            section = here
            lines.append(f"\n[{section}]")
        value = setting.default
        text = ("true" if value else "false") if isinstance(value, bool) else repr(value).replace("'", '"')
        lines.append(f"{name} = {text}  # {setting.title}")
    return "\n".join(lines).encode()


def variants() -> Iterator[bytes]:
    """Empty, cut at every 64th byte, bits flipped, zeros, wrong types, later versions: always the same ones."""
    chance = random.Random(20261120)
    whole = sound()
    yield b""
    yield b"\xff\xfe\x00garbage"
    yield b"\0" * 4096
    yield b"[" * 50_000
    yield b"x = " + b"[" * 20_000
    yield b"x = " + b"9" * 10_000
    yield whole + b"\nversion = 'nine'"
    yield whole.replace(b"version = 1", b"version = 99999999999999999999")
    yield from (whole[:cut] for cut in range(0, len(whole), 64))
    values = (
        b"[]",
        b"{}",
        b'"word"',
        b"-1",
        b"1e400",
        b"nan",
        b"1979-05-27",
        b"true",
        b"[[1]]",
        b"99999999999999999999",
    )
    for setting in DECLARED:
        section, _, name = setting.id.encode().partition(b".")
        yield b"[%s]\n%s = %s\n" % (section, name, values[len(setting.id) % len(values)])
        yield b"%s = %s\n" % (section, chance.choice(values))
    while True:
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        yield bytes(damaged)


def test_500_variants_start_keep_their_bytes_and_are_said_once(tmp_path: Path) -> None:
    for number, data in zip(range(VARIANT_COUNT), variants(), strict=False):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "settings.toml"
        path.write_bytes(data)
        first = Settings(path)
        first.load()
        for setting in DECLARED:
            assert setting.checked(first.get(setting)) == first.get(setting)
        if first.problems:
            assert len(first.problems) == 1
            assert (folder / "settings.toml.bad").read_bytes() == data
        else:
            assert path.read_bytes() == data
        first.close()
        second = Settings(path)
        second.load()
        assert second.problems == (), (number, data)
        second.set(EDITOR_TAB_WIDTH, 3)
        third = Settings(path)
        third.load()
        assert third.get(EDITOR_TAB_WIDTH) == 3


def in_place(path: Path, kind: str) -> None:
    match kind:
        case "folder":
            path.mkdir()
        case "full folder":
            path.mkdir()
            (path / "file").write_text("kept")
        case "fifo":
            os.mkfifo(path)
        case "dangling link":
            path.symlink_to(path.with_name("nowhere"))
        case "circular link":
            path.symlink_to(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "huge":
            with path.open("wb") as file:
                file.truncate(100_000_000)
        case "read-only":
            path.write_text("[editor]\ntab_width = 2\n")
            path.chmod(0o400)


@pytest.mark.parametrize(
    "kind", ["folder", "full folder", "fifo", "dangling link", "circular link", "device", "huge", "read-only"]
)
def test_thing_in_place_of_the_file_does_not_stop_the_start(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings.toml"
    in_place(path, kind)
    settings = Settings(path)
    settings.load()
    assert len(settings.problems) <= 1
    settings.set(APPEARANCE_ZOOM, 1.5)
    assert settings.get(APPEARANCE_ZOOM) == 1.5
    settings.close()
    again = Settings(path)
    again.load()
    assert again.get(APPEARANCE_ZOOM) == 1.5
    assert again.problems == ()


def test_size_limit_is_looked_at_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_bytes(b"#" * (SIZE_LIMIT_BYTES + 1))
    with pytest.raises(SettingsError, match="bytes"):
        TomlFile(path).read()


def test_file_broken_meanwhile_is_kept_when_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    settings = Settings(path)
    settings.load()
    path.write_text("[broken")
    settings.set(EDITOR_TAB_WIDTH, 3)
    assert (tmp_path / "settings.toml.bad").read_text() == "[broken"
    again = Settings(path)
    again.load()
    assert again.get(EDITOR_TAB_WIDTH) == 3


def failing(name: str) -> Any:
    def fail(*arguments: object, **named: object) -> object:
        raise OSError(28, "No space left on device")

    return fail


@pytest.mark.parametrize("call", ["open", "fsync", "fdopen"])
def test_failing_write_leaves_the_old_file_whole(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[editor]\ntab_width = 2\n")
    settings = Settings(path)
    settings.load()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(call))
        settings.set(EDITOR_TAB_WIDTH, 5)
    assert path.read_text() == "[editor]\ntab_width = 2\n"
    assert {file.name for file in tmp_path.iterdir()} <= {"settings.toml", "settings.toml.lock"}
    assert "No space left" in settings.problems[0].text

"""What is remembered of the window, and every way in which its file can be bad (PROMISES A6)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ide.core.errors import SettingsError
from ide.shell.layout import Layout, LayoutFile, fitted

KEPT = Layout((10, 20, 1200, 800), True, {"full": b"\x00\xffstate", "simple": b"other"}, {"plots": "files"})
SCREEN = (0, 0, 1920, 1080)


def test_layout_is_read_as_it_was_written(tmp_path: Path) -> None:
    LayoutFile(tmp_path / "state" / "layout.toml").write(KEPT)
    assert LayoutFile(tmp_path / "state" / "layout.toml").read() == KEPT


def test_layout_missing_is_the_first_start(tmp_path: Path) -> None:
    file = LayoutFile(tmp_path / "layout.toml")
    assert file.read() == Layout()
    assert file.problem is None


def test_layout_in_any_broken_form_never_fails_and_never_gives_qt_foreign_bytes(tmp_path: Path) -> None:
    path = tmp_path / "layout.toml"
    LayoutFile(path).write(KEPT)
    good = path.read_bytes()
    seed = random.Random(20261120)
    variants = [good[:cut] for cut in range(0, len(good), 16)]
    for _ in range(300):
        flipped = bytearray(good)
        flipped[seed.randrange(len(good))] ^= 1 << seed.randrange(8)
        variants.append(bytes(flipped))
    variants += [
        b"",
        b"\0" * 500,
        b"version = 1\nwindow = 5\nfull = 3\ntabs = []",
        b"version = 99\n" + good,
        b"[" * 2_000,
    ]
    for variant in variants:
        path.write_bytes(variant)
        layout = LayoutFile(path).read()
        assert set(layout.states.values()) <= set(KEPT.states.values())
        for bad in tmp_path.glob("layout.toml.bad*"):
            bad.unlink()


@pytest.mark.parametrize("kind", ["folder", "huge"])
def test_layout_that_is_no_ordinary_file_is_told_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "layout.toml"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"#" * 100_000_000)
    file = LayoutFile(path)
    assert file.read() == Layout()
    assert isinstance(file.problem, SettingsError)
    again = LayoutFile(path)
    assert again.read() == Layout()
    assert again.problem is None


def test_write_where_it_is_impossible_says_so_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "nofolder" / "layout.toml"
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="could not be kept"):
        LayoutFile(path).write(KEPT)


@pytest.mark.parametrize(
    ("wanted", "screens", "expected"),
    [
        (None, (SCREEN,), (160, 40, 1600, 1000)),
        ((100, 100, 800, 600), (SCREEN,), (100, 100, 800, 600)),
        ((5000, 100, 800, 600), (SCREEN,), (160, 40, 1600, 1000)),
        ((2000, 100, 800, 600), (SCREEN, (1920, 0, 1920, 1080)), (2000, 100, 800, 600)),
        ((1700, 100, 800, 600), (SCREEN,), (1120, 100, 800, 600)),
        ((0, 0, 4000, 3000), (SCREEN,), (160, 40, 1600, 1000)),
        ((0, 0, 2000, 1200), (SCREEN,), (0, 0, 1920, 1080)),
        (None, (), (0, 0, 1600, 1000)),
        (None, ((0, 0, 1280, 720),), (0, 0, 1280, 720)),
    ],
)
def test_fitted_opens_only_where_it_can_be_seen(
    wanted: tuple[int, int, int, int] | None,
    screens: tuple[tuple[int, int, int, int], ...],
    expected: tuple[int, int, int, int],
) -> None:
    assert fitted(wanted, screens) == expected

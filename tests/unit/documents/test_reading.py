"""Files that cannot be opened: each gets a clear message with one action, and nothing is opened that could act."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ide.core.errors import DocumentError
from ide.documents import reading
from tests.unit.documents.desk import Window
from tests.unit.documents.test_atomic_save import as_nobody, own


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(reading.ASK_ABOVE_BYTES + 1)


BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing": (lambda path: None, "does not exist", "file.open"),
    "binary": (lambda path: path.write_bytes(b"\x7fELF\0\x01\xff\xfe" * 9), "is not a text file", "file.reveal"),
    "huge": (huge, "is 52 MB", "document.open_anyway"),
    "latin-1": (lambda path: path.write_bytes(b"caf\xe9"), "is not UTF-8", "document.open_with_encoding"),
    "wrongly declared": (
        lambda path: path.write_bytes(b"# coding: ascii\n\xe9"),
        "is not ASCII",
        "document.open_with_encoding",
    ),
    "folder": (Path.mkdir, "is a folder", "file.open_folder"),
    "pipe": (os.mkfifo, "is a pipe", "file.open"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "a device", "file.open"),
    "link to nothing": (lambda path: path.symlink_to("nowhere"), "does not exist", "file.open"),
    "link in a ring": (lambda path: path.symlink_to(path.name), "could not be read", "document.open"),
    "broken notebook": (
        lambda path: path.write_text("{"),
        "is not",
        "document.open_as_text",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file_gets_a_clear_message_with_one_action(tmp_path: Path, kind: str) -> None:
    make, happened, action = BAD[kind]
    path = tmp_path / ("a.ipynb" if "notebook" in kind else "a.py")
    make(path)
    window = Window(tmp_path / "journal")
    with pytest.raises(DocumentError) as caught:
        window.open(path)
    error = caught.value
    assert happened in error.happened
    assert (error.action, bool(error.action_title), len(error.text.splitlines())) == (action, True, 3)
    assert list(window.documents.all) == []
    if action.startswith("document."):
        assert error.action_arguments["path"] == str(path)
    window.close()


def test_file_without_the_right_to_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x")
    own(path)
    path.chmod(0)

    def work() -> None:
        with pytest.raises(DocumentError, match="may not be read"):
            reading.read_content(path)

    as_nobody(work)


def test_file_in_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"The folder .* does not exist"):
        reading.read_content(tmp_path / "no" / "a.py")


def test_file_that_vanishes_while_it_is_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text("x")
    monkeypatch.setattr(reading, "_refuse_special", lambda path, found: path.unlink(missing_ok=True))
    with pytest.raises(DocumentError, match="does not exist"):
        reading.read_content(path)


def test_chosen_answers_open_the_file(tmp_path: Path) -> None:
    window = Window(tmp_path / "journal")
    (tmp_path / "a.py").write_bytes(b"caf\xe9")
    assert window.open(tmp_path / "a.py", encoding="latin-1").text == "café"
    (tmp_path / "b.ipynb").write_text("{")
    document = window.open(tmp_path / "b.ipynb", as_text=True)
    assert (document.text, document.is_read_only) == ("{", False)
    window.close()


def test_huge_file_opens_when_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ASK_ABOVE_BYTES", 10)
    (tmp_path / "a.py").write_text("x" * 11)
    window = Window(tmp_path / "journal")
    assert len(window.open(tmp_path / "a.py", allow_huge=True)) == 11
    window.close()

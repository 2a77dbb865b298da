"""Opening, editing, saving, closing and restoring through `Documents`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.core.errors import DocumentError
from ide.core.text import Edit
from ide.documents.errors import DiskChangedError
from ide.documents.journal_format import View
from tests.unit.documents.desk import Window


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "journal"


@pytest.fixture
def window(journals: Path) -> Iterator[Window]:
    window = Window(journals)
    yield window
    window.close()


def test_open_edit_and_save_writes_the_file(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    document = window.open(path)
    assert (document.text, document.language, document.kind, document.is_dirty) == (
        "x = 1\n",
        "python",
        "script",
        False,
    )
    document.apply(Edit(0, 0, "y = 2\n"))
    assert document.is_dirty
    window.save(document)
    assert path.read_text() == "y = 2\nx = 1\n"
    assert not document.is_dirty


def test_edit_taken_back_is_clean_again(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    document = window.open(path)
    changes: list[bool] = []
    document.state_changed.connect(lambda: changes.append(document.is_dirty))
    document.apply(Edit(4, 1, "2"))
    document.apply(Edit(4, 1, "1"))
    assert changes == [True, False]


def test_same_file_by_another_way_opens_once(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x")
    (tmp_path / "link.py").symlink_to(path)
    assert window.open(path) is window.open(tmp_path / "link.py") is window.open(path)
    assert len(window.documents.all) == 1


def test_new_document_is_restored_after_the_end(journals: Path) -> None:
    first = Window(journals)
    document = first.documents.new("r")
    document.apply(Edit(0, 0, "x <- 1"))
    first.vanish()
    second = Window(journals)
    restored = second.restore().documents
    assert [(each.text, each.title, each.language, each.key) for each in restored] == [
        ("x <- 1", "Untitled 1", "r", document.key)
    ]
    assert restored[0].is_dirty
    second.close()


def test_order_carets_and_active_document_are_restored(journals: Path, tmp_path: Path) -> None:
    first = Window(journals, str(tmp_path))
    for name in ("a.py", "b.R", "c.txt"):
        (tmp_path / name).write_text(f"# {name}\n")
        first.open(tmp_path / name)
    first.documents.move(first.documents.all[2], 0)
    first.documents.all[1].look_at(View(3, 1, 0))
    first.documents.set_active(first.documents.all[1])
    first.close()
    second = Window(journals, str(tmp_path))
    restored = second.restore()
    assert [each.title for each in restored.documents] == ["c.txt", "a.py", "b.R"]
    assert restored.documents[1].view == View(3, 1, 0)
    assert restored.active is restored.documents[1]
    assert second.documents.unsaved == ()
    second.close()


def test_restore_again_and_again_keeps_the_text(journals: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    window = Window(journals)
    window.open(path).apply(Edit(0, 0, "0"))
    for turn in range(1, 5):
        window.vanish()
        window = Window(journals)
        restored = window.restore()
        assert restored.problems == ()
        assert [each.text for each in restored.documents] == ["0" * turn + "x = 1\n"]
        assert restored.documents[0].is_dirty
        restored.documents[0].apply(Edit(0, 0, "0"))
    window.close()
    assert path.read_text() == "x = 1\n"


def test_saved_document_is_restored_clean(journals: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    first = Window(journals)
    document = first.open(path)
    document.apply(Edit(0, 0, "0"))
    first.save(document)
    first.vanish()
    second = Window(journals)
    assert [(each.text, each.is_dirty) for each in second.restore().documents] == [("0x = 1\n", False)]
    second.close()


def test_clean_documents_of_another_project_stay_away(journals: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a")
    (tmp_path / "b.py").write_text("b")
    first = Window(journals, "/one")
    first.open(tmp_path / "a.py")
    first.open(tmp_path / "b.py").apply(Edit(0, 0, "typed "))
    first.close()
    second = Window(journals, "/two")
    assert [each.text for each in second.restore().documents] == ["typed b"]
    second.close()


def test_save_never_overwrites_a_newer_file(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("mine\n")
    document = window.open(path)
    document.apply(Edit(0, 0, "# "))
    path.write_text("theirs\n")
    with pytest.raises(DiskChangedError) as caught:
        window.save(document)
    assert [choice.title for choice in caught.value.choices] == ["Compare", "Overwrite", "Reload", "Save as"]
    assert path.read_text() == "theirs\n"
    assert (document.is_dirty, document.disk_state) == (True, "newer")
    window.save(document, overwrite=True)
    assert (path.read_text(), document.is_dirty, document.disk_state) == ("# mine\n", False, "same")


def test_save_of_an_untitled_text_asks_for_a_name(window: Window, tmp_path: Path) -> None:
    document = window.documents.new("python", text="x = 1\n")
    with pytest.raises(DocumentError) as caught:
        window.save(document)
    assert caught.value.action == "document.save_as"
    window.save_as(document, tmp_path / "new.py")
    assert ((tmp_path / "new.py").read_text(), document.title, document.is_dirty) == ("x = 1\n", "new.py", False)


def test_save_as_asks_before_overwriting(window: Window, tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text("old")
    document = window.documents.new("python", text="new")
    with pytest.raises(DiskChangedError):
        window.save_as(document, tmp_path / "there.py")
    assert (tmp_path / "there.py").read_text() == "old"
    window.save_as(document, tmp_path / "there.py", overwrite=True)
    assert (tmp_path / "there.py").read_text() == "new"


def test_closed_unsaved_text_can_be_brought_back(window: Window) -> None:
    document = window.documents.new("python", text="precious")
    window.documents.close(document)
    assert not list(window.documents.all)
    answers: list[object] = []
    window.documents.reopen_closed(answers.append)
    window.desk.run_until(lambda: answers)
    assert [each.text for each in window.documents.all] == ["precious"]


def test_reload_takes_the_text_on_disk(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one")
    document = window.open(path)
    path.write_text("two")
    replaced: list[str] = []
    document.replaced.connect(lambda: replaced.append(document.text))
    window.reload(document)
    assert (replaced, document.is_dirty) == (["two"], False)


def test_text_given_up_by_a_reload_can_be_brought_back(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one")
    document = window.open(path)
    document.apply(Edit(0, 0, "typed "))
    window.reload(document)
    assert document.text == "one"
    answers: list[object] = []
    window.documents.reopen_closed(answers.append)
    window.desk.run_until(lambda: answers)
    assert [each.text for each in window.documents.all] == ["one", "typed one"]


def test_line_ending_and_encoding_changes_are_saved_and_restored(journals: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("é\n".encode())
    first = Window(journals)
    document = first.open(path)
    document.set_line_ending("\r\n")
    document.set_encoding("utf-16-le", has_bom=True)
    assert document.is_dirty
    first.vanish()
    second = Window(journals)
    (restored,) = second.restore().documents
    assert (restored.line_ending, restored.encoding, restored.has_bom, restored.is_dirty) == (
        "\r\n",
        "utf-16-le",
        True,
        True,
    )
    second.save(restored)
    assert path.read_bytes() == "\ufeffé\r\n".encode("utf-16-le")
    second.close()


def test_mixed_endings_are_restored_as_they_were(journals: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\r\nb\nc\r\nd\re\n")
    first = Window(journals)
    document = first.open(path)
    document.apply(Edit(0, 0, "x\n"))
    document.apply(Edit(6, 2, "C\n"))
    first.vanish()
    second = Window(journals)
    (restored,) = second.restore().documents
    second.save(restored)
    assert path.read_bytes() == b"x\r\na\r\nb\nC\r\nd\re\n"
    second.close()


def test_journal_holds_the_text_only_while_no_file_does(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x" * 1_000_000)
    document = window.open(path)
    window.flush()
    (journal,) = window.documents.journal.folder.glob("*.journal")
    assert journal.stat().st_size < 1000, "a clean document's text is on disk already"
    document.apply(Edit(0, 0, "y"))
    window.flush()
    assert journal.stat().st_size > 1_000_000
    window.save(document)
    window.flush()
    assert journal.stat().st_size < 1000


def test_renamed_folder_takes_its_documents_along(journals: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "a.py").write_text("x")
    first = Window(journals)
    document = first.open(folder / "a.py")
    document.apply(Edit(0, 0, "typed "))
    folder.rename(tmp_path / "new")
    first.documents.moved(folder, tmp_path / "new")
    assert document.is_dirty
    first.vanish()
    second = Window(journals)
    (restored,) = second.restore().documents
    assert (restored.path, restored.text, restored.disk_state) == (tmp_path / "new" / "a.py", "typed x", "same")
    second.save(restored)
    assert (tmp_path / "new" / "a.py").read_text() == "typed x"
    assert not folder.exists()
    second.close()


def test_language_follows_the_name_after_a_restart(journals: Path, tmp_path: Path) -> None:
    first = Window(journals)
    document = first.documents.new("r", text="x")
    assert document.language == "r"
    first.save_as(document, tmp_path / "x.py")
    assert document.language == "python"
    document.set_language("julia")
    first.close()
    second = Window(journals)
    assert [each.language for each in second.restore(any_project=True).documents] == ["julia"]
    second.close()


def test_restoring_twice_gives_each_document_once(journals: Path) -> None:
    first = Window(journals)
    first.documents.new(text="once")
    first.vanish()
    second = Window(journals)
    second.restore()
    second.restore()
    assert [each.text for each in second.documents.all] == ["once"]
    second.close()

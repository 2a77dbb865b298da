"""Opening, saving, closing, what happens on disk, tabs and split."""

from __future__ import annotations

import os
import time
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from ide.core.text import Place
from ide.documents.document import Document
from ide.widgets.diff_view import DiffView
from tests.qt.editor.workplace import Workplace


def change_on_disk(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later_s = time.time() + 5
    os.utime(path, (later_s, later_s))


def test_open_shows_the_file_with_tab_and_context(work: Workplace) -> None:
    work.open("a.py", "x = 1\n")
    assert work.text == "x = 1\n"
    (tab,) = work.pane.tabs.tabs
    assert (tab.text, tab.badge, tab.is_unsaved) == ("a.py", "Py", False)
    context = work.commands.context
    assert context.get("editor.has_document") is True
    assert context.get("editor.language") == "python"
    assert context.get("editor.run_title") == "Run line"
    assert work.pane.status.encoding == "UTF-8"
    assert work.pane.status.line_ending == "LF"


def test_typing_reaches_the_document_and_marks_the_tab(work: Workplace) -> None:
    document = work.open("a.py", "x\n")
    work.view.insert("😀")
    QTest.keyClicks(work.view, "y")
    assert document.text == "😀yx\n"
    assert work.pane.tabs.tabs[0].is_unsaved
    work.view.undo()
    work.view.undo()
    assert document.text == "x\n"


def test_save_writes_the_file(work: Workplace) -> None:
    document = work.open("a.py", "x\n")
    QTest.keyClicks(work.view, "y")
    work.run("file.save")
    work.qtbot.waitUntil(lambda: not document.is_dirty)
    assert (work.folder / "a.py").read_text() == "yx\n"
    assert not work.pane.tabs.tabs[0].is_unsaved


def test_save_of_a_new_text_asks_for_its_name(work: Workplace) -> None:
    work.run("file.new_r")
    QTest.keyClicks(work.view, "x")
    work.dialogs.saves = work.folder / "b.R"
    work.run("file.save")
    work.qtbot.waitUntil((work.folder / "b.R").exists)
    assert work.dialogs.suggested[0].suffix.lower() == ".r"
    work.qtbot.waitUntil(lambda: work.pane.tabs.tabs[0].text == "b.R")


def test_a_dialog_that_is_cancelled_saves_nothing(work: Workplace) -> None:
    document = work.pane.files.new("python")
    QTest.keyClicks(work.view, "x")
    work.run("file.save_as")
    assert document.path is None
    assert not work.errors


def test_close_asks_nothing_and_the_text_comes_back(work: Workplace) -> None:
    work.run("file.new_python")
    QTest.keyClicks(work.view, "precious")
    work.run("file.close")
    assert not work.documents.all
    (notice,) = work.notices
    assert notice.action == "file.reopen_closed"
    work.run(notice.action)
    work.qtbot.waitUntil(lambda: len(work.documents.all) == 1)
    assert work.text == "precious"
    assert work.documents.all[0].text == "precious"
    work.view.undo()
    assert work.text == "precious"


def test_closing_a_saved_file_tells_nothing(work: Workplace) -> None:
    work.open("a.py", "x\n")
    work.run("file.close")
    assert work.notices == []
    work.qtbot.waitUntil(lambda: work.commands.context.get("editor.has_document") is False)


def test_a_missing_file_is_told_with_one_action(work: Workplace) -> None:
    work.run("file.open", path=str(work.folder / "none.py"))
    work.qtbot.waitUntil(lambda: len(work.errors) == 1)
    assert work.errors[0].action in work.commands


def test_every_action_of_an_error_is_a_command(work: Workplace) -> None:
    ids = ("document.save", "document.save_as", "document.save_as_utf8", "document.overwrite", "document.reload")
    more = ("document.compare", "document.show", "document.open", "document.open_anyway", "document.open_as_text")
    for id in (*ids, *more, "document.open_with_encoding", "file.open", "file.save_all"):
        assert id in work.commands


def test_change_on_disk_shows_a_bar_and_reload_can_be_undone(work: Workplace) -> None:
    document = work.open("a.py", "x = 1\n")
    QTest.keyClicks(work.view, "mine ")
    change_on_disk(work.folder / "a.py", "theirs\n")
    work.run("file.save")
    bar = work.page.bar
    work.qtbot.waitUntil(lambda: bool(bar.text))
    titles = [button.text() for button in bar.buttons]
    assert titles == ["Compare", "Overwrite", "Reload", "Save as"]
    assert (work.folder / "a.py").read_text() == "theirs\n"
    bar.buttons[2].click()
    work.qtbot.waitUntil(lambda: work.text == "theirs\n")
    assert document.text == "theirs\n"
    assert not document.is_dirty
    work.view.undo()
    assert work.text == "mine x = 1\n"
    assert document.text == "mine x = 1\n"


def test_overwrite_saves_over_the_newer_version(work: Workplace) -> None:
    document = work.open("a.py", "x\n")
    QTest.keyClicks(work.view, "mine ")
    change_on_disk(work.folder / "a.py", "theirs\n")
    work.run("file.save")
    work.qtbot.waitUntil(lambda: bool(work.page.bar.text))
    work.page.bar.buttons[1].click()
    work.qtbot.waitUntil(lambda: not document.is_dirty)
    assert (work.folder / "a.py").read_text() == "mine x\n"


def test_disk_state_of_a_document_is_told(work: Workplace) -> None:
    document = work.open("a.py", "x\n")
    document.take_disk(document.signature, "same")
    document.take_disk(None, "newer")
    assert [button.text() for button in work.page.bar.buttons] == ["Show difference", "Reload", "Keep this text"]
    work.page.bar.buttons[2].click()
    assert not work.page.bar.text
    document.take_disk(None, "gone")
    assert "not on disk" in work.page.bar.text
    assert "deleted on disk" in work.pane.tabs.tabs[0].spoken


def test_show_difference_opens_both_texts(work: Workplace) -> None:
    work.open("a.py", "x\n")
    QTest.keyClicks(work.view, "mine ")
    change_on_disk(work.folder / "a.py", "theirs\n")
    work.run("file.show_difference")
    work.qtbot.waitUntil(lambda: bool(work.pane.widget.findChildren(DiffView)))
    (difference,) = work.pane.widget.findChildren(DiffView)
    work.qtbot.waitUntil(lambda: bool(difference.rows))
    keep = next(b for b in difference.window().findChildren(QPushButton) if b.text() == "Keep this text")
    keep.click()
    work.qtbot.waitUntil(lambda: not work.pane.widget.findChildren(DiffView))
    assert work.text == "mine x\n"


def test_split_shows_one_text_twice_with_two_carets(work: Workplace) -> None:
    document = work.open("a.py", "x = 1\ny = 2\n")
    work.view.set_place(Place(1, 0))
    work.run("edit.split")
    first, second = work.pane.desk.pages
    assert first.view.document() is second.view.document()
    assert second.view.place == Place(1, 0)
    second.view.set_place(Place(0, 0))
    QTest.keyClicks(second.view, "z")
    assert first.view.code.text == document.text == "zx = 1\ny = 2\n"
    assert first.view.place == Place(1, 0)
    work.open("b.py", "other\n")
    assert [page.document.title for page in work.pane.desk.pages] == ["a.py", "a.py", "b.py"]
    work.run("edit.unsplit")
    assert len({id(page.view) for page in work.pane.desk.pages}) == len(work.pane.desk.pages)
    assert not work.pane.desk.is_split


def test_closing_the_document_of_one_side_leaves_the_other(work: Workplace) -> None:
    work.open("a.py", "a\n")
    work.open("b.py", "b\n")
    work.run("edit.split")
    work.run("file.close")
    assert {page.document.title for page in work.pane.desk.pages} == {"a.py"}
    work.run("file.close")
    assert work.pane.desk.page is None


def test_caret_and_scroll_are_told_and_restored(work: Workplace) -> None:
    document = work.open("long.py", "x = 1\n" * 500)
    work.view.set_place(Place(300, 2), anchor=Place(300, 0))
    work.view.scroll_to_line(290)
    work.page.note_view()
    view = document.view
    assert (view.caret, view.anchor, view.first_line) == (300 * 6 + 2, 300 * 6, 290)
    work.documents.close(document)
    again = work.open("long.py")
    work.pane.desk.close_desk()
    again.view = view
    page = work.pane.desk.show_document(again)
    assert page.view.selection == (Place(300, 0), Place(300, 2))
    work.qtbot.waitUntil(lambda: page.view.first_line == 290)


def test_two_files_of_one_name_tell_their_folders(work: Workplace) -> None:
    (work.folder / "sub").mkdir()
    work.open("a.py", "x")
    work.open("sub/a.py", "y")
    assert [tab.text for tab in work.pane.tabs.tabs] == [f"a.py ({work.folder.name})", "a.py (sub)"]


def test_an_edit_from_elsewhere_is_shown_and_can_be_undone(work: Workplace) -> None:
    document = work.open("a.py", "x = 1\n")
    document.replace_text("x = 2\n")
    assert work.text == "x = 2\n"
    work.view.undo()
    assert document.text == "x = 1\n"


def test_notebook_opens_read_only_and_says_so(work: Workplace) -> None:
    work.open_notebook("python", "x = 1")
    assert work.page.note.text.startswith("Notebooks open read-only")
    assert work.view.isReadOnly()
    QTest.keyClicks(work.view, "z")
    assert "z" not in work.text
    assert work.commands.context.get("editor.run_title") == "Run cell"
    work.run("edit.toggle_comment")
    assert "#  %%" not in work.text


def test_line_ending_and_encoding_are_changed_by_command(work: Workplace) -> None:
    document = work.open("a.py", "x\ny\n")
    work.run("file.choose_line_ending", ending="CRLF")
    assert work.pane.status.line_ending == "CRLF"
    work.run("file.save")
    work.qtbot.waitUntil(lambda: not document.is_dirty)
    assert (work.folder / "a.py").read_bytes() == b"x\r\ny\r\n"
    work.run("file.choose_encoding", encoding="utf-16")
    assert work.pane.status.encoding == "UTF-16"


def test_odd_characters_survive_opening_and_saving(work: Workplace) -> None:
    text = "a\u2028b\u202ec\0d\x0c😀\n" + "z" * 30_000 + "\nend"
    path = work.folder / "odd.txt"
    path.write_bytes(text.replace("\0", "").encode())
    document = work.open("odd.txt")
    work.view.set_place(Place(0, 0))
    QTest.keyClicks(work.view, "x")
    assert work.text == document.text == "x" + text.replace("\0", "")
    work.run("file.save")
    work.qtbot.waitUntil(lambda: not document.is_dirty)
    assert path.read_bytes() == ("x" + text.replace("\0", "")).encode()


def test_documents_opened_elsewhere_get_a_tab(work: Workplace) -> None:
    opened: list[Document] = []
    work.documents.open(work.file("a.py", "x"), opened.append, work.errors.append)
    work.qtbot.waitUntil(lambda: bool(opened))
    assert [tab.text for tab in work.pane.tabs.tabs] == ["a.py"]
    work.pane.tabs.select(opened[0].key)
    work.pane.show(opened[0])
    assert work.text == "x"

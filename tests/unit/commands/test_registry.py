from __future__ import annotations

import pytest

from ide.commands import Command, Commands, Context, WhenError
from ide.core.errors import CommandError, FourpaneError


class Desk:
    """Commands with what they reported."""

    def __init__(self) -> None:
        self.errors: list[FourpaneError] = []
        self.ran: list[str] = []
        self.context = Context()
        self.context.declare("editor.has_document", False, "an open document", "the editor")
        self.context.declare("session.is_busy", False, "a running session", "the sessions")
        self.context.declare("run.title", "", "what Run does", "the editor")
        self.commands = Commands(self.context, self.errors.append)
        self.commands.ran.connect(self.on_ran)

    def on_ran(self, id: str) -> None:
        self.ran.append(id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_command_runs_with_its_arguments(desk: Desk) -> None:
    desk.commands.add(Command("file.open", "Open"), lambda path="", line=0: (path, line))
    assert desk.commands.run("file.open", path="a.py", line=42) == ("a.py", 42)
    assert desk.ran == ["file.open"]


def test_error_for_the_user_goes_to_one_place(desk: Desk) -> None:
    def fail() -> None:
        raise CommandError("It did not work.")

    desk.commands.add(Command("file.save", "Save"), fail)
    assert desk.commands.run("file.save") is None
    assert [error.text for error in desk.errors] == ["It did not work."]
    assert desk.ran == []


def test_bug_goes_to_the_caller(desk: Desk) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    desk.commands.add(Command("file.save", "Save"), fail)
    with pytest.raises(ZeroDivisionError):
        desk.commands.run("file.save")
    assert desk.errors == []


def test_unknown_command_is_told(desk: Desk) -> None:
    assert desk.commands.run("no.such") is None
    assert "no.such" in desk.errors[0].text
    assert not desk.commands.is_enabled("no.such")
    assert "no.such" not in desk.commands


def test_disabled_command_does_not_run_and_says_why(desk: Desk) -> None:
    ran: list[int] = []
    desk.commands.add(Command("file.save", "Save", when="editor.has_document"), lambda: ran.append(1))
    desk.commands.run("file.save")
    assert ran == []
    assert desk.errors[0].text == "“Save” is not possible now.\nIt needs an open document."
    desk.context.set("editor.has_document", True)
    desk.commands.run("file.save")
    assert ran == [1]


def test_second_command_of_an_id_is_refused(desk: Desk) -> None:
    desk.commands.add(Command("file.save", "Save"), lambda: None)
    with pytest.raises(ValueError, match="twice"):
        desk.commands.add(Command("file.save", "Save again"), lambda: None)


@pytest.mark.parametrize("bad", [Command("a.b", "B", when="a and"), Command("a.b", "B", checked="(")])
def test_bad_condition_raises_at_add_and_adds_nothing(desk: Desk, bad: Command) -> None:
    with pytest.raises(WhenError):
        desk.commands.add(bad, lambda: None)
    assert "a.b" not in desk.commands


def test_live_title_stands_where_there_is_one(desk: Desk) -> None:
    desk.commands.add(Command("run.default", "Run", live_title="run.title"), lambda: None)
    assert desk.commands.title("run.default") == "Run"
    desk.context.set("run.title", "Run cell")
    assert desk.commands.title("run.default") == "Run cell"


def test_views_learn_which_keys_to_watch(desk: Desk) -> None:
    command = Command("a.b", "B", when="editor.has_document and not session.is_busy", live_title="run.title",
                      is_checkable=True, checked="layout.is_simple")  # fmt: skip
    desk.commands.add(command, lambda: None)
    assert desk.commands.keys_looked_at("a.b") == {
        "editor.has_document", "session.is_busy", "run.title", "layout.is_simple"
    }  # fmt: skip


def test_checked_follows_its_condition(desk: Desk) -> None:
    desk.context.declare("layout.name", "full", "the layout", "the window")
    desk.commands.add(Command("layout.full", "Full", is_checkable=True, checked="layout.name == 'full'"), lambda: None)
    assert desk.commands.is_checked("layout.full")
    desk.context.set("layout.name", "simple")
    assert not desk.commands.is_checked("layout.full")


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("editor.has_document", "needs an open document"),
        ("editor.has_document and session.is_busy", "needs an open document"),
        ("editor.has_document or session.is_busy", "needs an open document or needs a running session"),
        ("not session.is_busy", ""),
        ("", ""),
    ],
)
def test_reason_says_what_is_missing(desk: Desk, when: str, reason: str) -> None:
    assert desk.context.reason(when) == reason


def test_reason_of_a_negation_names_what_is_in_the_way(desk: Desk) -> None:
    desk.context.set("session.is_busy", True)
    assert desk.context.reason("not session.is_busy") == "not with a running session"


def test_context_announces_only_changes(desk: Desk) -> None:
    told: list[str] = []

    def on_changed(key: str) -> None:
        told.append(key)

    desk.context.changed.connect(on_changed)
    desk.context.set("session.is_busy", False)
    desk.context.set("session.is_busy", True)
    assert told == ["session.is_busy"]


def test_undeclared_key_cannot_be_set(desk: Desk) -> None:
    with pytest.raises(KeyError):
        desk.context.set("nobody.knows", True)


def test_key_has_one_declaration(desk: Desk) -> None:
    desk.context.declare("session.is_busy", False, "a running session", "the sessions")
    with pytest.raises(ValueError, match="twice"):
        desk.context.declare("session.is_busy", True, "a running session", "the sessions")

"""Where a command stands, from its record."""

from __future__ import annotations

from ide.commands.command import Command
from ide.shell.menus import grouped, menu_place
from ide.shell.toolbar import toolbar_place


def test_menu_place_reads_menu_and_group() -> None:
    assert menu_place(Command("a.b", "A", menu="file/1_open")) == ("file", "1")
    assert menu_place(Command("a.b", "A")) == ("", "")


def test_toolbar_place_reads_group_and_order() -> None:
    assert toolbar_place(Command("a.b", "A", toolbar="2_open")) == (2, "open")
    assert toolbar_place(Command("a.b", "A")) == (0, "")


def test_grouped_sorts_groups_by_number_and_keeps_the_order_of_adding_inside() -> None:
    commands = [
        Command("a.ten", "Ten", menu="file/10_a"),
        Command("a.two", "Two", menu="file/2_z"),
        Command("a.one", "One", menu="file/2_a"),
        Command("a.other", "Other", menu="edit/1_a"),
    ]
    assert [[command.id for command in group] for group in grouped(commands, "file")] == [["a.two", "a.one"], ["a.ten"]]

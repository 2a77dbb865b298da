"""What a command is: a record. Owns no behaviour; handlers are given to the registry."""

from __future__ import annotations

from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the user can do.

    `id` is "subject.verb". `when` is a condition over context keys (`when.py`), empty for always. `menu` is
    "menu/group_order" ("file/1_open"), `toolbar` is "group_order", both empty for nowhere. `live_title` is a context
    key that holds the present title ("Run cell"); `title` stands where that is empty. `checked` is a condition that
    tells whether a checkable command is on.
    """

    id: str
    title: str
    help: str = ""
    icon: str = ""
    when: str = ""
    menu: str = ""
    toolbar: str = ""
    is_in_palette: bool = True
    is_checkable: bool = False
    live_title: str = ""
    checked: str = ""

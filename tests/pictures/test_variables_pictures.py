"""Pictures of the Variables pane at work: values opened in place, sizes, what an act came to, a line to type into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide.kernels.records import Answer
from ide.panes.variables.pane import VariablesPane
from tests.fakes.nested_session import NestedSession
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import variable
from tests.fakes.window_parts import Parts
from tests.pictures.conftest import LOOKS
from tests.pictures.harness import check

WIDTHS = {"narrow": 300, "usual": 520, "wide": 900}


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def desk(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    """A desk in one theme at one zoom."""
    theme, zoom = request.param
    made = PaneDesk(tmp_path, theme)
    made.theme.set_zoom(zoom)
    yield made
    made.close()


def take(name: str, desk: PaneDesk, pane: VariablesPane, width: int = 520, height: int = 420) -> None:
    """A picture of the pane; it stays, for the desk puts it away."""
    px = desk.theme.px
    desk.widgets.append(pane.widget)

    def sized(_parts: Parts) -> QWidget:
        pane.widget.resize(px(width), px(height))
        return pane.widget

    check(name, cast(Parts, desk), sized, destroys=False)


def test_variables_at_work(desk: PaneDesk, qtbot: QtBot) -> None:
    pane = VariablesPane(
        desk.commands,
        desk.actions,
        desk.active,
        desk.theme,
        desk.icons,
        lambda _language: "",
        lambda _code: None,
        insert_code=lambda _code: True,
    )
    session = NestedSession()
    desk.active.choose(session.as_session)
    session.hold(
        settings={"alpha": 0.05, "names": ["Adelie", "Chinstrap"], "deep": {"on": True}},
        numbers=list(range(12_000)),
        limit=42,
    )
    session.change(variable("df", "data", "DataFrame", "species, island, bill_length_mm", (344, 8)))
    pane.model.tree.open("settings")
    pane.model.tree.open(pane.model.tree.path_of("settings")[0])
    for part in [row.name for group in pane.model.groups for row in group.rows if pane.model.part(row.name)]:
        if "names" in part:
            pane.model.tree.open(part)
    pane.widget.show()
    pane.model.ask_sizes(["df", "settings", "numbers", "limit"])
    found = {"kind": "rows_grew", "sentence": "df has 12 rows more than before.", "short": "+12 rows after merge"}
    warned = {"kind": "keys_repeated", "sentence": "The key is there twice.", "severity": "warning"}
    session.change(variable("joined", "data", "DataFrame", "id, left, right", (356, 3)))
    noted = [{"name": "df", "findings": [found]}, {"name": "joined", "findings": [found, warned]}]
    session.agent_event.emit("frames.noted", {"frames": noted})
    pane.view.select("settings")
    pane.focus()
    for width, pixels in WIDTHS.items():
        take(f"variables-nested-{width}", desk, pane, pixels)
    session.says["variables.remove"] = Answer({"code": "del limit", "undo": "u1", "names": ["limit"], "note": ""})
    pane.acts.remove(["limit"])
    for width, pixels in WIDTHS.items():
        take(f"variables-removed-{width}", desk, pane, pixels)
    session.says["variables.rename"] = Answer(
        None, error="There is a variable df already: choose another name, or remove it first.", code="not_possible"
    )
    pane.view.select("numbers")
    pane.rename()
    pane.acts.rename("numbers", "df", lambda _is_done: None)
    take("variables-typing", desk, pane)
    pane.close()

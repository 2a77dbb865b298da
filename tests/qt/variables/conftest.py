"""A desk for the Variables pane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ide.panes.variables.pane import VariablesPane
from tests.fakes.pane_desk import PaneDesk, pane_desk


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    with pane_desk(tmp_path) as made:
        yield made


@contextmanager
def variables_pane(desk: PaneDesk, **options: Any) -> Iterator[VariablesPane]:
    """A pane that is shown, with nothing to insert and no sample unless `options` say otherwise."""
    made = VariablesPane(
        desk.commands,
        desk.actions,
        desk.active,
        desk.theme,
        desk.icons,
        lambda _language: "",
        lambda _code: None,
        **options,
    )
    desk.show(made.widget)
    yield made
    made.close()

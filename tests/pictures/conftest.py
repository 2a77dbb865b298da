"""Every picture is made in each theme and zoom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.qt.theme import Choice
from tests.fakes.window_parts import Parts
from tests.pictures.harness import THEMES, ZOOMS

LOOKS = {f"{theme}-{round(zoom * 100)}": (theme, zoom) for theme in THEMES for zoom in ZOOMS}


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def parts(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[Parts]:
    """Parts in one theme at one zoom."""
    theme, zoom = _wanted(request)
    made = Parts(tmp_path, theme=theme, zoom=zoom)
    yield made
    made.close()


def _wanted(request: pytest.FixtureRequest) -> tuple[Choice, float]:
    theme, zoom = request.param
    return theme, zoom

"""What is remembered of window and panes, and its file. No Qt: states are bytes, places are numbers.

A state is kept with a checksum: a damaged one is forgotten here, since Qt must not be given bytes that it never wrote.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ide.core.errors import SettingsError
from ide.core.record import dataclass, field, replace
from ide.settings.toml_file import TomlFile, replace_file

LayoutName = Literal["full", "simple"]
NAMES: tuple[LayoutName, ...] = ("full", "simple")
VERSION = 1
STATE_LIMIT_BYTES = 200_000

Rect = tuple[int, int, int, int]
"""Left, top, width, height in device-independent pixels of the whole desktop."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`states` holds, for each layout that was changed, what `QMainWindow.saveState` gave."""

    window: Rect | None = None
    is_maximised: bool = False
    states: Mapping[LayoutName, bytes] = field(default_factory=dict)
    tabs: Mapping[str, str] = field(default_factory=dict)
    """Dock to the pane that was shown in it."""

    def with_state(self, name: LayoutName, state: bytes) -> Layout:
        """The layout with another state of one arrangement."""
        return replace(self, states={**self.states, name: state})

    def without_states(self) -> Layout:
        """As at the first start, but for the window's place."""
        return replace(self, states={}, tabs={})


class LayoutFile:
    """The file `layout.toml`."""

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)
        self.problem: SettingsError | None = None

    def read(self) -> Layout:
        """What was kept, as far as it can be used. Never fails; `problem` tells what was put aside."""
        try:
            content = self._file.read()
        except SettingsError as error:
            self.problem = error
            return Layout()
        if content.get("version") != VERSION:
            return Layout()
        return Layout(
            _rect(content.get("window")), content.get("is_maximised") is True, _states(content), _tabs(content)
        )

    def write(self, layout: Layout) -> None:
        """Keep `layout`. Raises SettingsError where that is impossible; the former file is then untouched."""
        try:
            replace_file(self._file.path, _text(layout).encode())
        except OSError as error:
            raise SettingsError(
                "The layout could not be kept.",
                f"The system says: {error.strerror or error}. Panes stay where they are until the window closes.",
                f"Make room or give yourself the right to write in {self._file.path.parent}.",
            ) from error


def fitted(wanted: Rect | None, screens: tuple[Rect, ...], default: tuple[int, int] = (1600, 1000)) -> Rect:
    """Where the window opens: as remembered where enough of it would be seen, else amid the first screen."""
    first = screens[0] if screens else (0, 0, *default)
    if wanted is not None:
        screen = max(screens or (first,), key=lambda other: _shared(wanted, other))
        if _shared(wanted, screen) * 4 >= wanted[2] * wanted[3]:
            return _inside(wanted, screen)
    width, height = min(default[0], first[2]), min(default[1], first[3])
    return (first[0] + (first[2] - width) // 2, first[1] + (first[3] - height) // 2, width, height)


def _inside(rect: Rect, screen: Rect) -> Rect:
    width, height = min(rect[2], screen[2]), min(rect[3], screen[3])
    left = min(max(rect[0], screen[0]), screen[0] + screen[2] - width)
    top = min(max(rect[1], screen[1]), screen[1] + screen[3] - height)
    return (left, top, width, height)


def _shared(one: Rect, two: Rect) -> int:
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    return max(0, width) * max(0, height)


def _rect(value: object) -> Rect | None:
    if not isinstance(value, list) or len(value) != 4 or not all(type(part) is int for part in value):
        return None
    left, top, width, height = value
    is_sane = abs(left) < 100_000 and abs(top) < 100_000 and 200 <= width < 100_000 and 150 <= height < 100_000
    return (left, top, width, height) if is_sane else None


def _states(content: Mapping[str, Any]) -> dict[LayoutName, bytes]:
    found: dict[LayoutName, bytes] = {}
    for name in NAMES:
        table = content.get(name)
        state = _state(table) if isinstance(table, Mapping) else None
        if state is not None:
            found[name] = state
    return found


def _state(table: Mapping[str, Any]) -> bytes | None:
    text, check = table.get("state"), table.get("check")
    if not isinstance(text, str) or len(text) > STATE_LIMIT_BYTES:
        return None
    try:
        state = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return state if check == _check(state) else None


def _tabs(content: Mapping[str, Any]) -> dict[str, str]:
    tabs = content.get("tabs")
    if not isinstance(tabs, Mapping):
        return {}
    return {dock: pane for dock, pane in tabs.items() if isinstance(pane, str) and pane.isidentifier()}


def _check(state: bytes) -> int:
    return zlib.crc32(state)


def _text(layout: Layout) -> str:
    lines = ["# Where window and panes were. Delete this file to begin anew.", f"version = {VERSION}"]
    if layout.window is not None:
        lines.append(f"window = {list(layout.window)}")
    lines.append(f"is_maximised = {'true' if layout.is_maximised else 'false'}")
    for name, state in layout.states.items():
        lines += ["", f"[{name}]", f'state = "{base64.b64encode(state).decode()}"', f"check = {_check(state)}"]
    if layout.tabs:
        lines += ["", "[tabs]", *(f'{dock} = "{pane}"' for dock, pane in layout.tabs.items())]
    return "\n".join(lines) + "\n"

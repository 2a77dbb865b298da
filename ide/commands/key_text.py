"""Key sequences as text, in the form of Qt's `QKeySequence` PortableText: "Ctrl+Shift+P", "Ctrl+K, Ctrl+S".

"Ctrl" is the Command key on macOS and "Meta" its Control key, as Qt has it. No Qt here: a test with Qt says that both
agree.
"""

from __future__ import annotations

_MODIFIERS = ("Meta", "Ctrl", "Alt", "Shift")
_NAMED = {
    name.lower(): name
    for name in (
        "Esc", "Tab", "Backtab", "Backspace", "Return", "Enter", "Ins", "Del", "Pause", "Print", "Home", "End", "Left",
        "Up", "Right", "Down", "PgUp", "PgDown", "Space", "Menu", *(f"F{number}" for number in range(1, 25)),
    )
}  # fmt: skip
_OTHER_NAMES = {
    "escape": "Esc", "delete": "Del", "insert": "Ins", "pageup": "PgUp", "pagedown": "PgDown", "cmd": "Ctrl",
    "command": "Ctrl", "mod": "Ctrl", "control": "Ctrl", "option": "Alt",
}  # fmt: skip
_STROKE_LIMIT = 4


class KeyTextError(ValueError):
    """Text that names no key."""


def normal(text: str) -> str:
    """The one spelling of a key sequence; raises KeyTextError for text that is none."""
    strokes = _strokes(text)
    if not 1 <= len(strokes) <= _STROKE_LIMIT:
        raise KeyTextError(f"{text!r} is no key")
    return ", ".join(_normal_stroke(stroke, text) for stroke in strokes)


def strokes(key: str) -> tuple[str, ...]:
    """The strokes of a normal key sequence, in order."""
    return tuple(_strokes(key))


def overlap(first: str, second: str) -> bool:
    """Whether two normal sequences get in each other's way: the same, or one begins the other."""
    one, two = strokes(first), strokes(second)
    length = min(len(one), len(two))
    return one[:length] == two[:length]


def is_typed_by_altgr(key: str) -> bool:
    """Whether AltGr (which is Ctrl+Alt on Windows) and a character key make the first stroke: typing may set it off."""
    parts = set(_parts(strokes(key)[0]))
    return {"Ctrl", "Alt"} <= parts and any(len(part) == 1 for part in parts)


def is_typed_by_option(key: str) -> bool:
    """Whether Option and a character key make the first stroke: on macOS that types a character."""
    parts = set(_parts(strokes(key)[0]))
    return "Alt" in parts and not parts & {"Ctrl", "Meta"} and any(len(part) == 1 for part in parts)


def _strokes(text: str) -> list[str]:
    # The comma is also a key: "Ctrl+,". A separator is a comma that a blank follows.
    return [stroke for stroke in (part.strip() for part in text.split(", ")) if stroke]


def _parts(stroke: str) -> list[str]:
    if stroke.endswith("++"):
        return [*(part for part in stroke[:-2].split("+") if part), "+"]
    return [stroke] if stroke == "+" else stroke.split("+")


def _normal_stroke(stroke: str, text: str) -> str:
    parts = [_OTHER_NAMES.get(part.strip().lower(), part.strip()) for part in _parts(stroke)]
    modifiers = {part.capitalize() for part in parts[:-1]}
    if not modifiers <= set(_MODIFIERS) or len(modifiers) != len(parts) - 1:
        raise KeyTextError(f"{text!r} has an unknown modifier")
    last = parts[-1]
    key = _NAMED.get(last.lower()) or (last.upper() if len(last) == 1 and last.isprintable() and last != " " else "")
    if not key:
        raise KeyTextError(f"{text!r} has an unknown key {last!r}")
    return "+".join([*(name for name in _MODIFIERS if name in modifiers), key])

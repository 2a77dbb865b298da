"""Contrast of every text role with what it is drawn on, computed from the theme files (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import tomllib

import pytest

from ide._paths import resources_dir

NEEDED = {"light": 4.5, "dark": 4.5, "high_contrast": 7.0}
BACKGROUNDS = ("pane", "header", "window", "popup")
BACKGROUNDS_OF_TEXT = ("selection", "selection_inactive", "hover", "pressed", "current_line", "cell_current", "found",
                       "found_current", "bracket", "fresh", "warning_back", "error_back", "done_back", "added_back",
                       "removed_back")  # fmt: skip


def _theme(name: str) -> dict[str, dict[str, str]]:
    with (resources_dir() / "themes" / f"{name}.toml").open("rb") as file:
        return {group: roles for group, roles in tomllib.load(file).items() if isinstance(roles, dict)}


def _luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


@pytest.mark.parametrize("name", NEEDED)
def test_contrast_of_text_roles_is_enough(name: str) -> None:
    theme = _theme(name)
    surfaces = theme["surfaces"]
    texts = {**theme["text"], **theme["code"], **theme["ansi"]}
    texts.pop("on_accent")
    low = {
        f"{role} on {back}": round(value, 2)
        for role, color in texts.items()
        for back in BACKGROUNDS
        if (value := contrast(color, surfaces[back])) < NEEDED[name]
    }
    assert not low


@pytest.mark.parametrize("name", NEEDED)
def test_contrast_of_text_on_marked_backgrounds_is_enough(name: str) -> None:
    theme = _theme(name)
    text, surfaces = theme["text"]["text"], theme["surfaces"]
    low = {back: round(contrast(text, surfaces[back]), 2) for back in BACKGROUNDS_OF_TEXT
           if contrast(text, surfaces[back]) < NEEDED[name]}  # fmt: skip
    assert not low


@pytest.mark.parametrize("name", NEEDED)
def test_contrast_of_kinds_of_notices_on_their_bars_is_enough(name: str) -> None:
    theme = _theme(name)
    for kind in ("warning", "error", "done"):
        assert contrast(theme["text"][kind], theme["surfaces"][f"{kind}_back"]) >= NEEDED[name]
        assert contrast(theme["text"]["link"], theme["surfaces"][f"{kind}_back"]) >= NEEDED[name]


@pytest.mark.parametrize("name", NEEDED)
def test_contrast_on_the_filled_button_is_enough(name: str) -> None:
    theme = _theme(name)
    for filled in (theme["text"]["accent"], theme["accents"]["accent_hover"], theme["accents"]["accent_pressed"]):
        assert contrast(theme["text"]["on_accent"], filled) >= NEEDED[name]


@pytest.mark.parametrize("name", NEEDED)
def test_contrast_of_edges_of_controls_is_enough(name: str) -> None:
    # WCAG 1.4.11: what tells a control from its surroundings needs 3:1.
    theme = _theme(name)
    for back in ("pane", "window", "header"):
        assert contrast(theme["lines"]["control_border"], theme["surfaces"][back]) >= 3.0
        assert contrast(theme["text"]["accent"], theme["surfaces"][back]) >= 3.0

"""Ways of looking: the published matrices in linear light, dark paper, and pictures that stay as they are."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage

from ide.panes.plots.look import PLAIN, Look, Vision
from ide.panes.plots.seeing import BAND_PIXELS, MATRICES, seen

GROUND = QColor("#1a1e25")
OKABE_ITO = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#ffffff")


def one_colour(color: str, width: int = 4, height: int = 3) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(color))
    return image


def expected(vision: str, color: str) -> list[int]:
    """By the definition: sRGB's curve, the matrix, the curve back."""
    lines = []
    own = QColor(color)
    for channel in (own.redF(), own.greenF(), own.blueF()):
        lines.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    mixed = [sum(weight * line for weight, line in zip(row, lines, strict=True)) for row in MATRICES[vision]]
    bounded = [min(1.0, max(0.0, value)) for value in mixed]
    return [
        round(255 * (value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)) for value in bounded
    ]


@pytest.mark.parametrize("vision", ["deuteranopia", "protanopia", "tritanopia"])
def test_a_simulation_is_the_published_matrix_in_linear_light(qapp: object, vision: Vision) -> None:
    for color in (*OKABE_ITO, "#ff0000", "#00ff00", "#0000ff", "#808080"):
        made = seen(one_colour(color), Look(vision=vision), GROUND).pixelColor(1, 1)
        for got, wanted in zip((made.red(), made.green(), made.blue()), expected(vision, color), strict=True):
            assert abs(got - wanted) <= 1, (color, made.name())


def test_whites_and_greys_stay_what_they_are(qapp: object) -> None:
    for matrix in MATRICES.values():
        for row in matrix:
            assert sum(row) == pytest.approx(1, abs=1e-5)


def test_red_and_green_come_close_to_each_other_for_those_without_green(qapp: object) -> None:
    red, green = (seen(one_colour(color), Look(vision="deuteranopia"), GROUND).pixelColor(0, 0)
                  for color in ("#d62728", "#2ca02c"))  # fmt: skip
    assert abs(red.hue() - green.hue()) < 15
    assert abs(QColor("#d62728").hue() - QColor("#2ca02c").hue()) > 100


def test_on_dark_paper_white_is_the_ground_black_is_white_and_hues_stay(qapp: object) -> None:
    look = Look(is_dark=True)
    assert seen(one_colour("#ffffff"), look, GROUND).pixelColor(0, 0) == GROUND
    assert seen(one_colour("#000000"), look, GROUND).pixelColor(0, 0) == QColor("#ffffff")
    for color in ("#1f77b4", "#d62728", "#2ca02c"):
        made = seen(one_colour(color), look, GROUND).pixelColor(0, 0)
        assert abs(made.hslHue() - QColor(color).hslHue()) < 12


def test_what_is_transparent_lies_on_paper(qapp: object) -> None:
    made = seen(one_colour("#00000000"), Look(vision="tritanopia"), GROUND)
    assert made.pixelColor(0, 0) == QColor("#ffffff")


def test_a_large_picture_is_converted_whole_and_stays_as_it_was(qapp: object) -> None:
    image = one_colour("#d62728", 500, 3 * BAND_PIXELS // 500 + 7)
    made = seen(image, Look(is_dark=True, vision="protanopia"), GROUND)
    assert made.size() == image.size()
    assert len({made.pixelColor(3, row).name() for row in range(image.height())}) == 1
    assert image.pixelColor(0, 0) == QColor("#d62728")
    assert seen(image, PLAIN, GROUND) is image

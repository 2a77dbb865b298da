"""LaTeX in text is found and drawn."""

from __future__ import annotations

import pytest

from ide.widgets.rich.formula import SOURCE_LIMIT, FormulaError, draw, latex_pieces, pieces


def test_formulas_are_found_and_prices_are_none() -> None:
    found = pieces(r"It costs $5 or \$6; $x^2$ and $$y_1$$ and \(z\) and \[w\]")
    assert [(piece.text, piece.is_display) for piece in found if piece.is_formula] == [
        ("x^2", False), ("y_1", True), ("z", False), ("w", True),
    ]  # fmt: skip
    assert found[0].text == r"It costs $5 or \$6; "


def test_environments_become_ones_that_can_be_drawn() -> None:
    text = r"\begin{eqnarray}a&=&b\\c&=&d\end{eqnarray}\begin{equation*}e\label{x}\end{equation*}"
    found = pieces(text)
    assert [piece.text for piece in found] == [r"\begin{align}a&= b\\c&= d\end{align}", "e"]
    assert all(draw(piece.text, 18.0, is_display=True).width > 0 for piece in found)


def test_latex_without_marks_is_a_formula_only_where_it_looks_like_one() -> None:
    assert latex_pieces(r"\frac{a}{b}")[0].is_formula
    assert not latex_pieces("only words")[0].is_formula


def test_formula_is_a_picture_of_paths_with_its_depth() -> None:
    drawn = draw(r"\frac{a}{b}", 20.0)
    assert b"<path" in drawn.svg
    assert b"<symbol" not in drawn.svg, "QtSvg draws none"
    assert 0 < drawn.depth < drawn.height
    assert draw(r"\frac{a}{b}", 20.0) is drawn


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        (r"\frac{a", "not LaTeX"), (r"\left[ x", r"\\right"), ("x^", "nothing follows"), ("a_b_c", "two subscripts"),
        ("", "empty"), ("x" * (SOURCE_LIMIT + 1), "more than"), ("{" * 900 + "x" + "}" * 900, "nested"),
    ],
)  # fmt: skip
def test_broken_latex_says_why(latex: str, why: str) -> None:
    with pytest.raises(FormulaError, match=why):
        draw(latex, 18.0)

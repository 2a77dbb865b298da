"""What is typed to draw a value, by the form that `agent/plot_forms.py` found. A `;` at the end keeps what the call
returns out of the console.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ide.api import PlotKind

_PYPLOT: Final = "import matplotlib.pyplot as plt\n"
_CODE: Final[Mapping[tuple[str, PlotKind], str]] = {
    ("pandas_numbers", "plot"): "{x}.plot();",
    ("pandas_numbers", "histogram"): "{x}.plot.hist(bins=30);",
    ("pandas_counts", "plot"): "{x}.value_counts().plot.bar();",
    ("pandas_texts", "plot"): "{x}.value_counts().head(30).plot.bar();",
    ("pandas_frame", "plot"): "{x}.plot();",
    ("pandas_frame", "histogram"): "{x}.hist(bins=30);",
    ("polars_numbers", "plot"): _PYPLOT + "plt.plot({x});",
    ("polars_numbers", "histogram"): _PYPLOT + "plt.hist({x}.drop_nulls(), bins=30);",
    ("polars_floats", "plot"): _PYPLOT + "plt.plot({x});",
    ("polars_floats", "histogram"): _PYPLOT + "plt.hist({x}.drop_nulls().drop_nans(), bins=30);",
    ("polars_counts", "plot"): _PYPLOT
    + "plt.bar(*{x}.drop_nulls().cast(str).value_counts(sort=True).head(30));\nplt.xticks(rotation=90);",
    ("numbers", "plot"): _PYPLOT + "plt.plot({x});",
    ("numbers", "histogram"): _PYPLOT + "plt.hist({x}, bins=30);",
    # NaN alone is not equal to itself, and a histogram cannot place it.
    ("numpy_floats", "plot"): _PYPLOT + "plt.plot({x});",
    ("numpy_floats", "histogram"): _PYPLOT + "plt.hist({x}[{x} == {x}], bins=30);",
    ("columns", "plot"): _PYPLOT + "plt.plot({x});",
}

_PLOTNINE: Final = re.compile(r"\bggplot\s*\(")
_HAS_PYPLOT: Final = re.compile(r"\bplt\b")


def plot_code(expression: str, form: str, kind: PlotKind) -> str:
    """Code that draws `expression`; empty where the form has no such picture."""
    return _CODE.get((form, kind), "").format(x=expression)


def save_plot_code(code: str, file: str, width_in: float, height_in: float, dpi: int) -> str:
    """Matplotlib's own for the present figure, plotnine's where its plots are drawn."""
    if _PLOTNINE.search(code):
        return f"plot.save({file!r}, width={width_in:.3g}, height={height_in:.3g}, dpi={dpi})  # the name of the plot"
    save = f"plt.gcf().set_size_inches({width_in:.3g}, {height_in:.3g})\nplt.savefig({file!r}, dpi={dpi})"
    return f"{'' if _HAS_PYPLOT.search(code) else _PYPLOT}{save}  # before plt.show()"

"""What is typed to draw a value, by the form that `agent/plot_forms.py` found. A `;` at the end keeps what the call
returns out of the console.
"""

from __future__ import annotations

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


def plot_code(expression: str, form: str, kind: PlotKind) -> str:
    """Code that draws `expression`; empty where the form has no such picture."""
    return _CODE.get((form, kind), "").format(x=expression)

"""Views of tables, for language plugins that write code for them. What the records mean is told in `ide.core.table`.

Apart from `ide.api`, so that the start of the program does not load it.
"""

from __future__ import annotations

from ide.core.table import MISSING_IN_FILES, Column, Filter, FilterGroup, SortKey, ViewSpec
from ide.core.view_code import ViewCodeError, ViewCodeRequest

__all__ = [
    "MISSING_IN_FILES",
    "Column",
    "Filter",
    "FilterGroup",
    "SortKey",
    "ViewCodeError",
    "ViewCodeRequest",
    "ViewSpec",
]

"""What a language is asked when the viewer wants code for the rows that it shows."""

from __future__ import annotations

from collections.abc import Mapping

from ide.core.errors import FourpaneError
from ide.core.record import dataclass, field
from ide.core.table import Column, ViewSpec


class ViewCodeError(FourpaneError):
    """This dialect cannot say it; the text says why and what can."""


@dataclass(frozen=True, slots=True)
class ViewCodeRequest:
    """A view to be written as code.

    `expression` names the object (empty for a file), `result` is the name that the code gives to the rows. `columns`
    are those that `spec` speaks of, by index, row labels too. `repeated` are the indexes of those whose name another
    column has as well: code must name them by their place. `path`, `file_format` and `options` say where a table of
    the library "file" is and how it was read. Filters with a problem have been taken out of `spec`.
    """

    expression: str
    result: str
    library: str
    type_name: str
    columns: Mapping[int, Column]
    spec: ViewSpec
    repeated: frozenset[int] = frozenset()
    path: str = ""
    file_format: str = ""
    options: Mapping[str, object] = field(default_factory=dict)

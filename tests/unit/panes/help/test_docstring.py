"""Documentation taken apart: the styles that are in use, and texts that are none of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.panes.help.docstring import Code, Field, Fields, Heading, Items, Note, Paragraph, Part, parse

NUMPY = """f(x)

Short.

Parameters
----------
x, y : array_like, optional
    The x.

    - first
    - second
*args
**kwargs : dict

Returns
-------
out : ndarray
    The out.
float

See Also
--------
numpy.sin : sine
cos, tan

Examples
--------
>>> f(1)
2

Text

>>> for a in b:
...     f(a)
"""
GOOGLE = """Do it well.

Args:
    x (int): The first
        goes on.
    *args: Rest.
    y: No type. Has: colon.

Returns:
    bool: True if so.

Raises:
    ValueError: If not.
"""
REST = """Do.

:param x: the x
    more of it
:type x: int
:param str y: the y
:returns: what
:rtype: bool
:raises ValueError: if

.. note:: Take care.
   Really.

.. code-block:: python
   :linenos:

   a = 1

.. deprecated:: 2.0
   Use g.
"""


def fields(parts: tuple[Part, ...], title: str) -> list[tuple[str, str, str]]:
    """Name, type and first words of each row below a heading."""
    at = parts.index(Heading(title))
    table = parts[at + 1]
    assert isinstance(table, Fields)
    return [(row.name, row.type, words(row)) for row in table.rows]


def words(row: Field) -> str:
    return next((part.text for part in row.parts if isinstance(part, Paragraph)), "")


def test_numpy_style_has_tables_and_examples_to_run() -> None:
    parts = parse(NUMPY, "f(x)")
    assert parts[0] == Paragraph("Short.")
    assert fields(parts, "Parameters") == [
        ("x, y", "array_like, optional", "The x."),
        ("*args", "", ""),
        ("**kwargs", "dict", ""),
    ]
    assert fields(parts, "Returns") == [("out", "ndarray", "The out."), ("", "float", "")]
    assert [row[0] for row in fields(parts, "See Also")] == ["numpy.sin", "cos, tan"]
    table = parts[parts.index(Heading("Parameters")) + 1]
    assert isinstance(table, Fields)
    assert table.rows[0].parts[1] == Items(((Paragraph("first"),), (Paragraph("second"),)))
    assert [part.runnable for part in parts if isinstance(part, Code)] == ["f(1)", "for a in b:\n    f(a)"]


def test_google_style_has_tables() -> None:
    parts = parse(GOOGLE)
    assert fields(parts, "Args") == [
        ("x", "int", "The first goes on."),
        ("*args", "", "Rest."),
        ("y", "", "No type. Has: colon."),
    ]
    assert fields(parts, "Returns") == [("", "bool", "True if so.")]
    assert fields(parts, "Raises") == [("", "ValueError", "If not.")]


def test_rest_fields_and_directives() -> None:
    parts = parse(REST)
    assert fields(parts, "Parameters") == [("x", "int", "the x more of it"), ("y", "str", "the y")]
    assert fields(parts, "Returns") == [("", "bool", "what")]
    assert fields(parts, "Raises") == [("", "ValueError", "if")]
    assert Note("Note", (Paragraph("Take care. Really."),)) in parts
    assert Code("a = 1") in parts
    assert Note("Deprecated since 2.0", (Paragraph("Use g."),), is_warning=True) in parts


def test_a_directive_behind_parameters_is_none_of_them() -> None:
    parts = parse("Parameters\n----------\nx : int\n    The x.\n\n.. versionadded:: 2.0\n")
    assert fields(parts, "Parameters") == [("x", "int", "The x.")]
    assert parts[-1] == Note("New in version 2.0", ())


def test_code_is_told_by_colons_prompts_or_its_form() -> None:
    assert Code("do(1)") in parse("Usage::\n\n    do(1)")
    assert Code("x = do(1)\nprint(x)") in parse("Like this:\n\n    x = do(1)\n    print(x)")
    assert not any(isinstance(part, Code) for part in parse("Somebody said:\n\n    It is a fine day."))


def test_a_traceback_in_an_example_is_no_heading() -> None:
    (heading, code) = parse("Examples\n--------\n>>> f()\nTraceback (most recent call last):\n---\nValueError: no")
    assert (heading, isinstance(code, Code)) == (Heading("Examples"), True)


def test_tables_stay_as_they_were_typed() -> None:
    table = "==== ====\na    b\n==== ====\n1    2\n==== ===="
    assert parse("Such as\n\n" + table) == (Paragraph("Such as"), Code(table))


def test_plain_and_empty_texts() -> None:
    assert parse("") == ()
    assert parse("One line") == (Paragraph("One line"),)
    assert parse("Parameters\n----------\n") == ()
    assert parse("Parameters\n----------\nThere are none of them here.") == (
        Heading("Parameters"),
        Paragraph("There are none of them here."),
    )


@given(st.text(alphabet="ab:*`-=.>_ |\n\t(){}#1,", max_size=400))
def test_any_text_has_parts(text: str) -> None:
    for part in parse(text, "f(x)"):
        assert isinstance(part, Part)


def test_deep_and_long_texts_end() -> None:
    assert parse("\n".join(" " * depth + "- a" for depth in range(300)))
    assert parse("Title\n=====\n" * 5_000)
    assert parse("`" * 20_000 + "\n" + "a: " * 20_000)


def test_a_type_may_go_on_in_the_next_line() -> None:
    (_, fields) = parse("Parameters\n----------\nhow : {'left', 'right'},\n    default 'left'\n    How.\n")
    assert fields == Fields((Field("how", "{'left', 'right'}, default 'left'", (Paragraph("How."),)),))


def test_list_table_is_a_table_of_its_rows() -> None:
    rows = "    * - **inner**\n      - Rows of\n        both.\n    * - **left**\n      - All.\n"
    text = f"Join.\n\n.. list-table ::\n    :header-rows: 0\n\n{rows}"
    assert parse(text)[1] == Fields(
        (
            Field("inner", "", (Paragraph("Rows of both."),)),
            Field("left", "", (Paragraph("All."),)),
        )
    )


def test_ways_of_calling_stay_as_they_are_typed() -> None:
    text = "dict() -> new dictionary\ndict(mapping) -> new one\n    from pairs\n\nMore."
    assert parse(text, "dict()") == (Code(text.partition("\n\n")[0]), Paragraph("More."))
    assert parse("f(a) -> int\n\nDo it.", "f(a)") == (Paragraph("Do it."),)


def test_google_results_with_brackets_in_their_type_are_types() -> None:
    (_, fields) = parse("Returns:\n    list[float]: The numbers.\n")
    assert fields == Fields((Field("", "list[float]", (Paragraph("The numbers."),)),))

from __future__ import annotations

import pytest

from ide.environments.packages.licences import of_python, of_r, parse, spdx_of


@pytest.mark.parametrize(
    ("expression", "text", "classifiers", "expected"),
    [
        ("MIT OR Apache-2.0", "whatever", [], ("MIT OR Apache-2.0", True)),
        ("", "MIT", [], ("MIT", True)),
        ("", "", ["License :: OSI Approved :: Apache Software License"], ("Apache-2.0", True)),
        ("", "BSD-2-Clause", ["License :: OSI Approved :: BSD License"], ("BSD-2-Clause", True)),
        ("", "Our own terms", [], ("Our own terms", False)),
        ("", "", [], ("", False)),
        ("", "GNU GPL", [], ("GNU GPL", False)),
        (
            "",
            "Copyright (c) 2020 A. Person\n\nRedistribution and use in source and binary forms ...",
            [],
            ("BSD-2-Clause", True),
        ),
        ("", "=====\nThe terms\n=====\n" + "x" * 100, [], ("", False)),
        (
            "",
            "",
            ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: Python Software Foundation License"],
            ("MIT AND PSF-2.0", True),
        ),
    ],
)
def test_licence_of_a_python_package(
    expression: str, text: str, classifiers: list[str], expected: tuple[str, bool]
) -> None:
    assert of_python(expression, text, classifiers) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPL-2 | GPL-3", ("GPL-2.0-only OR GPL-3.0-only", True)),
        ("MIT + file LICENSE", ("MIT", True)),
        ("GPL (>= 2) | BSD_3_clause + file LICENSE", ("GPL-2.0-or-later OR BSD-3-Clause", True)),
        ("Part of R 4.2.2", ("GPL-2.0-or-later", True)),
        ("file LICENSE", ("file LICENSE", False)),
        ("GPL", ("GPL", False)),
        ("Apache License (>= 2)", ("Apache-2.0", True)),
    ],
)
def test_licence_of_an_r_package(text: str, expected: tuple[str, bool]) -> None:
    assert of_r(text) == expected


def test_expressions_are_taken_apart() -> None:
    assert parse("MIT AND (GPL-2.0-only OR Apache-2.0 WITH LLVM-exception)") == (
        "AND",
        ("MIT", ("OR", ("GPL-2.0-only", "Apache-2.0 WITH LLVM-exception"))),
    )
    assert parse("MIT OR Zlib AND ISC") == ("OR", ("MIT", ("AND", ("Zlib", "ISC"))))


@pytest.mark.parametrize("text", ["", "MIT AND", "(MIT", "MIT)", "AND", "MIT ISC", "MIT WITH", "()"])
def test_what_is_no_expression_gives_none(text: str) -> None:
    assert parse(text) is None


def test_only_known_ids_make_an_expression() -> None:
    assert spdx_of("MIT OR GPL-3.0-or-later") == "MIT OR GPL-3.0-or-later"
    assert spdx_of("Proprietary") == ""

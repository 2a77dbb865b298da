"""Values of secrets in text that is kept: gone in every usual form."""

from __future__ import annotations

import base64

from ide.deploy.redact import HIDDEN, Redactor


def test_values_are_hidden_as_they_are_and_as_they_travel() -> None:
    value = "p@ss word+1"
    hide = Redactor([value, "longer-" + value, "abc", "line one\nline two"])

    assert hide(f"a {value} b") == f"a {HIDDEN} b"
    assert hide(f"longer-{value}") == HIDDEN
    assert hide("https://x/?k=p%40ss%20word%2B1") == f"https://x/?k={HIDDEN}"
    assert HIDDEN in hide("Basic " + base64.b64encode(value.encode()).decode())
    assert hide("line two") == HIDDEN
    assert hide("abc") == "abc"  # too short to be told from other text


def test_nothing_known_changes_nothing() -> None:
    assert Redactor([])("text") == "text"
    assert Redactor(["", "x"])("text") == "text"

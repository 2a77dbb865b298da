"""Places in files that tracebacks and warnings name."""

from __future__ import annotations

import pytest

from tests.unit.plugins.languages import PYTHON, R

PYTHON_TEXTS = {
    '  File "/srv/a/x y.py", line 12, in f': [("/srv/a/x y.py", 11)],
    '  File "C:\\a\\x.py", line 3': [("C:\\a\\x.py", 2)],
    "File /srv/a/x.py:7, in f(x)\n      5 def f": [("/srv/a/x.py", 6)],
    "File C:\\a\\x.py:7, in f": [("C:\\a\\x.py", 6)],
    "Cell In[3], line 2": [],
    'File "<stdin>", line 1': [],
    "File <string>:1": [],
    "File <frozen importlib._bootstrap>:241, in f": [],
    "/a/b.py:12: UserWarning: careful": [("/a/b.py", 11)],
    "tests/test_a.py:3: AssertionError": [("tests/test_a.py", 2)],
    "/a/b.py in f(x)\n      1 def\n----> 2 y\n": [("/a/b.py", 1)],
    "see http://host/x.py:80: no": [],
    "nothing here": [],
}
R_TEXTS = {
    "Error in f(1) at script.R#3 : no": [("script.R", 2)],
    "Error in f(1) (from /a/b c.R#12) : no": [("/a/b c.R", 11)],
    "4: f(x) at /srv/a/b.R#7": [("/srv/a/b.R", 6)],
    'Error in source("x.R") : /a/x.R:3:5: unexpected symbol': [("/a/x.R", 2)],
    "Error in parse(text): x.R:1:2: unexpected": [("x.R", 0)],
    "── Failure (test-a.R:5:3): adds ──": [("test-a.R", 4)],
    "Error (test-a.R:9): x": [("test-a.R", 8)],
    "<text>:2:1: unexpected symbol": [],
    "C:/a/b.R:4:1: unexpected": [("C:/a/b.R", 3)],
    "nothing": [],
}


@pytest.mark.parametrize("text", PYTHON_TEXTS)
def test_python_links_are_found(text: str) -> None:
    assert [(link.path, link.line) for link in PYTHON.trace_links(text)] == PYTHON_TEXTS[text]


@pytest.mark.parametrize("text", R_TEXTS)
def test_r_links_are_found(text: str) -> None:
    assert [(link.path, link.line) for link in R.trace_links(text)] == R_TEXTS[text]


def test_links_stand_where_they_say() -> None:
    text = 'x\n  File "/a.py", line 3\n/b.py:4: W\n'
    assert [text[link.first : link.end] for link in PYTHON.trace_links(text)] == ['/a.py", line 3', "/b.py:4"]


def test_home_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/a")
    monkeypatch.setenv("USERPROFILE", "/srv/a")
    assert PYTHON.trace_links("File ~/x.py:1, in f")[0].path == "/srv/a/x.py"


@pytest.mark.parametrize("text", ["\n" * 50_000, "x" * 200_000, "a/" * 50_000, 'File "' * 20_000, "#" * 100_000])
def test_odd_text_does_not_take_long(text: str) -> None:
    assert PYTHON.trace_links(text) == ()
    assert R.trace_links(text) == ()

"""What code names: files read and written, variables that must be set; in both languages the same."""

from __future__ import annotations

import pytest

from fourpane_plugins.lang_python.language import language as python
from fourpane_plugins.lang_r.language import language as r
from ide.core.language import Language


def found(language: Language, code: str) -> list[tuple[str, str, int]]:
    return [(one.kind, one.text, one.line) for one in language.mentions(code)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pd.read_csv('data/a.csv')", ("read", "data/a.csv")),
        ("pl.scan_parquet(source='a.parquet')", ("read", "a.parquet")),
        ("open('a.txt')", ("read", "a.txt")),
        ("open('a.txt', 'w')", ("write", "a.txt")),
        ("open('a.txt', mode='ab')", ("write", "a.txt")),
        ("np.load(Path('data') / 'x.npy')", ("read", "data/x.npy")),
        ("(Path('data') / 'x.txt').read_text()", ("read", "data/x.txt")),
        ("Path('x.txt').open('w')", ("write", "x.txt")),
        ("json.load(open(os.path.join('d', 'x.json')))", ("read", "d/x.json")),
        ("df.to_parquet('out/x.parquet')", ("write", "out/x.parquet")),
        ("fig.savefig('plot.png')", ("write", "plot.png")),
        ("key = os.environ['KEY']", ("variable", "KEY")),
        ("key = os.getenv('KEY')", ("variable", "KEY")),
        ("where = '/scratch/me/x'", ("text", "/scratch/me/x")),
        ("os.chdir('/scratch/me')", ("text", "/scratch/me")),
        ("x = (pd.read_csv('a.csv')", ("text", "a.csv")),  # not whole
    ],
)
def test_python(code: str, expected: tuple[str, str]) -> None:
    first, *more = found(python, f"\n{code}")
    assert first == (*expected, 2)
    assert {kind for kind, _, _ in more} <= {"text"}  # as the mode of `open`


def test_python_constants_defaults_and_docstrings() -> None:
    code = (
        '"""Reads /data/none.csv"""\nBASE = Path("data")\nTABLE = BASE / "x.csv"\nx = read_csv(TABLE)\n'
        "os.environ.get('A', 'b')\nos.environ['SET'] = 'v'\nn = 'one'\nn = 'two'\nread_csv(n)\n"
    )
    assert ("read", "data/x.csv", 4) in found(python, code)
    assert {one.kind for one in python.mentions(code)} == {"read", "text"}
    assert not [one for one in python.mentions(code) if "none.csv" in one.text]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('x <- read.csv("data/a.csv", stringsAsFactors = FALSE)', ("read", "data/a.csv")),
        ("readr::read_csv('a.csv')", ("read", "a.csv")),
        ("readRDS(file = 'a.rds')", ("read", "a.rds")),
        ('fread(file.path("data", "x.csv"))', ("read", "data/x.csv")),
        ('arrow::read_parquet(here::here("data", "x.parquet"))', ("read", "data/x.parquet")),
        (r'load(r"(data\x.rda)")', ("read", r"data\x.rda")),
        ('saveRDS(x, "x.rds")', ("write", "x.rds")),
        ('write.csv(x, file = "x.csv")', ("write", "x.csv")),
        ('ggsave("plot.png", p)', ("write", "plot.png")),
        ('pdf("a.pdf")', ("write", "a.pdf")),
        ('key <- Sys.getenv("KEY")', ("variable", "KEY")),
        ('setwd("D:/sales/me")', ("text", "D:/sales/me")),
        ("y <- paste('# no comment') # \"a comment\"", ("text", "# no comment")),
    ],
)
def test_r(code: str, expected: tuple[str, str]) -> None:
    assert found(r, f"\n{code}") == [(*expected, 2)]


def test_r_with_defaults_and_parts_that_are_not_known() -> None:
    assert found(r, 'Sys.getenv("A", "b")') == [("text", "b", 1)]
    assert found(r, 'read.csv(file.path(base, "x.csv"))') == [("text", "x.csv", 1)]
    assert found(r, 'read.csv(file.path(base(), "x.csv"))') == [("text", "x.csv", 1)]
    assert found(r, 'read.csv(text = "a,b")') == [("text", "a,b", 1)]
    assert found(r, 'read.csv(\n\n"a.csv")') == [("read", "a.csv", 3)]
    assert found(r, 'f("a') == []


@pytest.mark.parametrize("language", [python, r])
def test_long_code_is_looked_at_quickly_and_any_text_is_survived(language: Language) -> None:
    assert len(language.mentions("f('x')\n" * 10_000)) == 10_000
    for text in ("", "(", ")))", "'", '"\\', "\0", "=,(", "x = {"):
        language.mentions(text)

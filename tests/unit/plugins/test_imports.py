"""What code needs, in both languages: from its imports, and from the errors of real kernels' words."""

from __future__ import annotations

import ast

import pytest

from fourpane_plugins.lang_python.language import language as python
from fourpane_plugins.lang_r.language import language as r


@pytest.mark.parametrize(
    ("error", "message", "expected"),
    [
        ("ModuleNotFoundError", "No module named 'seaborn'", "seaborn"),
        ("ModuleNotFoundError", "No module named 'sklearn.linear_model'; 'sklearn' is not a package", "sklearn"),
        ("ModuleNotFoundError", "No module named 'tkinter'", ""),
        ("ImportError", "Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", "openpyxl"),
        ("ImportError", "cannot import name 'x' from 'y'", ""),
        ("NameError", "No module named 'x'", ""),
    ],
)
def test_python_error_names_what_is_missing(error: str, message: str, expected: str) -> None:
    assert python.missing_import(error, message) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Error in library(forcats): there is no package called ‘forcats’\n", "forcats"),
        ("Error in loadNamespace(x): there is no package called 'data.table'", "data.table"),
        ("Fehler in library(zoo) : es gibt kein Paket namens ‘zoo’", "zoo"),
        ("Error: object 'x' not found", ""),
    ],
)
def test_r_error_names_what_is_missing(message: str, expected: str) -> None:
    assert r.missing_import("ERROR", message) == expected


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("cv2", "opencv-python"), ("sklearn", "scikit-learn"), ("PIL", "pillow"), ("yaml", "PyYAML"),
        ("bs4", "beautifulsoup4"), ("seaborn", "seaborn"), ("my_module", "my-module"),
    ],
)  # fmt: skip
def test_package_behind_a_python_import(name: str, package: str) -> None:
    assert python.package_of(name) == package


def test_imports_of_python_code() -> None:
    code = (
        "import numpy as np, os\nfrom pandas.api import types\nfrom . import near\n%matplotlib inline\n!ls\n"
        "try:\n    import fast\nexcept ImportError:\n    fast = None\n"
        "if TYPE_CHECKING:\n    import shapes\ndef f():\n    import late\n# import no\n'import no'\n"
    )
    assert python.imports(code) == ("numpy", "pandas", "late")


def test_long_code_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser holds up every thread."""
    code = "import numpy, os\ntry:\n    import torch\nexcept ImportError:\n    pass\n" + "x = 1\n" * 100_000
    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", lambda _code: pytest.fail("parsed"))
        found = python.imports(code + "from pandas import read_csv\n")
    assert found == ("numpy", "pandas")


def test_imports_of_code_that_is_not_whole() -> None:
    assert python.imports("import polars as pl\nfrom a.b import (\nx = (") == ("polars", "a")


def test_imports_of_r_code() -> None:
    code = (
        'library(dplyr)\nrequire("ggplot2") # library(no)\nx <- "library(nope)"\nstats::lm(y ~ x)\n'
        'tidyr::pivot_longer(d)\nif (!requireNamespace("zoo", quietly = TRUE)) 1\nlibrary(package = readr)\n'
        'y <- "a::b"\n'
    )
    assert r.imports(code) == ("dplyr", "ggplot2", "tidyr", "zoo", "readr")

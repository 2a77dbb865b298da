"""How scripts name values and what is drawn of them: the code of the list's menu, in real kernels of both languages.

Each name is checked by running it: it must give the very value that the list shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ide.core.language import PlotKind
from ide.kernels import contract
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.unit.plugins.languages import PYTHON, R

Case = tuple[Sequence[str | int], str, str]
"""Name and labels or places of parts, the code, the form."""
KINDS: tuple[PlotKind, ...] = ("plot", "histogram")

PYTHON_VALUES = """
import numpy as np, pandas as pd, polars as pl
class Thing: pass
thing = Thing(); thing.size = [1.5, 2]; setattr(thing, 'class', 1); setattr(thing, 'a b', 1)
deep = {"it's": [0, {'"q"\\\\n': (4, 5)}], 2: 'x', (1, 'y'): {3}}
globals()['odd name'] = [1, 2]
df = pd.DataFrame({'x': [1.0, np.nan, 3], 'my "col"': list('aab'), 'when': pd.to_datetime(['2020-01-01'] * 3)})
df['kind'] = pd.Categorical(['u', 'v', 'u']); df['yes'] = [True, False, True]; df['n'] = pd.array([1, None, 3], 'Int64')
same = pd.DataFrame([[1, 2], [3, 4]], columns=['a', 'a'])
pf = pl.DataFrame({'x': [1.0, None, float('nan')], 'i': [1, 2, None], 's': ['u', 'v', 'u'], 'b': [True, None, False]})
floats = np.array([1.5, np.nan, 2.5]); whole = np.arange(5); square = np.ones((4, 3)); words = np.array(['a'])
wide = np.ones((2, 31)); nothing = []; mixed = [1, 'x']; flag = True; text = 'abc'
wordy = pd.DataFrame({'w': ['a']})
"""
PYTHON_CASES: list[Case] = [
    (["df"], "df", "pandas_frame"),
    (["df", "x"], "df['x']", "pandas_numbers"),
    (["df", 'my "col"'], "df['my \"col\"']", "pandas_texts"),
    (["df", "when"], "df['when']", ""),
    (["df", "kind"], "df['kind']", "pandas_counts"),
    (["df", "yes"], "df['yes']", "pandas_counts"),
    (["df", "n"], "df['n']", "pandas_numbers"),
    (["same", 1], "same.iloc[:, 1]", "pandas_numbers"),
    (["wordy"], "wordy", ""),
    (["pf"], "pf", ""),
    (["pf", "x"], "pf['x']", "polars_floats"),
    (["pf", "i"], "pf['i']", "polars_numbers"),
    (["pf", "s"], "pf['s']", "polars_counts"),
    (["pf", "b"], "pf['b']", "polars_counts"),
    (["floats"], "floats", "numpy_floats"),
    (["whole"], "whole", "numbers"),
    (["square"], "square", "columns"),
    (["square", "[1]"], "square[1]", "numpy_floats"),
    (["words"], "words", ""),
    (["wide"], "wide", ""),
    (["thing", "size"], "thing.size", "numbers"),
    (["thing", "class"], "", ""),
    (["thing", "a b"], "", ""),
    (["deep", 0], 'deep["it\'s"]', ""),
    (["deep", 0, "[1]", 0], """deep["it's"][1]['"q"\\\\n']""", "numbers"),
    (["deep", 2], "deep[(1, 'y')]", ""),
    (["odd name"], "globals()['odd name']", "numbers"),
    (["nothing"], "nothing", ""),
    (["mixed"], "mixed", ""),
    (["flag"], "flag", ""),
    (["text"], "text", ""),
]
OF_PANDAS = frozenset({"df", "same", "wordy"})
R_VALUES = r"""
df <- data.frame(x = c(1, NA, 3), `my "col"` = c("a", "a", "b"), f = factor(c("u", "v", "u")), check.names = FALSE)
df$`if` <- c(TRUE, FALSE, NA); df$day <- as.Date("2020-01-01") + 0:2
l <- list(a = list(1, c(2, 3)), `b\\c` = 1:3, `it's "so"` = "t", a = 5, 6)
`odd name` <- 1:3; `back\`tick` <- c(2, 3); `sla\\sh` <- c(1, 2); `if` <- 3; .Hidden <- 1:2; größe <- c(1.5, 2)
e <- new.env(); e$`x y` <- c(1, 2); e$`t\`\\k` <- 1:2
m <- matrix(c(1.5, 2:6), 2); words <- c("a", "b", "a"); flags <- c(TRUE, NA)
series <- ts(c(1, 2, 3)); none <- numeric()
wide <- as.data.frame(matrix(0, 2, 13)); nested <- data.frame(a = 1); nested$l <- list(2)
delayedAssign("later", stop("looked at")); makeActiveBinding("active", function() stop("looked at"), globalenv())
fun <- function(x) x; setClass("Sized", representation(size = "numeric")); s4 <- new("Sized", size = c(1, 2))
noted <- structure(c(1, 2), note = c(3, 4))
"""
R_CASES: list[Case] = [
    (["df"], "df", "frame"),
    (["df", "x"], "df$x", "numbers"),
    (["df", 'my "col"'], 'df[["my \\"col\\""]]', "texts"),
    (["df", "f"], "df$f", "counts"),
    (["df", "if"], 'df[["if"]]', "counts"),
    (["df", "day"], "df$day", ""),
    (["l", 0, "[[2]]"], "l[[1]][[2]]", "numbers"),
    (["l", "b\\c"], 'l[["b\\\\c"]]', "numbers"),
    (["l", 2], 'l[["it\'s \\"so\\""]]', "texts"),
    (["l", 3], "l[[4]]", "numbers"),
    (["l", "[[5]]"], "l[[5]]", "numbers"),
    (["odd name"], "`odd name`", "numbers"),
    (["back`tick"], "`back\\`tick`", "numbers"),
    (["sla\\sh"], "`sla\\\\sh`", "numbers"),
    (["if"], "`if`", "numbers"),
    (["größe"], "größe", "numbers"),
    (["e", "x y"], "e$`x y`", "numbers"),
    (["e", "t`\\k"], "e$`t\\`\\\\k`", "numbers"),
    (["m"], "m", "matrix"),
    (["words"], "words", "texts"),
    (["flags"], "flags", "counts"),
    (["series"], "series", "numbers"),
    (["none"], "none", ""),
    (["wide"], "wide", ""),
    (["nested"], "nested", ""),
    (["later"], "later", ""),
    (["active"], "active", ""),
    (["fun"], "fun", ""),
    (["s4"], "s4", ""),
    (["s4", "@size"], "s4@size", "numbers"),
]


@pytest.fixture(scope="module")
def python_values(python: AgentKernel) -> AgentKernel:
    assert python.run(PYTHON_VALUES).status == "ok"
    return python


@pytest.fixture(scope="module")
def r_values(r: AgentKernel) -> AgentKernel:
    reply = r.run(R_VALUES)
    assert reply.status == "ok", reply.of("error")
    return r


def path_of(kernel: AgentKernel, words: Sequence[str | int]) -> list[str]:
    """A path by labels, or by places where labels are twice there or quoted anew."""
    path = [str(words[0])]
    for word in words[1:]:
        children = kernel.ask("variables.children", path=path).children
        found = children[word] if isinstance(word, int) else next(one for one in children if one.label == word)
        path.append(found.token)
    return path


def pictures(kernel: AgentKernel, code: str) -> int:
    """How many pictures a run shows; nothing else may come of it."""
    reply = kernel.run(code)
    assert reply.status == "ok", (code, reply.of("error"))
    assert reply.of("execute_result") == [], code
    return len(reply.of("display_data"))


def ids(cases: Sequence[Case]) -> list[str]:
    return [".".join(map(str, words)) for words, _code, _form in cases]


@pytest.mark.parametrize(("words", "code", "form"), PYTHON_CASES, ids=ids(PYTHON_CASES))
def test_python_names_and_draws(python_values: AgentKernel, words: Sequence[str | int], code: str, form: str) -> None:
    path = path_of(python_values, words)
    found = python_values.ask("variables.code", path=path)
    assert found == contract.VariableCode(code, form, frame="pandas" if words[0] in OF_PANDAS else "")
    if code:
        assert python_values.run(f"kept = {code}").status == "ok"
        told = python_values.ask("variables.literal", path=path)
        assert python_values.ask("variables.literal", path=["kept"]) == told
    for kind in KINDS:
        if drawing := PYTHON.plot_code(code, form, kind):
            assert pictures(python_values, drawing) == 1, drawing


@pytest.mark.parametrize(("words", "code", "form"), R_CASES, ids=ids(R_CASES))
def test_r_names_and_draws(r_values: AgentKernel, words: Sequence[str | int], code: str, form: str) -> None:
    path = path_of(r_values, words)
    assert r_values.ask("variables.code", path=path) == contract.VariableCode(code, form)
    if words[0] not in ("later", "active"):
        assert r_values.run(f"kept <- {code}").status == "ok"
        assert r_values.ask("variables.literal", path=["kept"]) == r_values.ask("variables.literal", path=path)
    for kind in KINDS:
        if drawing := R.plot_code(code, form, kind):
            assert pictures(r_values, drawing) == 1, drawing


def test_every_form_has_its_pictures() -> None:
    for language, cases in ((PYTHON, PYTHON_CASES), (R, R_CASES)):
        for form in {form for _words, _code, form in cases if form}:
            assert language.plot_code("x", form, "plot"), form
        assert language.plot_code("x", "", "plot") == language.plot_code("x", "texts?", "histogram") == ""


def test_looking_for_code_draws_and_imports_nothing(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run("x = [1, 2]")
    assert kernel.ask("variables.code", path=["x"]).form == "numbers"
    assert kernel.run("import sys; print('matplotlib' in sys.modules, 'numpy' in sys.modules)").text == "False False\n"
    # As in an environment without it.
    kernel.run("sys.modules['matplotlib'] = None")
    found = kernel.ask("variables.code", path=["x"])
    assert (found.needs, found.install) == ("matplotlib", "%pip install matplotlib")
    kernel.run("sys.modules['pip'] = None")
    assert kernel.ask("variables.code", path=["x"]).install == ""

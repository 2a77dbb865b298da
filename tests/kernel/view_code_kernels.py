"""Kernels that run the code of views and tell which rows came out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ide.core.language import Language
from tests.kernel.agents.conftest import home_variables, r_program
from tests.kernel.agents.harness import SAMPLE_PYTHON, AgentKernel

RUN_AT_ONCE = 250
_PYTHON = """
import datetime, decimal, json, warnings
from decimal import Decimal
import numpy as np, pandas as pd, polars as pl, pyarrow as pa, duckdb
INF = float("inf")
def rows_of(code, name):
    space = dict(globals())
    try:
        exec(code, space)
        found = space[name]
        if isinstance(found, pl.LazyFrame):
            found = found.collect()
        ids = found["id"] if "id" in found else found.iloc[:, 0]
        return [int(one) for one in (ids.to_pylist() if hasattr(ids, "to_pylist") else ids.to_list())]
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
def run_all(codes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return [rows_of(*one) for one in codes]
"""
_R = """
suppressPackageStartupMessages({library(dplyr); library(data.table)})
run_all <- function(codes, name) {
  rows <- lapply(codes, function(code) tryCatch({
    space <- new.env(parent = globalenv())
    suppressWarnings(eval(parse(text = code), space))
    as.numeric(get(name, envir = space)[["id"]])
  }, error = function(e) conditionMessage(e)))
  cat(jsonlite::toJSON(rows, auto_unbox = FALSE, digits = NA))
}
"""


def python_kernel(language: Language, home: Path) -> AgentKernel:
    """With the libraries imported and `run_all` defined."""
    made = AgentKernel(language, SAMPLE_PYTHON, home, variables=home_variables(home), with_agent=False)
    answer(made, _PYTHON)
    return made


def r_kernel(language: Language, home: Path) -> AgentKernel:
    """The same in R."""
    made = AgentKernel(language, r_program(), home, variables=home_variables(home), with_agent=False)
    answer(made, _R)
    return made


def answer(kernel: AgentKernel, code: str) -> str:
    """What the code prints."""
    reply = kernel.run(code)
    assert reply.status == "ok", (reply.content.get("evalue"), code[:500])
    return reply.text


def r_text(text: str) -> str:
    """A literal that R reads too."""
    return json.dumps(text, ensure_ascii=False)


def rows_of_codes(kernel: AgentKernel, codes: Sequence[str], result: str) -> list[Any]:
    """For each code the ids of the rows that it gives, or what it raised."""
    found: list[Any] = []
    for first in range(0, len(codes), RUN_AT_ONCE):
        some = codes[first : first + RUN_AT_ONCE]
        if kernel.language.id == "r":
            told = answer(kernel, f"run_all(list({', '.join(map(r_text, some))}), {r_text(result)})")
        else:
            sent = json.dumps([[code, result] for code in some])
            told = answer(kernel, f"print(json.dumps(run_all(json.loads({sent!r}))))")
        found += json.loads(told)
    return found

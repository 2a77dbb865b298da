"""Tests of the Python agent's tables that run inside a real kernel: `Inside` runs their code there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.kernel.agents.harness import AgentKernel

_PRELUDE = Path(__file__).with_name("kernel_tables.py")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
LIBRARIES = """
import datetime as dt, decimal, math, random, sys, threading
import numpy as np, pandas as pd, polars as pl, pyarrow as pa
"""


class Inside:
    """A kernel with the helpers of `kernel_tables` among its names."""

    def __init__(self, kernel: AgentKernel, libraries: str = LIBRARIES) -> None:
        self.kernel = kernel
        self.check(_PRELUDE.read_text(encoding="utf-8"))
        self.check(libraries)

    def check(self, code: str) -> str:
        """What the code prints; an error there, such as a failed assertion, fails the test."""
        reply = self.kernel.run(textwrap.dedent(code))
        if reply.status != "ok":
            raise AssertionError(_ESCAPES.sub("", "\n".join(reply.content["traceback"])))
        return reply.text

"""What 5,000 variables cost: in the kernel for one `x = 1`, and from the end of that cell to the repainted list.

`python`, `r`: milliseconds that a kernel with the agent is busy with one `x = 1` and what follows from it, less those
of the same kernel without the agent, by the kernel's own clock. `list_*`: from the cell's last act to the repainted
list in the real window; `list_all_*` where the cell changed all of them. `list_stall_*`: the longest gap of the event
loop.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from bench._program import SAMPLE_PYTHON
from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from tests.kernel.agents.harness import AgentKernel

COUNT: Final = 5000
TURNS: Final = 20
_FILL: Final = {
    "python": f"globals().update({{f'v{{i}}': i for i in range({COUNT})}})",
    "r": f"for (i in seq_len({COUNT})) assign(paste0('v', i), i)",
}
_ONE: Final = {"python": "x = {turn}", "r": "x <- {turn}"}
_ALL: Final = {
    "python": f"globals().update({{f'v{{i}}': i + {{turn}} for i in range({COUNT})}}); x = {{turn}}",
    "r": f"for (i in seq_len({COUNT})) assign(paste0('v', i), i + {{turn}}); x <- {{turn}}",
}
_CLOCK: Final = {"python": "import time; print(time.time())", "r": "cat(sprintf('%.6f', as.numeric(Sys.time())))"}


def measure(runs: int) -> dict[str, Result]:
    """The kernels first, then the window; at most three starts of each."""
    parts: dict[str, list[float]] = {}
    for _ in range(min(runs, 3)):
        for language in ("python", "r"):
            parts.setdefault(language, []).append(_added_ms(language))
        for language, environment in (("python", str(SAMPLE_PYTHON)), ("r", "ir")):
            for name, value in _list_ms(language, environment).items():
                parts.setdefault(name, []).append(value)
    return {name: Result.of(values, "ms") for name, values in parts.items()}


# --- in the kernel


def _added_ms(language: str) -> float:
    """In turns, so that the machine's drift hits both alike."""
    with _kernel(language, with_agent=True) as ours, _kernel(language, with_agent=False) as bare:
        for kernel in (ours, bare):
            kernel.run(_FILL[language])
        pushes = ours.ask("hello").pushes
        ours.ask("variables.sync", full=True)
        added: list[float] = []
        for turn in range(TURNS + 3):
            code = _ONE[language].replace("{turn}", str(turn))
            with_agent = _busy_ms(ours, code) + (0.0 if pushes else _sync_ms(ours))
            if turn >= 3:
                added.append(with_agent - _busy_ms(bare, code))
        return median(added)


@contextlib.contextmanager
def _kernel(language: str, *, with_agent: bool) -> Iterator[AgentKernel]:
    from tests.kernel.agents.harness import AgentKernel
    from tests.unit.plugins.languages import PYTHON, R

    program = SAMPLE_PYTHON if language == "python" else Path(shutil.which("R") or "")
    if not program.is_file():
        raise MeasurementError("R is not installed, so variables_5000 can't be measured for it.")
    with tempfile.TemporaryDirectory(prefix="fpb") as folder:
        which = PYTHON if language == "python" else R
        kernel = AgentKernel(
            which, program, Path(folder), variables={"IPYTHONDIR": folder, **os.environ}, with_agent=with_agent
        )
        try:
            yield kernel
        finally:
            kernel.close()


def _busy_ms(kernel: AgentKernel, code: str) -> float:
    message_id = kernel.client.execute(code, store_history=True)
    return _busy_with_ms(kernel, message_id)


def _sync_ms(kernel: AgentKernel) -> float:
    """What the window asks after each run of a kernel whose agent does not push."""
    data = {"v": 1, "id": time.monotonic_ns(), "method": "variables.sync", "params": {"full": False}}
    message = kernel.client.session.msg("comm_msg", {"comm_id": kernel.comm, "data": data})
    kernel.client.shell_channel.send(message)
    return _busy_with_ms(kernel, str(message["header"]["msg_id"]))


def _busy_with_ms(kernel: AgentKernel, message_id: str) -> float:
    """Milliseconds between "busy" and "idle" of a message, by the kernel's clock."""
    began: datetime.datetime | None = None
    while True:
        message = kernel.client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != message_id or message["msg_type"] != "status":
            continue
        at: datetime.datetime = message["header"]["date"]
        if message["content"]["execution_state"] == "busy":
            began = at
        elif began is not None:
            return (at - began).total_seconds() * 1000


# --- in the window


def _list_ms(language: str, environment: str) -> dict[str, float]:
    from bench._panes import program_with_agent, rest

    with program_with_agent(environment) as workbench:
        names = workbench.program.variables.model
        workbench.run(_FILL[language], language=language).wait(60)
        workbench.wait_until(lambda: len(names.names.variables) >= COUNT, 60, "The list of 5,000 names")
        rest(workbench, 1.0)
        workbench.program.stalls.start()
        one = [_painted_ms(workbench, _ONE, language, turn) for turn in range(10_001, 10_001 + TURNS)]
        every = [_painted_ms(workbench, _ALL, language, turn) for turn in range(20_001, 20_006)]
        return {
            f"list_{language}": median(one),
            f"list_all_{language}": median(every),
            f"list_stall_{language}": workbench.stall_max_ms(),
        }


def _painted_ms(workbench: Workbench, code: dict[str, str], language: str, turn: int) -> float:
    from bench._panes import ms_to_paint, rest

    pane = workbench.program.variables
    before = pane.model.names
    least = COUNT if code is _ALL else 1

    def is_listed() -> bool:
        names = pane.model.names
        return names is not before and "x" in names.fresh and len(names.fresh) >= least

    text = f"{code[language].replace('{turn}', str(turn))}\n{_CLOCK[language]}"
    taken_ms = ms_to_paint(workbench, text, language, pane.view.viewport(), is_listed)
    rest(workbench, 0.2)
    return taken_ms

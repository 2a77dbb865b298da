"""A window without a window: a process that a test starts, tells what to run, and kills.

    python -m tests.kernel.window RUNTIME_FOLDER WORK_FOLDER CODE_FILE

Prints one line of JSON per thing that happened: {"state": ...}, {"lines": n} with the count of lines shown so far,
{"input": prompt}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ide.core.outputs import Output, Stream
from ide.core.runs import Run
from ide.kernels.kernels import Kernels
from ide.kernels.records import InputRequest, Limits
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.kit import python_launch


def say(**fact: object) -> None:
    """One line on stdout."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Start a kernel, run the code, report until somebody kills this process."""
    runtime, work, code_file = map(Path, sys.argv[1:4])
    ui = FakeUiThread()
    kernels = Kernels(runtime, ui.post, ui.after, agent_of=lambda _: None, limits=Limits(run_lines=10_000_000))
    session = kernels.start(python_launch(work), "Left behind")
    counts = {"lines": 0}

    def on_output(_run: Run, outputs: tuple[Output, ...]) -> None:
        counts["lines"] += sum(output.text.count("\n") for output in outputs if isinstance(output, Stream))
        say(lines=counts["lines"])

    def on_input(request: InputRequest) -> None:
        say(input=request.prompt)

    session.output_arrived.connect(on_output)
    session.input_requested.connect(on_input)
    ui.pump_until(lambda: session.state == "idle")
    say(state="idle", pid=session.pid)
    session.execute(code_file.read_text())
    while True:
        ui.pump(0.05)


if __name__ == "__main__":
    main()

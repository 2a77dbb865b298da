"""Progress bars and the console's width, in real kernels: what they print can be drawn in place and fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ide.core.bars import BarReader
from ide.panes.console.terminal import Terminal
from tests.kernel.agents.harness import AgentKernel

RICH_LIVE = """
class Console:
    is_jupyter, is_interactive, _force_terminal, _width, _height = True, False, None, 115, 100


class Live:
    def __init__(self, *, console=None):
        self.console = console or Console()
"""


def drawn(text: str) -> list[str]:
    """What a console shows of printed text."""
    terminal = Terminal(lambda _folded: 0)
    terminal.feed(text)
    return [each if isinstance(each, str) else each.text for each in terminal.all_lines()]


def shares(reply: Any) -> list[float]:
    """What the window takes for progress."""
    readers: dict[str, BarReader] = {}
    found = (
        readers.setdefault(str(content["name"]), BarReader()).read(content["text"]) for content in reply.of("stream")
    )
    return [share for share in found if share is not None]


def test_tqdm_fills_the_width_and_follows_it(python: AgentKernel) -> None:
    for columns in (60, 100):  # twice, as a pane is resized
        python.ask("console.width", columns=columns)
        reply = python.run("from tqdm import tqdm\nfor i in tqdm(range(5), mininterval=0): pass")
        (line,) = drawn(reply.text)
        assert len(line) == columns - 1
        assert line.startswith("100%|█"), line
        assert shares(reply)[-1] == 1.0
    assert python.run("import os; print(os.environ['COLUMNS'])").text == "100\n"


def test_width_of_the_users_own_stays(python: AgentKernel) -> None:
    python.ask("console.width", columns=90)
    python.run("import os; os.environ['COLUMNS'] = '70'")
    python.ask("console.width", columns=120)
    assert python.run("print(os.environ['COLUMNS'])").text == "70\n"
    python.run("del os.environ['COLUMNS']")
    python.ask("console.width", columns=1)
    assert python.run("print(os.environ['COLUMNS'])").text == "20\n"
    python.ask("console.width", columns=80)


def test_nested_tqdm_bars_stay_in_their_lines(python: AgentKernel) -> None:
    reply = python.run(
        "from tqdm import trange\n"
        "for i in trange(4, desc='outer', mininterval=0):\n"
        "    for j in trange(3, desc='inner', mininterval=0): pass\n"
        "print('end')"
    )
    lines = [line for line in drawn("".join(content["text"] for content in reply.of("stream"))) if line]
    assert [line[:11] for line in lines if line.startswith("outer")] == ["outer: 100%"]
    assert "end" in lines[-1]
    found = shares(reply)
    assert sorted(found) == found
    assert found[-1] == 1.0


@pytest.mark.parametrize("module", ["auto", "autonotebook", "notebook"])
def test_bars_of_notebooks_are_text_and_warn_nobody(python: AgentKernel, module: str) -> None:
    reply = python.run(f"from tqdm.{module} import tqdm, trange\nfor i in tqdm(trange(3)): pass")
    assert reply.of("error") == reply.of("display_data") == []
    assert "3/3" in drawn(reply.text)[0]
    assert "Warning" not in reply.text


def test_live_displays_of_rich_are_text(start: Callable[..., AgentKernel], tmp_path: Path) -> None:
    package = tmp_path / "rich"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "live.py").write_text(RICH_LIVE, encoding="utf-8")
    kernel = start("python", tmp_path)
    code = "from rich.live import Live\nc = Live().console\nprint(c.is_jupyter, c.is_interactive, c._force_terminal)"
    assert kernel.run(code).text == "False True True\n"


def test_width_of_r_follows_unless_the_user_has_set_it(r: AgentKernel) -> None:
    r.ask("console.width", columns=60)
    assert r.run("cat(getOption('width'))").text == "60"
    assert max(map(len, drawn(r.run("print(1:100)").text))) <= 60
    r.run("options(width = 70)")
    r.ask("console.width", columns=90)
    assert r.run("cat(getOption('width'))").text == "70"
    r.run("options(width = 60)")
    r.ask("console.width", columns=80)
    assert r.run("cat(getOption('width'))").text == "80"


@pytest.mark.parametrize(
    ("style", "last", "found"),
    [(1, "=" * 60, []), (2, "=" * 60, []), (3, "| 100%", [0, 0.25, 0.5, 0.75, 1])],
)
def test_bars_of_r_stay_in_their_line(r: AgentKernel, style: int, last: str, found: list[float]) -> None:
    reply = r.run(
        f"pb <- txtProgressBar(0, 4, style = {style})\nfor (i in 1:4) {{ setTxtProgressBar(pb, i); flush.console() }}\n"
        "close(pb)"
    )
    (line,) = drawn(reply.text)
    assert line.endswith(last)
    assert [share for share in shares(reply) if share in (0, 0.25, 0.5, 0.75, 1)] == found


def test_bars_of_cli_stay_in_their_line(r: AgentKernel) -> None:
    reply = r.run(
        "(function() {\n"
        "  options(cli.progress_show_after = 0)\n"
        "  cli::cli_progress_bar('Working', total = 20)\n"
        "  for (i in 1:20) { Sys.sleep(0.05); cli::cli_progress_update(force = TRUE) }\n"
        "})()"
    )
    assert [line for line in drawn(reply.text) if line.strip()] == []
    found = shares(reply)
    assert sorted(found) == found
    assert found[-1] >= 0.9


def test_messages_of_r_have_one_line_break(r: AgentKernel) -> None:
    assert r.run("message('one'); message('two', appendLF = FALSE); message(' three')").text == "one\ntwo three\n"
    own = "signalCondition(structure(class = c('mine', 'message', 'condition'), list(message = 'own', call = NULL)))"
    assert r.run(f"invisible({own})").text == "own\n"

"""Whatever a kernel sends, the console stays whole: no error, a prompt at the end, bounded text (PROMISES B4)."""

from __future__ import annotations

import random

import pytest

from ide.core.runs import RunStatus
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession, message, stream

PIECES = (
    "text", "\n", "\r", "\x1b[31m", "\x1b[0m", "\x1b[2K", "\x1b[3A", "\x1b[K", "\x1b[J", "\x1b]0;t\x07", "\x08", "\x00",
    "\u202e", "\ufffc", "\U0001f600", "日本", "\x1b", "é" * 50, "y" * 3000, "\t", "https://a.example/x", "\ud800",
    "\x1b[999999999C", "\x1b[;;;;m", "\x1b[38;5m", "\x1b[38;2;1m", "\x1b]8;;https://x\x07", "\x0c", "\u2028",
)  # fmt: skip
ODD: tuple[object, ...] = (
    None,
    5,
    "",
    "x",
    [],
    {},
    ["a", 5],
    {"text/plain": ["a", "b"]},
    {"text/html": None},
    {"image/png": "%"},
    True,
)
KINDS = (
    "stream", "display_data", "execute_result", "update_display_data", "error", "clear_output", "status",
    "execute_input", "execute_reply", "input_request", "unknown_kind", "comm_msg", "shutdown_reply",
)  # fmt: skip
FIELDS = (
    "text", "name", "data", "metadata", "transient", "ename", "evalue", "traceback", "wait", "execution_state", "code",
    "execution_count", "prompt", "password", "payload", "status",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(15))
def test_storm_of_text_leaves_a_prompt_and_bounded_text(rig: ConsoleRig, session: FakeSession, seed: int) -> None:
    chance = random.Random(seed)
    rig.view.set_limits(500, 2000)
    run = session.execute("storm")
    session.execution_count = 1
    session.say(session.input_of(run))
    for _ in range(chance.randrange(5, 60)):
        text = "".join(chance.choices(PIECES, k=chance.randrange(1, 300)))
        session.say(stream(run.id, text, chance.choice(("stdout", "stderr"))))
        if chance.random() < 0.2:
            session.say(message("clear_output", run.id, {"wait": chance.random() < 0.5}))
        if chance.random() < 0.3:
            shown = {"data": {"text/plain": text[:500]}, "transient": {"display_id": chance.choice("abc")}}
            session.say(message(chance.choice(("display_data", "update_display_data")), run.id, shown))
        if chance.random() < 0.3:
            rig.spin()
    session.say(*session.end_of(run))
    session.set_run(run, RunStatus.OK)
    rig.settle()
    assert rig.view.has_prompt
    assert rig.text.endswith("In [2]: ")
    assert rig.view.control.document().blockCount() <= 503
    rig.type("still here")
    assert rig.view.input_code == "still here"


@pytest.mark.parametrize("seed", range(15))
def test_malformed_messages_are_survived(rig: ConsoleRig, session: FakeSession, seed: int) -> None:
    chance = random.Random(seed)
    run = session.execute("storm")
    session.execution_count = 1
    session.say(session.input_of(run))
    for _ in range(60):
        content = {name: chance.choice(ODD) for name in chance.sample(FIELDS, 6)}
        kind = chance.choice(KINDS)
        session.say(message(kind, chance.choice((run.id, "", "other")), content))
    rig.settle()
    rig.page.answer.put_away()
    last = session.execute("x")
    session.run_through(last, stream(last.id, "at the end\n"), count=7)
    rig.settle()
    assert "at the end\n" in rig.text
    assert rig.text.endswith("In [8]: ")

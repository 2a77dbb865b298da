"""What the watch over frames says of a run, in both languages: the findings of each frame."""

from __future__ import annotations

from typing import Any

from ide.kernels import contract
from tests.kernel.agents.harness import AgentKernel

Found = dict[str, tuple[contract.FrameFinding, ...]]


def noted(kernel: AgentKernel, code: str) -> Found:
    """Run code that must succeed; what was noted of each frame, also of those where something is taken back."""
    reply = kernel.run(code)
    assert reply.status == "ok", reply.content
    events: list[dict[str, Any]] = [*reply.events]
    if kernel.language.id == "r":
        events += synced(kernel)
    assert not [event for event in events if event.get("event") == "agent.failed"], events
    found: Found = {}
    for event in events:
        if event.get("event") == "frames.noted":
            for frame in contract.FramesNoted.from_json(event["params"]).frames:
                found[frame.name] = frame.findings
    return found


def synced(kernel: AgentKernel) -> list[dict[str, Any]]:
    """R tells when it is asked, as the window does after each run: the events before the answer."""
    message = kernel.client.session.msg(
        "comm_msg", {"comm_id": kernel.comm, "data": {"v": 1, "id": 99, "method": "variables.sync", "params": {}}}
    )
    kernel.client.shell_channel.send(message)
    events: list[dict[str, Any]] = []
    while True:
        answer = kernel.client.get_iopub_msg(timeout=60)
        assert answer["msg_type"] != "stream", answer["content"]
        if answer["msg_type"] != "comm_msg":
            continue
        data = answer["content"]["data"]
        if data.get("id") == 99:
            assert "result" in data, data
            return events
        events.append(data)


def shown(kernel: AgentKernel, finding: contract.FrameFinding, path: str = "") -> int:
    """How many rows the viewer shows where it is asked for those of a finding."""
    table = kernel.ask("table.open", path=[path] if path else list(finding.path)).table
    members: list[dict[str, Any]] = [
        {"column": one.column, "operator": one.operator, "values": list(one.values), "is_case_sensitive": False}
        for one in finding.filters
    ]
    view = kernel.ask("table.view", table=table, view=1, filter={"all": finding.is_all, "members": members})
    kernel.ask("table.close", table=table)
    assert members
    assert not view.problems
    rows: int = view.row_count
    return rows


def kinds(found: Found, name: str) -> list[str]:
    """The kinds of what was noted of one frame."""
    return [finding.kind for finding in found.get(name, ())]

"""A real kernel with our agent in it and a comm to that agent, for tests of agents only.

Owns one kernel process, started as the language's `launch` says, and the client's sockets. `close()` ends both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_core.utils import ensure_event_loop

from ide.core.environment import Environment, LaunchSpec
from ide.core.language import Language
from ide.kernels import contract

ROOT = Path(__file__).resolve().parents[3]
SAMPLE_PYTHON = ROOT / ".venv-sample" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TIMEOUT_S = 60.0

# The client's own loop stays for the whole process, with two sockets: no test is to be blamed for it.
ensure_event_loop()


@dataclass
class Reply:
    """What one execution gave: status and the messages of its iopub."""

    content: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.content["status"])

    @property
    def text(self) -> str:
        return "".join(m["content"]["text"] for m in self.messages if m["msg_type"] == "stream")

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The contents of the messages of one kind."""
        return [m["content"] for m in self.messages if m["msg_type"] == kind]


class AgentKernel:
    """One kernel of `language`. Not for more than one thread."""

    def __init__(
        self,
        language: Language,
        interpreter: Path,
        folder: Path,
        *,
        is_trusted: bool = True,
        variables: dict[str, str] | None = None,
        with_agent: bool = True,
    ) -> None:
        self._runtime = tempfile.TemporaryDirectory(prefix="fpa")
        runtime = Path(self._runtime.name)
        (runtime / "private").mkdir(mode=0o700)
        environment = Environment("test", "test", language.id, "venv", interpreter)
        self.language = language
        self.launch: LaunchSpec = language.launch(
            environment, folder, is_trusted=is_trusted, private_folder=runtime / "private"
        )
        connection, _ = write_connection_file(str(runtime / "c.json"), transport="ipc", ip=str(runtime / "k"))
        self._log = (runtime / "log").open("wb+")
        self.process = self._start(connection, variables or {})
        self.client = BlockingKernelClient(connection_file=connection)
        self.client.load_connection_file()
        self.client.session.copy_threshold = 1 << 30  # else pyzmq starts a thread for large messages and keeps it
        self.client.start_channels(stdin=True, hb=False)
        self.comm = ""
        self._next = 0
        self.requested_input: list[dict[str, Any]] = []
        self.buffers: list[bytes] = []
        self.client.wait_for_ready(timeout=TIMEOUT_S)
        if with_agent:
            self.send_agent()

    def _start(self, connection: str, variables: dict[str, str]) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **self.launch.variables, **variables}
        environ.pop("COLUMNS", None)  # tests that run side by side have a width of their own
        for name in self.launch.unset:
            environ.pop(name, None)
        argv = [part.replace("{connection_file}", connection) for part in self.launch.argv]
        return subprocess.Popen(
            argv,
            cwd=self.launch.working_folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def log(self) -> str:
        """What the process itself wrote."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def send_agent(self) -> None:
        """Send the agent in silently, as a session does, and open the comm."""
        source = self.language.agent()
        assert source is not None
        reply = self.run(source.code, silent=True, store_history=False)
        assert reply.status == "ok", reply.content.get("evalue")
        self.comm = uuid.uuid4().hex
        opening = self._send("comm_open", {"comm_id": self.comm, "target_name": source.target, "data": {}})
        self._wait_for_idle(opening)
        if source.more is not None:
            self.ask("agent.more", packed=source.more())

    def _wait_for_idle(self, message_id: str) -> None:
        """ipykernel 7 looks a comm up in another thread than the one that opens it, and prints that it is not there."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            is_idle = message["content"].get("execution_state") == "idle"
            if is_idle and message["parent_header"].get("msg_id") == message_id:
                return

    def run(
        self, code: str, *, silent: bool = False, store_history: bool = True, answers: tuple[str, ...] = ()
    ) -> Reply:
        """Execute and wait for reply and idle; `answers` go to what the code asks on stdin."""
        message_id = self.client.execute(code, silent=silent, store_history=store_history, allow_stdin=True)
        return self._collect(message_id, list(answers))

    def begin(self, code: str) -> str:
        """Execute without waiting; `end` waits, with what this returns."""
        return str(self.client.execute(code, allow_stdin=False, stop_on_error=False))

    def end(self, message_id: str) -> Reply:
        """Wait for reply and idle of what was begun."""
        return self._collect(message_id, [])

    def ask(self, method: str, **params: Any) -> Any:
        """The checked record that the agent answers; fails on an error."""
        answer = self.ask_raw({"method": method, "params": params})
        assert "result" in answer, answer
        return contract.RESULTS[method](answer["result"])

    def ask_raw(self, request: dict[str, Any]) -> dict[str, Any]:
        """The message that answers a request; its buffers stay in `buffers`."""
        self._next += 1
        self._send("comm_msg", {"comm_id": self.comm, "data": {"v": 1, "id": self._next, **request}})
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["msg_type"] == "stream":
                raise AssertionError(f"the agent printed: {message['content']['text']!r}")
            if message["msg_type"] == "comm_msg" and message["content"]["data"].get("id") == self._next:
                answer: dict[str, Any] = message["content"]["data"]
                self.buffers = [bytes(buffer) for buffer in message["buffers"]]
                return answer
        raise AssertionError("no answer")

    def _send(self, kind: str, content: dict[str, Any]) -> str:
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _collect(self, message_id: str, answers: list[str]) -> Reply:
        reply = Reply({})
        deadline = time.monotonic() + TIMEOUT_S
        is_idle = False
        while not (is_idle and reply.content):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"no end of the run; {self.process.poll()}; {self.log()[-2000:]}")
            if self.client.stdin_channel.msg_ready():
                self.requested_input.append(self.client.stdin_channel.get_msg(timeout=1)["content"])
                self.client.input(answers.pop(0))
            if self.client.shell_channel.msg_ready():
                message = self.client.shell_channel.get_msg(timeout=1)
                if message["parent_header"].get("msg_id") == message_id:
                    reply.content = message["content"]
            if not self.client.iopub_channel.msg_ready():
                self.client.iopub_channel.socket.poll(20)
                continue
            message = self.client.get_iopub_msg(timeout=1)
            if message["msg_type"] == "comm_msg":
                reply.events.append(message["content"]["data"])
            elif message["parent_header"].get("msg_id") == message_id:
                reply.messages.append(message)
                is_idle = is_idle or message["content"].get("execution_state") == "idle"
        return reply

    def close(self) -> None:
        """End the kernel and the sockets."""
        self.client.stop_channels()
        self.client.context.term()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
        self._runtime.cleanup()

"""One kernel as its keeper sees it: its process, its spool, what it printed outside of iopub, its end.

Runs in the keeper's one thread. Standard library and pyzmq (imported late: the first kernel is launched before that).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ide.kernels import launches, platform, private, sealed, spool

if TYPE_CHECKING:
    import zmq

CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
NUDGE_S = 0.05
WRITE_EVERY_S = 0.05
SILENT_S = 1.0
MEMORY_LOOK_BACK_S = 3.0
TAIL_BYTES = 6000
_STATUS = re.compile(rb'"msg_type"\s*:\s*"status"')
_USER_RUN = re.compile(rb'"msg_type"\s*:\s*"execute_request"')
_AGENT = re.compile(rb'"username"\s*:\s*"fourpane\.(agent|internal)"')
_STATE = re.compile(rb'"execution_state"\s*:\s*"(\w+)"')

Then = Literal["keep", "forget", "restart"]


class KeptKernel:
    """A kernel's process and all that is written down about it. `changed` is called after each change of `record`."""

    def __init__(
        self, folder: Path, record: dict[str, Any], changed: Callable[[KeptKernel, dict[str, Any] | None], None]
    ) -> None:
        self.folder = folder
        self.record = record
        self._changed = changed
        self._process: subprocess.Popen[bytes] | None = None
        self._spool = spool.SpoolWriter(folder, int(record["settings"].get("spool_bytes", 64 << 20)))
        self._sockets: dict[str, zmq.Socket[bytes]] = {}
        self._printed = {"stdout": 0, "stderr": 0}
        self._stdio_number = 0
        self._then: Then | None = None
        self._end_at: tuple[float, float] = (0.0, 0.0)
        self._nudge_at = 0.0
        self._memory_kills: deque[tuple[float, int, tuple[Path, ...]]] = deque()
        self._killed_by_us = False
        self._was_ready = True
        self._has_run_code = False
        self._has_news = False
        self._written_at = 0.0
        self._event = 0
        self._adopted_at = 0.0
        self._variables = dict(os.environ)
        self.exit_watch: int | None = None
        self.idle_since = time.monotonic()
        self.is_gone = False

    # -- start and end of the process

    def launch(self) -> None:
        """Start the process; a failure becomes the record's exit. Needs no zmq."""
        record = self.record
        record["generation"] = int(record.get("generation", 0)) + 1
        record.update(
            state="launching",
            is_heard=False,
            exit=None,
            pid=0,
            mark="",
            is_busy=False,
            started_s=time.time(),
            is_adopted=False,
        )
        self._killed_by_us = self._has_run_code = False
        self._adopted_at = 0.0
        self._printed = {"stdout": 0, "stderr": 0}
        try:
            record["connection"] = self._write_connection()
            self._process = self._spawn()
        except OSError as error:
            self._fail(error)
            return
        pid = self._process.pid
        record.update(pid=pid, mark=platform.start_mark(pid))
        self.exit_watch = platform.exit_watch(pid)
        self._watch_memory_kills()
        self._note_begin("started")
        self._spool.flush()
        self._tell()

    def adopt(self) -> None:
        """Take over a kernel whose keeper has gone. Its exit code can no longer be learned, only its end."""
        self.record.update(is_adopted=True, is_heard=False)
        self._has_run_code = True
        self._adopted_at = time.monotonic()
        self.exit_watch = platform.exit_watch(int(self.record["pid"]))
        self._watch_memory_kills()
        self._note_begin("adopted")
        for name in self._printed:
            self._printed[name] = self._size_of(name)
        self._tell()

    def _note_begin(self, event: str) -> None:
        """In the spool, with the key that the messages from here on are signed with."""
        key, generation = self.record["connection"]["key"], self.record["generation"]
        self._spool.add_event({"event": event, "generation": generation, "key": key}, time.time())

    def _spawn(self) -> subprocess.Popen[bytes]:
        launch = self.record["launch"]
        if not Path(launch["working_folder"]).is_dir():
            raise NotADirectoryError(20, "the working folder is gone", launch["working_folder"])
        if not launch["argv"]:
            raise FileNotFoundError(2, "the kernelspec names no program", "")
        variables = launches.process_variables(self._variables, launch)
        # ipykernel ends with the parent named here, unless that is 1; without the variable it prints a notice that is
        # meant for terminals.
        variables["JPY_PARENT_PID"] = "0" if platform.is_windows() else "1"
        event = platform.interrupt_event()
        if event:
            variables["JPY_INTERRUPT_EVENT"] = variables["IPY_INTERRUPT_EVENT"] = str(event)
        self._event = event
        outputs = {name: self._open_output(name) for name in ("stdout", "stderr")}
        try:
            started: subprocess.Popen[bytes] = subprocess.Popen(
                [part.replace("{connection_file}", str(self.connection_file)) for part in launch["argv"]],
                cwd=launch["working_folder"],
                env=variables,
                stdin=subprocess.DEVNULL,
                close_fds=not event,
                stdout=outputs["stdout"],
                stderr=outputs["stderr"],
                **platform.launch_options(),
            )
            return started
        finally:
            for descriptor in outputs.values():
                os.close(descriptor)

    @property
    def connection_file(self) -> Path:
        """The file that tells the kernel where to listen and with which key to sign."""
        return self.folder / f"connection-{self.record['generation']}.json"

    def _write_connection(self) -> dict[str, Any]:
        launch = self.record["launch"]
        connection: dict[str, Any] = {
            "key": os.urandom(32).hex(),
            "signature_scheme": "hmac-sha256",
            "kernel_name": launch["environment"]["kernelspec"] or launch["environment"]["name"],
        }
        if platform.is_windows() or launch.get("encryption") == "none":
            connection |= {"transport": "tcp", "ip": "127.0.0.1", **dict(zip(CHANNELS, _free_ports(), strict=True))}
            if launch.get("encryption") == "curve":
                import zmq

                public, secret = zmq.curve_keypair()
                connection |= {"curve_publickey": public.decode(), "curve_secretkey": secret.decode()}
        else:
            stem = self.folder / str(self.record["generation"])
            connection |= {"transport": "ipc", "ip": str(stem), **{name: n for n, name in enumerate(CHANNELS, 1)}}
        private.write_json(self.connection_file, connection)
        return connection

    def _open_output(self, name: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        return os.open(self.folder / f"{name}.txt", flags, 0o600)

    def _fail(self, error: OSError) -> None:
        kind = "folder" if isinstance(error, NotADirectoryError) else "program"
        self.record.update(
            state="failed",
            exit={
                "error": kind,
                "reason": error.strerror or str(error),
                "name": str(error.filename or ""),
                "at_s": time.time(),
            },
        )
        self._after_end()

    # -- what the window asks for

    def stop(self, then: Then, grace_s: float = 1.0) -> None:
        """Ask the kernel to end, make it after `grace_s`, then keep its record, forget it or start it anew."""
        if self._then == then and (self.is_alive or then == "restart"):
            return  # asked before: a deadline that moved with each asking would never come
        self._then = then
        if not self.is_alive:
            self._after_end()
            return
        now = time.monotonic()
        self._end_at = (now + grace_s, now + grace_s + min(grace_s, 0.5))
        self._send("control", "shutdown_request", {"restart": then == "restart"})

    def kill(self) -> None:
        """End the process and its group at once; the record stays."""
        if self.is_alive:
            self._killed_by_us = True
            platform.end_group(int(self.record["pid"]), by_force=True)

    def interrupt(self) -> bool:
        """Interrupt what the kernel computes, by a signal to its group. False where that cannot be done."""
        return self.is_alive and platform.interrupt_group(int(self.record["pid"]), self._event)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.record["state"] in ("launching", "running")

    @property
    def is_unused(self) -> bool:
        """Whether no code of the user's has run in this process."""
        return not self._has_run_code

    def give_to(self, owner: dict[str, Any] | None, name: str | None = None, *, is_spare: bool = False) -> None:
        """Note the window that the kernel belongs to now; None for one that left it running."""
        self.record.update(owner=owner, is_spare=is_spare)
        if name is not None:
            self.record["name"] = name
        self._tell()

    # -- messages

    def connect(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        """Subscribe to all that the kernel publishes, and open the two request channels for nudging it."""
        import zmq

        self._close_sockets()
        kinds = {"iopub": zmq.SUB, "shell": zmq.DEALER, "control": zmq.DEALER}
        for channel, kind in kinds.items():
            made = context.socket(kind)
            made.linger = 0
            made.set(zmq.RCVHWM, 0)
            made.set(zmq.RECONNECT_IVL, 10)  # and no longer each time: somebody waits for the kernel to be there
            if kind == zmq.SUB:
                made.subscribe(b"")
            secure(made, self.record["connection"])
            made.connect(endpoint(self.record["connection"], channel))
            self._sockets[channel] = made

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        """What the keeper's loop waits on."""
        return list(self._sockets.values())

    def drain(self) -> None:
        """Put what has arrived into the spool."""
        import zmq

        now = time.time()
        for channel, waiting in list(self._sockets.items()):
            for _ in range(2000):
                try:
                    frames = waiting.recv_multipart(zmq.NOBLOCK)
                except zmq.ZMQError:
                    break
                if channel == "iopub":
                    self._look_at(frames)
                    self._spool.add(spool.MESSAGE, spool.without_agent_data(frames), now)
        self._flush()

    def _look_at(self, frames: list[bytes]) -> None:
        if self.record["state"] == "launching":
            self.record["state"] = "running"
        if not self.record.get("is_heard"):
            self.record["is_heard"] = True
            self._tell()
        place = frames.index(spool.DELIMITER) if spool.DELIMITER in frames else -1
        if place < 0 or len(frames) < place + 6:
            return
        if not _USER_RUN.search(frames[place + 3]) or _AGENT.search(frames[place + 3]):
            return
        if not self._has_run_code:
            self._collect_printed()  # before the first run: that belongs to the kernel's start and is nobody's output
            self._has_run_code = True
        if not _STATUS.search(frames[place + 2]):
            return
        state = _STATE.search(frames[place + 5])
        is_busy = state is not None and state.group(1) == b"busy"
        if is_busy != self.record["is_busy"]:
            self.record["is_busy"] = is_busy
            self.idle_since = time.monotonic()
            self._has_news = True

    def _flush(self) -> None:
        cut = self._spool.flush()
        if cut:
            self._changed(self, {"event": "cut", **cut})

    def _send(self, channel: str, message_type: str, content: dict[str, Any]) -> None:
        import zmq

        header = {
            "msg_id": os.urandom(16).hex(),
            "msg_type": message_type,
            "username": "fourpane.internal",
            "session": "keeper",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "version": "5.3",
        }
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        key = str(self.record["connection"]["key"]).encode()
        waiting = self._sockets.get(channel)
        if waiting is not None:
            try:
                waiting.send_multipart([spool.DELIMITER, sealed.sign(key, parts), *parts], zmq.NOBLOCK)
            except zmq.ZMQError:
                return  # it does not take anything now; the next nudge or the deadline deals with it

    # -- the passing of time

    def wait_s(self) -> float:
        """In how many seconds `tick` is due."""
        if self.is_alive and not self.record["is_heard"]:
            return NUDGE_S
        if self._then is not None or self._has_news:
            return WRITE_EVERY_S
        return 0.5 if self.exit_watch is not None or not self.is_alive else 0.25

    def tick(self) -> None:
        """Nudge a kernel that has not said anything yet, collect what it printed, notice its end, keep deadlines."""
        if not self.is_alive:
            return
        now = time.monotonic()
        if not self.record["is_heard"] and now >= self._nudge_at:
            self._nudge(now)
            if self._adopted_at and now - self._adopted_at > SILENT_S:
                self.record["is_heard"] = True  # busy, and not one that answers then: the subscription stands by now
                self._tell()
        self._collect_printed()
        self._watch_memory_kills()
        if self._has_news and now - self._written_at > WRITE_EVERY_S:
            self._write_record()
        if self._then is not None:
            if now >= self._end_at[1]:
                platform.end_group(int(self.record["pid"]), by_force=True)
            elif now >= self._end_at[0]:
                platform.end_group(int(self.record["pid"]), by_force=False)
        if self._has_ended():
            self._note_end()

    def _nudge(self, now: float) -> None:
        """A PUB socket sends nothing until somebody makes the kernel say something:

        ask until an answer is published.
        """
        self._nudge_at = now + NUDGE_S
        connection = self.record["connection"]
        if connection["transport"] == "ipc":
            present = [Path(f"{connection['ip']}-{number}").exists() for number in (1, 2)]
            if not all(present):
                self._link_other_names(connection)
                return
        for channel in ("shell", "control"):
            self._send(channel, "kernel_info_request", {})
        self._nudge_at = now + 4 * NUDGE_S

    @staticmethod
    def _link_other_names(connection: dict[str, Any]) -> None:
        """Some kernels name their sockets `stem:1` instead of `stem-1`; give those the usual name too."""
        for number in range(1, 6):
            other, usual = Path(f"{connection['ip']}:{number}"), Path(f"{connection['ip']}-{number}")
            if other.exists() and not usual.exists():
                usual.symlink_to(other)

    def _collect_printed(self) -> None:
        for name in self._printed:
            try:
                text = self._new_text(name)
            except OSError:
                continue  # the file is gone, or the disk is full; the next look may have more luck
            if not text:
                continue
            self._stdio_number += 1
            number = f"{self.record['generation']}.{self._stdio_number}"
            self._spool.add(spool.STDIO, [number.encode(), name.encode(), text], time.time())
            event = {"event": "stdio", "number": number, "name": name, "text": text.decode("utf-8", "replace")}
            self._flush()
            if self._has_run_code:
                self._changed(self, event)

    def _new_text(self, name: str) -> bytes:
        path, offset = self.folder / f"{name}.txt", self._printed[name]
        if self._size_of(name) <= offset:
            return b""
        limit = int(self.record["settings"].get("printed_bytes", 1 << 20))
        with path.open("r+b") as file:
            file.seek(offset)
            text = file.read(limit)
            self._printed[name] = offset + len(text)
            end = file.seek(0, os.SEEK_END)
            if end > offset + len(text):
                text += f"\n... {end - offset - len(text):,} bytes that the process printed are left out ...\n".encode()
                self._printed[name] = end
            if end > limit:  # appended to by the kernel, so it may be emptied at any time
                file.seek(-min(TAIL_BYTES, self._printed[name]), os.SEEK_END)
                tail = file.read()
                file.truncate(0)
                file.seek(0)
                file.write(tail)
                self._printed[name] = len(tail)
        return text

    def _size_of(self, name: str) -> int:
        try:
            return (self.folder / f"{name}.txt").stat().st_size
        except OSError:
            return 0

    def _watch_memory_kills(self) -> None:
        counters = platform.memory_counters(int(self.record["pid"]))
        if counters:  # none for a process that has just gone: the last known ones hold the answer
            # Seconds may lie between the kill and the end of a large process: compare with the count before that.
            self._memory_kills.append((time.monotonic(), platform.memory_kills(counters), counters))
            while len(self._memory_kills) > 1 and time.monotonic() - self._memory_kills[1][0] > MEMORY_LOOK_BACK_S:
                self._memory_kills.popleft()

    def _has_ended(self) -> bool:
        if self._process is None:
            return not launches.is_running(self.record)
        if hasattr(os, "waitid"):
            if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return False
            if self._then is not None or self._killed_by_us:  # its pid is still taken: nobody else can be hit
                platform.end_group(self._process.pid, by_force=True)
        return self._process.poll() is not None

    def _note_end(self) -> None:
        status = self._process.returncode if self._process is not None else None
        self._drain_rest()
        self._collect_printed()
        number = -status if status is not None and status < 0 else None
        self.record.update(
            state="exited",
            is_busy=False,
            exit={
                "code": status if number is None else None,
                "signal": number,
                "is_out_of_memory": number == 9 and not self._killed_by_us and self._was_killed_for_memory(),
                "was_asked": self._then is not None or self._killed_by_us,
                "was_running": self._was_ready,
                "stderr": self._tail("stderr") or self._tail("stdout"),
                "at_s": time.time(),
            },
        )
        self._spool.add_event(
            {"event": "exited", "generation": self.record["generation"], **self.record["exit"]}, time.time()
        )
        self._flush()
        self._process = None
        self._close_watch()
        self._after_end()

    def _was_killed_for_memory(self) -> bool:
        """Whether the system's own count of such kills has grown in the last seconds."""
        return any(platform.memory_kills(counters) > count for _, count, counters in self._memory_kills)

    def _drain_rest(self) -> None:
        """What the kernel sent before its end may still be on its way through the socket."""
        self._was_ready = self.record["state"] == "running"
        for _ in range(3):
            self.drain()
            time.sleep(0.005)
        self._was_ready = self._was_ready or self.record["state"] == "running"

    def _tail(self, name: str) -> str:
        try:
            data = (self.folder / f"{name}.txt").read_bytes()[-TAIL_BYTES:]
        except OSError:
            return ""
        return "\n".join(data.decode("utf-8", "replace").splitlines()[-40:])

    def _after_end(self) -> None:
        then, self._then = self._then, None
        self._close_sockets()
        self._remove_connection()
        if then == "forget":
            self.forget()
            return
        self._tell()
        if then == "restart":
            self.launch()
            self._changed(self, {"event": "relaunched"})

    def _remove_connection(self) -> None:
        """A killed kernel leaves its sockets behind; the key is worth nothing now."""
        for path in self.folder.glob(f"{self.record['generation']}[-:][1-6]"):
            path.unlink(missing_ok=True)
        self.connection_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove all that is written down about the kernel."""
        self.close()
        private.remove_tree(self.folder)
        self.is_gone = True
        self._changed(self, {"event": "gone"})

    def close(self) -> None:
        """Let go of sockets and files; the process lives on."""
        self._close_sockets()
        self._close_watch()
        self._spool.close()

    def keep_variables(self, variables: dict[str, str]) -> None:
        """The environment for this start and each restart; kept in memory alone, it may hold secrets."""
        self._variables = variables

    def _close_sockets(self) -> None:
        for waiting in self._sockets.values():
            waiting.close()
        self._sockets = {}

    def _close_watch(self) -> None:
        if self.exit_watch is not None:
            os.close(self.exit_watch)
            self.exit_watch = None

    def _tell(self) -> None:
        self._write_record()
        self._changed(self, None)

    def _write_record(self) -> None:
        """A full disk must not end the parent of all kernels: what cannot be written now is written later."""
        self._written_at = time.monotonic()
        try:
            private.write_json(self.folder / launches.RECORD, self.record)
            self._has_news = False
        except OSError:
            self._has_news = True


def endpoint(connection: dict[str, Any], channel: str) -> str:
    """The address of a channel ("shell", "iopub", "stdin", "control")."""
    separator = "-" if connection["transport"] == "ipc" else ":"
    return f"{connection['transport']}://{connection['ip']}{separator}{connection[f'{channel}_port']}"


def secure(made: zmq.Socket[Any], connection: dict[str, Any]) -> None:
    """Make a client's socket speak Curve where the connection asks for it."""
    if "curve_publickey" in connection:
        public, secret = connection["curve_publickey"].encode(), connection["curve_secretkey"].encode()
        made.curve_publickey, made.curve_secretkey, made.curve_serverkey = public, secret, public


def _free_ports() -> list[int]:
    import socket

    held = [socket.socket() for _ in CHANNELS]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()

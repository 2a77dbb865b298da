"""The process that talks with clusters: takes calls on stdin, answers on stdout, ends when stdin does.

    asked     {"id", "method": "hello", "params": {"version", "kinds", "plugins", "folder"}}, first
              {"id", "method", "params": {"spec", "secrets", "arguments"}}: a method of `Target`
    answered  {"id", "result"} or {"id", "error": {"happened", "meaning", "advice"}}
    told      {"id", "told": [arguments]} while a call is at work; {"event": "alive"} each second

Each call has a thread. A target is opened at the first call for it and kept until its spec or its secrets change.
Values of secrets come with each call; they are taken out of all that is said. Nothing here knows the window.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from ide.core import namespace, wire
from ide.core.deploy import JobEvent, JobRequest, TargetSpec
from ide.core.errors import DeployError, FourpaneError
from ide.core.target import Target
from ide.deploy.cluster.plain import HEARTBEAT_S, VERSION, plain, rebuilt
from ide.deploy.redact import Redactor

_EVENTS_AT_ONCE: Final = 500


def main() -> None:
    """Serve until the window is gone."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints, or a process that it starts, would spoil both.
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    server = Server(answers)
    threading.Thread(target=server.beat, name="alive", daemon=True).start()
    with contextlib.suppress(OSError, ValueError):
        while (message := wire.read_message(asked)) is not None:
            server.take(message[0])
    os._exit(0)  # whatever a thread still waits for: jobs go on where they are


class Server:
    """Calls to answers. `take` is called in one thread; answers are written by those that work."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._kinds: Mapping[str, str] = {}
        self._folder = Path()
        self._targets: dict[str, tuple[str, Target]] = {}

    def take(self, header: Mapping[str, Any]) -> None:
        """Start to work on a call."""
        if header["method"] == "hello":
            self._say({"id": header["id"], **self._hello(header["params"])})
            return
        name = f"{header['method']} {header['id']}"
        threading.Thread(target=self._work, args=(header,), name=name, daemon=True).start()

    def beat(self) -> None:
        """Say again and again that this process is alive; end it where nobody hears."""
        while True:
            self._say({"event": "alive"})
            time.sleep(HEARTBEAT_S)

    def _hello(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if params["version"] != VERSION:
            return _error(DeployError("What reaches clusters is of another version.", advice="Restart the program."))
        self._kinds, self._folder = params["kinds"], Path(params["folder"])
        namespace.install(*map(Path, params["plugins"]))
        return {"result": {"version": VERSION, "python": sys.version.split()[0]}}

    def _work(self, header: Mapping[str, Any]) -> None:
        number, params = header["id"], header["params"]
        request = params["arguments"].get("request", {})
        redact = Redactor((*params["secrets"].values(), *request.get("secrets", {}).values()))
        try:
            target = self._target(rebuilt(TargetSpec, params["spec"]), params["secrets"])
            told = _Told(lambda what: self._say({"id": number, "told": _without(what, redact)}))
            result = _call(target, header["method"], params["arguments"], told)
            self._say({"id": number, "result": _without(plain(result), redact)})
        except FourpaneError as error:
            self._say({"id": number, **_without(_error(error), redact)})
        except Exception as error:  # noqa: BLE001 - a plugin and its libraries may fail in any way
            sys.stderr.write(redact(traceback.format_exc()))
            words = f"It says: {type(error).__name__}: {error}"[:400]
            failure = DeployError("The target failed in a way that was not foreseen.", words, "Try again.")
            self._say({"id": number, **_without(_error(failure), redact)})

    def _target(self, spec: TargetSpec, secrets: Mapping[str, str]) -> Target:
        # As a sum alone: no longer than it is needed is the value of a secret kept here.
        state = hashlib.sha256(repr((plain(spec), sorted(secrets.items()))).encode()).hexdigest()
        with self._opening:
            known = self._targets.get(spec.id)
            if known is not None and known[0] == state:
                return known[1]
            if spec.kind not in self._kinds:
                raise DeployError(
                    f"Nothing here knows targets of the kind “{spec.kind}”.",
                    advice="Install the plugin that brings it.",
                )
            module, _, name = self._kinds[spec.kind].partition(":")
            try:
                kind = getattr(importlib.import_module(module), name)
            except Exception as error:
                raise DeployError(
                    f"The plugin for {spec.name} could not be loaded ({type(error).__name__}: {error}).",
                    advice="Reinstall it.",
                ) from error
            folder = self._folder / hashlib.sha256(spec.id.encode()).hexdigest()[:16]
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            target: Target = kind.open(spec, secrets, folder)
            self._targets[spec.id] = (state, target)
        if known is not None:
            threading.Thread(target=known[1].close, name="close", daemon=True).start()
        return target

    def _say(self, header: Mapping[str, object]) -> None:
        try:
            with self._writing:
                wire.write_message(self._answers, header)
        except (OSError, ValueError):
            os._exit(0)  # the window is gone


class _Told:
    """What a call tells on its way."""

    def __init__(self, say: Callable[[Any], None]) -> None:
        self._say = say

    def numbers(self, *what: object) -> None:
        """How far it has come."""
        self._say(list(what))

    def events(self, events: Sequence[JobEvent]) -> None:
        """In pieces that no message is too small for."""
        for first in range(0, len(events), _EVENTS_AT_ONCE):
            self._say([plain(events[first : first + _EVENTS_AT_ONCE])])


def _call(target: Target, method: str, given: Mapping[str, Any], told: _Told) -> Any:
    match method:
        case "submit":
            return target.submit(rebuilt(JobRequest, given["request"]), told.numbers)
        case "watch":
            return target.watch(given["job"], given["first"], told.events)
        case "fetch":
            return target.fetch(given["job"], Path(given["folder"]), told.numbers)
        case "clusters":
            return list(target.clusters())
        case (
            "check" | "stop" | "cancel" | "jobs" | "forget" | "start_cluster" | "scale" | "adapt" | "end_cluster"
            | "link"
        ):  # fmt: skip
            return getattr(target, method)(**given)
    raise DeployError(f"Nobody knows how to “{method}”.")


def _without(value: Any, redact: Callable[[str], str]) -> Any:
    """The same with every text redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _without(one, redact) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(one, redact) for one in value]
    return value


def _error(error: FourpaneError) -> dict[str, Any]:
    return {"error": {"happened": error.happened, "meaning": error.meaning, "advice": error.advice}}

"""What is remembered about environments: the choice per project, the last list, what probing learnt. A JSON file.

A file that cannot be read is put aside and forgotten: everything in it can be found again.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ide.core.environment import Environment, Health
from ide.core.record import dataclass, field
from ide.environments.extents import Extent
from ide.environments.probe import Probe

VERSION = 1
SIZE_LIMIT_BYTES = 2_000_000
PROJECT_LIMIT = 200
FILE_LIMIT = 1000
ANY_LANGUAGE = ""


@dataclass(slots=True)
class State:
    """`chosen` maps project ("" for none) to language ("" for the last choice of all) to environment id."""

    chosen: dict[str, dict[str, str]] = field(default_factory=dict)
    known: dict[str, Environment] = field(default_factory=dict)
    probes: Mapping[str, tuple[int, Probe]] = field(default_factory=dict)
    """Program to (time of its file in ns, answer)."""
    added: list[str] = field(default_factory=list)
    """Programs that the user has pointed at, the oldest first."""
    files: dict[str, str] = field(default_factory=dict)
    """Path of a file to the environment chosen for it alone."""
    offered: dict[str, str] = field(default_factory=dict)
    """Project to what was offered for it, so that it is not offered again."""
    extents: dict[str, tuple[int, Extent]] = field(default_factory=dict)
    """Environment id to (time of its last change in ns, how large it was)."""
    problem: str = field(default="", compare=False)
    """What was wrong with the file; empty where nothing was."""

    def choose(self, project: str, environment: Environment) -> None:
        """Remember a choice for a project and as the last one of its language."""
        for place in dict.fromkeys((project, "")):
            choices = self.chosen.pop(place, {})
            self.chosen[place] = {**choices, environment.language: environment.id, ANY_LANGUAGE: environment.id}
        for oldest in [place for place in self.chosen if place][: max(0, len(self.chosen) - PROJECT_LIMIT)]:
            del self.chosen[oldest]
        self.known[environment.id] = environment

    def choose_for_file(self, file: str, environment: Environment | None) -> None:
        """Remember a choice for one file; None forgets it."""
        self.files.pop(file, None)
        if environment is not None:
            self.files[file] = environment.id
            self.known[environment.id] = environment
        for oldest in list(self.files)[: max(0, len(self.files) - FILE_LIMIT)]:
            del self.files[oldest]

    def note_offer(self, project: str, offer: str) -> bool:
        """Remember what was offered for a project; returns whether it is another offer than the last one."""
        if self.offered.get(project) == offer:
            return False
        self.offered.pop(project, None)
        self.offered[project] = offer
        for oldest in list(self.offered)[: max(0, len(self.offered) - PROJECT_LIMIT)]:
            del self.offered[oldest]
        return True

    def to_bytes(self) -> bytes:
        """The file's content."""
        content = {
            "version": VERSION,
            "chosen": self.chosen,
            "known": [_to_json(environment) for environment in self.known.values()],
            "added": self.added[-FILE_LIMIT:],
            "files": self.files,
            "offered": self.offered,
            "extents": {
                id: [at_ns, extent.package_count, extent.size_bytes, extent.problem]
                for id, (at_ns, extent) in self.extents.items()
            },
            "probes": {program: [at_ns, probe.to_json()] for program, (at_ns, probe) in self.probes.items()},
        }
        return json.dumps(content, indent=1).encode()


def read_state(path: Path) -> State:
    """The state in `path`, empty where it cannot be read; the bad file is kept as `*.bad`."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > SIZE_LIMIT_BYTES:
            raise ValueError("no ordinary file")
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("no table")
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, RecursionError):
        bad = path.with_name(f"{path.name}.bad")
        with suppress(OSError):
            path.replace(bad)
        return State(problem=f"{path.name} could not be read; it is kept as {bad.name}, and the list is made anew.")
    return _from_json(content)


def _from_json(content: Mapping[str, Any]) -> State:
    state = State()
    for project, choices in _table(content.get("chosen")).items():
        state.chosen[project] = {
            language: id for language, id in _table(choices).items() if isinstance(id, str) and "\0" not in id
        }
    known = content.get("known")
    for item in known if isinstance(known, list) else []:
        if (environment := _environment(item)) is not None:
            state.known[environment.id] = environment
    state.probes = dict(_probes(_table(content.get("probes"))))
    state.files = {path: id for path, id in _table(content.get("files")).items() if isinstance(id, str)}
    added = content.get("added")
    items = added if isinstance(added, list) else []
    state.added = [text for text in items if isinstance(text, str) and "\0" not in text and Path(text).is_absolute()]
    offered = _table(content.get("offered"))
    state.offered = {project: text for project, text in offered.items() if isinstance(text, str)}
    state.extents = dict(_extents(_table(content.get("extents"))))
    return state


def _extents(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, Extent]]]:
    for id, parts in content.items():
        if isinstance(parts, list) and [type(part) for part in parts] == [int, int, int, str]:
            yield id, (parts[0], Extent(*parts[1:]))


def _probes(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, Probe]]]:
    for program, pair in content.items():
        if isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int and (probe := Probe.from_json(pair[1])):
            yield program, (pair[0], probe)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _to_json(environment: Environment) -> dict[str, object]:
    from dataclasses import fields

    values = {item.name: getattr(environment, item.name) for item in fields(environment)}
    interpreter = environment.interpreter
    return {**values, "interpreter": str(interpreter) if interpreter else None, "health": environment.health.value}


_TEXTS = ("id", "name", "language", "kind", "kernelspec", "version", "reason", "implementation", "manager")


def _environment(value: object) -> Environment | None:
    """An environment from the file; None where anything about it is odd."""
    if not isinstance(value, dict):
        return None
    texts = {name: value.get(name, "") for name in _TEXTS}
    interpreter, health, in_project = value.get("interpreter"), value.get("health"), value.get("is_in_project", False)
    if not all(isinstance(text, str) and "\0" not in text for text in texts.values()) or not texts["id"]:
        return None
    if not isinstance(interpreter, str | None) or type(in_project) is not bool or health not in list(Health):
        return None
    if interpreter is not None and ("\0" in interpreter or not Path(interpreter).is_absolute()):
        return None
    return Environment(
        **texts,
        interpreter=Path(interpreter) if interpreter else None,
        is_in_project=in_project,
        health=Health(health),
    )

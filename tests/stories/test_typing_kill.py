"""PROMISES A1: what was typed more than 1 s ago is never lost, whenever the program is killed; nothing is invented."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ide.core.text import Edit
from tests.stories.typing_kill_child import NAMES
from tests.unit.documents.desk import Window

ROOT = Path(__file__).parents[2]
AT_ONCE = 8


def start(journals: Path, project: Path, seed: int, log: str, *options: str) -> subprocess.Popen[bytes]:
    arguments = [str(journals), str(project), str(seed), log, *options]
    command = [sys.executable, "-m", "tests.stories.typing_kill_child", *arguments]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE)


def wait_for_note(child: subprocess.Popen[bytes], log: Path, note: bytes) -> None:
    deadline = time.monotonic() + 60
    while not (log.exists() and note in log.read_bytes()):
        assert child.poll() is None, child.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill(child: subprocess.Popen[bytes]) -> float:
    """Kill the whole group; the answer is when."""
    assert child.poll() is None, child.communicate()[1]
    killed_s = time.time()
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    return killed_s


@dataclass(frozen=True)
class Moment:
    """One project, killed once, or (`lives` 2) again after its texts were restored."""

    folder: Path
    seed: int
    lives: int

    def play(self) -> list[float]:
        """For each document the age of the oldest key that is gone."""
        journals, project = self.folder / "journal", self.folder / "project"
        project.mkdir(parents=True)
        (project / NAMES[0]).write_bytes(b"x = 1\r\n" * 50)
        (project / NAMES[1]).write_bytes("x <- '\u00e9'\n".encode("latin-1").replace(b"\xe9", b"e") * 50)
        chance = random.Random(self.seed)
        kills_s = [self._type_and_kill(journals, project, chance, life) for life in range(self.lives)]
        return self._compare(journals, project, kills_s)

    def _type_and_kill(self, journals: Path, project: Path, chance: random.Random, life: int) -> float:
        """Kill the whole group at a moment drawn before: after the first key, in a later life after the start."""
        child = start(journals, project, self.seed + life, "log.jsonl")
        if life == 0:
            wait_for_note(child, project / "log.jsonl", b'"edit"')
        time.sleep(chance.uniform(0, 3))
        return kill(child)

    def _compare(self, journals: Path, project: Path, kills_s: list[float]) -> list[float]:
        window = Window(journals, str(project))
        restored = window.restore()
        texts = {document.title: document.text for document in restored.documents}
        window.close()
        assert (restored.problems, restored.conflicts, window.told) == ((), (), [])
        assert set(texts) <= set(NAMES)
        told = read_log(project / "log.jsonl")
        killed_s = kills_s[sum("base" in entry for entry in told) - 1]  # a life may end before its first key
        return [self._age_s(index, texts.get(name), told, killed_s) for index, name in enumerate(NAMES)]

    def _age_s(self, index: int, text: str | None, told: list[dict[str, object]], killed_s: float) -> float:
        """Age of the oldest key that is missing, 0 for none. The text must be what it was after some key.

        A document that did not come back (None) lacks everything since it was opened.
        """
        states = list(_states(index, told))
        matching = [number for number, (state, _) in enumerate(states) if state == text]
        assert matching or text is None, f"seed {self.seed}: {NAMES[index]} holds what was never there"
        missing = states[(matching[-1] if matching else -1) + 1 :]
        return killed_s - missing[0][1] if missing else 0.0


def read_log(path: Path) -> list[dict[str, object]]:
    """What a child noted; the last line may be cut."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.endswith(b"}")]


def _states(index: int, told: list[dict[str, object]]) -> Iterator[tuple[str, float]]:
    """The text of one document after each key, and when that key was pressed. A later life begins where it restored."""
    text = ""
    for entry in told:
        match entry:
            case {"base": [*texts], "at_s": float(at_s)}:
                text = str(texts[index])
                yield text, at_s
            case {"document": int(document), "at_s": float(at_s), "edit": [int(start), int(removed), str(inserted)]}:
                if document == index:
                    text = Edit(start, removed, inserted).apply(text)
                    yield text, at_s


@pytest.mark.timeout(3600)
def test_kill_while_typing_loses_nothing_older_than_a_second(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    moments = 1000 if request.config.getoption("--long", default=False) else 50
    plan = [Moment(tmp_path / str(number), number * 7919, 2 if number % 3 == 0 else 1) for number in range(moments)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ages_s = sorted(age for found in pool.map(Moment.play, plan) for age in found)
    assert len(ages_s) == 3 * moments
    assert ages_s[-1] <= 1.0
    assert ages_s[int(len(ages_s) * 0.99)] <= 0.5


@pytest.mark.timeout(3600)
def test_windows_that_share_profile_and_files_lose_nothing(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """PROMISES A5: two, then five windows type into the same files and are killed one after the other."""
    is_long = request.config.getoption("--long", default=False)
    for round_number, count in enumerate((2, 5) * (10 if is_long else 1)):
        share(tmp_path / str(round_number), count, random.Random(round_number))


def share(folder: Path, count: int, chance: random.Random) -> None:
    journals, project = folder / "journal", folder / "project"
    project.mkdir(parents=True)
    for name in NAMES[:2]:
        (project / name).write_text("x = 1\n" * 50)
    logs = [f"log{number}.jsonl" for number in range(count)]
    children = [start(journals, project, chance.randrange(10**6), log, "--shared") for log in logs]
    for note in (b'"base"', b'"edit"'):
        for child, log in zip(children, logs, strict=True):
            wait_for_note(child, project / log, note)
        (project / "go").touch()
    kills_s = []
    for child in children:
        time.sleep(chance.uniform(0.3, 1.5))
        kills_s.append(kill(child))
    window = Window(journals, str(project))
    restored = window.restore()
    window.close()
    assert restored.problems == ()
    for killed_s, log in zip(kills_s, logs, strict=True):
        told = read_log(project / log)
        for index, name in enumerate(NAMES):
            texts = [document.text for document in restored.documents if document.title == name]
            texts += [path.read_text() for path in [project / name] if path.exists()]  # what one of them saved
            assert age_of_the_best(index, told, texts, killed_s) <= 1.0, (log, name)


def age_of_the_best(index: int, told: list[dict[str, object]], texts: list[str], killed_s: float) -> float:
    """Of all texts that came back, the one that holds most of what this window typed; age of its first missing key."""
    states = list(_states(index, told))
    held = [number for number, (state, _) in enumerate(states) if state in texts]
    missing = states[(held[-1] if held else -1) + 1 :]
    return killed_s - missing[0][1] if missing else 0.0

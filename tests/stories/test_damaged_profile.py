"""PROMISES A6 with the whole program: many damaged files at once, and it starts, says so once and keeps them."""

from __future__ import annotations

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stories.damage import UNREADABLE, copy_of, spoil
from tests.stories.kit import Outcome, run_script

pytestmark = pytest.mark.timeout(300)

STARTS = 14
TYPED = {"a.py": "typed_in_a = 1\na = 1\n", "b.R": "typed_in_b <- 1\nb <- 1\n", "Untitled 1": "never saved\n"}

FILL = """
from ide.core.text import Edit
from ide.settings import declared
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.program.settings.set(declared.EDITOR_TAB_WIDTH, 3)
    wb.session.wait_ready(60)
    wb.environments()
    wb.run("history_entry = 1").wait(30)
    wb.settle()
    wb.program.shell.window.close()
"""

TYPE_AND_DIE = """
from ide.core.text import Edit
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    for name, text in (("a.py", "typed_in_a = 1\\n"), ("b.R", "typed_in_b <- 1\\n")):
        wb.open(project / name).apply(Edit(0, 0, text))
    wb.program.documents.new("python").apply(Edit(0, 0, "never saved\\n"))
    wb.session.wait_ready(60)
    wb.settle()
    wb.wait_until(lambda: (profile / "state" / "recent.json").exists(), 20)
    pid = wb.session.session.pid
    journals = lambda: sum(path.stat().st_size > 300 for path in profile.glob("journal/*/*.journal"))
    wb.wait_until(lambda: journals() == 3, 20, "The journals")
    time.sleep(1)
    for one in wb.program.kernels.sessions:
        os.kill(one.pid, 9)
    os.kill(os.getpid(), 9)
"""

START = """
began = time.monotonic()
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    tell(took_s=time.monotonic() - began)
    wb.settle(30)
    documents = wb.program.documents.all
    tell(texts=[[d.title, d.text] for d in documents])
    in_console = [bar.notice.text for bar in wb.program.console.notices.bars]
    tell(notices=[*texts(wb), *in_console])
    tell(dialogs=[type(w).__name__ for w in wb.program._application.topLevelWidgets() if w.isVisible() and w.isModal()])
    tell(text=wb.run("print(6 * 7)", language="python").wait(60).text)
    wb.program.shell.window.close()
"""


@dataclass(frozen=True)
class Start:
    """One damaged profile. `journal` is the document whose journal is damaged too, or empty."""

    folder: Path
    seed: int
    spoilt: dict[str, str]
    journal: str

    def play(self) -> tuple[Start, Outcome]:
        opened = self.folder.parent / "template" / "project"
        return self, run_script(f"project = Path({str(opened)!r})\n{START}", self.folder, timeout_s=90)


def fill(folder: Path) -> Path:
    """A profile with every file in it, left by a window that was killed while three texts had never been saved."""
    (folder / "project").mkdir()
    (folder / "project" / "a.py").write_text("a = 1\n")
    (folder / "project" / "b.R").write_text("b <- 1\n")
    first = run_script(FILL, folder)
    assert first.exit_code == 0, first.errors
    second = run_script(TYPE_AND_DIE, folder)
    assert second.exit_code == -signal.SIGKILL, second.errors
    (folder / "profile" / "keys.toml").write_text('version = 1\n[editor]\n"edit.undo" = "Ctrl+Alt+U"\n')
    return folder / "profile"


def files_of(profile: Path) -> list[str]:
    """Everything that is damaged, by its path in the profile."""
    project = next((profile / "state" / "projects").glob("*.json"))
    return [
        "settings.toml", "keys.toml", "trust.json", "state/layout.toml", "state/environments.json",
        "state/recent.json", f"state/projects/{project.name}", "state/starts.json", "history/python.jsonl",
    ]  # fmt: skip


def journal_of(profile: Path, title: str) -> Path:
    word = TYPED[title].split()[0].encode()
    return next(path for path in profile.glob("journal/*/*.journal") if word in path.read_bytes())


def damaged(template: Path, folder: Path, seed: int) -> Start:
    """Seeds from 0 on have files that can't be read at all, the later ones anything."""
    chance = random.Random(seed)
    folder.mkdir()
    profile = copy_of(template, folder / "profile")
    ways = UNREADABLE if seed < STARTS // 2 else None
    spoilt = {}
    for name in files_of(profile):
        path = profile / name
        assert path.exists(), name
        spoilt[name] = spoil(path, chance, ways) if ways else spoil(path, chance)
    journal = chance.choice(["", *TYPED])
    if journal:
        spoilt["journal"] = spoil(journal_of(profile, journal), chance)
    for lock in profile.rglob("*.lock"):
        if chance.random() < 0.3:
            lock.unlink()
            lock.mkdir()
    return Start(folder, seed, spoilt, journal)


def test_damaged_profiles_start_say_so_once_and_restore_what_was_typed(tmp_path: Path, private_home: Path) -> None:
    (tmp_path / "template").mkdir()
    template = fill(tmp_path / "template")
    starts = [damaged(template, tmp_path / str(seed), seed) for seed in range(STARTS)]

    with ThreadPoolExecutor(2) as pool:
        for start, outcome in pool.map(Start.play, starts):
            check(start, outcome)
        for start, outcome in pool.map(Start.play, starts[::5]):
            assert outcome.exit_code == 0, (start, outcome.errors)
            said = [text for text in outcome.facts["notices"] if ".bad" in text]
            assert said == [], f"said a second time: {said}, {start}"


def check(start: Start, outcome: Outcome) -> None:
    facts = outcome.facts
    assert outcome.exit_code == 0, (start, outcome.errors)
    assert facts["took_s"] < 15, start
    assert facts["dialogs"] == [], start
    assert facts["text"] == "42\n", start
    restored = [text for _title, text in facts["texts"]]
    for title, text in TYPED.items():
        if title != start.journal:
            assert text in restored, (start, facts["texts"], facts["notices"])
    assert len(facts["notices"]) == len(set(facts["notices"])), start
    if start.seed < STARTS // 2:
        for name in start.spoilt:
            if name not in ("state/starts.json", "journal"):
                assert_kept_and_said(start, name, facts["notices"])


def assert_kept_and_said(start: Start, name: str, notices: list[str]) -> None:
    path = start.folder / "profile" / name
    kept = [other for other in path.parent.iterdir() if other.name.startswith(f"{path.name}.bad")]
    assert len(kept) == 1, (start, name, kept)
    said = [text for text in notices if path.name in text]
    assert len(said) == 1, (start, name, notices)

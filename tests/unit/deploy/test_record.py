"""Records of runs: kept whole, searched, compared, verified, exported; a secret's value is in none of them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ide.core.deploy import Artefact, JobEvent, JobState
from ide.deploy.export import html_page, ro_crate
from ide.deploy.history import History, search
from ide.deploy.inputs import Input
from ide.deploy.record import Change, RecordedInput, RunRecord, changed_inputs, commit_of, compare, recorded, verify

RUN = RunRecord(
    "j1", "Sales", "/p", "main.py", "python", "local", "This computer", "local", ("--year", "<2026>"),
    {"workers": 2}, ("KEY",), "me", "linux", {"python": "3.12.4"}, "a" * 40, "", "b" * 64,
    {"main.py": "1" * 64, "data/x.csv": "2" * 64}, "c" * 64, {"numpy": "2.1"},
    (RecordedInput("/p/data/x.csv", 3, "2" * 64), RecordedInput("s3://b/k")),
    (Artefact("outputs/t.csv", 5, "3" * 64, "table"),), True, JobState.SUCCEEDED, 0, "", "", 0, 10.0, 11.0, 20.0, 0.5,
    1.0, "EUR",
)  # fmt: skip


def test_record_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    history = History(tmp_path / "jobs")
    history.save(RUN)
    history.save(replace(RUN, id="j2", created_s=99.0, state=JobState.RUNNING))
    history.save(RUN)

    assert History(tmp_path / "jobs").records() == (replace(RUN, id="j2", created_s=99.0, state=JobState.RUNNING), RUN)
    if sys.platform != "win32":
        assert (tmp_path / "jobs/j1/record.json").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "jobs/j1").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "jobs/j1").iterdir()] == ["record.json"]


def test_damaged_record_is_told_and_harms_no_other(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.save(RUN)
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"id": "c"}'), ("d", json.dumps(RUN.to_json()))):
        (history.place(name) / "record.json").write_text(content, "utf-8")

    assert history.records() == (RUN,)
    assert len(history.problems) == 4
    assert (tmp_path / "a/record.json").read_text("utf-8") == "{"


def test_record_of_a_newer_program_is_read(tmp_path: Path) -> None:
    assert RunRecord.from_json({**RUN.to_json(), "version": 9, "more": 1}) == RUN


@pytest.mark.parametrize("job", ["../up", "", "a/b", ".", "a" * 65, "-x"])
def test_id_that_is_a_way_out_is_refused(job: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no id"):
        History(tmp_path).place(job)
    History(tmp_path).remove(job)
    assert tmp_path.is_dir()


def test_events_are_added_and_gaps_or_half_lines_end_them(tmp_path: Path) -> None:
    history = History(tmp_path)
    events = [JobEvent(number, "log", 1.0, f"line {number}\n") for number in range(5)]
    history.add_events("j1", events[:2])
    with open(tmp_path / "j1/events.jsonl", "ab") as stream:
        stream.write(b'{"number": 2, "ki\n')
    history.add_events("j1", events[3:4])
    assert history.events("j1") == tuple(events[:2])

    history.add_events("j1", events[2:])
    assert history.events("j1") == tuple(events)
    assert history.events("other") == ()


def test_search_finds_every_word_anywhere() -> None:
    runs = [RUN, replace(RUN, id="j2", title="Costs", packages={})]

    assert [one.id for one in search(runs, "SALES numpy")] == ["j1"]
    assert [one.id for one in search(runs, "t.csv succeeded")] == ["j1", "j2"]
    assert search(runs, "nothing") == ()
    assert search(runs, "") == tuple(runs)


def test_comparison_names_what_differs_by_part() -> None:
    other = replace(
        RUN, id="j2", files={"main.py": "9" * 64, "data/x.csv": "8" * 64, "new.py": "7" * 64},
        packages={"numpy": "2.2", "polars": "1"}, inputs=(RecordedInput("/p/data/x.csv", 3, "8" * 64),),
        outputs=(Artefact("outputs/t.csv", 5, "6" * 64),), options={"workers": 4}, created_s=50.0, cost=9.0,
    )  # fmt: skip

    assert compare(RUN, replace(RUN, id="j3", created_s=1e9, cost=None)) == ()
    assert [(one.part, one.name) for one in compare(RUN, other)] == [
        ("code", "main.py"), ("code", "new.py"), ("packages", "numpy"), ("packages", "polars"), ("data", "data/x.csv"),
        ("data", "s3://b/k"), ("outputs", "outputs/t.csv"), ("settings", "workers"),
    ]  # fmt: skip
    assert Change("packages", "polars", "", "1") in compare(RUN, other)
    assert [one.name for one in verify(RUN, other)] == ["outputs/t.csv"]
    assert verify(RUN, replace(RUN, id="j3")) == ()


def test_changed_and_missing_inputs_are_named(tmp_path: Path) -> None:
    inputs = []
    for name in ("same", "changed", "gone"):
        (tmp_path / name).write_text(name, "utf-8")
        inputs.append(Input(name, tmp_path / name, 1, hashlib.sha256(name.encode()).hexdigest()))
    run = replace(RUN, inputs=recorded([*inputs, Input("s3://b/k", None, is_address=True)]))
    assert changed_inputs(run) == ()

    (tmp_path / "changed").write_text("other", "utf-8")
    (tmp_path / "gone").unlink()

    assert changed_inputs(run) == (str(tmp_path / "changed"), str(tmp_path / "gone"))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


def test_page_tells_all_and_runs_nothing() -> None:
    page = html_page(replace(RUN, title="<script>alert(1)</script>"))
    tags = Tags()
    tags.feed(page)

    assert not {"script", "img", "link", "iframe"} & tags.seen
    for word in ("&lt;2026&gt;", RUN.commit, RUN.bundle_sha256, "outputs/t.csv", "2.1", "0.50 EUR", "KEY", "s3://b/k"):
        assert word in page, word


def test_crate_describes_the_run_and_every_name_in_it_is_there() -> None:
    content = json.loads(ro_crate(RUN))
    by_id = {one["@id"]: one for one in content["@graph"]}

    assert len(by_id) == len(content["@graph"])
    assert by_id["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    action = by_id["#run-j1"]
    assert action["instrument"] == {"@id": "main.py"}
    assert action["result"] == [{"@id": "outputs/t.csv"}]
    assert by_id["outputs/t.csv"]["sha256"] == "3" * 64
    assert by_id["main.py"]["softwareRequirements"][0] == {"@id": "#package-numpy"}
    named = {one["@id"] for part in (by_id["./"]["hasPart"], action["object"]) for one in part}
    assert named <= set(by_id)


def test_commit_is_read_from_files(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        settings = ["-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *settings, *words], cwd=project, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    assert commit_of(project) == ""
    git("init", "-q")
    assert commit_of(project) == ""
    git("commit", "-q", "--allow-empty", "-m", "x")
    expected = git("rev-parse", "HEAD")
    assert commit_of(project) == commit_of(project / "sub") == expected
    git("pack-refs", "--all")
    assert commit_of(project) == expected
    git("worktree", "add", "-q", "../other", "-b", "topic")
    assert commit_of(tmp_path / "other") == expected
    git("checkout", "-q", "--detach")
    assert commit_of(project) == expected
    (project / ".git/HEAD").write_text("ref: refs/../../secret", "utf-8")
    assert commit_of(project) == ""

"""Preflight finds each planted problem with its file and line, and has no word against sound projects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ide.core.deploy import Concern, Resources, TargetStatus
from ide.core.package_lock import Difference, LeftOut, LockedPackage, LockFile, PackageLock
from ide.core.policy import PolicyVerdict, Standing
from ide.deploy.inputs import Examination, examine
from ide.deploy.preflight import Locked, Preflight, concerns, is_clear, key_of
from ide.deploy.snapshot import take_snapshot
from tests.unit.plugins.languages import PYTHON, R

LOCK = PackageLock(
    "python", "3.12.4", (LockedPackage("numpy", "2.1", ("sha256:aa",)),), (LockFile("requirements.txt", "numpy==2.1"),)
)
R_LOCK = PackageLock("r", "4.5.1", (LockedPackage("dplyr", "1.1.4"),), (LockFile("renv.lock", "{}"),))
STATUS = TargetStatus(
    True,
    versions={"python": "3.12.9", "r": "4.5.0", "dask": "2026.8.0"},
    capabilities=frozenset({"restore_python"}),
    limits={"workers": 4, "memory_bytes": 8e9, "cores_per_worker": 2, "time_limit_s": 86_400, "disk_bytes": 1e9},
    packages={"r": {"dplyr": "1.1.4", "rlang": "1.1"}},
)
TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA2cE4gI6kM8"


def language_of(suffix: str) -> Any:
    return PYTHON if suffix in PYTHON.suffixes else R if suffix in R.suffixes else None


def look(folder: Path, files: Mapping[str, str], entry: str = "main.py", **more: Any) -> tuple[Concern, ...]:
    root = folder / "project"
    for path, text in {**({} if entry in files else {entry: ""}), **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    snapshot = take_snapshot(root, more.pop("start", entry), home=folder / "home", excluded=more.pop("excluded", ()))
    language = language_of(Path(entry).suffix.lower())
    asked = Preflight(
        snapshot, examine(snapshot, language_of, more.pop("named", ())), language.id, language.name, STATUS,
        Locked(LOCK if language is PYTHON else R_LOCK), needs={"dask": "2026.8.0"},
    )  # fmt: skip
    return concerns(replace(asked, **more))


def changed(**more: Any) -> TargetStatus:
    return replace(STATUS, **more)


UNLIKE = changed(
    versions={"python": "3.9.1"}, capabilities=frozenset(), packages={"python": {"numpy": "2.1", "more": "1"}}
)
NOTEBOOK = '{\n "outputs": [\n  "key ' + TOKEN + '\\n"\n ]\n}'

# What is planted -> (files, more, code, file, line)
PLANTED: dict[str, tuple[dict[str, str], dict[str, Any], str, str, int]] = {
    "an absolute path is read": (
        {"main.py": "import pandas\npandas.read_csv('/scratch/me/x.csv')"}, {}, "absolute_path", "main.py", 2,
    ),
    "an absolute path in R": ({"main.R": 'setwd("D:/sales/me")'}, {"entry": "main.R"}, "absolute_path", "main.R", 1),
    "a path below home": ({"main.py": "open('~/x.txt')"}, {}, "absolute_path", "main.py", 1),
    "results written elsewhere": ({"main.py": "\ndf.to_csv('/mnt/out.csv')"}, {}, "absolute_path", "main.py", 2),
    "a secret that is not set": ({"main.py": "import os\nos.environ['KEY']"}, {}, "secret_missing", "main.py", 2),
    "a secret that is not set, in R": (
        {"main.R": 'x <- 1\nSys.getenv("KEY")'}, {"entry": "main.R"}, "secret_missing", "main.R", 2,
    ),
    "a .env file": ({".env": "PASSWORD=" + "hunter22x"}, {}, "secret_in_file", ".env", 1),
    "a private key": ({"server.pem": "-----BEGIN " + "PRIVATE KEY-----\n"}, {}, "secret_in_file", "server.pem", 1),
    "a token in code": ({"main.py": f"\nkey = '{TOKEN}'"}, {}, "secret_in_file", "main.py", 2),
    "a token in git's settings": (
        {".git/config": f"url = https://{TOKEN}@h.example"}, {}, "secret_stays", ".git/config", 1,
    ),
    "a token in a notebook's output": ({"a.ipynb": NOTEBOOK}, {}, "secret_in_file", "a.ipynb", 3),
    "an input that is not there": ({"main.py": "open('data/x.csv')"}, {}, "input_missing", "main.py", 1),
    "an input beside the script": (
        {"src/main.py": "open('x.csv')", "src/x.csv": ""}, {"start": "src/main.py"}, "input_missing", "src/main.py", 1,
    ),
    "an input outside the project": (
        {"main.py": "open('../x.csv')", "../x.csv": ""}, {}, "input_outside", "main.py", 1,
    ),
    "an input that .gitignore names": (
        {".gitignore": "*.csv", "x.csv": "", "main.R": 'read.csv("x.csv")'}, {"entry": "main.R"}, "input_left_out",
        "main.R", 1,
    ),
    "a named input that is not there": ({}, {"named": ["big.parquet"]}, "input_missing", "", 0),
    "another Python": (
        {}, {"status": UNLIKE}, "language_version", "", 0,
    ),
    "another dask": (
        {}, {"status": changed(versions={"python": "3.12.1", "dask": "2024.1.0"})}, "version_unfit", "", 0,
    ),
    "no lock": ({}, {"locked": Locked()}, "lock_missing", "", 0),
    "a lock that is old": (
        {}, {"locked": Locked(LOCK, (Difference("numpy", "2.1", "2.2"),))}, "lock_stale", "requirements.txt", 0,
    ),
    "a lock that can't be installed there": (
        {}, {"locked": Locked(LOCK, unsolvable="There is no torch for Linux on ARM.")}, "lock_unsolvable",
        "requirements.txt", 0,
    ),
    "a lock without sums": (
        {}, {"locked": Locked(replace(LOCK, packages=(LockedPackage("numpy", "2.1"),)))}, "lock_unhashed",
        "requirements.txt", 0,
    ),
    "a package that can't be locked": (
        {}, {"locked": Locked(replace(LOCK, left_out=(LeftOut("mine", "It was installed from a folder."),)))},
        "lock_incomplete", "requirements.txt", 0,
    ),
    "a package that the policy denies": (
        {}, {"verdicts": (PolicyVerdict("evil", "1", Standing.DENIED, ("Denied by IT.",)),)}, "policy", "", 0,
    ),
    "a package that needs an approval": (
        {}, {"verdicts": (PolicyVerdict("rare", "1", Standing.NEEDS_APPROVAL, ("IT asks.",)),)}, "policy", "", 0,
    ),
    "too many workers": ({}, {"resources": Resources(workers=5)}, "quota_workers", "", 0),
    "too much memory": ({}, {"resources": Resources(memory_bytes=9_000_000_000)}, "quota_memory_bytes", "", 0),
    "no disk left": ({"x": "y" * 600}, {"status": changed(limits={"disk_bytes": 1000.0})}, "disk_full", "", 0),
    "more than the budget": (
        {}, {"resources": Resources(budget=1.0, workers=2), "price_per_worker_hour": 0.6}, "over_budget", "", 0,
    ),
    "no limit for what costs": (
        {}, {"resources": Resources(time_limit_s=0), "price_per_worker_hour": 0.6}, "no_limit", "", 0,
    ),
    "no script": ({}, {"start": "other.py"}, "entry_missing", "other.py", 0),
    "a script that was left out": ({}, {"excluded": ["main.py"]}, "entry_missing", "main.py", 0),
    "changes that are not saved": ({}, {"unsaved": ("main.py",)}, "not_saved", "main.py", 0),
    "no R there": (
        {}, {"entry": "main.R", "status": changed(versions={"python": "3.12.1"})}, "language_missing", "", 0,
    ),
    "another package in R": (
        {}, {"entry": "main.R", "status": changed(packages={"r": {"dplyr": "1.0"}})}, "package_differs", "renv.lock", 0,
    ),
    "a target that is down": (
        {}, {"status": TargetStatus(False, "It does not answer.")}, "target_unreachable", "", 0,
    ),
    "a target whose workers nobody knows": (
        {}, {"status": TargetStatus(True, capabilities=frozenset({"workers_unknown"}))}, "workers_unknown", "", 0,
    ),
    "a login that is not valid": (
        {}, {"status": TargetStatus(False, "The login was refused.")}, "target_unreachable", "", 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_problem_is_found_with_its_place(planted: str, tmp_path: Path) -> None:
    files, more, code, file, line = PLANTED[planted]

    found = look(tmp_path, files, **dict(more))

    assert [(one.file, one.line) for one in found if one.code == code] == [(file, line)], found
    told = [one for one in found if one.level != "note"]
    assert {one.code for one in told} <= {code}  # and nothing besides
    for one in told:
        assert one.happened.endswith(".")
        assert one.advice
        assert bool(one.fix) == bool(one.fix_label)
        assert TOKEN not in repr(one)


SOUND: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "a script": ({"main.py": "print('hello')"}, {}),
    "data in the project": (
        {"main.py": "import pandas as pd\npd.read_csv('data/x.csv').to_csv('outputs/y.csv')", "data/x.csv": "a\n1"}, {},
    ),
    "R with data": (
        {"main.R": 'x <- read.csv(file.path("data", "x.csv"))\nsaveRDS(x, "outputs/x.rds")', "data/x.csv": "a\n1\n"},
        {"entry": "main.R"},
    ),
    "a secret that is set": (
        {"main.py": "import os\nos.environ['KEY'], os.environ.get('OTHER', '')"}, {"secrets": frozenset({"KEY"})},
    ),
    "modules, tests and settings": (
        {
            "main.py": "from src import model\nmodel.fit()", "src/model.py": "def fit(): return '/api/v1/models'",
            "tests/test_model.py": "def test(): pass", "pyproject.toml": "[project]\nname = 'x'\n",
            "README.md": "Set password: <yours>.", ".env.example": "KEY=your-key",
        },
        {},
    ),
    "what it writes it may read": (
        {"main.py": "open('step.txt', 'w').write('x')\nopen('step.txt').read()"}, {},
    ),
    "data from the net": ({"main.py": "pd.read_csv('https://data.example/x.csv')\npd.read_parquet('s3://b/x')"}, {}),
    "R scripts that load others": (
        {"main.R": 'source("R/helpers.R")\npng("outputs/x.png")', "R/helpers.R": "f <- function(x) x"},
        {"entry": "main.R"},
    ),
    "a pattern of files": ({"main.py": "pl.read_csv('data/*.csv')", "data/1.csv": "", "data/2.csv": ""}, {}),
    "a repository with an environment": (
        {
            ".git/config": "[core]\n bare = false\n", ".venv/pyvenv.cfg": "", ".venv/x.py": f"k='{TOKEN}'",
            ".gitignore": ".venv/\n", "main.py": "'''Reads /scratch/nobody/x.'''\n",
        },
        {"resources": Resources(budget=10.0), "price_per_worker_hour": 0.5, "currency": "EUR"},
    ),
    "a notebook that was run": ({"a.ipynb": '{"data": {"image/png": "iVBOR' + "w0KGgo" * 99 + '"}}'}, {}),
    "Python of another patch": ({}, {"status": changed(versions={"python": "3.12.0", "dask": "2026.8.0"})}),
}  # fmt: skip


@pytest.mark.parametrize("sound", SOUND)
def test_sound_project_passes_without_a_word(sound: str, tmp_path: Path) -> None:
    files, more = SOUND[sound]

    assert look(tmp_path, files, **dict(more)) == ()


def test_there_are_as_many_as_promised() -> None:
    assert len(PLANTED) >= 25
    assert len(SOUND) >= 10


def test_what_was_accepted_lets_the_job_go_and_is_still_told(tmp_path: Path) -> None:
    (one,) = look(tmp_path, {"main.py": f"key = '{TOKEN}'"})
    asked = look_at(tmp_path)

    assert not is_clear(concerns(asked))
    again = concerns(asked, frozenset({key_of(one)}))
    assert is_clear(again)
    assert [(each.code, each.level, each.line) for each in again] == [("accepted", "note", 1)]


def test_what_a_policy_says_is_not_for_the_user_to_accept(tmp_path: Path) -> None:
    look(tmp_path, {})
    asked = replace(look_at(tmp_path), verdicts=(PolicyVerdict("evil", "1", Standing.DENIED, ("Denied by IT.",)),))
    (one,) = concerns(asked)

    assert not is_clear(concerns(asked, frozenset({key_of(one)})))


def look_at(folder: Path) -> Preflight:
    snapshot = take_snapshot(folder / "project", "main.py", home=folder / "home")
    return Preflight(snapshot, examine(snapshot, language_of), "python", "Python", STATUS, Locked(LOCK))


def test_link_that_leaves_and_large_projects_block(tmp_path: Path) -> None:
    look(tmp_path, {})
    (tmp_path / "project/out").symlink_to("/etc/hostname")
    with open(tmp_path / "project/large.bin", "wb") as large:
        large.truncate(1_200_000_000)
    asked = replace(look_at(tmp_path), status=None)

    assert {(one.code, one.file) for one in concerns(asked)} == {("file_refused", "out"), ("too_large", "large.bin")}
    assert [one.code for one in concerns(replace(asked, is_size_accepted=True))] == ["file_refused"]


def test_inputs_have_their_sums_also_outside_the_project(tmp_path: Path) -> None:
    (tmp_path / "far.csv").write_text("far", "utf-8")
    look(tmp_path, {"main.py": "open('x.csv')\nopen('x.csv')\nread_csv('s3://b/k')", "x.csv": "near"})
    snapshot = take_snapshot(tmp_path / "project", "main.py", home=tmp_path / "home")

    found: Examination = examine(snapshot, language_of, [str(tmp_path / "far.csv")])

    assert [(one.name, one.size_bytes, one.sha256, one.is_sent, one.line) for one in found.inputs] == [
        ("x.csv", 4, hashlib.sha256(b"near").hexdigest(), True, 1),
        ("s3://b/k", 0, "", False, 3),
        (str(tmp_path / "far.csv"), 3, hashlib.sha256(b"far").hexdigest(), False, 0),
    ]

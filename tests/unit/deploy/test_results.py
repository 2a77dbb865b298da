"""Results: unpacked safely or not at all; how a job ended is told in plain words."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest

from ide.core.deploy import Artefact, JobOutcome, JobState
from ide.core.errors import DeployError
from ide.deploy.results import UnpackLimits, ending, kind_of, unpack


def archive(folder: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], packed: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "results.zip"
    with zipfile.ZipFile(path, "w", packed) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return path


def test_files_come_with_sum_and_kind(tmp_path: Path) -> None:
    made = archive(tmp_path, ("outputs/", b""), ("outputs/t.csv", b"a\n"), ("outputs/p/plot.PNG", b"x"), ("n", b""))

    found = unpack(made, tmp_path / "back")

    assert found == (
        Artefact("n", 0, hashlib.sha256(b"").hexdigest(), "file"),
        Artefact("outputs/p/plot.PNG", 1, hashlib.sha256(b"x").hexdigest(), "plot"),
        Artefact("outputs/t.csv", 2, hashlib.sha256(b"a\n").hexdigest(), "table"),
    )
    assert (tmp_path / "back/outputs/t.csv").read_bytes() == b"a\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "results.zip"]


def special(name: str, mode: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = mode << 16
    return made


BAD: dict[str, list[tuple[str | zipfile.ZipInfo, bytes]]] = {
    "climbs out": [("ok", b""), ("../up", b"x")],
    "climbs out in between": [("a/../../up", b"x")],
    "absolute": [("/etc/cron.d/x", b"x")],
    "another drive": [("C:/x", b"x")],
    "a server": [("//server/x", b"x")],
    "backslashes": [("..\\up", b"x")],
    "a device": [("outputs/NUL.txt", b"x")],
    "a stream": [("a.txt:evil", b"x")],
    "a dot at the end": [("a/. /b", b"x")],
    "a link": [(special("link", stat.S_IFLNK | 0o777), b"/etc/passwd")],
    "a pipe": [(special("pipe", stat.S_IFIFO | 0o666), b"")],
    "twice the same": [("a", b"1"), ("A", b"2")],
    "a file as a folder": [("a", b"1"), ("a/b", b"2")],
    "too deep": [("/".join("a" * 30), b"x")],
    "too long": [("a" * 300, b"x")],
    "a control character": [("a\nb", b"x")],
    "many files": [(f"{n}", b"") for n in range(101)],
    "large": [("a", b"x" * 60_000), ("b", b"x" * 60_000)],
}


@pytest.mark.parametrize("bad", BAD)
def test_archive_that_means_harm_is_refused_whole(bad: str, tmp_path: Path) -> None:
    made = archive(tmp_path, *BAD[bad])
    before = sorted(tmp_path.iterdir())

    with pytest.raises(DeployError) as raised:
        unpack(made, tmp_path / "deep/back", UnpackLimits(files=100, size_bytes=100_000))

    assert "not unpacked" in raised.value.happened
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "deep"] == before
    assert not (tmp_path / "deep/back").exists()
    assert not Path("/etc/cron.d/x").exists()


def test_archive_that_swells_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path, ("zeros", bytes(5_000_000)), packed=zipfile.ZIP_DEFLATED)

    with pytest.raises(DeployError, match="grow"):
        unpack(made, tmp_path / "back")


def test_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path, ("zeros", b"0123456789" * 10), packed=zipfile.ZIP_DEFLATED)
    content = bytearray(made.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (5).to_bytes(4, "little")  # the size in the directory
    made.write_bytes(bytes(content))

    with pytest.raises(DeployError):
        unpack(made, tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(17)])
def test_damaged_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "results.zip").write_bytes(content)

    with pytest.raises(DeployError):
        unpack(tmp_path / "results.zip", tmp_path / "back")


def test_broken_content_leaves_nothing(tmp_path: Path) -> None:
    made = archive(tmp_path, ("first", b"1" * 100), ("second", b"2" * 100))
    made.write_bytes(made.read_bytes().replace(b"2" * 100, b"3" * 100))

    with pytest.raises(DeployError, match="damaged"):
        unpack(made, tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["results.zip"]


def test_results_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back/mine").touch()

    with pytest.raises(DeployError):
        unpack(archive(tmp_path, ("a", b"")), tmp_path / "back")
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["mine"]


def test_kinds() -> None:
    assert [kind_of(name) for name in ("a.png", "b.PARQUET", "c.log", "d", "e.tar.gz")] == [
        "plot", "table", "log", "file", "file",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (JobOutcome(JobState.SUCCEEDED, 0), "It ran to its end."),
        (
            JobOutcome(JobState.FAILED, 1, "KeyError: 'x'.", "a.py", 3),
            "It ended with an error (a.py:3): KeyError: 'x'.",
        ),
        (JobOutcome(JobState.FAILED, 7), "It ended with exit code 7."),
        (JobOutcome(JobState.FAILED, 139), "It crashed: memory that is not its own (segmentation fault)."),
        (JobOutcome(JobState.FAILED, -11), "It crashed: memory that is not its own (segmentation fault)."),
        (JobOutcome(JobState.FAILED, 137), "It needed more memory than it was given, or the system stopped it."),
        (JobOutcome(JobState.TIMED_OUT, -15), "It was stopped at its time limit."),
        (JobOutcome(JobState.CANCELLED), "You stopped it."),
        (JobOutcome(JobState.LOST, reason="Killed"), "The worker it ran on is gone; it was not run again: Killed."),
        (JobOutcome(JobState.FAILED), "It never ran."),
    ],
)
def test_ending_is_told_in_plain_words(outcome: JobOutcome, words: str) -> None:
    assert ending(outcome) == words

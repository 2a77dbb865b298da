"""dev.py's set-up: what it finds missing, what it says and does about it, and that it leaves a finished one alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import dev


@pytest.fixture
def attempted(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every program that set-up would have run."""
    words_run: list[list[str]] = []

    def record(words: list[str | Path], **_more: str) -> int:
        words_run.append([str(word) for word in words])
        return 0

    monkeypatch.setattr(dev, "attempt", record)
    return words_run


def on_debian(monkeypatch: pytest.MonkeyPatch, installed: str, user_id: int) -> None:
    """A Debian on which dpkg knows only the packages named in `installed`."""
    answer = "".join(f"{name} installed\n" for name in installed.split())
    monkeypatch.setattr(shutil, "which", lambda name: f"bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: user_id, raising=False)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda words, **_: subprocess.CompletedProcess(words, 1, answer + "gone config-files\n", ""),
    )


GROUP = dev.PackageGroup("nothing can be seen", ("libone", "libtwo|libtwo64", "gone"))


def test_missing_packages_takes_either_name_and_ignores_removed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    on_debian(monkeypatch, "libone libtwo64", 0)

    assert dev.missing_packages(GROUP) == ["gone"]


def test_missing_packages_are_installed_as_root_after_one_update(
    monkeypatch: pytest.MonkeyPatch, attempted: list[list[str]]
) -> None:
    on_debian(monkeypatch, "libone", 0)

    dev.ensure_system([GROUP])

    assert [words[:2] for words in attempted] == [["apt-get", "update"], ["apt-get", "install"]]
    assert attempted[1][-2:] == ["libtwo", "gone"]


def test_missing_packages_are_told_in_one_sentence_without_root(
    monkeypatch: pytest.MonkeyPatch, attempted: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    on_debian(monkeypatch, "libone", 1000)

    dev.ensure_system([GROUP])

    expected = "Without libtwo gone nothing can be seen: sudo apt-get install --no-install-recommends libtwo gone\n"
    assert capsys.readouterr().out == expected
    assert attempted == []


def test_nothing_is_run_where_every_package_is_there(
    monkeypatch: pytest.MonkeyPatch, attempted: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    on_debian(monkeypatch, "libone libtwo gone", 0)

    dev.ensure_system([GROUP])

    assert attempted == []
    assert capsys.readouterr().out == ""


def test_other_systems_only_hear_that_r_is_missing(
    monkeypatch: pytest.MonkeyPatch, attempted: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    dev.ensure_system([GROUP])

    assert capsys.readouterr().out.startswith("R is not on this machine")
    assert attempted == []


def test_apt_that_fails_twice_ends_with_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "attempt", lambda _words, **_more: 100)

    with pytest.raises(SystemExit, match="libone libtwo"):
        dev.apt_install(["libone", "libtwo"])


@pytest.fixture
def fake_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path, list[str]]:
    """(environment folder, lock, what was done) with the slow parts replaced."""
    done: list[str] = []
    folder, lock = tmp_path / "environment", tmp_path / "lock.txt"
    lock.write_text("one==1\n", "utf-8")

    def make(target: Path) -> None:
        done.append("made")
        dev.python_of(target).parent.mkdir(parents=True, exist_ok=True)
        dev.python_of(target).touch()

    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "make_empty_environment", make)
    monkeypatch.setattr(dev, "install", lambda _folder, what: done.append(" ".join(what[:2])))
    return folder, lock, done


def test_environment_is_made_once_and_made_again_when_its_lock_changes(
    fake_environment: tuple[Path, Path, list[str]],
) -> None:
    folder, lock, done = fake_environment

    dev.ensure_environment(folder, lock)
    dev.ensure_environment(folder, lock)
    assert done == ["made", "--require-hashes -r"]

    lock.write_text("one==2\n", "utf-8")
    dev.ensure_environment(folder, lock)
    assert done == ["made", "--require-hashes -r"] * 2


def test_environments_are_compiled_once_and_the_program_each_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, attempted: list[list[str]]
) -> None:
    for name in ("PROGRAM", "SAMPLE"):
        (tmp_path / name / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        (tmp_path / name / "fourpane.stamp").write_text("one")
        monkeypatch.setattr(dev, name, tmp_path / name)

    dev.ensure_bytecode()
    dev.ensure_bytecode()

    compiled = [[Path(word).name for word in words if os.sep in word][1:] for words in attempted]
    assert compiled == [["ide", "plugins", "site-packages"], ["site-packages"], ["ide", "plugins"]]
    (tmp_path / "SAMPLE" / "fourpane.stamp").write_text("two")
    attempted.clear()
    dev.ensure_bytecode()
    assert len(attempted) == 2


def test_environment_that_failed_to_install_is_made_again(
    fake_environment: tuple[Path, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, lock, done = fake_environment

    def fail(_folder: Path, _what: list[str]) -> None:
        raise SystemExit(1)

    with monkeypatch.context() as broken:
        broken.setattr(dev, "install", fail)
        with pytest.raises(SystemExit):
            dev.ensure_environment(folder, lock)
    dev.ensure_environment(folder, lock)

    assert done == ["made", "made", "--require-hashes -r"]


@pytest.mark.parametrize(
    ("pip", "variables", "tool"),
    [
        ({}, {}, "uv"),
        ({"cert": "bundle.pem"}, {}, "uv"),
        ({"index-url": "mirror"}, {}, "pip"),
        ({"proxy": "somewhere"}, {}, "pip"),
        ({"index-url": "mirror"}, {"UV_INDEX_URL": "mirror"}, "uv"),
    ],
)
def test_tool_that_knows_the_machines_index_installs(
    pip: dict[str, str],
    variables: dict[str, str],
    tool: str,
    monkeypatch: pytest.MonkeyPatch,
    attempted: list[list[str]],
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("UV_CONFIG_FILE", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dev, "pip_settings", lambda _python: pip)
    monkeypatch.setattr(dev, "find_uv", lambda: "bin/uv")

    dev.install(tmp_path, ["thing"])

    (words,) = attempted
    assert words[-1] == "thing"
    assert (words[0] == "bin/uv") is (tool == "uv")


def test_pip_does_what_uv_could_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tried: list[str] = []

    def only_pip_works(words: list[str | Path], **_more: str) -> int:
        tried.append(Path(words[0]).stem)
        return 1 if tried[-1] == "uv" else 0

    monkeypatch.setattr(dev, "pip_settings", lambda _python: {})
    monkeypatch.setattr(dev, "find_uv", lambda: "bin/uv")
    monkeypatch.setattr(dev, "attempt", only_pip_works)

    dev.install(tmp_path, ["thing"])

    assert tried == ["uv", "python"]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ({}, "C.UTF-8"),
        ({"LANG": "C"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({"LC_ALL": "POSIX"}, "C.UTF-8"),
    ],
)
def test_children_get_a_utf8_locale(locale: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")

    environment = dev.child_environment()

    assert environment["LANG"] == expected
    assert environment["PYTHONUTF8"] == "1"
    assert "LC_ALL" not in environment


def test_python_of_an_environment_lies_where_each_system_puts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "ON_WINDOWS", True)
    assert dev.python_of(Path("e")) == Path("e/Scripts/python.exe")
    monkeypatch.setattr(dev, "ON_WINDOWS", False)
    assert dev.python_of(Path("e")) == Path("e/bin/python")


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":3"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_display_is_recognised(
    system: str, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)

    assert dev.has_display() is expected


def test_locks_name_hashes_and_no_index() -> None:
    for lock in (dev.PROGRAM_LOCK, dev.SAMPLE_LOCK, dev.CLUSTER_LOCK, dev.CLUSTER_TESTS_LOCK):
        lines = lock.read_text("utf-8").splitlines()
        pinned = [number for number, line in enumerate(lines) if "==" in line and not line.startswith(" ")]

        assert pinned
        assert all("--hash=sha256:" in lines[number + 1] for number in pinned)
        assert not [line for line in lines if "://" in line or line.startswith("--")]


def test_pyside_that_loses_references_is_locked_out_below_python_3_12() -> None:
    text = dev.PROGRAM_LOCK.read_text("utf-8")

    assert "pyside6-essentials==6.12.0 ; python_full_version < '3.12'" not in text
    assert "pyside6-essentials==6.11.3 ; python_full_version < '3.12'" in text


def test_part_past_its_limit_is_ended_with_its_children(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'input()']);"
        f"open({str(started)!r}, 'w'); time.sleep(60)"
    )

    assert dev.run_limited([sys.executable, "-c", code], 1.0) == 124

    assert started.exists()  # and no child is left: the strict run looks for that


def report_of(words: Sequence[str | Path]) -> Path:
    """Where a run of pytest is to write what it counted."""
    return Path(next(str(word).split("=", 1)[1] for word in words if str(word).startswith("--junitxml=")))


@pytest.mark.parametrize(("second", "failed", "unsteady"), [(0, 0, 2), (1, 2, 0)])
def test_few_failures_are_tried_again_alone_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, second: int, failed: int, unsteady: int
) -> None:
    monkeypatch.setattr(dev, "REPORTS", tmp_path)
    runs: list[list[str]] = []

    def run(words: list[str | Path], _limit_s: float, **_more: str) -> int:
        runs.append([str(word) for word in words])
        is_first = len(runs) == 1
        counted = 'tests="9" failures="2"' if is_first else f'tests="2" failures="{second}"'
        report_of(words).write_text(f'<testsuite {counted}><testcase name="test_it"/></testsuite>', "utf-8")
        return 1 if is_first else second

    monkeypatch.setattr(dev, "run_limited", run)
    total = dev.pytest_part("part", ["tests/part", "-n", "2"], 1.0, {})

    assert "--lf" in runs[1]
    assert "-n" not in runs[1]
    assert (total.failed, total.unsteady) == (failed, unsteady)
    assert total.passed + total.failed == 9
    assert ("test_it" in "".join(total.notes)) is bool(unsteady)


def test_many_failures_are_not_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dev, "REPORTS", tmp_path)
    runs: list[object] = []

    def run(words: list[str | Path], _limit_s: float, **_more: str) -> int:
        runs.append(words)
        report_of(words).write_text('<testsuite tests="9" failures="4"/>', "utf-8")
        return 1

    monkeypatch.setattr(dev, "run_limited", run)
    assert dev.pytest_part("part", ["tests/part"], 1.0, {}).failed == 4
    assert len(runs) == 1


def test_xml_report_is_counted_and_a_silent_end_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dev, "REPORTS", tmp_path)
    report = '<testsuites><testsuite tests="7" failures="1" errors="1" skipped="1"/></testsuites>'

    def write(text: str, code: int) -> Callable[..., int]:
        def run(words: list[str | Path], _limit_s: float, **_more: str) -> int:
            if text:
                report_of(words).write_text(text, "utf-8")
            return code

        return run

    monkeypatch.setattr(dev, "run_limited", write(report, 1))
    counted = dev.pytest_part("part", [], 1.0, {})
    monkeypatch.setattr(dev, "run_limited", write("", 139))
    crashed = dev.pytest_part("part", [], 1.0, {})

    assert (counted.passed, counted.failed) == (4, 2)
    assert (crashed.passed, crashed.failed, crashed.notes) == (0, 1, ["pytest ended with 139"])


def test_last_line_of_the_run_is_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"one": lambda: dev.Total("one", 3, 0), "two": lambda: dev.Total("two", 4, 1)}

    assert dev.run_parts(parts) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 1 failed"


def test_every_folder_with_tests_is_a_part_of_the_run() -> None:
    folders = {path.relative_to(dev.ROOT / "tests").parts[0] for path in (dev.ROOT / "tests").rglob("test_*.py")}

    parts = dev.test_parts(False, {})

    assert folders <= set(parts)
    assert list(parts)[:3] == ["check", "rules", "unit"]
    assert list(parts)[-2:] == ["tour", "smoke"]


@pytest.mark.parametrize(
    ("word", "platform"),
    [("tests/stories/test_x.py", "xcb"), ("tests/deploy", "xcb"), ("tests/qt", "offscreen"), ("-x", "offscreen")],
)
def test_whole_programs_get_the_screen_and_widgets_none(word: str, platform: str) -> None:
    assert dev.platform_for([word], {"QT_QPA_PLATFORM": "xcb"})["QT_QPA_PLATFORM"] == platform


def test_set_up_before_measuring_leaves_the_output_to_the_figures() -> None:
    code = """
import dev, sys
with dev.output_to_errors():
    dev.say("set-up")
    dev.attempt([sys.executable, "-c", "print('child')"])
dev.say("{}")
"""

    done = subprocess.run([sys.executable, "-c", code], cwd=dev.ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "{}\n"
    assert done.stderr.split() == ["set-up", "child"]

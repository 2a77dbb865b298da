from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from ide.core.errors import SettingsError
from ide.settings.paths import PROFILE_VARIABLE, Paths, private_folder
from ide.settings.platform import RUNTIME_LENGTH_LIMIT, runtime_base


def test_default_profile_is_the_users_own(private_home: Path) -> None:
    paths = Paths.default()
    assert paths.profile == private_home / "data" / "fourpane"
    assert paths.runtime.parent == private_home / "run" / "fp"


def test_variable_names_another_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROFILE_VARIABLE, str(tmp_path / "mine"))
    assert Paths.default().profile == tmp_path / "mine"


def test_two_profiles_have_two_runtime_folders(tmp_path: Path) -> None:
    assert Paths.at(tmp_path / "one").runtime != Paths.at(tmp_path / "two").runtime
    assert Paths.at(tmp_path / "one").runtime == Paths.at(tmp_path / "one").runtime


def test_profile_path_of_90_characters_leaves_the_runtime_short(tmp_path: Path) -> None:
    profile = tmp_path / ("p" * (90 - len(str(tmp_path)) - 1)) if len(str(tmp_path)) < 88 else tmp_path / "p"
    paths = Paths.at(profile)
    paths.make()
    assert len(str(paths.profile)) >= 90
    assert len(os.fsencode(paths.runtime)) <= RUNTIME_LENGTH_LIMIT
    assert paths.runtime.is_dir()


def test_relative_profile_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.at(Path("mine")).profile == tmp_path / "mine"


def test_made_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths = Paths.at(tmp_path / "deep" / "profile")
        paths.make()
    finally:
        os.umask(before)
    for folder in (paths.profile, paths.state_folder, paths.cache_folder, paths.runtime):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_open_folder_is_narrowed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_file_in_place_of_a_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SettingsError) as refused:
        private_folder(tmp_path / "taken")
    assert str(tmp_path / "taken") in refused.value.text


def test_foreign_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = private_folder(tmp_path / "theirs")
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    with pytest.raises(SettingsError, match="cannot be used"):
        private_folder(folder)


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"XDG_RUNTIME_DIR": "/run/user/7"}, PurePosixPath("/run/user/7/fp")),
        ("linux", {}, PurePosixPath("/tmp/fp-7")),
        ("linux", {"XDG_RUNTIME_DIR": "relative"}, PurePosixPath("/tmp/fp-7")),
        ("linux", {"XDG_RUNTIME_DIR": "/" + "x" * 80, "TMPDIR": "/var/tmp"}, PurePosixPath("/var/tmp/fp-7")),
        ("linux", {"XDG_RUNTIME_DIR": "/" + "x" * 80, "TMPDIR": "/" + "y" * 80}, PurePosixPath("/tmp/fp-7")),
        ("darwin", {"TMPDIR": "/var/folders/ab/0123456789/T"}, PurePosixPath("/var/folders/ab/0123456789/T/fp-7")),
        ("win32", {"TEMP": "C:\\Temp"}, PureWindowsPath("C:\\Temp\\fp")),
        ("win32", {}, PureWindowsPath("C:\\Users\\ada\\AppData\\Local\\Temp\\fp")),
    ],
)
def test_runtime_base_of_each_system(system: str, variables: dict[str, str], expected: object) -> None:
    home = PureWindowsPath("C:\\Users\\ada") if system == "win32" else PurePosixPath("/home/ada")
    assert runtime_base(system, variables, "7", home) == expected

"""Where the program keeps what is the user's and outlives a project: one profile folder, one short runtime folder.

Owns names and private creation of these places, not what is in the files.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from ide.core.errors import SettingsError
from ide.core.record import dataclass
from ide.settings.platform import runtime_base

PROFILE_VARIABLE = "FOURPANE_PROFILE"


@dataclass(frozen=True, slots=True)
class Paths:
    """`profile` holds everything to keep, and its path may be long; `runtime` holds sockets, and its path is short."""

    profile: Path
    runtime: Path

    @classmethod
    def default(cls) -> Paths:
        """The user's own profile, or the one that the variable FOURPANE_PROFILE names."""
        if named := os.environ.get(PROFILE_VARIABLE):
            return cls.at(Path(named))
        from platformdirs import user_data_path

        return cls.at(user_data_path("fourpane", appauthor=False))

    @classmethod
    def at(cls, profile_dir: Path) -> Paths:
        """The profile in `profile_dir`. Two profiles never share a runtime folder."""
        profile = Path.cwd() / profile_dir
        digest = hashlib.sha256(os.fsencode(os.path.normcase(profile))).hexdigest()[:8]
        user = str(os.getuid()) if sys.platform != "win32" else os.environ.get("USERNAME", "user")
        base = Path(runtime_base(sys.platform, os.environ, user, Path.home()))
        return cls(profile, base / digest)

    @property
    def settings_file(self) -> Path:
        """The user's settings, TOML."""
        return self.profile / "settings.toml"

    @property
    def site_settings_file(self) -> Path | None:
        """Settings that a teacher or administrator gives to everyone on this machine; beaten by the user's own."""
        return _site_folder(sys.platform, os.environ) / "settings.toml"

    @property
    def site_policy_file(self) -> Path:
        """What an administrator allows of packages; nobody's own settings loosen it."""
        return _site_folder(sys.platform, os.environ) / "fourpane-policy.toml"

    @property
    def packages_folder(self) -> Path:
        """What is needed to take changes of packages back, and names of packages."""
        return self.state_folder / "packages"

    @property
    def keys_file(self) -> Path:
        """The user's own keys, TOML."""
        return self.profile / "keys.toml"

    @property
    def state_folder(self) -> Path:
        """What the program remembers by itself: recent files, chosen environments."""
        return self.profile / "state"

    @property
    def layout_file(self) -> Path:
        """Places of window and panes."""
        return self.state_folder / "layout.toml"

    @property
    def environments_file(self) -> Path:
        """Which environment was chosen where, and what the last look round the machine found."""
        return self.state_folder / "environments.json"

    @property
    def trust_file(self) -> Path:
        """Which folders are trusted."""
        return self.profile / "trust.json"

    @property
    def journal_folder(self) -> Path:
        """Everything typed and not saved."""
        return self.profile / "journal"

    @property
    def history_folder(self) -> Path:
        """What was entered in consoles, one file per language."""
        return self.profile / "history"

    @property
    def log_folder(self) -> Path:
        """The program's own log."""
        return self.profile / "log"

    @property
    def crash_folder(self) -> Path:
        """Crash reports."""
        return self.profile / "crash"

    @property
    def qt_bytecode_file(self) -> Path:
        """What need not be compiled at every start; may be removed at any time (`ide/qt/first_import.py`)."""
        return self.state_folder / f"qt.{sys.implementation.cache_tag}.bytecode"

    @property
    def cache_folder(self) -> Path:
        """What grows with use, in folders of its own, and may be removed while no window is open."""
        return self.profile / "cache"

    @property
    def tables_folder(self) -> Path:
        """Temporary files of open tables, such as the order of a sorted data file; nothing to keep."""
        return self.cache_folder / "tables"

    def plots_folder(self, project: Path | None) -> Path:
        """Plots that were drawn while a project was open, so that they are there again at the next start."""
        name = hashlib.sha256(os.fsencode(os.path.normcase(project))).hexdigest()[:12] if project else "no-project"
        return self.cache_folder / "plots" / name

    @property
    def made_folder(self) -> Path:
        """Environments that the program makes, unless the user names another place."""
        return self.profile / "environments"

    @property
    def side_folder(self) -> Path:
        """Kernel packages for Pythons that lack them, one folder per (implementation, version, platform)."""
        return self.profile / "side"

    def make(self) -> None:
        """Make profile and runtime folder, for this user alone. Raises SettingsError where that is impossible."""
        for folder in (self.profile, self.state_folder, self.cache_folder, self.runtime.parent, self.runtime):
            private_folder(folder)


def private_folder(folder: Path) -> Path:
    """Make `folder` with mode 0700, or check that it is a folder of this user and nobody else's way in.

    A planted link or a folder of another user is refused (PROMISES E1); a mode that is too open is narrowed.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode) and not _is_own(folder.lstat()):
            raise _refused(folder, "It is a link that another user made.")
        found = folder.stat()
        if sys.platform != "win32":
            if not _is_own(found):
                raise _refused(folder, "It belongs to another user.")
            if stat.S_IMODE(found.st_mode) & 0o077:
                folder.chmod(0o700)
    except OSError as error:
        raise _refused(folder, f"The system says: {error.strerror or error}.") from error
    return folder


def _is_own(found: os.stat_result) -> bool:
    return sys.platform == "win32" or found.st_uid == os.getuid()


def _refused(folder: Path, why: str) -> SettingsError:
    return SettingsError(
        f"The folder {folder} cannot be used.",
        why,
        f"Free it, or set {PROFILE_VARIABLE} to a folder that you can write to.",
    )


def _site_folder(system: str, environment: Mapping[str, str]) -> Path:
    if system == "win32":
        return Path(environment.get("PROGRAMDATA", "C:/ProgramData")) / "fourpane"
    if system == "darwin":
        return Path("/Library/Application Support/fourpane")
    return Path("/etc/xdg/fourpane")

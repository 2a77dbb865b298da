"""conda environments by py-rattler, for R and for `environment.yml`. Blocks: for pool threads.

py-rattler is not part of the program (25 MB that most need never): uv fetches it at its first use, beside the program.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.core.record import dataclass, field
from ide.environments.making.place import ToBin, half_made, swapped
from ide.environments.making.wish import Wish, checked, language_offer
from ide.environments.network import Network
from ide.environments.platform import python_in, r_in
from ide.environments.processes import clean_variables, run
from ide.environments.uv import CancelledError, Uv

PACKAGE = "py-rattler"
TIME_LIMIT_S = 3600.0
_PROCESS = Path(__file__).with_name("conda_process.py")
_MESSAGE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """One package as a channel or a prefix knows it."""

    name: str
    version: str
    build: str
    url: str
    sha256: str = ""
    md5: str = ""
    licence: str = ""
    size_bytes: int = 0

    @property
    def exact(self) -> str:
        """It and no other, in the words of a spec."""
        return f"{self.name} =={self.version} {self.build}"


@dataclass(frozen=True, slots=True)
class Conda:
    """py-rattler with the network's settings; `folder` is our own, for rattler itself and its cache. Any thread."""

    folder: Path
    uv: Uv

    @property
    def network(self) -> Network:
        """How channels are reached."""
        return self.uv.network

    def solve(
        self, specs: Sequence[str], channels: Sequence[str], work: Work, happened: str
    ) -> tuple[CondaPackage, ...]:
        """What would be installed into an empty environment. Raises PackageError."""
        return _packages(self._ask({"specs": list(specs), "channels": list(channels)}, work, happened))

    def names(self, channels: Sequence[str], work: Work, happened: str) -> tuple[str, ...]:
        """Names of everything in channels, sorted. Raises PackageError."""
        said = self._ask({"wants_names": True, "channels": list(channels)}, work, happened)
        return tuple(map(str, said["names"]))

    def install(
        self,
        prefix: Path,
        specs: Sequence[str],
        channels: Sequence[str],
        work: Work,
        happened: str,
        *,
        hashes: Mapping[str, str] | None = None,
    ) -> tuple[CondaPackage, ...]:
        """Make `prefix` hold what fits `specs`, and tell it. `hashes` are those that files must have, by name."""
        request = {
            "specs": list(specs),
            "channels": list(channels),
            "prefix": str(prefix),
            "hashes": dict(hashes or {}),
        }
        return _packages(self._ask(request, work, happened))

    def _ask(self, request: dict[str, Any], work: Work, happened: str) -> dict[str, Any]:
        side = self._side(work, happened)
        cache = self.folder / "conda-cache"
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [sys.executable, "-P", str(_PROCESS), *([str(side)] if side is not None else [])]

        def on_line(line: str) -> None:
            parts = line.split("\t")
            if len(parts) == 4 and parts[0] == "step":
                work.report(parts[3], int(parts[1]), int(parts[2]))

        try:
            with tempfile.TemporaryDirectory(prefix="fp-conda-", dir=cache) as place:
                asked = Path(place, "request.json")
                asked.write_text(json.dumps({**request, "cache": str(cache)}), "utf-8")
                variables = {**clean_variables(os.environ), **self.network.variables()}
                ended = run(
                    argv,
                    self.folder,
                    TIME_LIMIT_S,
                    lambda: work.is_cancelled,
                    variables=variables,
                    on_line=on_line,
                    input_file=asked,
                )
        except OSError as error:
            raise PackageError(happened, f"The system says: {error.strerror or error}.") from error
        if ended.stopped:
            raise CancelledError(happened, "You cancelled it.")
        return _answer(ended.output, ended.errors, happened, self.network)

    def _side(self, work: Work, happened: str) -> Path | None:
        """The folder with rattler; None where the program's own Python has it."""
        if importlib.util.find_spec("rattler") is not None:
            return None
        folder = self.folder / "rattler"
        if (folder / "rattler" / "__init__.py").is_file():
            return folder
        work.report("Fetching what reads conda's channels, 25 MB")
        part = folder.with_name(f"rattler.{os.getpid()}.part")
        try:
            arguments = ["pip", "install", "--target", str(part), "--python", sys.executable, PACKAGE]
            self.uv.run(arguments, work, happened)
            if not folder.exists():
                part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return folder


def _answer(output: str, errors: str, happened: str, network: Network) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(output)
    except ValueError:
        raise PackageError(happened, "What reads conda's channels ended early.", "Try again.") from RuntimeError(errors)
    if "error" in said:
        raise _explained(str(said["error"]), str(said.get("kind")), happened, network)
    return said


def _packages(said: Mapping[str, Any]) -> tuple[CondaPackage, ...]:
    return tuple(
        CondaPackage(
            one["name"],
            one["version"],
            one["build"],
            one["url"],
            one["sha256"],
            one["md5"],
            one["licence"],
            one["size"],
        )
        for one in said["packages"]
    )


def _explained(text: str, kind: str, happened: str, network: Network) -> PackageError:
    lower = text.lower()
    meaning, advice, needs_settings = f"It says: {' '.join(text.split())[:_MESSAGE_LIMIT]}", "", False
    if "no space left" in lower:
        meaning, advice = "The disk is full.", "Make room and try again."
    elif kind == "hash":
        meaning, advice = f"The channel has {text}.", "Ask who runs the channel; nothing was installed."
    elif kind == "SolverError":
        meaning, advice = conflict(text), "Ask for other versions, or leave one of them out."
    elif re.search(r"error sending request|connect|dns|timed out|repodata\.json|certificate|no such file", lower):
        meaning = f"The channel “{_shown(network.conda_channel)}” does not answer."
        advice, needs_settings = "Connect to the network and try again, or look at the settings under Network.", True
    error = PackageError(
        happened,
        meaning,
        advice,
        action="app.settings" if needs_settings else "",
        action_title="Network settings" if needs_settings else "",
        action_arguments={"search": "network"} if needs_settings else None,
    )
    error.__cause__ = RuntimeError(text)
    return error


def conflict(text: str) -> str:
    """Why no set of packages fits, in words."""
    if found := re.search(r"No candidates were found for ([\w.\-]+)\s*([^\n]*)", text):
        wish = found[2].strip(" .*")
        return f"There is no package “{found[1]}”{f' in version {wish}' if wish else ''} in the channel."
    lines = [re.sub(r"^[^\w]+", "", line) for line in text.splitlines()]
    return f"These do not fit together: {'; '.join(line for line in lines if line)[:_MESSAGE_LIMIT]}"


def _shown(channel: str) -> str:
    return re.sub(r"//[^/@]*@", "//", channel)


# --- environments ----------------------------------------------------------------------------------------------------


def make(wish: Wish, conda: Conda, work: Work, check_pip: Callable[[Path, Sequence[str]], None] | None = None) -> Path:
    """Make the environment and return the program that runs its language. A failure leaves nothing.

    `check_pip` gets the program and what pip is to install, and raises PackageError where it may not be.
    """
    checked(wish)
    happened = f"“{wish.name}” could not be made."
    specs, channels, by_pip = _wanted(wish, conda)
    with half_made(wish.place, happened):
        conda.install(wish.place, specs, channels, work, happened)
        program = program_in(wish.place)
        if program is None:
            raise PackageError(happened, "What was asked for holds neither Python nor R.", "Add one of them.")
        if by_pip and check_pip is not None:
            check_pip(program, by_pip)
        if by_pip:
            conda.uv.run(["pip", "install", "--python", str(program), *by_pip], work, happened)
    return program


def check(wish: Wish, conda: Conda, work: Work, look: Callable[[Sequence[CondaPackage]], None]) -> None:
    """Give everything that would be installed to `look`, which raises PackageError where it may not be."""
    specs, channels, _ = _wanted(wish, conda)
    look(conda.solve(specs, channels, work, f"“{wish.name}” could not be made."))


def _wanted(wish: Wish, conda: Conda) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Specs, channels, and what pip installs."""
    offer = language_offer(wish.language)
    specs, channels = [*wish.packages], [conda.network.conda_channel]
    by_pip: tuple[str, ...] = ()
    if wish.source is not None:
        named = read_environment_file(wish.source)
        specs, by_pip = [*named.specs, *specs], named.by_pip
        channels = list(named.channels) or channels
    if offer is not None and not any(re.match(rf"{re.escape(offer.needs)}\b", spec) for spec in specs):
        specs.insert(0, f"{offer.needs} {wish.version}.*" if wish.version else offer.needs)
    return specs, channels, by_pip


def copy(prefix: Path, place: Path, conda: Conda, work: Work) -> Path:
    """Another environment with exactly the same packages."""
    checked(Wish(place, "", "conda"))
    happened = f"“{prefix.name}” could not be copied."
    listed = installed(prefix)
    with half_made(place, happened):
        _install_exactly(place, listed, conda, work, happened)
        return _program_of(place, happened)


def rebuild(prefix: Path, listed: Sequence[CondaPackage], conda: Conda, work: Work, to_bin: ToBin) -> Path:
    """Make an environment hold exactly what a lock says, by making it anew; a failure leaves it as it was."""
    happened = f"“{prefix.name}” could not be reset."
    with swapped(prefix, happened, to_bin):
        _install_exactly(prefix, listed, conda, work, happened)
        return _program_of(prefix, happened)


def _install_exactly(prefix: Path, listed: Sequence[CondaPackage], conda: Conda, work: Work, happened: str) -> None:
    hashes = {one.name: one.sha256 or one.md5 for one in listed if one.sha256 or one.md5}
    channels = list(dict.fromkeys(channel_of(one.url) for one in listed)) or [conda.network.conda_channel]
    conda.install(prefix, [one.exact for one in listed], channels, work, happened, hashes=hashes)


def _program_of(prefix: Path, happened: str) -> Path:
    program = program_in(prefix)
    if program is None:
        raise PackageError(happened, "It holds neither Python nor R.")
    return program


def program_in(prefix: Path) -> Path | None:
    """What runs code in a conda environment: its R where it has one, else its Python."""
    r = r_in(prefix, sys.platform)
    return r if r.exists() else python_in(prefix, sys.platform)


def installed(prefix: Path) -> tuple[CondaPackage, ...]:
    """What conda-meta lists, by name; files that cannot be read are left out."""
    found = []
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        try:
            one = json.loads(path.read_text("utf-8"))
            found.append(
                CondaPackage(
                    str(one["name"]),
                    str(one["version"]),
                    str(one["build"]),
                    str(one["url"]),
                    str(one.get("sha256") or ""),
                    str(one.get("md5") or ""),
                    str(one.get("license") or ""),
                    int(one.get("size") or 0),
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def channel_of(url: str) -> str:
    """The address of the channel that a package's file lies in."""
    return url.rsplit("/", 2)[0]


# --- environment.yml -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """What an environment.yml or a conda explicit list asks for."""

    specs: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    by_pip: tuple[str, ...] = ()
    name: str = field(default="")


def read_environment_file(path: Path) -> EnvironmentFile:
    """Read the plain form that conda exports: lists of lines, one level of pip. Raises PackageError for another."""
    happened = f"{path.name} cannot be read."
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise PackageError(happened, str(error)) from error
    if "@EXPLICIT" in text:
        listed = explicit(text)
        return EnvironmentFile(
            tuple(one.exact for one in listed), tuple(dict.fromkeys(channel_of(one.url) for one in listed))
        )
    lists: dict[str, list[str]] = {"channels": [], "dependencies": [], "pip": []}
    name, current = "", ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        if not line.strip():
            continue
        if found := re.match(r"^(\w+):\s*(.*)$", line):
            current = found[1]
            if current == "name":
                name = found[2].strip("'\" ")
            elif current in lists and found[2] not in ("", "[]"):
                raise PackageError(happened, f"Line {number} is not in the form that conda exports.")
        elif found := re.match(r"^\s*-\s+pip:\s*$", line):
            current = "pip"
        elif (found := re.match(r"^(\s*)-\s+(.+)$", line)) and current in lists:
            if current == "pip" and len(found[1]) <= 2:
                current = "dependencies"
            lists[current].append(found[2].strip("'\""))
        elif current in lists:
            raise PackageError(happened, f"Line {number} is not in the form that conda exports.")
    channels = tuple(one for one in lists["channels"] if one != "nodefaults")
    return EnvironmentFile(tuple(_spec(one) for one in lists["dependencies"]), channels, tuple(lists["pip"]), name)


def environment_file(name: str, packages: Sequence[CondaPackage], by_pip: Sequence[str], python_version: str) -> str:
    """The text of an environment.yml with exactly these packages; without any of conda's it asks for Python alone."""
    channels = list(dict.fromkeys(channel_of(one.url) for one in packages)) or ["conda-forge"]
    lines = [f"name: {json.dumps(name, ensure_ascii=False)}", "channels:", *(f"  - {one}" for one in channels)]
    lines += ["dependencies:", *(f"  - {one.name}={one.version}={one.build}" for one in packages)]
    if not packages:
        lines += [f"  - python={'.'.join(python_version.split('.')[:2])}", "  - pip"]
    if by_pip:
        lines += ["  - pip:", *(f"      - {json.dumps(one)}" for one in by_pip)]
    return "\n".join(lines) + "\n"


def _spec(written: str) -> str:
    """`numpy=1.26=py311_0` as a spec of the solver's: name, version, build."""
    parts = written.split("=")
    is_plain = "==" not in written and len(parts) > 1 and not re.search(r"[<>!~]", written)
    if not is_plain:
        return written
    return (
        f"{parts[0]} =={parts[1]} {parts[2]}" if len(parts) == 3 else f"{parts[0]} {parts[1]}.*".replace(".*.*", ".*")
    )


def explicit(text: str) -> tuple[CondaPackage, ...]:
    """The packages of a conda explicit list: addresses with a hash behind `#`. Raises PackageError."""
    found = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(("#", "@")):
            continue
        url, _, digest = line.partition("#")
        parts = re.fullmatch(r"(.+)-([^-]+)-([^-]+?)(\.tar\.bz2|\.conda)", url.rpartition("/")[2])
        if parts is None:
            raise PackageError("The lock cannot be read.", f"“{line[:80]}” is no address of a conda package.")
        digest = digest.removeprefix("sha256:").removeprefix("md5:")
        sha256, md5 = (digest, "") if len(digest) == 64 else ("", digest)
        found.append(CondaPackage(parts[1], parts[2], parts[3], url, sha256, md5))
    return tuple(found)

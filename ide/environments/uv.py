"""The one place that runs uv: finds it, gives it clean variables and the network's settings, tells how far it is.

Owns no environment. Everything here blocks: for a pool thread. What uv says when it fails is told in plain words; its
own text is chained.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.core.record import dataclass, field
from ide.environments.network import Network
from ide.environments.processes import clean_variables, run

TIME_LIMIT_S = 3600.0
MIB = 1_048_576
_MESSAGE_LIMIT = 300
_SIZE = re.compile(r"^(Downloading|Downloaded|Building|Built) (\S+?)(?: \(([\d.]+)(KiB|MiB|GiB|B)\))?$")
_COUNT = re.compile(r"^(Resolved|Prepared|Uninstalled|Installed|Checked|Audited) (\d+) packages?\b")
# These would point uv at another Python, project or target than the one that is named.
_MISLEADING = (
    "CONDA_PREFIX", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR",
    "UV_TARGET", "UV_PREFIX", "UV_VENV_CLEAR", "UV_NO_PROGRESS", "UV_PREVIEW",
)  # fmt: skip
_FROM_INDEX = (("pip", "install"), ("pip", "sync"), ("pip", "compile"), ("pip", "list"))
"""Commands that look at an index."""


@dataclass(frozen=True, slots=True)
class Uv:
    """uv with the network's settings. `folder` is one of our own, where uv finds no project of anybody. Any thread."""

    folder: Path
    network: Network = field(default_factory=Network)

    def run(
        self,
        arguments: Sequence[str],
        work: Work,
        happened: str,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        variables: Mapping[str, str] | None = None,
        told: list[str] | None = None,
    ) -> str:
        """Run `uv ARGUMENTS` and return what it printed; raise PackageError where it failed or was cancelled.

        `happened` is the first line of the error ("“class-env” could not be made."). Steps go to `work.report`, in
        bytes where uv tells sizes. `told` gets the lines of uv's error output, which is where it lists changes.
        """
        steps = _Steps(work)

        def on_line(line: str) -> None:
            steps.take(line)
            if told is not None:
                told.append(line)

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            ended = run(
                [*uv_command(), "--no-progress", "--color", "never", *self._sourced(arguments)],
                self.folder,
                time_limit_s,
                lambda: work.is_cancelled,
                variables={**self.variables(), **(variables or {})},
                on_line=on_line,
            )
        except OSError as error:
            raise PackageError(
                happened, f"uv, which does this, could not be started: {error.strerror or error}."
            ) from error
        if ended.stopped:
            why = "You cancelled it." if ended.stopped == "cancelled" else f"It took longer than {time_limit_s:g} s."
            raise CancelledError(happened, why) if ended.stopped == "cancelled" else PackageError(happened, why)
        if ended.return_code:
            raise explained(ended.errors or ended.output, happened, self.network)
        return ended.output

    def _sourced(self, arguments: Sequence[str]) -> list[str]:
        """With the folder of wheels as the one source: uv has no variable that keeps it from an index."""
        if self.network.wheel_folder is None or tuple(arguments[:2]) not in _FROM_INDEX:
            return list(arguments)
        # As an address, since uv would take a comma in a path for the end of it.
        address = self.network.wheel_folder.absolute().as_uri().replace(",", "%2C")
        return [*arguments[:2], "--no-index", "--find-links", address, *arguments[2:]]

    def variables(self) -> dict[str, str]:
        """All variables of the process: ours without what would mislead it, and the network's."""
        kept = {name: value for name, value in clean_variables(os.environ).items() if name not in _MISLEADING}
        return {**kept, **self.network.variables()}


class CancelledError(PackageError):
    """The user ended it: nothing to tell, nothing to mend."""


class NoWork:
    """For callers that nobody watches: never cancelled, tells nobody."""

    is_cancelled = False

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Goes nowhere."""


def uv_command() -> list[str]:
    """How uv is started: the program that came with Fourpane's own environment, else from PATH, else as a module."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    beside = Path(sys.executable).with_name(name)
    if beside.is_file():
        return [str(beside)]
    found = shutil.which("uv")
    return [found] if found else [sys.executable, "-P", "-m", "uv"]


class _Steps:
    """uv's lines as steps: "Downloading numpy, 16 MB", with the bytes that have come and are known to come."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._sizes: dict[str, int] = {}
        self._came = 0

    def take(self, line: str) -> None:
        """One line of uv's."""
        line = line.strip()
        if found := _SIZE.match(line):
            self._take_size(*found.groups())
        elif found := _COUNT.match(line):
            self._take_count(found[1], int(found[2]))

    def _take_size(self, verb: str, name: str, size: str | None, unit: str | None) -> None:
        if verb == "Downloading":
            self._sizes[name] = round(float(size or 0) * {"B": 1, "KiB": 1024, "GiB": 1024 * MIB}.get(unit or "", MIB))
            shown = f", {self._sizes[name] / 1_000_000:.0f}\N{NO-BREAK SPACE}MB" if self._sizes[name] > 500_000 else ""
            self._tell(f"Downloading {name}{shown}")
        elif verb == "Downloaded":
            self._came += self._sizes.get(name, 0)
            self._tell(f"{name} has come")
        else:
            self._tell(f"{verb} {name}")

    def _take_count(self, verb: str, count: int) -> None:
        packages = "1 package" if count == 1 else f"{count} packages"
        if verb == "Resolved":
            self._tell(f"Fetching {packages}")
        elif verb == "Prepared":
            self._tell(f"Installing {packages}")

    def _tell(self, step: str) -> None:
        self._work.report(step, self._came, sum(self._sizes.values()))


# --- failures in words -----------------------------------------------------------------------------------------------

_NETWORK_ADVICE = "Connect to the network and try again, or look at the settings under Network."


def explained(said: str, happened: str, network: Network) -> PackageError:
    """uv's failure in plain words; its own text is chained for the log."""
    lower = said.lower()
    meaning, advice = _reason(said, lower, network)
    needs_settings = "settings under Network" in advice
    error = PackageError(
        happened,
        meaning,
        advice,
        action="app.settings" if needs_settings else "",
        action_title="Network settings" if needs_settings else "",
        action_arguments={"search": "network"} if needs_settings else None,
    )
    error.__cause__ = RuntimeError(said.strip())
    return error


def _reason(said: str, lower: str, network: Network) -> tuple[str, str]:
    """What it means and what to do."""
    if "no space left" in lower or "os error 112" in lower or "disk full" in lower or "quota exceeded" in lower:
        return "The disk is full.", "Make room and try again."
    if "failed to read `--find-links` directory" in lower:
        return f"The folder of wheels {network.wheel_folder} is not there.", "Look at the settings under Network."
    if "externally managed" in lower:
        return (
            "This Python belongs to the system, which lets no others change it.",
            "Create an environment of your own.",
        )
    if "no solution found" in lower:
        return conflict(said), _conflict_advice(lower, network)
    if "tunnel error" in lower or "proxy" in lower:
        named = network.proxy or next(
            (os.environ[one] for one in ("HTTPS_PROXY", "https_proxy") if one in os.environ), ""
        )
        return f"The proxy {_without_secret(named)} does not let it through.".replace("  ", " "), _NETWORK_ADVICE
    host = _host(said)
    if "certificate" in lower or "invalid peer" in lower:
        return f"The certificate of {host} is not one that is trusted here.", _NETWORK_ADVICE
    if re.search(r"\b(401|403)\b|unauthorized|forbidden", lower):
        return f"{host} lets only those in who sign in.", "Give the address with user and password, or ask who runs it."
    if "dns error" in lower or "failed to lookup" in lower:
        return f"There seems to be no network: {host} is not found.", _NETWORK_ADVICE
    if re.search(r"error sending request|timed out|connect\b|failed to fetch|failed to download|unreachable", lower):
        return f"{host} does not answer.", _NETWORK_ADVICE
    if "permission denied" in lower or "os error 13" in lower:
        return "You may not write there.", "Choose another place."
    if found := re.search(r"failed to build [`'\"]?([\w.@=/+-]+)", lower):
        name = re.split(r"[@=]", found[1])[0]
        return f"“{name}” has to be built here, and that failed.", "Choose a version that comes ready-made."
    return f"uv says: {_last_words(said)}", ""


def _conflict_advice(lower: str, network: Network) -> str:
    if network.wheel_folder is not None:
        return f"Packages come from the folder of wheels {network.wheel_folder} alone."
    if "network was disabled" in lower:
        return "Connect to the network and try again."
    return "Ask for other versions, or leave one of them out."


_NEED = re.compile(
    r"(?:all versions of )?(?P<who>[\w.\-]+)(?P<version>(?:[=<>!~]=?=?[\w.*]+)?) depends? on "
    r"(?P<what>[\w.\-]+)(?P<wish>[=<>!~][^\s,]*)?"
)


def conflict(said: str) -> str:
    """Why no set of versions fits, in words: the two that disagree, the one that does not exist, the wrong Python."""
    text = re.sub(r"\s+", " ", said)
    if found := re.search(
        r"(?:Because )(?:the requested|the current) Python version \(([^)]+)\).*?Python\s?([<>=!~][^\s,]*)", text
    ):
        who = next((each["who"] for each in _NEED.finditer(text) if each["what"].lower() == "python"), "One of them")
        return f"“{who}” needs Python {found[2]}; this one is {found[1]}."
    needs = [each for each in _NEED.finditer(text) if each["who"].lower() != "you"]
    for first in needs:
        for second in needs:
            if first["what"] == second["what"] and first["who"] != second["who"] and first["wish"] != second["wish"]:
                return (
                    f"“{first['who']}” needs {first['what']}{first['wish'] or ''}, "
                    f"“{second['who']}” needs {second['what']}{second['wish'] or ''}: they cannot be together."
                )
    only = re.search(r"only ([\w.\-]+?)([<>=!~][^\s]*) (?:is|are) available", text)
    if only and (need := next((each for each in needs if each["what"] == only[1]), None)):
        return f"“{need['who']}” needs {only[1]}{need['wish'] or ''}, and there is only {only[1]} {only[2]}."
    if found := re.search(r"([\w.\-]+) was not found in", text):
        return f"There is no package “{found[1]}” there."
    if found := re.search(r"there (?:is|are) no versions? of ([\w.\-]+?)([=<>!~][\w.*=<>!~,]*)? and", text):
        wish = (found[2] or "").removeprefix("==")
        return f"There is no version {wish} of “{found[1]}”." if wish else f"There is no version of “{found[1]}”."
    if found := re.search(r"([\w.\-]+)(?:[=<>!~][^\s]*)? has no wheels with a matching", text):
        return f"“{found[1]}” is not made for this Python or this computer."
    asked = [f"“{found[1]}{found[2] or ''}”" for found in re.finditer(r"require ([\w.\-]+)([=<>!~][^\s,]*)?", text)][:3]
    return f"No set of versions fits: {_last_words(said)}" if not asked else f"No version fits {' and '.join(asked)}."


def _host(said: str) -> str:
    found = re.search(r"(?:https?|file)://[^\s`'\")]+", said)
    return (urlsplit(found[0]).hostname or "The place of the packages") if found else "The place of the packages"


def _without_secret(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.hostname and parts.port else parts.hostname or ""


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    return " ".join(lines[-3:])[:_MESSAGE_LIMIT]

"""Everything a developer runs, each with all its set-up: `python3 dev.py run | test | setup | check | bench | lock`.

Standard library only, Python 3.11 or newer, Linux, macOS and Windows. Owns `.venv` (program and tools), `.venv-sample`
(the environment of the sample project and of kernel tests) and, on Debian as root, the missing system packages. The
machine's own settings of apt, pip and uv stay in force: nothing here names an index, a mirror or a proxy.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import io
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ON_WINDOWS = sys.platform == "win32"
PROGRAM, SAMPLE, CLUSTER = ROOT / ".venv", ROOT / ".venv-sample", ROOT / ".venv-cluster"
PROGRAM_LOCK, SAMPLE_LOCK = ROOT / "requirements" / "program.txt", ROOT / "requirements" / "sample.txt"
# The first is what a user's cluster process gets, and travels with the program; the second adds the tests' own gateway.
CLUSTER_LOCK = ROOT / "resources" / "cluster" / "requirements.txt"
CLUSTER_TESTS_LOCK = ROOT / "requirements" / "cluster-tests.txt"
REPORTS, TOUR = ROOT / "out" / "test", ROOT / "out" / "tour"
STAGE = ROOT / "build" / "stage" / "fourpane_plugins"
# The longest that one part of the test run may take before it counts as hung; the whole run has 45 minutes on 2 cores.
PART_LIMIT_S, LONG_PART_LIMIT_S = 20 * 60, 6 * 3600
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")
UNSTEADY_MOST = 3  # so many failures of a part are tried again alone; more are no matter of chance


# System packages --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PackageGroup:
    """Debian packages that serve one purpose, and what is lost without them. `a|b`: either name will do."""

    loss: str
    names: tuple[str, ...]


QT = PackageGroup(
    "the window cannot open",
    (
        *("libegl1", "libgl1", "libopengl0", "libglib2.0-0|libglib2.0-0t64", "libdbus-1-3", "libfontconfig1"),
        *("fontconfig", "fonts-dejavu-core", "libx11-6", "libx11-xcb1", "libxkbcommon0", "libxkbcommon-x11-0"),
        *("libxcb1", "libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0"),
        *("libxcb-render0", "libxcb-render-util0", "libxcb-shape0", "libxcb-shm0", "libxcb-sync1", "libxcb-util1"),
        *("libxcb-xfixes0", "libxcb-xinerama0", "libxcb-xkb1", "libxrender1", "libxi6", "libsm6", "libice6"),
    ),
)
R = PackageGroup(
    "R scripts cannot run",
    ("r-base-core", "r-cran-irkernel", "r-cran-ggplot2", "r-cran-dplyr", "r-cran-data.table"),
)
R_PICTURES = PackageGroup(
    "the tests of R's interactive and joined pictures cannot run",
    ("r-cran-htmlwidgets", "r-cran-dt", "r-cran-plotly", "r-cran-patchwork"),
)
R_WORKERS = PackageGroup("the tests of consoles of R with workers cannot run", ("r-cran-future",))
SCREEN = PackageGroup("there is no virtual screen to run on without a display", ("xvfb",))
PYPY = PackageGroup("the tests of consoles on PyPy cannot run", ("pypy3",))
TOOLS = PackageGroup(
    "the tests of failing disks, cut networks, strange signals, desktops' buses and key stores, and commits cannot run",
    ("strace", "gcc", "libc6-dev", "dbus-daemon", "dbus-bin", "gnome-keyring", "git", "iproute2"),
)
WEB = PackageGroup(
    "interactive pictures open in a browser, and sound does not play",
    (
        *("libasound2|libasound2t64", "libbrotli1", "libdrm2", "libgbm1", "libnspr4", "libnss3", "libpulse0"),
        *("libpulse-mainloop-glib0", "libwayland-server0", "libxcb-dri3-0", "libxcomposite1", "libxdamage1"),
        *("libxext6", "libxkbfile1", "libxrandr2", "libxtst6"),
    ),
)
VENV = PackageGroup("no Python environment can be made", ("python3-venv",))


def ensure_system(groups: Sequence[PackageGroup]) -> None:
    """On Debian: install what is missing as root, else say it in one sentence. Elsewhere: say if R is missing."""
    if not shutil.which("dpkg-query"):
        if not shutil.which("Rscript"):
            say(f"R is not on this machine: {R.loss}; install it from the R project's site and IRkernel in it.")
        return
    wanted = [*groups, VENV] if importlib.util.find_spec("ensurepip") is None else list(groups)
    missing = {group: names for group in wanted if (names := missing_packages(group))}
    if not missing:
        return
    if os.geteuid() != 0:
        for group, names in missing.items():
            listed = " ".join(names)
            say(f"Without {listed} {group.loss}: sudo apt-get install --no-install-recommends {listed}")
        return
    apt_install([name for names in missing.values() for name in names])


def missing_packages(group: PackageGroup) -> list[str]:
    """Names to install, one of each `a|b`."""
    alternatives = [name.split("|") for name in group.names]
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *itertools.chain(*alternatives)]
    answer = subprocess.run(query, capture_output=True, text=True, check=False, env=child_environment()).stdout
    present = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [names[0] for names in alternatives if present.isdisjoint(names)]


def apt_install(names: list[str]) -> None:
    """Refresh apt's lists once, then install; a second try covers a mirror that stumbled."""
    say(f"Installing {len(names)} system packages: {' '.join(names)}")
    frontend = os.environ.get("DEBIAN_FRONTEND", "noninteractive")
    for _ in range(2):
        attempt(["apt-get", "update", "-q"])
        code = attempt(["apt-get", "install", "-q", "-y", "--no-install-recommends", *names], DEBIAN_FRONTEND=frontend)
        if code == 0:
            return
        say(f"apt-get ended with {code}.")
    raise SystemExit(f"System packages are missing and apt-get could not install them: {' '.join(names)}")


# Python environments ----------------------------------------------------------------------------------------------


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")


def find_uv() -> str | None:
    """uv on the PATH, else the one in the program's environment."""
    own = PROGRAM / ("Scripts/uv.exe" if ON_WINDOWS else "bin/uv")
    return shutil.which("uv") or (str(own) if own.exists() else None)


def ensure_environment(folder: Path, lock: Path) -> None:
    """Make `folder` hold exactly what `lock` names; nothing to do while its stamp names the same lock and Python."""
    stamp = folder / "fourpane.stamp"
    version = ".".join(map(str, sys.version_info[:2]))
    wanted = f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {version} {platform.machine()}\n"
    if stamp.exists() and stamp.read_text("utf-8") == wanted and python_of(folder).exists():
        return
    say(f"Making {folder.name} from {lock.relative_to(ROOT).as_posix()} ...")
    started = time.monotonic()
    make_empty_environment(folder)
    install(folder, ["--require-hashes", "-r", str(lock)])
    stamp.write_text(wanted, "utf-8")
    say(f"{folder.name} is ready after {time.monotonic() - started:.0f} s.")


def make_empty_environment(folder: Path) -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    uv = shutil.which("uv")
    if folder.exists():
        shutil.rmtree(folder)
    if importlib.util.find_spec("ensurepip") is not None or python_can_make_environments(base):
        call([base, "-m", "venv", folder])
    elif uv:
        call([uv, "venv", "--seed", "--python", base, folder])
    else:
        raise SystemExit(f"This Python has no venv module ({VENV.loss}): install it, or uv, and start again.")


def python_can_make_environments(python: str) -> bool:
    """Asked of a new process: system packages may have arrived after this one started."""
    return subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0


def install(folder: Path, what: Sequence[str]) -> None:
    """Install what is named: by uv, quickly; by pip where only pip knows this machine's index, or uv fails."""
    python = python_of(folder)
    settings = pip_settings(python)
    if uv_is_set_up() or not settings.keys() & {"index-url", "no-index", "proxy"}:
        uv = find_uv() or bootstrap_uv(python)
        if uv:
            only_pip_knows = "cert" in settings and "SSL_CERT_FILE" not in os.environ
            trust = {"SSL_CERT_FILE": settings["cert"]} if only_pip_knows else {}
            if attempt([uv, "pip", "install", "--quiet", "--python", python, *what], **trust) == 0:
                return
            say("uv could not install; trying pip.")
    call([python, "-m", "pip", "install", "--quiet", *what])


def bootstrap_uv(python: Path) -> str | None:
    """Install the locked uv alone by pip. None where pip cannot."""
    block = re.search(r"^uv==.*?(?=^\S|\Z)", PROGRAM_LOCK.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if block is None:
        return None
    only_uv = python.parent.parent / "uv-only.txt"
    only_uv.write_text(block.group(), "utf-8")
    code = attempt([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", only_uv])
    only_uv.unlink()
    return find_uv() if code == 0 else None


def pip_settings(python: Path) -> dict[str, str]:
    """What this machine's files and variables tell pip, by the options' names. uv reads none of it."""
    listing = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(listing, capture_output=True, text=True, check=False, env=child_environment()).stdout
    found = re.findall(r"^[^=\s]*\.([\w-]+)='(.*)'$", listed, re.MULTILINE)
    return {name: value for name, value in found if value}


def uv_is_set_up() -> bool:
    """Whether this machine tells uv itself where to find packages."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    if any((folder / "uv" / "uv.toml").exists() for folder in (settings, Path("/etc"))):
        return True
    return any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_CONFIG_FILE")) for name in os.environ)


def set_up(for_tests: bool) -> None:
    needs_screen = for_tests or not has_display()
    ensure_system(
        [QT, WEB, R, *([SCREEN] if needs_screen else []), *([TOOLS, R_PICTURES, R_WORKERS, PYPY] if for_tests else [])]
    )
    ensure_environment(PROGRAM, PROGRAM_LOCK)
    ensure_environment(SAMPLE, SAMPLE_LOCK)
    if for_tests:
        ensure_environment(CLUSTER, CLUSTER_TESTS_LOCK)
    ensure_bytecode()


def ensure_bytecode() -> None:
    """Compile what is not compiled yet, as pip does when it installs. Half a second where there is nothing to do.

    uv leaves it to the first import; where PYTHONDONTWRITEBYTECODE is set nothing is kept, and each start pays for it.
    """
    for environment, folders in ((PROGRAM, [ROOT / "ide", ROOT / "plugins"]), (SAMPLE, [])):
        stamp, compiled = environment / "fourpane.stamp", environment / "fourpane.compiled"
        wanted = stamp.read_bytes()
        if not compiled.exists() or compiled.read_bytes() != wanted:
            folders = [*folders, *environment.glob("lib/python*/site-packages"), *environment.glob("Lib/site-packages")]
        if folders:  # some packages carry templates that are no Python: what cannot be compiled is passed over
            attempt([python_of(environment), "-m", "compileall", "-q", "-q", "-j", "0", *folders])
        compiled.write_bytes(wanted)


# Processes and screens --------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def output_to_errors() -> Iterator[None]:
    """What this process and its children print goes to the error stream: the output is kept for one JSON object."""
    sys.stdout.flush()
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(output, 1)
        os.close(output)


def child_environment(**more: str) -> dict[str, str]:
    """This process's environment with a UTF-8 locale: a bare container often has none."""
    environment = dict(os.environ)
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    if not ON_WINDOWS and "utf" not in locale.lower():
        environment.pop("LC_ALL", None)
        environment.pop("LC_CTYPE", None)
        environment["LANG"] = "C.UTF-8" if sys.platform.startswith("linux") else "en_US.UTF-8"
    return {**environment, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **more}


def attempt(words: Sequence[str | Path], **more: str) -> int:
    """Run to the end in the repository's folder and return the exit code."""
    return subprocess.run(
        [str(word) for word in words], cwd=ROOT, env=child_environment(**more), check=False
    ).returncode


def call(words: Sequence[str | Path], **more: str) -> None:
    """As `attempt`, but a failure ends this program with the same code."""
    if code := attempt(words, **more):
        raise SystemExit(code)


def run_limited(words: Sequence[str | Path], limit_s: float, **more: str) -> int:
    """Run a part in a process group of its own; its exit code, or 124 when it had to be ended at the limit."""
    child = subprocess.Popen(
        [str(word) for word in words], cwd=ROOT, env=child_environment(**more), start_new_session=not ON_WINDOWS
    )
    try:
        return child.wait(limit_s)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as stopped:
        end_tree(child)
        if isinstance(stopped, KeyboardInterrupt):
            raise
        say(f"Ended after {limit_s:.0f} s: {' '.join(str(word) for word in words)}")
        return 124


def end_tree(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, check=False)
    else:
        import signal

        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """Variables that put a child on a private virtual screen; on Windows and macOS the real one serves."""
    if not sys.platform.startswith("linux"):
        yield {}
        return
    if not shutil.which("Xvfb"):
        raise SystemExit(f"Xvfb is missing: {SCREEN.loss}.")
    read_end, write_end = os.pipe()
    words = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(words, pass_fds=[write_end], stdout=quiet, stderr=quiet, start_new_session=True)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()  # ends empty when the server dies
        if not number:
            raise SystemExit("Xvfb did not start: there is no virtual screen.")
        yield {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


# Checks -----------------------------------------------------------------------------------------------------------


def stage_plugins() -> None:
    """Copy the plugins' Python files to a real folder of their import name `fourpane_plugins`, for mypy and lint."""
    wanted = {path.relative_to(ROOT / "plugins"): path for path in (ROOT / "plugins").rglob("*.py")}
    STAGE.mkdir(parents=True, exist_ok=True)
    for old in STAGE.rglob("*.py"):
        if old.relative_to(STAGE) not in wanted:
            old.unlink()
    for name, path in wanted.items():
        copy = STAGE / name
        if not copy.exists() or copy.stat().st_mtime_ns != path.stat().st_mtime_ns:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
    (STAGE / "__init__.py").touch()


def check_commands() -> dict[str, list[str | Path]]:
    python = python_of(PROGRAM)
    typed = [name for name in ("ide", "bench", "tests", "tour", "dev.py") if (ROOT / name).exists()]
    lint_imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return {
        "ruff check": [python, "-m", "ruff", "check", "--quiet", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "--quiet", "."],
        "mypy": [python, "-m", "mypy", *typed, STAGE],
        "lint-imports": [python, "-c", lint_imports, "--no-cache"],
    }


def run_checks() -> list[str]:
    """Run every check and return the names of those that failed. Staged paths are told as the files they came from."""
    stage_plugins()
    failed = []
    for name, words in check_commands().items():
        started = time.monotonic()
        environment = child_environment(PYTHONPATH=os.pathsep.join([str(ROOT), str(STAGE.parent)]))
        done = subprocess.run(
            [str(word) for word in words], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        output = (done.stdout + done.stderr).decode("utf-8", "replace")
        if done.returncode:
            failed.append(name)
            say(re.sub(r"\S*build[\\/]stage[\\/]fourpane_plugins", "plugins", output))
        say(f"{name}: {'FAILED' if done.returncode else 'ok'} ({time.monotonic() - started:.1f} s)")
    return failed


# The test run -----------------------------------------------------------------------------------------------------


@dataclass
class Total:
    """What one part of the test run came to."""

    name: str
    passed: int = 0
    failed: int = 0
    unsteady: int = 0
    duration_s: float = 0.0
    notes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def pytest_part(name: str, words: Sequence[str], limit_s: float, environment: dict[str, str]) -> Total:
    """Run pytest and count by its own report. A run without report or without tests is one failure."""
    total = pytest_run(name, words, limit_s, environment)
    if 0 < total.failed <= UNSTEADY_MOST and not total.notes:
        say(f"-- {name}: once more, alone, what failed --")
        alone = [word for word in words if word not in SIDE_BY_SIDE]
        again = pytest_run(f"{name}-again", [*alone, "--lf", "--lfnf=none"], limit_s, environment)
        if again.passed and not again.failed:
            # Not hidden: it is told by name and number, and whoever works on the program is to find its cause.
            total.failed, total.unsteady = 0, again.passed
            total.passed = total.passed + again.passed
            total.notes.append(f"passed only the second time: {', '.join(again.names)}")
    return total


def pytest_run(name: str, words: Sequence[str], limit_s: float, environment: dict[str, str]) -> Total:
    report = REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [str(python_of(PROGRAM)), "-m", "pytest", "-q", f"--junitxml={report}", *words]
    code = run_limited(command, limit_s, **environment)
    total = Total(name)
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            total.failed += failed
            total.passed += max(0, int(suite.get("tests", 0)) - failed - int(suite.get("skipped", 0)))
            total.names += [case.get("name", "") for case in suite.iter("testcase")]
    if code and not total.failed:
        total.failed = 1
        total.notes.append(f"pytest ended with {code}")
    return total


def check_part() -> Total:
    failed = run_checks()
    return Total("check", len(check_commands()) - len(failed), len(failed), notes=failed)


def tour_part(environment: dict[str, str]) -> Total:
    code = run_limited(tour_command(), PART_LIMIT_S, **environment)
    return Total("tour", int(code == 0), int(code != 0), notes=[f"ended with {code}"] if code else [])


def tour_command() -> list[str | Path]:
    return [python_of(PROGRAM), "-m", "tour", "--env", python_of(SAMPLE), "--out", TOUR]


def test_parts(long: bool, screen: dict[str, str]) -> dict[str, Callable[[], Total]]:
    """The parts in order, cheap ones first. Two at a time where tests share nothing (unit) or a kernel or a cluster
    per file (kernel, deploy): these wait more than they compute."""
    limit_s = LONG_PART_LIMIT_S if long else PART_LIMIT_S
    extra = ["--long"] if long else []

    def part(name: str, *words: str) -> Callable[[], Total]:
        folder = f"tests/{name}"
        return lambda: pytest_part(name, [folder, *words, *extra], limit_s, platform_for([folder], screen))

    first = {"rules": part("rules"), "unit": part("unit", "-n", "2")}
    workers = {"kernel": SIDE_BY_SIDE, "deploy": SIDE_BY_SIDE}
    middle = {name: part(name, *workers.get(name, ())) for name in test_folders() if name not in (*first, "smoke")}
    return {"check": check_part, **first, **middle, "tour": lambda: tour_part(screen), "smoke": part("smoke")}


def test_folders() -> list[str]:
    """Folders of tests/ with tests in them, in the order in which they run; one that is not named here comes last."""
    order = ["rules", "unit", "qt", "kernel", "stories", "smoke"]
    found = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    return order + sorted(found - set(order))


def platform_for(words: Sequence[str], screen: dict[str, str]) -> dict[str, str]:
    """Whole programs get the real (virtual) screen, single widgets Qt's offscreen platform."""
    wholes = ("tests/stories", "tests/smoke", "tests/deploy")
    on_screen = any(word.replace("\\", "/").startswith(wholes) for word in words)
    return screen if on_screen else {**screen, "QT_QPA_PLATFORM": "offscreen"}


def run_parts(parts: dict[str, Callable[[], Total]]) -> int:
    totals = []
    for name, run in parts.items():
        say(f"\n== {name} ==")
        started = time.monotonic()
        total = run()
        total.duration_s = time.monotonic() - started
        totals.append(total)
        say(f"== {name}: {total.passed} passed, {total.failed} failed in {total.duration_s:.0f} s ==")
    say("\npart        passed  failed  unsteady       s")
    for one in totals:
        row = f"{one.name:<10} {one.passed:>7} {one.failed:>7} {one.unsteady:>9} {one.duration_s:>7.0f}"
        say(f"{row}  {'; '.join(one.notes)}")
    passed, failed, unsteady = (sum(getattr(one, of) for one in totals) for of in ("passed", "failed", "unsteady"))
    say(
        f"\n{passed} passed, {failed} failed"
        + (f" ({unsteady} of the passed only the second time)" if unsteady else "")
    )
    return 1 if failed else 0


# Commands ---------------------------------------------------------------------------------------------------------


def command_run(_arguments: argparse.Namespace, rest: list[str]) -> int:
    set_up(for_tests=False)
    if has_display():
        sample = ROOT / "resources" / "sample"
        call([python_of(PROGRAM), "-m", "ide", "--env", python_of(SAMPLE), *(rest or [str(sample)])])
        return 0
    say("There is no display: the tour of the sample project runs on a virtual screen.")
    with virtual_screen() as screen:
        return run_limited([*tour_command(), *rest], PART_LIMIT_S, **screen)


def command_test(arguments: argparse.Namespace, rest: list[str]) -> int:
    set_up(for_tests=True)
    with virtual_screen() as screen:
        if not rest:
            return run_parts(test_parts(arguments.long, screen))
        words = [*rest, *(["--long"] if arguments.long else [])]
        environment = platform_for(rest, screen)
        limit_s = LONG_PART_LIMIT_S if arguments.long else PART_LIMIT_S
        return run_parts({"chosen": lambda: pytest_part("chosen", words, limit_s, environment)})


def command_setup(_arguments: argparse.Namespace, _rest: list[str]) -> int:
    set_up(for_tests=True)
    say("Everything is set up.")
    return 0


def command_check(_arguments: argparse.Namespace, _rest: list[str]) -> int:
    ensure_environment(PROGRAM, PROGRAM_LOCK)
    return 1 if run_checks() else 0


def command_bench(_arguments: argparse.Namespace, rest: list[str]) -> int:
    with output_to_errors():
        set_up(for_tests=True)
    call([python_of(PROGRAM), "-m", "bench", *rest])
    return 0


def command_lock(_arguments: argparse.Namespace, _rest: list[str]) -> int:
    """Write every lock anew. Hashes only: no index, no host and no path may enter them."""
    uv = find_uv()
    if uv is None:
        raise SystemExit("uv is missing: run `python3 dev.py setup` first.")
    compile_: list[str | Path] = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--upgrade",
        "--universal",
        "--python-version",
        "3.11",
    ]
    compile_ += ["--generate-hashes", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    compile_ += ["--custom-compile-command", "python3 dev.py lock"]
    call([*compile_, "pyproject.toml", "--group", "dev", "-o", PROGRAM_LOCK])
    call([*compile_, "--group", "sample", "-o", SAMPLE_LOCK])
    call([*compile_, "--group", "cluster", "-o", CLUSTER_LOCK])
    call([*compile_, "--group", "cluster-tests", "-c", CLUSTER_LOCK, "-o", CLUSTER_TESTS_LOCK])
    return 0


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another encoding must not stop a report
    if sys.hexversion < 0x030B0000:
        raise SystemExit("Fourpane needs Python 3.11 or newer: start dev.py with such a Python.")
    parser = argparse.ArgumentParser(prog="dev.py", description="Set up, run, check, test and measure Fourpane.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="open the sample project; without a display, the tour with pictures in out/tour")
    test = commands.add_parser("test", help="check and test everything, or what the given pytest arguments name")
    test.add_argument("--long", action="store_true", help="also the long tests, at full size")
    commands.add_parser("setup", help="system packages and environments")
    commands.add_parser("check", help="ruff, mypy and the import contracts")
    commands.add_parser("bench", help="measurements: [NAME ...] [--json] [--runs N]")
    commands.add_parser("lock", help="resolve the dependencies anew into requirements/")
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command in ("setup", "check", "lock"):
        parser.error(f"{arguments.command} takes no arguments: {' '.join(rest)}")
    return int(globals()[f"command_{arguments.command}"](arguments, rest))


if __name__ == "__main__":
    sys.exit(main())

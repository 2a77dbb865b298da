"""Proves README's first lines on a fresh Debian 12: run by hand as root, `python3 tests/clean_machine.py FOLDER`.

Makes a minimal Debian in FOLDER with debootstrap (kept there as `base` for the next time), copies the repository's last
commit and this machine's apt, pip, uv and certificate settings into a fresh copy of it, enters it by chroot and runs
`python3 dev.py run` and `python3 dev.py test`. Not a test of the suite: it takes long, needs root and debootstrap.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
RELEASE = "bookworm"
CHECKOUT = "fourpane"
# Read by package tools and the certificate store; copied only where this machine has them.
SETTINGS = (
    "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d", "/etc/apt/keyrings",
    "/etc/apt/trusted.gpg.d", "/etc/pip.conf", "/etc/uv",
    "/etc/ssl/certs", "/usr/local/share/ca-certificates", "/etc/resolv.conf", "/etc/hosts",
)  # fmt: skip
OF_HOME = (".config/pip", ".config/uv", ".pip")
HANDED_ON = re.compile(r"^(PIP_|UV_|SSL_|CURL_CA|REQUESTS_CA|(?i:https?_proxy|no_proxy|all_proxy)$)")

# A file system of its own: without that, nothing in it could make further mounts its own (unshare, ip netns).
MOUNT = """
mount --bind "$0" "$0"
mkdir -p "$0/dev/pts" "$0/dev/shm"
mount -t proc proc "$0/proc"
mount -t devpts -o ptmxmode=666 devpts "$0/dev/pts"
mount -t tmpfs shm "$0/dev/shm"
rm -f "$0/dev/ptmx"; ln -s pts/ptmx "$0/dev/ptmx"
exec "$@"
"""


def make_base(base: Path) -> None:
    """A Debian with Python and nothing else: no pip, no venv, no R, no Qt libraries, no git."""
    if (base / "usr/bin/python3").exists():
        return
    shutil.rmtree(base, ignore_errors=True)
    words = ["debootstrap", "--variant=minbase", "--include=python3", RELEASE, str(base), debian_mirror()]
    subprocess.run(words, check=True)


def debian_mirror() -> str:
    """The first mirror of this machine's apt that serves the release."""
    folder = Path("/etc/apt/sources.list.d")
    for path in [Path("/etc/apt/sources.list"), *sorted(folder.glob("*.sources")), *sorted(folder.glob("*.list"))]:
        text = path.read_text("utf-8") if path.exists() else ""
        if re.search(rf"\b{RELEASE}\b", text) and (
            found := re.search(r"(?:^URIs:|^deb .*?)\s*(\w+://\S+)", text, re.M)
        ):
            return found.group(1)
    raise SystemExit(f"apt on this machine knows no mirror of {RELEASE}.")


def fill(root: Path, branch: str) -> None:
    """Put this machine's package settings and the repository's last commit into the fresh system."""
    homes = [(Path.home() / name, root / "root" / name) for name in OF_HOME]
    for source, target in [*((Path(name), root / name.lstrip("/")) for name in SETTINGS), *homes]:
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    clone = ["git", "clone", "--quiet", "--branch", branch, "--single-branch", str(REPOSITORY), str(root / CHECKOUT)]
    subprocess.run(clone, check=True)


def inside(root: Path, words: list[str], with_mounts: bool) -> int:
    """Run in the fresh system; with mounts it has what a container has (/proc, /dev/pts, /dev/shm), else nothing."""
    kept = {name: value for name, value in os.environ.items() if HANDED_ON.match(name)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {"HOME": "/root", "PATH": path, "TERM": "dumb", **kept}
    enter = f"cd /{CHECKOUT} && exec " + " ".join(words)
    command = ["chroot", str(root), "/bin/sh", "-c", enter]
    if with_mounts:
        command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "/bin/sh",
            "-ec",
            MOUNT,
            str(root),
            *command,
        ]
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the fresh systems are made; several GB")
    parser.add_argument("--branch", default="main")
    parser.add_argument("--bare", action="store_true", help="a chroot without /proc, /dev/pts and /dev/shm")
    parser.add_argument("--reuse", action="store_true", help="go on in the system of the last time")
    parser.add_argument("steps", nargs="*", default=["run", "test"], help="commands of dev.py")
    arguments = parser.parse_intermixed_args()
    base, root = arguments.folder / "base", arguments.folder / "root"
    make_base(base)
    if not arguments.reuse:
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "-a", str(base), str(root)], check=True)
        fill(root, arguments.branch)
    else:
        subprocess.run(["git", "-C", str(root / CHECKOUT), "pull", "--quiet", "--ff-only"], check=True)
    results = {}
    for step in arguments.steps:
        started = time.monotonic()
        code = inside(root, ["python3", "dev.py", *step.split()], not arguments.bare)
        results[step] = (code, time.monotonic() - started)
        print(f"dev.py {step}: ended with {code} after {results[step][1]:.0f} s", flush=True)
    pictures = sorted((root / CHECKOUT / "out").rglob("*.png"))
    print(f"{len(pictures)} pictures in {root / CHECKOUT / 'out'}")
    return max(code for code, _ in results.values())


if __name__ == "__main__":
    sys.exit(main())

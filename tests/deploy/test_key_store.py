"""Logins in a real key store: a Secret Service with a bus, a home and a password of its own. No entry of anybody's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.kit import ROOT

PASSWORD = "planted-password-7"
ACT = """
import json, sys
from ide.deploy.key_store import KeyStore
store, (verb, *words) = KeyStore(), sys.argv[1:]
if verb == "keep":
    print(json.dumps(store.keep("a-gateway", {"password": words[0]})))
elif verb == "forget":
    print(json.dumps(store.forget("a-gateway", ["password", "token"])))
else:
    print(json.dumps(store.read(words[0], ["password", "token"])))
"""


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of programs on a desktop with a key store that is open."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    others = ("DBUS_", "XDG_", "GNOME_", "PYTHON_KEYRING")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    variables |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(folder), "XDG_DATA_HOME": str(tmp_path / "data")}
    variables["PYTHONPATH"] = str(ROOT)
    address = f"unix:path={folder / 'bus'}"
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address={address}"],
        env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert bus.stdout is not None
    bus.stdout.readline()  # it listens
    variables["DBUS_SESSION_BUS_ADDRESS"] = address
    keys = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env=variables, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert keys.stdin is not None
    keys.stdin.write("the password of the store")
    keys.stdin.close()
    yield variables
    for process in (keys, bus):
        process.terminate()
        process.wait(10)
    bus.stdout.close()


def act(variables: dict[str, str], *words: str) -> str:
    """In a process of its own, as another start of the program."""
    done = subprocess.run(
        [sys.executable, "-c", ACT, *words], env=variables, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_login_is_there_at_the_next_start_and_nowhere_in_clear(desktop: dict[str, str], tmp_path: Path) -> None:
    assert act(desktop, "read", "a-gateway") == "{}"
    assert act(desktop, "keep", PASSWORD) == "true"
    assert act(desktop, "read", "a-gateway") == f'{{"password": "{PASSWORD}"}}'
    assert act(desktop, "read", "another") == "{}"
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written  # the store's own file
    assert not any(PASSWORD.encode() in path.read_bytes() for path in written)

    act(desktop, "forget")
    assert act(desktop, "read", "a-gateway") == "{}"


def test_without_a_store_nothing_is_kept_and_nothing_is_raised(desktop: dict[str, str]) -> None:
    del desktop["DBUS_SESSION_BUS_ADDRESS"]
    desktop["XDG_RUNTIME_DIR"] += "-of-another-desktop"
    assert act(desktop, "keep", PASSWORD) == "false"
    assert act(desktop, "read", "a-gateway") == "{}"
    act(desktop, "forget")

"""The way to targets: nothing is there before it is needed, and one interpreter is made at a time."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ide.app.cluster_door import ClusterDoor
from ide.core.deploy import TargetSpec
from ide.core.ports import Work
from ide.extensions import Extensions
from ide.settings.settings import Settings

MANIFEST = """
id = "target_x"
name = "X"
version = "1"
[[contributes.targets]]
id = "x"
name = "X"
about = "For a test."
load = "fourpane_plugins.target_x.kind:kind"
[[contributes.targets.fields]]
name = "address"
label = "Address"
kind = "text"
"""
KIND = """
class kind:
    @staticmethod
    def open(spec, secrets, folder):
        return kind

    @staticmethod
    def jobs():
        return {"a": "running"}
"""


def started(folder: Path) -> Any:
    plugin = folder / "plugins" / "target_x"
    plugin.mkdir(parents=True)
    (plugin / "plugin.toml").write_text(MANIFEST)
    (plugin / "__init__.py").write_text("")
    (plugin / "kind.py").write_text(KIND)
    settings = Settings(folder / "settings.toml")
    paths = SimpleNamespace(state_folder=folder / "state")
    return SimpleNamespace(extensions=Extensions(folder / "plugins"), paths=paths, settings=settings)


def test_kinds_come_from_the_manifests_and_nothing_is_made(tmp_path: Path) -> None:
    made: list[Work] = []

    def make(work: Work) -> Path:
        made.append(work)
        return Path(sys.executable)

    door = ClusterDoor(started(tmp_path), make)

    (kind,) = door.kinds()
    door.open(TargetSpec("here", "Here", "x"), {})
    door.close()

    assert (kind.id, kind.about, kind.form[0].name) == ("x", "For a test.", "address")
    assert made == []


def test_first_call_starts_the_process_that_is_made_ready(tmp_path: Path) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def make(_work: Work) -> Path:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        threading.Event().wait(0.05)  # another thread would come in between
        with lock:
            at_once -= 1
        return Path(sys.executable)

    door = ClusterDoor(started(tmp_path), make)
    target = door.open(TargetSpec("here", "Here", "x"), {})
    preparing = threading.Thread(target=door.prepare, args=(SimpleNamespace(is_cancelled=False),))
    preparing.start()
    try:
        assert target.jobs() == {"a": "running"}
        preparing.join()
    finally:
        door.close()
    assert most == 1

"""The first import of PySide6: what it keeps for the next start, and that nothing kept can do harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.source import ROOT

CODE = """
import sys
compiled, read = [], []

def hear(event, arguments):
    if event == "compile" and str(arguments[1]).startswith("shibokensupport/"):
        compiled.append(arguments[1])
    elif event == "open" and str(arguments[0]).endswith("colorsys.py"):
        read.append(arguments[0])

from pathlib import Path
from ide.qt.first_import import import_qt
from ide.settings.toml_file import replace_file
sys.addaudithook(hear)
import_qt(Path(sys.argv[1]), replace_file)
import colorsys
from PySide6.QtCore import QObject, Signal

class Thing(QObject):
    told = Signal(str)

    def tell(self, word: str) -> None:
        self.told.emit(word)

heard = []
thing = Thing()
thing.told.connect(heard.append)
thing.tell("word")
assert heard == ["word"]
print(len(compiled), len(read), compile("1 + 1", "x", "eval") is not None)
"""


def start(kept_in: Path) -> tuple[int, int]:
    """A process that imports Qt: how many support modules it compiled, how often it read the source of another."""
    words = [sys.executable, "-W", "error", "-c", CODE, str(kept_in)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    compiled, read, _ = done.stdout.split()
    return int(compiled), int(read)


def test_support_modules_are_compiled_by_the_first_start_alone(tmp_path: Path) -> None:
    kept_in = tmp_path / "qt.bytecode"
    assert start(kept_in)[0] > 5
    assert start(kept_in)[0] == 0


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_damaged_file_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    kept_in = tmp_path / "qt.bytecode"
    start(kept_in)
    good = kept_in.read_bytes()
    kept_in.write_bytes(good[:-10] if damage is None else damage)
    assert start(kept_in)[0] > 5
    assert kept_in.read_bytes()[:4] == good[:4]
    assert start(kept_in)[0] == 0


def test_place_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start(tmp_path / "file" / "qt.bytecode")[0] > 5


def test_source_of_other_modules_is_not_read(tmp_path: Path) -> None:
    assert start(tmp_path / "qt.bytecode")[1] == 0

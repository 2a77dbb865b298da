"""The R agent's files run in one environment: a name that two of them gave would be the later one's in both."""

from __future__ import annotations

import re
from collections import Counter

from ide._paths import plugins_dir

FOLDER = plugins_dir() / "lang_r"
_GIVEN = re.compile(r"^([A-Za-z.][\w.]*) <- ", re.MULTILINE)


def test_no_name_is_given_by_two_files() -> None:
    files = sorted(FOLDER.glob("*.R"))
    given = Counter(name for file in files for name in set(_GIVEN.findall(file.read_text(encoding="utf-8"))))
    assert len(given) > 300
    assert [name for name, count in given.items() if count > 1] == []


def test_every_file_is_sent() -> None:
    source = (FOLDER / "language.py").read_text(encoding="utf-8")
    assert {file.name for file in FOLDER.glob("*.R")} == set(re.findall(r'"(\w+\.R)"', source))

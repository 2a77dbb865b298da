"""Types seeded edits into three documents until it is killed: two files and one text that was never saved.

Arguments: journal folder, project folder, seed, name of the log. Every edit is written to the log before it is made.
When earlier windows left something behind, that is restored first and typing goes on there. With `--shared` it is one
of several windows: it restores nothing, begins to type when a file `go` is there (all have opened the files then), and
does not overwrite what another one saved.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.text import Edit
from ide.documents.document import Document
from ide.documents.errors import DiskChangedError
from ide.documents.journal_format import View
from tests.unit.documents.desk import Desk
from tests.unit.documents.desk import Window as Base

NAMES = ("a.py", "b.R", "Untitled 1")
KEYS_PER_S = 45  # 15 in each document
LETTERS = "abcdefghij klmnop\n\n\t()=\u00e9\u20ac\U0001f600"


class Typist:
    """Somebody at the keyboard, with a memory on disk."""

    def __init__(self, journals: Path, project: Path, seed: int, log: str, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self.random = random.Random(seed)
        self.window = Base(journals, str(project), is_mortal=False)
        before = project / log
        fresh = is_shared or not before.exists()
        self.documents = [self._opened(project, name) for name in NAMES] if fresh else self._restored(project, before)
        self.log = os.open(before, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._note({"base": [document.text for document in self.documents], "at_s": time.time()})

    @property
    def desk(self) -> Desk:
        return self.window.desk

    def _restored(self, project: Path, log: Path) -> list[Document]:
        """What an earlier life left, completed where it ended so early that a document was not noted yet."""
        restored = {document.title: document for document in self.window.restore().documents}
        if set(NAMES) - set(restored):
            assert _lived_s(log) < 1, f"{set(NAMES) - set(restored)} did not come back"
        return [restored.get(name) or self._opened(project, name) for name in NAMES]

    def _opened(self, project: Path, name: str) -> Document:
        if name in NAMES[:2]:
            return self.window.open(project / name)
        return self.window.documents.new("python", text="# never saved\n", title=name)

    def type_for_ever(self, go: Path) -> None:
        while self.is_shared and not go.exists():
            self.desk.step()
            time.sleep(0.005)
        while True:
            self._key(self.random.randrange(3))
            until = time.monotonic() + self.random.expovariate(KEYS_PER_S)
            while time.monotonic() < until:
                self.desk.step()
                time.sleep(0.005)

    def _key(self, index: int) -> None:
        document = self.documents[index]
        edit = self._edit(document)
        self._note({"document": index, "at_s": time.time(), "edit": [edit.start, edit.removed_length, edit.inserted]})
        document.apply(edit)
        document.look_at(View(edit.start, edit.start, 0))
        if document.path is not None and self.random.random() < 0.03:
            document.save(lambda: None, self._on_refused)

    def _on_refused(self, error: DocumentError) -> None:
        if not (self.is_shared and isinstance(error, DiskChangedError)):
            sys.stderr.write(error.text)
            os._exit(3)

    def _edit(self, document: Document) -> Edit:
        """Mostly letters at the caret; now and then a deletion, a jump, a large paste, a replaced selection."""
        length, chance = len(document), self.random.random()
        at = min(document.view.caret, length)
        if chance < 0.1:
            at = self.random.randint(0, length)
        if chance > 0.9:
            return Edit(max(0, at - 1), min(1, at), "")
        if chance > 0.87:
            return Edit(at, min(self.random.randint(0, 40), length - at), "pasted\n" * self.random.choice((3, 3000)))
        return Edit(at, 0, self.random.choice(LETTERS))

    def _note(self, entry: dict[str, object]) -> None:
        os.write(self.log, json.dumps(entry).encode() + b"\n")


def _lived_s(log: Path) -> float:
    """From the first note to the last."""
    times = [json.loads(line)["at_s"] for line in log.read_bytes().split(b"\n") if line.endswith(b"}")]
    return float(times[-1] - times[0])


if __name__ == "__main__":
    journal_folder, project_folder, number, log_name, *options = sys.argv[1:]
    typist = Typist(Path(journal_folder), Path(project_folder), int(number), log_name, is_shared="--shared" in options)
    typist.type_for_ever(Path(project_folder) / "go")

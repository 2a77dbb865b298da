"""What the Viewer shows, in order. Owns the list and the choice; knows no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ide.core.events import Signal
from ide.core.interactive import interactive_kind
from ide.core.outputs import Cleared, Display, Output
from ide.core.record import dataclass, field, replace
from ide.core.runs import Run

MOST_OUTPUTS: Final = 100
MOST_CHARACTERS: Final = 100_000_000
"""What all outputs may take together; the oldest go first, the one in view stays."""
PICTURES: Final = ("image/png", "image/jpeg", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """One output. `data` maps MIME types as `core.outputs.Display` does; a page of a file or server has none.

    `address` is a server on this machine ("http://127.0.0.1:8050/x"). `file` is a page on disk, which reads what lies
    in `folder` too where that is given. `packages` are the folders of the session's Python packages.
    """

    id: int
    title: str
    source: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    session: str = ""
    run: str = ""
    display_id: str = ""
    address: str = ""
    file: Path | None = None
    folder: Path | None = None
    packages: tuple[Path, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether a web view is needed."""
        return bool(self.address) or self.file is not None or bool(interactive_kind(self.data))

    @property
    def picture(self) -> Mapping[str, Any]:
        """The static pictures that came with it."""
        return {mime: self.data[mime] for mime in PICTURES if mime in self.data}

    @property
    def size(self) -> int:
        """About how many characters it holds."""
        return _size(dict(self.data))

    @property
    def words(self) -> str:
        """Its line in the list."""
        return f"{self.title} · {self.source}" if self.source else self.title


class ViewerModel:
    """All outputs, oldest first. UI thread. `changed`: the list, its words or the choice; `replaced` carries an output
    whose content is new, `removed` one that is gone."""

    changed = Signal()
    replaced = Signal(object)
    removed = Signal(object)
    arrived = Signal()
    """A new output came and is in view."""

    def __init__(self) -> None:
        self._outputs: list[ShownOutput] = []
        self._current: int | None = None
        self._next_id = 1
        self._cleared: set[str] = set()

    @property
    def outputs(self) -> Sequence[ShownOutput]:
        """Oldest first."""
        return tuple(self._outputs)

    @property
    def current(self) -> ShownOutput | None:
        """The output in view."""
        return next((each for each in self._outputs if each.id == self._current), None)

    @property
    def position(self) -> int | None:
        """Place of the output in view, from 0."""
        return next((at for at, each in enumerate(self._outputs) if each.id == self._current), None)

    def show(
        self,
        data: Mapping[str, Any],
        title: str,
        source: str = "",
        *,
        session: str = "",
        run: str = "",
        display_id: str = "",
        address: str = "",
        file: Path | None = None,
        folder: Path | None = None,
        packages: tuple[Path, ...] = (),
    ) -> ShownOutput:
        """Add an output and bring it into view."""
        output = ShownOutput(0, title, source, data, session, run, display_id, address, file, folder, packages)
        output = self._add(output)
        self.changed.emit()
        self.arrived.emit()
        return output

    def take(self, session: str, run: Run, outputs: Sequence[Output], source: str, packages: tuple[Path, ...]) -> None:
        """Keep the interactive ones among the outputs of one batch, and bring the last of them into view."""
        before, newest = self._outputs[:], self._next_id
        for output in outputs:
            if isinstance(output, Cleared):
                self._cleared.add(run.id)
            elif isinstance(output, Display) and (kind := interactive_kind(output.data)):
                self._take(session, run, output, kind, source, packages)
        if self._outputs != before:
            self.changed.emit()
        if self._next_id != newest:
            self.arrived.emit()

    def choose(self, id: int) -> None:
        """Bring an output into view; one that is gone is passed over."""
        if id != self._current and any(each.id == id for each in self._outputs):
            self._current = id
            self.changed.emit()

    def step(self, by: int) -> None:
        """Go on (back when negative), stopping at the ends."""
        position = self.position
        if position is not None:
            self.choose(self._outputs[max(0, min(position + by, len(self._outputs) - 1))].id)

    def delete(self, id: int) -> None:
        """Take an output away; the next one, or the last, comes into view."""
        at = next((at for at, each in enumerate(self._outputs) if each.id == id), None)
        if at is None:
            return
        gone = self._outputs.pop(at)
        if self._current == id:
            self._current = self._outputs[min(at, len(self._outputs) - 1)].id if self._outputs else None
        self.removed.emit(gone)
        self.changed.emit()

    def delete_all(self) -> None:
        """Take everything away."""
        gone, self._outputs, self._current = self._outputs, [], None
        for output in gone:
            self.removed.emit(output)
        self.changed.emit()

    def _take(self, session: str, run: Run, shown: Display, kind: str, source: str, packages: tuple[Path, ...]) -> None:
        before = self._before(session, run, shown)
        self._cleared.discard(run.id)
        if before is not None:
            at = self._outputs.index(before)
            new = replace(before, data=shown.data, title=kind, run=run.id)
            self._outputs[at] = new
            self.replaced.emit(new)
            return
        if shown.is_update:
            return
        self._add(ShownOutput(0, kind, source, shown.data, session, run.id, shown.display_id, packages=packages))

    def _add(self, output: ShownOutput) -> ShownOutput:
        output = replace(output, id=self._next_id)
        self._next_id += 1
        self._outputs.append(output)
        self._current = output.id
        self._drop_oldest()
        return output

    def _before(self, session: str, run: Run, shown: Display) -> ShownOutput | None:
        """The output that a new one takes the place of: of the same display, or of a run that cleared its output."""
        of_session = [each for each in reversed(self._outputs) if each.session == session]
        if shown.is_update:
            return next((each for each in of_session if shown.display_id and each.display_id == shown.display_id), None)
        return next((each for each in of_session if run.id in self._cleared and each.run == run.id), None)

    def _drop_oldest(self) -> None:
        size = sum(each.size for each in self._outputs)
        while len(self._outputs) > 1 and (len(self._outputs) > MOST_OUTPUTS or size > MOST_CHARACTERS):
            gone = self._outputs.pop(0)
            size -= gone.size
            self.removed.emit(gone)


def _size(value: object) -> int:
    """Of a list the first few stand for all."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, list) and value:
        few = value[:20]
        return sum(map(_size, few)) * len(value) // len(few)
    return 20

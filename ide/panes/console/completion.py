"""Completions and call tips at the prompt: live names from the agent first, the kernel's own answers where it has none.

Owns the popup and which answer is still wanted; never blocks a key press, and an answer that comes late is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QRect, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.errors import ContractError
from ide.core.language import CompletionItem
from ide.core.ports import Cancel
from ide.kernels.contract import Completions, Signatures
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.completion_popup import CompletionPopup

if TYPE_CHECKING:
    from ide.kernels.records import Answer, CompleteReply, InspectReply
    from ide.kernels.session import Session

MOST_ITEMS = 300
TIP_ROWS = 12
_WORD = re.compile(r"[\w.$@:'\"\[]\Z")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Prompt(Protocol):
    """What the console's view offers here."""

    @property
    def control(self) -> QPlainTextEdit: ...
    @property
    def has_prompt(self) -> bool: ...
    @property
    def input_code(self) -> str: ...
    def caret_offset(self) -> int: ...
    def replace_range(self, first: int, end: int, text: str) -> None: ...
    def show_tip(self, text: str) -> None: ...


class ConsoleCompletion(QObject):
    """For one console. `wants_as_typed` and `delay_ms` are looked up at each key."""

    def __init__(
        self,
        prompt: Prompt,
        session: Session,
        theme: Theme,
        icons: Icons,
        wants_as_typed: Callable[[], bool],
        delay_ms: Callable[[], int],
    ) -> None:
        super().__init__(prompt.control)
        self._prompt = prompt
        self._session = session
        self._wants_as_typed = wants_as_typed
        self._delay_ms = delay_ms
        self._popup = CompletionPopup(theme, icons, prompt.control)
        self._popup.accepted.connect(self._on_accepted)
        self._generation = 0
        self._cancels: list[Cancel] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask_as_typed)
        self._was_asked = False
        prompt.control.cursorPositionChanged.connect(self._on_caret_moved)

    @property
    def items(self) -> Sequence[CompletionItem]:
        """What is offered now."""
        return self._popup.items

    def handle(self, event: QKeyEvent) -> bool:
        """Keys for the list; and a typed character may open it."""
        if self._popup.handle(event):
            return True
        if event.text() and (event.text().isprintable() or event.text() == "\b") and self._prompt.has_prompt:
            if self._wants_as_typed() or self._popup.items:
                self._soon.start(max(0, self._delay_ms()))
        elif event.text():
            self.dismiss()
        return False

    def ask(self, code: str, offset: int, *, is_wanted: bool = True) -> None:
        """Look for completions; with `is_wanted` a single one is put in at once."""
        self._drop_questions()
        generation = self._generation
        self._was_asked = is_wanted
        params = {"code": code, "offset": offset}
        self._cancels.append(
            self._session.ask("complete", params, lambda answer: self._on_live(generation, code, offset, answer), 1.0)
        )

    def ask_tip(self, code: str, offset: int) -> None:
        """Look for the signature of the call around `offset`."""
        generation = self._generation
        params = {"code": code, "offset": offset}
        self._cancels.append(
            self._session.ask("signature", params, lambda answer: self._on_tip(generation, code, offset, answer), 1.0)
        )

    def dismiss(self) -> None:
        """Close the list and drop open questions."""
        self._soon.stop()
        self._drop_questions()
        self._popup.dismiss()

    def close(self) -> None:
        """No answer is taken any more."""
        self._soon.stop()
        self._drop_questions()
        self._popup.hide()
        self._popup.deleteLater()

    def _drop_questions(self) -> None:
        self._generation += 1
        for cancel in self._cancels:
            cancel()
        self._cancels.clear()

    @Slot()
    def _on_caret_moved(self) -> None:
        if self._popup.items and not self._soon.isActive():
            self._soon.start(max(0, self._delay_ms()))

    @Slot()
    def _ask_as_typed(self) -> None:
        if not self._prompt.has_prompt:
            self.dismiss()
            return
        code, offset = self._prompt.input_code, self._prompt.caret_offset()
        if _WORD.search(code[:offset]):
            self.ask(code, offset, is_wanted=False)
        else:
            self.dismiss()

    def _on_live(self, generation: int, code: str, offset: int, answer: Answer) -> None:
        if generation != self._generation:
            return
        items, is_exhaustive = _live_items(answer.result)
        if items:
            self._offer(items)
        if not is_exhaustive and (self._was_asked or not items):
            self._cancels.append(
                self._session.complete(
                    code, offset, lambda reply: self._on_kernel(generation, code, offset, items, reply)
                )
            )

    def _on_kernel(
        self, generation: int, code: str, offset: int, items: list[CompletionItem], reply: CompleteReply | None
    ) -> None:
        if generation != self._generation or reply is None:
            return
        known = {item.text for item in items}
        low, high = max(0, reply.first), min(reply.end, len(code))
        others = [
            CompletionItem(match, match.rsplit(".", 1)[-1] or match, "", "", low, high)
            for match in reply.matches[:MOST_ITEMS]
            if match not in known and match.rsplit(".", 1)[-1] not in known
        ]
        self._offer([*items, *others])

    def _offer(self, items: list[CompletionItem]) -> None:
        if not self._prompt.has_prompt:
            return
        code, offset = self._prompt.input_code, self._prompt.caret_offset()
        fitting = [item for item in items if item.text != code[item.replace_first : item.replace_end]]
        if self._was_asked and len(fitting) == 1 and fitting[0].replace_end == offset:
            self._popup.dismiss()
            self._on_accepted(fitting[0])
            return
        control = self._prompt.control
        caret = control.cursorRect()
        place = QRect(control.viewport().mapToGlobal(caret.topLeft()), caret.size())
        self._popup.offer(fitting[:MOST_ITEMS], place)

    @Slot(object)
    def _on_accepted(self, item: CompletionItem) -> None:
        self._drop_questions()
        self._prompt.replace_range(item.replace_first, item.replace_end, item.text)
        self._soon.stop()

    def _on_tip(self, generation: int, code: str, offset: int, answer: Answer) -> None:
        if generation != self._generation:
            return
        if text := _tip_text(answer.result):
            self._prompt.show_tip(text)
        elif answer.result is None:
            self._cancels.append(
                self._session.inspect(code, max(0, offset - 1), 0, lambda reply: self._on_inspected(generation, reply))
            )

    def _on_inspected(self, generation: int, reply: InspectReply | None) -> None:
        if generation == self._generation and reply is not None and reply.is_found:
            text = _ANSI.sub("", str(reply.data.get("text/plain", "")))
            self._prompt.show_tip("\n".join(text.split("\n")[:TIP_ROWS])[:2000])


def _live_items(result: dict[str, Any] | None) -> tuple[list[CompletionItem], bool]:
    if result is None:
        return [], False
    try:
        found = Completions.from_json(result)
    except ContractError:
        return [], False
    items = [
        CompletionItem(each.text, each.label, each.kind, each.detail, each.replace_first, each.replace_end)
        for each in found.items
    ]
    return items, found.is_exhaustive


def _tip_text(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    try:
        found = Signatures.from_json(result)
    except ContractError:
        return ""
    if not found.signatures:
        return ""
    first = found.signatures[0]
    return f"{first.label}\n\n{first.doc[:400]}".strip()

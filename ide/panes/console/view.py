"""The console of one session: a thin view over qtconsole's RichJupyterWidget, the only place that imports it.

From qtconsole come the editing of input (prompt region, continuation lines, history keys, kill ring, bracket matching,
highlighting) and the dispatch of messages. Replaced here, each for its reason:

- text insertion (`_append_custom`, `_insert_plain_text`, `_show_prompt`): qtconsole's is slow, quadratic on long lines,
  runs the event loop in the middle (`processEvents`) and writes colours that cannot follow the theme. See `writer.py`.
- all output handlers: they go through `feed.py`, which keeps order and bounds floods.
- prompt numbers: qtconsole asks the kernel by a silent execution; the session knows them.
- `is_complete`: decided by the Language at once, by the kernel only where there is no Language.
- the control is a QPlainTextEdit: bounded and fast; QTextEdit lays out the whole document.

Its import takes a third of a second in all: `view_import.py` does it piece by piece.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import (
    QClipboard,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QToolTip, QWidget

from ide.core.bars import bar_parts
from ide.core.language import Language
from ide.core.ports import RunInPool
from ide.core.record import replace
from ide.panes.console.bridge import Bridge, WireMessage
from ide.panes.console.control import ConsoleControl
from ide.panes.console.kept import Kept
from ide.panes.console.lines import MUTED, PLAIN, Line, Style, line, parse_link
from ide.panes.console.looks import Looks
from ide.panes.console.output import Output
from ide.panes.console.render import (
    bundle_lines,
    error_lines,
    has_picture,
    hidden_note,
    long_text,
    picture_of,
    plot_note,
    value_lines,
    value_prompt,
)
from ide.panes.console.view_import import lend_names
from ide.qt.theme import Theme

lend_names()
_latex = sys.modules.get("IPython.lib.latextools")
if "IPython" not in sys.modules:
    # Used by handlers that are replaced here, and its import would bring in all of IPython.
    sys.modules["IPython.lib.latextools"] = None  # type: ignore[assignment]  # the import system's own "is not there"
try:
    from qtconsole.rich_jupyter_widget import RichJupyterWidget
finally:
    if _latex is None:
        sys.modules.pop("IPython.lib.latextools", None)

IN_PROMPT = Style(role="accent", is_bold=True)
STDERR = Style(role="error")
PROMPT_WORDS = "In [{}]: "
PROMPT = re.compile(r"In \[\d+\]: | *\.\.\.: ")

Move = QTextCursor.MoveOperation


class ConsoleView(RichJupyterWidget):  # type: ignore[misc]  # qtconsole comes without types
    """Prompt, input and output of one session. Ask it nothing about the session: it shows what the bridge brings."""

    custom_control = ConsoleControl
    _ctrl_down_remap: Mapping[int, int] = {}  # Emacs keys would take Ctrl+F, Ctrl+A and Ctrl+P from the program
    _shortcuts: frozenset[int] = frozenset()

    link_activated = Signal(str, str, int)
    """Kind, target and number of `lines.parse_link`."""
    code_entered = Signal(str)
    """Code that ran, typed or sent, for the history."""
    input_wanted = Signal(str, bool)
    """Prompt of an input request, and whether it is a password; passwords are answered outside of the document."""
    interrupt_wanted = Signal()
    restart_wanted = Signal()
    history_wanted = Signal()
    completion_wanted = Signal(str, int, bool)
    """Code, offset of the caret, and whether the user asked by a key."""
    tip_wanted = Signal(str, int)
    typed_ahead = Signal(str)
    """Text typed while no prompt is there."""
    page_wanted = Signal(str)
    """Help text that the kernel wants shown in a pager."""
    large_wanted = Signal(object, str)
    """A bundle to show large, and a title."""
    sound_wanted = Signal(object)
    """A bundle with a sound to play, or to stop where it plays."""
    zoom_wanted = Signal(int)
    activity_changed = Signal()
    """Executing or not, reading or not."""

    def __init__(
        self,
        bridge: Bridge,
        theme: Theme,
        language: Language | None,
        *,
        scrollback_lines: int = 10_000,
        fold_characters: int = 4_000,
        shows_pictures: bool = False,
        run_in_pool: RunInPool,
        parent: QWidget | None = None,
    ) -> None:
        """Everything on the UI thread. `language` is None for kernels without a plugin."""
        self._theme = theme
        self._language = language
        self._number = 1
        self._run_id = ""
        self._ended: set[str] = set()
        self._over: set[str] = set()
        self._early_replies: dict[str, WireMessage] = {}
        self._is_idle_seen = False
        self._reply: WireMessage | None = None
        self._pending_caret = -1
        self._pictures_shown = 0
        self._pictures_before = 0
        self._updates: dict[str, WireMessage] = {}
        self._picture_displays: set[str] = set()
        self._clears_next = False
        self._kept = Kept()
        self.shows_pictures = shows_pictures
        self.key_taker: Callable[[QKeyEvent], bool] | None = None
        super().__init__(
            parent,
            paging="none",
            gui_completion="droplist",
            style_sheet="/* roles come from the theme */",
            syntax_style="default",
            buffer_size=0,  # the writer trims, see there
        )
        self.custom_interrupt = True
        self.custom_restart = True
        self._display_banner = False
        self._drop_actions()
        self._control.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._control.owner = self
        self._control.setMouseTracking(True)
        self._control.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        show_hidden(self._control)
        self._output = Output(
            self._control,
            Looks(theme),
            self._open_section,
            scrollback_lines=scrollback_lines,
            fold_characters=fold_characters,
            trace_links=language.trace_links if language is not None else None,
            theme=theme,
            run_in_pool=run_in_pool,
        )
        self._writer = self._output.writer
        self._writer.recolor_code = self._recolor_code
        theme.changed.connect(self._on_theme_changed)
        self._dress()
        self.kernel_client: Bridge | None = bridge
        self._bridge = bridge
        bridge.batch_ended.connect(self._output.schedule)
        bridge.run_over.connect(self._on_run_over)
        self._output.begin(0)

    # --- what the pane uses ------------------------------------------------------------------------------------------

    @property
    def control(self) -> QPlainTextEdit:
        """The text widget."""
        control: QPlainTextEdit = self._control
        return control

    @property
    def is_executing(self) -> bool:
        """Whether a run is being shown; then there is no prompt."""
        return bool(self._executing)

    @property
    def is_reading(self) -> bool:
        """Whether the code waits for a line typed here."""
        return bool(self._reading)

    @property
    def has_prompt(self) -> bool:
        """Whether code can be typed."""
        return not self._executing and not self._reading and bool(self._prompt)

    @property
    def input_code(self) -> str:
        """What stands at the prompt."""
        return str(self.input_buffer)

    @property
    def is_settled(self) -> bool:
        """Whether all that came is shown."""
        return self._output.is_settled

    @property
    def text(self) -> str:
        """The whole document."""
        return self.control.toPlainText()

    def show_prompt(self, number: int, banner: str = "") -> None:
        """The first prompt, or one after a restart, below a line of our own."""
        self._output.add(partial(self._do_prompt, number, banner))
        self._output.schedule()

    def say(self, text: str, style: Style = MUTED) -> None:
        """A line of our own between the outputs."""
        self._output.add(partial(self._output.put, tuple(line(part, style) for part in text.split("\n"))))
        self._output.schedule()

    def end_run(self) -> None:
        """The kernel is gone or starts anew: nothing more will come of the run that is shown."""
        self._output.add(self._do_abandon)
        self._output.schedule()

    def set_history(self, entries: tuple[str, ...]) -> None:
        """What Up and Down go through, the oldest first."""
        self._set_history(list(entries))

    def insert_code(self, code: str, caret: int = -1) -> None:
        """Put text into the input at the caret; kept for the next prompt while there is none."""
        if not self.has_prompt and not self._reading:
            self._input_buffer_pending += code
            return
        self._keep_cursor_in_buffer()
        before = self._get_input_buffer_cursor_pos()
        self._insert_plain_text_into_buffer(self._control.textCursor(), code)
        if 0 <= caret < len(code):
            self._set_caret(before + caret)

    def replace_input(self, code: str) -> None:
        """Put `code` in place of the input."""
        self.input_buffer = code

    def replace_range(self, first: int, end: int, text: str) -> None:
        """Replace code points of the input: a completion that was chosen."""
        code = self.input_buffer
        self.input_buffer = code[:first] + text + code[end:]
        self._set_caret(first + len(text))

    def caret_offset(self) -> int:
        """Code points of the input before the caret."""
        return int(self._get_input_buffer_cursor_pos())

    def run_input(self) -> None:
        """Run what stands at the prompt, as Enter does on whole code."""
        if self.has_prompt:
            self._run(self.input_buffer)

    def clear_console(self) -> None:
        """Empty the console; the input stays."""
        has_prompt = self.has_prompt
        code, caret = (self.input_buffer, self.caret_offset()) if has_prompt else ("", -1)
        self._control.clear()
        self._output.clear_all()
        self._kept.clear()
        if has_prompt:
            self._show_interpreter_prompt(self._number)
            self.input_buffer = code
            self._set_caret(caret)

    def show_tip(self, text: str) -> None:
        """Show a call tip at the open bracket before the caret."""
        self._call_tip_widget.show_tip(text)

    def finish_password(self, answer: str) -> None:
        """The masked answer: only its place is shown. It goes to the kernel and nowhere else."""
        self._output.print_now("········\n", MUTED)
        self._reading = False
        self.activity_changed.emit()
        self._bridge.input(answer)

    def folded_text(self, key: int) -> tuple[str | None, str]:
        """The whole of a folded line, None where it did not come here whole, and the run that printed it."""
        return self._output.folded_text(key)

    def speak_by(self, say: Callable[[str], None]) -> None:
        """Hand output to a screen reader's voice."""
        self._output.say = say

    def set_limits(self, scrollback_lines: int, fold_characters: int) -> None:
        """Settings changed; holds from the next output on."""
        self._output.set_limits(scrollback_lines, fold_characters)

    def copy(self) -> None:
        """Copy the selection without prompts."""
        cursor = self._control.textCursor()
        if not cursor.hasSelection():
            return
        block = self._control.document().findBlock(cursor.selectionStart())
        column = cursor.selectionStart() - block.position()
        rows = self._writer.text_of(cursor).split("\n")
        for index, row in enumerate(rows):
            prompt = len(found.group()) if (found := PROMPT.match(block.text())) else 0
            rows[index] = row[max(0, prompt - column) :]
            block, column = block.next(), 0
        QGuiApplication.clipboard().setText("\n".join(rows))

    def paste(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        """Paste at the prompt; while code runs, where typing goes meanwhile."""
        if self._executing and not self._reading:
            self.typed_ahead.emit(QGuiApplication.clipboard().text(mode).rstrip())
        else:
            super().paste(mode)

    def copy_raw(self) -> None:
        """Copy the selection as it is shown."""
        QGuiApplication.clipboard().setText(self._writer.text_of(self._control.textCursor()))

    def select_document(self) -> None:
        """Select everything."""
        cursor = self._control.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        self._control.setTextCursor(cursor)

    def copy_code(self) -> str:
        """The selected text, or all of it, with neither prompts nor output: the code that was entered."""
        cursor = self._control.textCursor()
        text = cursor.selection().toPlainText() if cursor.hasSelection() else self.text
        return code_of(text)

    def close_view(self) -> None:
        """End timers and the windows that qtconsole made without a parent."""
        self._pending_text_flush_interval.stop()
        self._output.close()
        self._bridge.batch_ended.disconnect(self._output.schedule)
        self._bridge.run_over.disconnect(self._on_run_over)
        self.kernel_client = None
        self._call_tip_widget.hide()
        self._call_tip_widget.deleteLater()

    # --- messages, from qtconsole's dispatch -------------------------------------------------------------------------

    def from_here(self, msg: WireMessage) -> bool:
        """The session hands on only what is for this console."""
        return True

    def _started_channels(self) -> None:
        """qtconsole would ask for kernel_info and history here; the session knows the one, a file the other."""

    def _handle_stream(self, msg: WireMessage) -> None:
        content = msg["content"]
        run_id = str(msg["parent_header"].get("msg_id", ""))
        text = str(content.get("text", ""))
        if self._clears_next:
            self._clears_next = False
            self._clear_now(run_id)
        if content.get("name") == "stderr":
            for part, is_bar in bar_parts(text):
                self._output.add_text(run_id, part, PLAIN if is_bar else STDERR)
        else:
            self._output.add_text(run_id, text, PLAIN)

    def _handle_execute_input(self, msg: WireMessage) -> None:
        self._output.add(partial(self._do_input, msg))

    def _handle_execute_result(self, msg: WireMessage) -> None:
        if text := long_text(msg["content"].get("data", {})):
            self._add_output(partial(self._output.put, value_prompt(msg["content"].get("execution_count"))), msg)
            self._output.add_text(str(msg["parent_header"].get("msg_id", "")), text + "\n", PLAIN)
        else:
            self._add_output(partial(self._do_value, msg), msg)

    def _handle_display_data(self, msg: WireMessage) -> None:
        if text := long_text(msg["content"].get("data", {})):
            self._add_output(self._output.start_line, msg)
            self._output.add_text(str(msg["parent_header"].get("msg_id", "")), text + "\n", PLAIN)
        else:
            self._add_output(partial(self._do_display, msg), msg)

    def _handle_update_display_data(self, msg: WireMessage) -> None:
        # Of many updates that wait only the newest is worth drawing: an animation may send more than can be seen.
        display = str(msg["content"].get("transient", {}).get("display_id", ""))
        self._updates[display] = msg
        self._output.add(partial(self._do_update, display, msg))

    def _handle_error(self, msg: WireMessage) -> None:
        self._add_output(partial(self._do_error, msg), msg)

    def _handle_clear_output(self, msg: WireMessage) -> None:
        if msg["content"].get("wait"):
            self._clears_next = True
        else:
            self._clear_now(str(msg["parent_header"].get("msg_id", "")))

    def _handle_execute_reply(self, msg: WireMessage) -> None:
        self._output.add(partial(self._do_reply, msg))

    def _handle_status(self, msg: WireMessage) -> None:
        if msg["content"].get("execution_state") == "idle":
            run_id = str(msg["parent_header"].get("msg_id", ""))
            self._output.add(partial(self._do_idle, run_id, bool(msg.get("is_replay"))))

    def _handle_input_request(self, msg: WireMessage) -> None:
        self._output.add(partial(self._do_input_request, msg))

    def _handle_shutdown_reply(self, msg: WireMessage) -> None:
        """The session tells of ends and restarts."""

    def _handle_kernel_died(self, since_last_heartbeat: float) -> None:
        """The session tells of deaths; a heartbeat proves none."""

    # --- acts, in the order of the feed ------------------------------------------------------------------------------

    def _add_output(self, act: Callable[[], None], msg: WireMessage) -> None:
        if self._clears_next:
            self._clears_next = False
            self._clear_now(str(msg["parent_header"].get("msg_id", "")))
        self._output.add_shown(str(msg["parent_header"].get("msg_id", "")), act)

    def _clear_now(self, run_id: str) -> None:
        self._output.drop_output(run_id)
        self._output.add(self._do_clear)

    def _do_clear(self) -> None:
        # Plots replaces the last picture by the next one, so that counts as the same figure.
        self._pictures_shown = max(self._pictures_before, self._pictures_shown - 1)
        self._output.clear_section()

    def _do_input(self, msg: WireMessage) -> None:
        run_id = str(msg["parent_header"].get("msg_id", ""))
        count = msg["content"].get("execution_count")
        if isinstance(count, int):
            self._number = count
        if run_id == self._run_id or run_id in self._ended:
            self._correct_prompt()
            return
        self._echo(run_id, str(msg["content"].get("code", "")))

    def _do_value(self, msg: WireMessage) -> None:
        content = msg["content"]
        display = str(content.get("transient", {}).get("display_id", ""))
        data = content.get("data", {})
        if has_picture(data):
            self._output.put(value_prompt(content.get("execution_count")))
            self._put_picture(data, display)
        else:
            count = content.get("execution_count")
            make = partial(value_lines, count, data, display)
            self._output.put(self._kept_lines(make, data, display, f"Out[{count}]"))

    def _do_display(self, msg: WireMessage) -> None:
        content = msg["content"]
        display = str(content.get("transient", {}).get("display_id", ""))
        data = content.get("data", {})
        if has_picture(data):
            self._put_picture(data, display)
        else:
            make = partial(bundle_lines, data, display)
            self._output.put(self._kept_lines(make, data, display, f"Output of In [{self._number}]"))

    def _do_update(self, display: str, msg: WireMessage) -> None:
        if not display or self._updates.get(display) is not msg:
            return
        del self._updates[display]
        data = msg["content"].get("data", {})
        if not has_picture(data):
            make = partial(bundle_lines, data, display)
            lines = self._kept_lines(make, data, display, f"Output of In [{self._number}]")
            self._output.replace_display(display, lines)
            self._picture_displays.discard(display)
        elif display not in self._picture_displays or self.shows_pictures:  # else the note that it is in Plots stays
            self._pictures_shown += display not in self._picture_displays
            self._output.replace_display(display, (self._picture_line(data, display),))

    def _do_error(self, msg: WireMessage) -> None:
        content = msg["content"]
        links = self._language.trace_links if self._language is not None else None
        self._output.put(
            error_lines(content.get("ename", ""), content.get("evalue", ""), content.get("traceback", ()), links)
        )

    def _do_idle(self, run_id: str, is_replay: bool) -> None:
        if not run_id or run_id != self._run_id:
            return
        self._is_idle_seen = True
        # Replies travel on a channel of their own: one may have come before its run's first message.
        self._reply = self._reply or self._early_replies.pop(run_id, None)
        if is_replay or (self._reply is None and run_id in self._over):  # its reply went to the window that is gone
            self._close_run(self._number + 1)
        else:
            self._end_if_over()

    @Slot(str)
    def _on_run_over(self, run_id: str) -> None:
        self._output.add(partial(self._do_over, run_id))
        self._output.schedule()

    def _do_over(self, run_id: str) -> None:
        """The session waits no longer for a reply that does not come."""
        if run_id == self._run_id and self._is_idle_seen:
            self._close_run(self._number + 1)
        elif run_id not in self._ended:
            self._over.add(run_id)

    def _do_reply(self, msg: WireMessage) -> None:
        run_id = str(msg["parent_header"].get("msg_id", ""))
        if run_id == self._run_id:
            self._reply = msg
            self._end_if_over()
        elif run_id not in self._ended:
            self._early_replies[run_id] = msg

    def _do_abandon(self) -> None:
        if self._run_id:
            self._close_run()

    def _do_prompt(self, number: int, banner: str) -> None:
        self._number = number
        if banner:
            self._output.put(tuple(line(part, MUTED) for part in banner.split("\n")))
        if not self.has_prompt:
            self._show_interpreter_prompt(number)
        else:
            self._renumber(number)

    def _do_input_request(self, msg: WireMessage) -> None:
        prompt = str(msg["content"].get("prompt", ""))
        is_password = bool(msg["content"].get("password"))
        self._reading = False
        self._output.print_now(prompt)
        if is_password:
            self._reading = True
        else:
            self._read_line()
        self.activity_changed.emit()
        self.input_wanted.emit(prompt, is_password)

    def _read_line(self) -> None:
        """qtconsole's reading mode, its prompt being the open line of the output."""
        self._reading = True
        self._reading_callback = self._on_line_read
        end = self._end_position()
        self._prompt = self._control.document().lastBlock().text()
        self._prompt_html = None
        self._prompt_cursor.setPosition(max(0, end - 1))
        self._append_before_prompt_cursor.setPosition(self._control.document().lastBlock().position())
        self._output.end()
        self._prompt_started()

    def _on_line_read(self) -> None:
        answer = str(self._get_input_buffer(force=True)).rstrip("\n")
        self._finalize_input_request()
        self._begin_section()
        self.activity_changed.emit()
        self._bridge.input(answer)

    # --- runs --------------------------------------------------------------------------------------------------------

    def execute(self, source: str | None = None, hidden: bool = False, interactive: bool = False) -> bool:
        """qtconsole's door for running code; Enter and `run_input` come through `_run` instead."""
        self._run(self.input_buffer if source is None else source)
        return True

    def _run(self, code: str) -> None:
        """Typed code. Where other code is under way, it appears when its turn comes."""
        if not code.strip():
            self._echo_nothing()
            return
        run_id = self._bridge.execute(code)
        if not run_id:
            return  # the session said why; the input stays
        if self._bridge.is_waiting(run_id):
            self.input_buffer = ""
            return
        self._finish_input(run_id, code)

    def _echo_nothing(self) -> None:
        self._show_interpreter_prompt(self._number)

    def _echo(self, run_id: str, code: str) -> None:
        """Code that was not typed at this prompt appears as if it had been; what stands there comes back after it."""
        if self._run_id:
            self._close_run()
        if not self.has_prompt:
            self._show_interpreter_prompt(self._number)
        self._correct_prompt()
        typed, caret = self.input_buffer, self.caret_offset()
        self.input_buffer = code
        self._finish_input(run_id, code)
        if typed:
            self._input_buffer_pending = typed
            self._pending_caret = caret

    def _finish_input(self, run_id: str, code: str) -> None:
        self._control.moveCursor(Move.End)
        self._append_custom(self._insert_plain_text, "\n")
        self._input_buffer_executing = code
        self._executing = True
        self._finalize_input_request()
        self._run_id = run_id
        self._is_idle_seen = False
        self._reply = None
        self._pictures_before = self._pictures_shown
        self._remember(code)
        self._begin_section()
        if note := hidden_note(code):
            self._output.put((note,))
        self.activity_changed.emit()

    def _remember(self, code: str) -> None:
        code = code.rstrip()
        if code and (not self._history or self._history[-1] != code):
            self._history.append(code)
        self._history_edits: dict[int, str] = {}
        self._history_index = len(self._history)
        self.code_entered.emit(code)

    def _end_if_over(self) -> None:
        """A run is over when its reply came and its output is complete; either may be first."""
        if self._reply is None or not self._is_idle_seen:
            return
        content = self._reply["content"]
        count = content.get("execution_count")
        if isinstance(count, int):
            self._number = count
        if content.get("status") in ("aborted", "abort"):
            self._output.put((line("This was not run, because code before it failed or was interrupted.", MUTED),))
        self._close_run(self._number + 1 if isinstance(count, int) else self._number)
        for item in content.get("payload", ()):
            self._payload(item)

    def _close_run(self, number: int | None = None) -> None:
        self._ended.add(self._run_id)
        self._over.discard(self._run_id)
        self._early_replies.pop(self._run_id, None)
        if len(self._ended) > 200:
            self._ended = {self._run_id}
        if len(self._early_replies) + len(self._over) > 200:  # of runs that the console never shows
            self._early_replies.clear()
            self._over.clear()
        self._run_id = ""
        self._clears_next = False
        self._output.end()
        self._number = self._number if number is None else number
        self._reading = False
        self._show_interpreter_prompt(self._number)
        self.executed.emit(self._reply)
        self.activity_changed.emit()

    def _payload(self, item: Mapping[str, Any]) -> None:
        source = item.get("source")
        if source == "page":
            data = item.get("data", {})
            self.page_wanted.emit("\n".join(each.text for each in bundle_lines({**data, "text/html": ""})))
        elif source == "set_next_input":
            self.input_buffer = str(item.get("text", ""))

    # --- output ------------------------------------------------------------------------------------------------------

    def _put_picture(self, data: Mapping[str, Any], display: str) -> None:
        self._pictures_shown += 1
        self._output.put((self._picture_line(data, display),))

    def _picture_line(self, data: Mapping[str, Any], display: str) -> Line:
        """The picture counted last, or a note that it is in Plots."""
        if display:
            self._picture_displays.add(display)
        picture = picture_of(data) if self.shows_pictures else None
        if picture is None:
            return replace(plot_note(self._pictures_shown), display=display)
        number = self._kept.add(data, f"Figure {self._pictures_shown}", display)
        return Line(display=display, picture=picture, large=number)

    def _kept_lines(
        self, make: Callable[..., tuple[Line, ...]], data: Mapping[str, Any], display: str, title: str
    ) -> tuple[Line, ...]:
        """The lines of an object; it is kept where it can be shown large."""
        number = self._kept.next_number
        lines = make(room=self._room(), number=number)
        if not any(each.large for each in lines):
            return lines
        name = display or f"kept:{number}"
        self._kept.add(data, title, name)
        return tuple(replace(each, display=name) if each.large else each for each in lines)

    def _room(self) -> int:
        """Characters of a line that does not wrap."""
        width = self._control.viewport().width() - 2 * self._control.document().documentMargin()
        return max(30, int(width / max(1, self._control.fontMetrics().horizontalAdvance("0"))) - 1)

    def _fold(self, number: int, *, is_unfolded: bool) -> None:
        """Show more or less of an object, where it stands."""
        kept = self._kept.get(number)
        if kept is not None:
            lines = bundle_lines(kept.bundle, kept.display, room=self._room(), number=number, is_unfolded=is_unfolded)
            self._output.replace_display(kept.display, lines)

    def _open_large(self, number: int) -> None:
        kept = self._kept.get(number)
        if kept is not None:
            self.large_wanted.emit(kept.bundle, kept.title)
        else:
            self.say("This output is not kept any more; run its code again.")

    def _begin_section(self) -> None:
        """Output goes to the end of the document from here on."""
        self._output.begin(self._end_position())

    def _open_section(self) -> None:
        """Output that comes while a prompt is there goes above it."""
        undo, is_at_end = self._control.isUndoRedoEnabled(), self._is_at_end()
        self._control.setUndoRedoEnabled(False)
        position = self._append_before_prompt_pos
        block = self._control.document().findBlock(position)
        if block.text() or not block.next().isValid():  # no empty line parts output and prompt
            cursor = self._control.textCursor()
            cursor.setPosition(position)
            cursor.insertText("\n")
            self._append_before_prompt_cursor.setPosition(position + 1)
        self._control.setUndoRedoEnabled(undo)
        self._output.begin(position)
        if is_at_end:
            self._scroll_to_end()

    # --- text insertion and prompts, in place of qtconsole's ---------------------------------------------------------

    def _append_custom(
        self,
        insert: Callable[..., Any],
        input: Any,
        before_prompt: bool = False,
        *arguments: Any,
        **options: Any,
    ) -> Any:
        cursor = self._control.textCursor()
        if before_prompt and (self._reading or not self._executing):
            cursor.setPosition(self._append_before_prompt_pos)
        else:
            cursor.movePosition(Move.End)
        return insert(cursor, input, *arguments, **options)

    def _insert_plain_text(self, cursor: QTextCursor, text: str, flush: bool = False) -> None:
        is_at_end = self._is_at_end()
        self._writer.insert(cursor, text, PLAIN)
        if is_at_end:
            self._scroll_to_end()

    def _insert_continuation_prompt(self, cursor: QTextCursor, indent: str = "") -> None:
        self._insert_prompt(cursor, self._continuation_prompt)
        if indent:
            self._writer.insert(cursor, indent, PLAIN)

    def _insert_prompt(self, cursor: QTextCursor, text: str) -> None:
        """Its last space is plain: what is typed takes the format of the character before it."""
        self._writer.insert(cursor, text.rstrip(" "), IN_PROMPT)
        self._writer.insert(cursor, text[len(text.rstrip(" ")) :], PLAIN)

    def _insert_plain_text_into_buffer(self, cursor: QTextCursor, text: str) -> None:
        cursor.beginEditBlock()
        for index, part in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
            if index:
                self._writer.insert(cursor, "\n", PLAIN)
                self._insert_continuation_prompt(cursor)
            self._writer.insert(cursor, part, PLAIN)
        cursor.endEditBlock()

    def _flush_pending_stream(self) -> None:
        """Nothing waits in qtconsole's queue: output has its own."""

    def _show_prompt(
        self, prompt: str | None = None, html: bool = False, newline: bool = True, separator: bool = True
    ) -> None:
        text = self._prompt if prompt is None else prompt
        cursor = self._control.textCursor()
        cursor.movePosition(Move.End)
        cursor.beginEditBlock()
        if newline and not cursor.atBlockStart():
            cursor.insertText("\n", self._writer.looks.format(PLAIN))
        place = QTextCursor(cursor)  # moves along when the scrollback drops its oldest lines
        place.setKeepPositionOnInsert(True)
        if separator and cursor.position() > 0 and cursor.block().previous().text():
            cursor.insertText("\n", self._writer.looks.format(PLAIN))
        self._insert_prompt(cursor, text)
        cursor.endEditBlock()
        self._prompt, self._prompt_html = text, None
        self._append_before_prompt_cursor.setPosition(place.position())
        self._prompt_cursor.setPosition(self._end_position() - 1)
        self._output.end()
        self._prompt_started()
        self._scroll_to_end()

    def _prompt_started(self) -> None:
        pending = bool(self._input_buffer_pending)
        super()._prompt_started()
        if pending and self._pending_caret >= 0:
            self._set_caret(self._pending_caret)
        self._pending_caret = -1

    def _show_interpreter_prompt(self, number: int | None = None) -> None:
        self._number = self._number if number is None else number
        text = PROMPT_WORDS.format(self._number)
        self._executing = False
        self._set_continuation_prompt("...: ".rjust(len(text)))
        self._show_prompt(text)
        self.activity_changed.emit()

    def _correct_prompt(self) -> None:
        """The kernel counted otherwise than the prompt that stands there."""
        if self.has_prompt:
            self._renumber(self._number)

    def _renumber(self, number: int) -> None:
        text = PROMPT_WORDS.format(number)
        if text == self._prompt:
            return
        code, caret = self.input_buffer, self.caret_offset()
        cursor = self._control.textCursor()
        cursor.setPosition(self._append_before_prompt_pos)
        cursor.movePosition(Move.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._show_interpreter_prompt(number)
        if code:
            self.input_buffer = code
            self._set_caret(caret)

    def _update_prompt(self, new_prompt_number: int) -> None:
        self._renumber(new_prompt_number)

    def _end_position(self) -> int:
        return int(self._control.document().characterCount()) - 1

    def _set_caret(self, offset: int) -> None:
        """Put the caret behind `offset` code points of the input."""
        before = self.input_buffer[: max(0, offset)]
        rows = before.split("\n")
        block = self._control.document().findBlock(self._prompt_pos)
        prompt = len(self._prompt.rsplit("\n", 1)[-1])
        for _row in rows[1:]:
            block = block.next()
            prompt = len(self._continuation_prompt)
        cursor = self._control.textCursor()
        cursor.setPosition(min(block.position() + prompt + utf16(rows[-1]), self._end_position()))
        self._control.setTextCursor(cursor)

    # --- keys and mouse ----------------------------------------------------------------------------------------------

    def _event_filter_console_keypress(self, event: QKeyEvent) -> bool:
        if self.key_taker is not None and self.key_taker(event):
            return True
        key, modifiers = event.key(), event.modifiers()
        control = self._control_key_down(modifiers)
        if key == Qt.Key.Key_Escape and self._executing:
            self.request_interrupt_kernel()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.has_prompt:
            self._cancel_completion()
            self._enter(modifiers)
            return True
        if control and key == Qt.Key.Key_R:
            self.history_wanted.emit()
            return True
        if control and key == Qt.Key.Key_L:
            self.clear_console()
            return True
        if control and key == Qt.Key.Key_D and not self._reading:
            return True
        if control and key == Qt.Key.Key_A and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.select_all_smart()
            return True
        if event.matches(QKeySequence.StandardKey.Redo):
            self._control.redo()
            return True
        if self._executing and not self._reading and is_text(event):
            self.typed_ahead.emit(event.text())
            return True
        return bool(super()._event_filter_console_keypress(event))

    def _enter(self, modifiers: Qt.KeyboardModifier) -> None:
        self._keep_cursor_in_buffer()
        code, offset = self.input_buffer, self.caret_offset()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self._run(code)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or (code[offset:].strip() and "\n" in code):
            self._new_input_line()
        elif self._language is None:
            self._register_is_complete_callback(code, self._on_completeness)
        elif self._language.is_complete(code):
            self._run(code)
        else:
            self._new_input_line()

    def _on_completeness(self, is_complete: bool, indent: str) -> None:
        if is_complete:
            self._run(self.input_buffer)
        else:
            self._new_input_line(indent)

    def _new_input_line(self, indent: str | None = None) -> None:
        cursor = self._control.textCursor()
        if indent is None:
            lines = self.input_buffer[: self.caret_offset()].split("\n")
            indent = self._language.indent(lines, len(lines) - 1) if self._language is not None else ""
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        self._writer.insert(cursor, "\n", PLAIN)
        self._insert_continuation_prompt(cursor, indent)
        cursor.endEditBlock()
        self._control.setTextCursor(cursor)
        self._control.ensureCursorVisible()

    def interrupt_kernel(self) -> None:
        """Asked by Esc or Ctrl+C while something runs."""
        self.interrupt_wanted.emit()

    def restart_kernel(self, message: str = "", now: bool = False) -> None:
        """Asked by qtconsole's Ctrl+period."""
        self.restart_wanted.emit()

    def _complete(self) -> None:
        self.completion_wanted.emit(self.input_buffer, self.caret_offset(), True)

    def _call_tip(self) -> bool:
        if not self.has_prompt:
            return False
        self.tip_wanted.emit(self.input_buffer, self.caret_offset())
        return True

    def _increase_font_size(self) -> None:
        self.zoom_wanted.emit(1)

    def _decrease_font_size(self) -> None:
        self.zoom_wanted.emit(-1)

    def _page(self, text: str, html: bool = False) -> None:
        self.page_wanted.emit(text)

    def open_anchor(self, anchor: str) -> None:
        """A link was chosen: its meaning is ours alone, see `lines.py`."""
        kind, target, number = parse_link(anchor)
        if kind == "large":
            self._open_large(number)
        elif kind in ("fold", "unfold"):
            self._fold(number, is_unfolded=kind == "unfold")
        elif kind == "play":
            kept = self._kept.get(number)
            self.sound_wanted.emit(kept.bundle if kept is not None else {})
        else:
            self.link_activated.emit(kind, target, number)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Links under the mouse; the rest is qtconsole's."""
        kind = event.type()
        if kind == QEvent.Type.Resize and not self._filter_resize:
            was_at_end = self._is_at_end()
            taken = bool(super().eventFilter(watched, event))
            if was_at_end:
                self._scroll_to_end()
            return taken
        if isinstance(event, QMouseEvent) and watched is self._control.viewport():
            if kind == QEvent.Type.MouseMove:
                self._show_target(event.position().toPoint(), event.globalPosition().toPoint())
                return False
            if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
                anchor = self._control.anchorAt(event.position().toPoint())
                if anchor and not self._control.textCursor().hasSelection():
                    self.open_anchor(anchor)
                    return True
        return bool(super().eventFilter(watched, event))

    def _show_target(self, place: QPoint, on_screen: QPoint) -> None:
        anchor = self._control.anchorAt(place)
        shape = Qt.CursorShape.PointingHandCursor if anchor else Qt.CursorShape.IBeamCursor
        if self._control.viewport().cursor().shape() != shape:
            self._control.viewport().setCursor(shape)
        kind, target, number = parse_link(anchor) if anchor else ("", "", 0)
        words = {"place": f"Open {target}, line {number + 1}", "url": target}.get(kind, "")
        QToolTip.showText(on_screen, words) if words else QToolTip.hideText()

    def _context_menu_make(self, position: QPoint) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Cut", self.cut).setEnabled(self.can_cut())
        menu.addAction("Copy without prompts", self.copy).setEnabled(self.can_copy())
        menu.addAction("Copy as shown", self.copy_raw).setEnabled(self.can_copy())
        menu.addAction("Paste", self.paste).setEnabled(self.can_paste())
        menu.addSeparator()
        if anchor := self._control.anchorAt(position):
            menu.addAction("Open link", partial(self.open_anchor, anchor))
        if number := self._writer.large_at(self._control.cursorForPosition(position)):
            menu.addAction("Open large", partial(self._open_large, number))
        menu.addAction("Select all", self.select_document)
        menu.addAction("Clear console", self.clear_console)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    # --- looks -------------------------------------------------------------------------------------------------------

    def _drop_actions(self) -> None:
        """qtconsole's shortcuts would fight with the program's (print, save, zoom, copy)."""
        for action in list(self.actions()):
            action.setShortcut(QKeySequence())
            self.removeAction(action)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._dress()
        self._output.recolor()

    def _dress(self) -> None:
        self._control.document().setDocumentMargin(self._theme.px(8))
        font = self._theme.font("code")
        # Without a font of its own the control would give the document the application's whenever that changes.
        self._control.setFont(font)
        if font != self._control.document().defaultFont():
            self._set_font(font)
        self._highlighter.set_style(syntax_style(self._theme))
        self._bracket_matcher.format.setBackground(self._theme.color("bracket"))

    def _recolor_code(self, block: QTextBlock) -> None:
        if PROMPT.match(block.text().replace("\xa0", " ")):
            self._highlighter.rehighlightBlock(block)

    def reset_font(self) -> None:
        """The theme gives the font, not qtconsole."""
        self._set_font(self._theme.font("code"))

    def _is_at_end(self) -> bool:
        bar = self._control.verticalScrollBar()
        return bool(bar.value() >= bar.maximum() - 1)

    def _scroll_to_end(self) -> None:
        bar = self._control.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _adjust_scrollbars(self) -> None:
        """qtconsole cut Qt's own handler off and scrolls past the end in its place; this one stops at the last line."""
        document = self._control.document()
        layout = document.documentLayout()
        room = self._control.viewport().height() - 2 * document.documentMargin()
        fitting = 0
        block = document.lastBlock()
        while block.isValid() and room > 0:
            height = layout.blockBoundingRect(block).height()
            rows = max(1, block.lineCount())
            fitting += rows if height <= room else int(room * rows / max(height, 1))
            room -= height
            block = block.previous()
        bar = self._control.verticalScrollBar()
        is_at_end = self._is_at_end()
        bar.setRange(0, max(0, document.lineCount() - max(1, fitting)))
        bar.setPageStep(max(1, fitting))
        if is_at_end:  # a pane that becomes lower still shows what was printed last
            self._scroll_to_end()


def syntax_style(theme: Theme) -> type[Any]:
    """A Pygments style in the theme's colours."""
    from pygments.style import Style as PygmentsStyle
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    def color(role: str) -> str:
        return theme.color(role).name()

    styles = {
        Comment: color("comment"), Keyword: color("keyword"), String: color("string"), Number: color("number"),
        Name.Function: color("function"), Name.Class: color("function"), Name.Builtin: color("builtin"),
        Name.Decorator: color("decorator"), Operator: color("operator"), Operator.Word: color("keyword"),
        Keyword.Constant: color("keyword"),
    }  # fmt: skip
    return type("ConsoleStyle", (PygmentsStyle,), {"styles": styles})


def show_hidden(control: QPlainTextEdit) -> None:
    """Draw characters that are invisible otherwise, also in what is typed or pasted (Qt 6.9 and later can)."""
    flag = getattr(QTextOption.Flag, "ShowDefaultIgnorables", None)
    if flag is not None:
        option = control.document().defaultTextOption()
        option.setFlags(option.flags() | flag)
        control.document().setDefaultTextOption(option)


def is_text(event: QKeyEvent) -> bool:
    """Whether a key press is meant to type something."""
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    text = event.text()
    return bool(text) and (text.isprintable() or text in "\r\n\t") and not event.modifiers() & command


def utf16(text: str) -> int:
    """UTF-16 units, which Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def code_of(text: str) -> str:
    """The code after `In [n]:` and `...:` prompts of console text."""
    found: list[str] = []
    is_input = False
    for row in text.split("\n"):
        if match := re.match(r"In \[\d+\]: ", row):
            is_input = True
            found.append(row[match.end() :])
        elif is_input and (match := re.match(r" *\.\.\.: ?", row)):
            found.append(row[match.end() :])
        else:
            is_input = False
    return "\n".join(found).strip("\n") + "\n" if found else ""

"""What the user does to variables from the list: remove, rename, duplicate, edit, and taking each back.

Owns what is kept for taking back: the last acts, for ten minutes, and less where memory is short. A name that has come
back meanwhile is never written over. Only `edit` and `duplicate` run code of the user's, as the script would.
"""

from __future__ import annotations

import ast
import asyncio
import keyword
import time
import unicodedata
from typing import Any, Callable, NamedTuple, Tuple

from fourpane_plugins.lang_python.agent import literals, look, objects, process
from fourpane_plugins.lang_python.agent.refusal import Refusal

KEPT_S = 600.0
KEPT_COUNT = 10
SHARE_USED_MOST = 0.6
SHARE_FREE_LEAST = 0.1
_FILE = "<variables>"

Undone = Tuple[Tuple[str, ...], str]
"""Names that taking back made or changed, and what the user should know."""


class _Kept(NamedTuple):
    """One act that can be taken back."""

    token: str
    end_s: float
    undo: Callable[[], Undone]


class Memory:
    """What is kept for taking back, oldest first."""

    def __init__(self) -> None:
        self.acts: list[_Kept] = []
        self.count = 0

    def keep(self, undo: Callable[[], Undone]) -> str:
        """The token under which `undo` can be had."""
        self.count += 1
        token = f"undo{self.count}"
        self.acts.append(_Kept(token, time.monotonic() + KEPT_S, undo))
        del self.acts[:-KEPT_COUNT]
        self._drop_later()
        return token

    def take(self, token: str) -> Callable[[], Undone]:
        """What takes the act back; it is forgotten here. Raises Refusal where it is not kept any more."""
        self.sweep()
        for index, kept in enumerate(self.acts):
            if kept.token == token:
                return self.acts.pop(index).undo
        raise Refusal(
            "not_possible",
            "This cannot be taken back any more: what was there before is kept for 10 minutes, and less when memory"
            " is short.",
        )

    def sweep(self) -> None:
        """Drop what is too old; all of it where memory is short."""
        if not self.acts:
            return
        now = time.monotonic()
        self.acts = [] if process.is_memory_short(SHARE_USED_MOST, SHARE_FREE_LEAST) else self.acts
        self.acts = [kept for kept in self.acts if kept.end_s > now]

    def _drop_later(self) -> None:
        """The values must go also where nobody asks anything any more; in the main thread, as their end may run
        code."""
        try:
            asyncio.get_running_loop().call_later(KEPT_S + 1, self.sweep)
        except RuntimeError:  # a kernel with another kind of loop: then at the next run
            return


memory = Memory()


def after_run() -> None:
    """Called after each run: what is too old goes."""
    memory.sweep()


def _answer(code: str, names: tuple[str, ...], undo: str = "", note: str = "") -> dict[str, Any]:
    return {"code": code, "undo": undo, "names": list(names), "note": note}


# ---- names ----------------------------------------------------------------------------------------------------------


def remove(shell: Any, names: list[str]) -> dict[str, Any]:
    """Remove names from the session."""
    space = shell.user_ns
    values = [(name, space.pop(name)) for name in dict.fromkeys(names) if name in space]
    if not values:
        raise Refusal("not_possible", "There are no variables of these names any more.")

    def undo() -> Undone:
        back = tuple(name for name, _ in values if name not in space)
        space.update({name: value for name, value in values if name in back})
        return back, _left_alone([name for name, _ in values if name not in back])

    removed = tuple(name for name, _ in values)
    gone = [name for name in names if name not in removed]
    note = f"There was no variable {gone[0]} any more." if gone else ""
    return _answer("del " + ", ".join(removed), removed, memory.keep(undo), note)


def _left_alone(names: list[str]) -> str:
    if not names:
        return ""
    is_one = len(names) == 1
    return f"{', '.join(names)} {'is' if is_one else 'are'} there again and {'was' if is_one else 'were'} left alone."


def _new_name(space: dict[str, Any], text: str) -> str:
    """A name as Python reads it. Raises Refusal where it is none, or taken."""
    name = unicodedata.normalize("NFKC", text.strip())
    if not name.isidentifier() or keyword.iskeyword(name):
        raise Refusal("not_possible", f"{text.strip()!r} cannot be a name in Python: use letters, digits and _.")
    if name in space:
        raise Refusal("not_possible", f"There is a variable {name} already: choose another name, or remove it first.")
    return name


def _present(space: dict[str, Any], name: str) -> Any:
    value = space.get(name, objects.MISSING)
    if value is objects.MISSING:
        raise Refusal("not_possible", f"There is no variable {name} any more.")
    return value


def _hides(shell: Any, name: str) -> str:
    builtin = look.library("builtins") or {}
    return f"It now hides Python's own {name}." if name in builtin else ""


def rename(shell: Any, name: str, to: str) -> dict[str, Any]:
    """Give a variable another name."""
    space = shell.user_ns
    value = _present(space, name)
    new = _new_name(space, to)
    space[new] = value
    del space[name]

    def undo() -> Undone:
        if name in space:
            return (), _left_alone([name])
        space[name] = value
        if space.get(new) is not value:
            return (name,), f"{new} holds another value by now and was left alone."
        del space[new]
        return (name, new), ""

    return _answer(f"{new} = {name}\ndel {name}", (name, new), memory.keep(undo), _hides(shell, new))


def duplicate(shell: Any, name: str, to: str) -> dict[str, Any]:
    """Copy a variable under another name, so that changing one leaves the other as it is."""
    space = shell.user_ns
    value = _present(space, name)
    new = _new_name(space, to)
    code, copy = _copying(value, name)
    try:
        made = copy()
    except (Exception, KeyboardInterrupt) as error:
        raise Refusal("not_possible", f"{name} cannot be copied: {words(error)}") from error
    space[new] = made
    script = f"{new} = {code}" if "deepcopy" not in code else f"import copy\n{new} = {code}"
    return _answer(script, (new,), memory.keep(_forgets(space, new, made)), _hides(shell, new))


def _copying(value: Any, name: str) -> tuple[str, Callable[[], Any]]:
    """Code that copies a value, and what does the same."""
    known = look.known_name(value)
    if known in ("_ndarray", "_pandas_frame", "_pandas_series", "_pandas_index"):
        return f"{name}.copy()", value.copy
    if known in ("_polars_frame", "_polars_series", "_polars_lazy", "_tensor"):
        return f"{name}.clone()", value.clone
    is_fixed = look.base_of(value)[0] == "scalar" and type(value) is not bytearray
    if is_fixed or known or look.kind_of(value) in ("function", "module", "class"):
        return name, lambda: value
    import copy

    return f"copy.deepcopy({name})", lambda: copy.deepcopy(value)


def _forgets(space: dict[str, Any], name: str, value: Any) -> Callable[[], Undone]:
    """Takes back that a name was made."""

    def undo() -> Undone:
        if space.get(name, objects.MISSING) is not value:
            return (), f"{name} holds another value by now and was left alone."
        del space[name]
        return (name,), ""

    return undo


def made(shell: Any, names: tuple[str, ...]) -> str:
    """The token that takes back that all these names were made, as they are now."""
    parts = [_forgets(shell.user_ns, name, shell.user_ns[name]) for name in names]

    def undo() -> Undone:
        done = [part() for part in parts]
        notes = " ".join(note for _, note in done if note)
        return tuple(name for found, _ in done for name in found), notes

    return memory.keep(undo)


# ---- editing --------------------------------------------------------------------------------------------------------


def edit(shell: Any, path: list[str], code: str) -> dict[str, Any]:
    """Put the value of an expression at `path`. What the user has typed runs."""
    typed = code.strip()
    _check_syntax(typed)
    if len(path) == 1:
        return _edit_name(shell, path[0], typed)
    owner = objects.resolve(shell, path[:-1])
    section = objects.section_of(owner, path[-1])
    before = objects.resolve(shell, path)
    if section is None or section.fixed:
        raise Refusal("not_possible", section.fixed if section is not None else "This cannot be changed here.")
    parent, body = objects.expression(shell, path[:-1]), path[-1][1:]
    target = section.code(parent, body) if parent else ""
    if not target:
        raise Refusal("not_possible", "There is no code that names this part, so it cannot be changed here.")
    before = _snapshot(before)
    line = f"{target} = {typed}"
    _run(shell, line)
    token = memory.keep(_puts_back(shell, path, owner, section.code("owner", body), before))
    return _answer(line, (path[0],), token)


def _check_syntax(code: str) -> None:
    try:
        compile(ast.parse(code, _FILE, "eval"), _FILE, "eval")
    except SyntaxError as error:
        raise Refusal("not_possible", f"Python cannot read this as a value: {error.msg}.") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise Refusal("not_possible", f"Python cannot read this as a value: {error}.") from error


def _run(shell: Any, line: str) -> None:
    """Run one line as the script would; what it raises is told in its own words."""
    try:
        exec(compile(line, _FILE, "exec", dont_inherit=True), shell.user_ns)
    except KeyboardInterrupt as error:
        raise Refusal("cancelled", "It was interrupted; nothing was changed.") from error
    except (Exception, SystemExit) as error:
        raise Refusal("not_possible", words(error)) from error


def words(error: BaseException) -> str:
    """What an error says of itself, in one line."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an error of the user's that cannot even say what it is
        text = ""
    name = look.type_name(type(error))
    return f"{name}: {text}"[:500] if text else name


def _snapshot(value: Any) -> Any:
    """A row of an array is a view into it: so it is copied before it is written over."""
    return value.copy() if look.known_name(value) == "_ndarray" else value


def _edit_name(shell: Any, name: str, code: str) -> dict[str, Any]:
    space = shell.user_ns
    before = space.get(name, objects.MISSING)
    if before is objects.MISSING:
        name = _new_name(space, name)
    line = f"{name} = {code}"
    _run(shell, line)
    now = space.get(name, objects.MISSING)

    def undo() -> Undone:
        if space.get(name, objects.MISSING) is not now:
            return (), f"{name} holds another value by now and was left alone."
        if before is objects.MISSING:
            del space[name]
        else:
            space[name] = before
        return (name,), ""

    return _answer(line, (name,), memory.keep(undo))


def _puts_back(shell: Any, path: list[str], owner: Any, target: str, before: Any) -> Callable[[], Undone]:
    now = _snapshot(objects.step(owner, path[-1]))

    def undo() -> Undone:
        if not _is_same(objects.step(owner, path[-1]), now):
            return (), "It holds another value by now and was left alone."
        exec(compile(f"{target} = before", _FILE, "exec", dont_inherit=True), {"owner": owner, "before": before})
        return (path[0],), ""

    return undo


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are one object, or equal where a look at an array makes new objects each time."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if look.known_name(one) in ("_ndarray", "_numpy_scalar") and not one.dtype.hasobject:
        return bool(one.tobytes() == other.tobytes())
    frames = ("_pandas_series", "_polars_series", "_arrow_array")
    if look.known_name(one) in frames:  # a column is wrapped anew at each look
        return True
    try:
        return literals.code_of(one) == literals.code_of(other)
    except literals.NoLiteralError:
        return False


def undo(shell: Any, undo: str) -> dict[str, Any]:
    """Take an act back."""
    try:
        names, note = memory.take(undo)()
    except Refusal:
        raise
    except Exception as error:
        raise Refusal("not_possible", f"It could not be taken back: {words(error)}") from error
    return _answer("", names, note=note)

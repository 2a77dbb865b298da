"""The agent's door: a comm that the window opens, what it asks for, and what is pushed after each run.

Owns the comm and the dispatch of methods. It is silent: nothing is printed, and a failure of its own is an error
message on the comm, never a traceback among the user's output.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, Callable

from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.contract_table import CONTRACT_VERSION, METHODS, TARGET, WHERE

_CHECKS: dict[str, Any] = {
    "text": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: type(value) is bool,
    "object": lambda value: type(value) is dict,
    "list of integer": lambda value: type(value) is list and all(type(item) is int for item in value),
    "list of object": lambda value: type(value) is list and all(type(item) is dict for item in value),
    "list of text": lambda value: type(value) is list and all(type(item) is str for item in value),
}


class Agent:
    """Serves one shell. Works in the kernel's main thread, between the user's runs."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._watch: Any = None
        self.comm: Any = None
        self.door: Any = None
        self.is_synced = False
        self._tables: Any = None
        self._has_compiled_tables = False
        self._frames: Any = None
        self.is_watching_frames = True
        self.help_calls: Any = None
        self.pages: Any = None
        self.methods: dict[str, Callable[..., Any]] = {
            "hello": self.hello,
            "agent.more": self.take_more,
            "door.open": self.open_door,
            "variables.sync": self.sync,
            "complete": self.complete,
            "signature": self.signature,
            "hover": self.hover,
            "plots.configure": self.configure_plots,
            "plots.render": self.later("figure_store", "render"),
            "plots.forget": self.later("figure_store", "forget"),
            "console.width": self.later("console_width", "set_width"),
            "folder.get": self.folder,
            "folder.set": self.set_folder,
            "memory": self.memory,
            "modules.loaded": self.loaded_modules,
            "parse": self.parse,
            "variables.children": self.later("objects", "children"),
            "variables.sizes": self.later("sizes", "sizes"),
            "variables.literal": self.later("literals", "literal"),
            "variables.code": self.later("plot_forms", "code"),
            "variables.remove": self.act("acts", "remove"),
            "variables.rename": self.act("acts", "rename"),
            "variables.duplicate": self.act("acts", "duplicate"),
            "variables.edit": self.act("acts", "edit"),
            "variables.undo": self.act("acts", "undo"),
            "variables.save": self.later("variable_files", "save"),
            "variables.load": self.act("variable_files", "load"),
            "object.info": self.later("object_info", "info"),
            "help.at": self.later("help_pages", "at"),
            "help.page": self.later("help_pages", "page"),
            "help.search": self.later("help_pages", "search"),
            "cancel": self.cancel,
            "frames.watch": self.watch_frames,
            "frames.audit": self.later("frame_audit", "audit"),
            **{method: self.table(method) for method in METHODS if method.startswith("table.")},
        }

    @property
    def watch(self) -> Any:
        """The `variables.Watch`; made when first needed, as a prompt does not need it."""
        if self._watch is None:
            from fourpane_plugins.lang_python.agent.variables import Watch

            self._watch = Watch(self.shell)
        return self._watch

    # ---- the comm ---------------------------------------------------------------------------------------------------

    def opened(self, comm: Any, message: dict[str, Any]) -> None:
        """A window has come; it takes the place of one that has gone."""
        self.comm = comm
        self.is_synced = False
        comm.on_msg(self.received)
        comm.on_close(lambda message: self.closed(comm))

    def closed(self, comm: Any) -> None:
        """The window has gone."""
        if self.comm is comm:
            self.comm = None

    def received(self, message: dict[str, Any]) -> None:
        """Answer one request; whatever goes wrong is an answer too."""
        request = message["content"]["data"]
        buffers: list[Any] = []
        answer: dict[str, Any] = {"v": 1, "id": request.get("id") if type(request) is dict else None}
        try:
            answer["result"], buffers = _with_buffers(self.call(request))
        except Refusal as refusal:
            answer["error"] = {"code": refusal.code, "message": str(refusal)}
        except Exception as error:  # noqa: BLE001 - told to the window as the answer
            answer["error"] = {"code": "failed", "message": f"{type(error).__name__}: {error}"}
        self.send(answer, buffers)

    def call(self, request: Any) -> Any:
        """The result of a request: a dict, or a dict and the buffers that follow it."""
        if type(request) is not dict or request.get("method") not in self.methods:
            raise Refusal("unknown_method", "unknown method")
        method = request["method"]
        params = checked(method, request.get("params") or {})
        if WHERE[method] == "slow":
            params["job"] = None  # here nobody can give it up
        return self.methods[method](**params)

    def send(self, message: dict[str, Any], buffers: list[Any] | None = None) -> None:
        """Send to the window that is there."""
        if self.comm is not None:
            self.comm.send(message, buffers=buffers or None)

    def send_event(self, event: str, params: dict[str, Any]) -> None:
        """Tell the window something, from any thread: only the main one may use the comm."""
        message = {"v": 1, "event": event, "params": params}
        if self.door is not None and threading.current_thread() is not threading.main_thread():
            self.door.send(None, message)
        else:
            self.send(message)

    def show_help(self, topic: str) -> bool:
        """Ask the window to show the help for a name; False where there is no window."""
        self.send_event("help.show", {"topic": topic, "package": "", "search": ""})
        return self.comm is not None

    def show_page(self, address: str, folder: str) -> bool:
        """Ask the window to show a page or an address; False where there is no window."""
        self.send_event("viewer.show", {"address": address, "folder": folder})
        return self.comm is not None

    def after_run(self, result: Any = None) -> None:
        """Tell what the run changed. Called by IPython after each run that is not silent."""
        acts = sys.modules.get("fourpane_plugins.lang_python.agent.acts")
        if acts is not None:
            acts.after_run()
        code = getattr(getattr(result, "info", None), "raw_cell", "") or ""
        self.tell_change(code if type(code) is str else "")

    def tell_change(self, code: str) -> None:
        """Push what `code`, which has just run, changed."""
        if self.comm is None:
            return
        if self._tables is not None:
            self._tables.after_run(code)
        if not self.is_synced:
            return
        try:
            change = self.watch.difference(code)
            if change["added"] or change["changed"] or change["removed"]:
                self.send({"v": 1, "event": "variables.changed", "params": change})
        except Exception as error:  # noqa: BLE001 - never a traceback of ours among the user's output
            self.is_synced = False
            self.send({"v": 1, "event": "agent.failed", "params": {"message": repr(error)}})
            return
        self.note_frames(code)
        self.compile_tables()

    def compile_tables(self) -> None:
        """Make the modules that a first table needs, beside what the user does, as soon as there can be one: to
        compile them takes longer than to open it."""
        libraries = [name for name in ("numpy", "pandas", "polars") if name in sys.modules]
        if self._has_compiled_tables or not libraries:
            return
        self._has_compiled_tables = True
        threading.Thread(target=_compile_tables, args=(libraries,), name="fourpane compile", daemon=True).start()

    def note_frames(self, code: str) -> None:
        """Push what `code`, which has just run, did to frames that is easily overlooked."""
        if not self.is_watching_frames or not ("pandas" in sys.modules or "polars" in sys.modules):
            return
        try:
            if self._frames is None:
                self._frames = import_module("fourpane_plugins.lang_python.agent.frame_watch").FrameWatch(self.shell)
            found = self._frames.after_run(code)
            if found:
                self.send({"v": 1, "event": "frames.noted", "params": {"frames": found}})
        except ModuleNotFoundError:  # the run came before `agent.more`
            return
        except Exception as error:  # noqa: BLE001 - never a traceback of ours among the user's output
            self._frames = None
            self.send({"v": 1, "event": "agent.failed", "params": {"message": repr(error)}})

    def watch_frames(self, is_on: bool) -> dict[str, Any]:
        self.is_watching_frames = is_on
        if not is_on:
            self._frames = None
        return {}

    def later(self, module: str, function: str) -> Callable[..., Any]:
        """A method that a module answers which is only compiled when first needed: `function(shell, **params)`."""

        def call(**params: Any) -> Any:
            found = import_module("fourpane_plugins.lang_python.agent." + module)
            return getattr(found, function)(self.shell, **params)

        return call

    def act(self, module: str, function: str) -> Callable[..., dict[str, Any]]:
        """A method that changes variables: what changed is told before the answer, as after a run."""
        method = self.later(module, function)

        def call(**params: Any) -> dict[str, Any]:
            answer: dict[str, Any] = method(**params)
            self.tell_change(answer["code"] + "\n" + " ".join(answer["names"]))
            return answer

        return call

    @property
    def tables(self) -> Any:
        """The `tables.Tables`; made when the first table is opened."""
        if self._tables is None:
            from fourpane_plugins.lang_python.agent.tables import Tables

            self._tables = Tables(self.shell, self.send_event, lambda: self.door is not None and self.door.is_open)
        return self._tables

    def table(self, method: str) -> Callable[..., Any]:
        """A method about tables; where it changed a cell, that is told before the answer, as after a run."""

        def call(**params: Any) -> Any:
            answer = self.tables.methods[method](**params)
            if WHERE[method] == "main":
                self.tell_change(answer["code"])
            return answer

        return call

    # ---- methods ----------------------------------------------------------------------------------------------------

    def hello(self) -> dict[str, Any]:
        return {
            "contract": CONTRACT_VERSION,
            "language": "python",
            "version": ".".join(str(part) for part in sys.version_info[:3]),
            "program": sys.executable or "",
            "pid": os.getpid(),
            "folder": _folder(),
            "pushes": True,
            "methods": list(self.methods),
        }

    def take_more(self, packed: str) -> dict[str, Any]:
        import base64
        import json
        import zlib

        loader: Any = getattr(__spec__, "loader", None)
        loader.take(json.loads(zlib.decompress(base64.b64decode(packed))))
        if self.pages is None:
            from fourpane_plugins.lang_python.agent import pages

            self.pages = pages.Pages(self.show_page)
        return {}

    def open_door(self) -> dict[str, str]:
        from fourpane_plugins.lang_python.agent import door

        if self.door is None or not self.door.is_open:
            self.door = door.Door(self)
        place: dict[str, str] = self.door.place
        return place

    def sync(self, full: bool) -> dict[str, Any]:
        full = full or not self.is_synced
        self.is_synced = True
        found: dict[str, Any] = self.watch.full() if full else self.watch.difference("")
        return found

    def complete(self, code: str, offset: int) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import names

        return names.complete(self.shell, list(self.watch.names()), code, offset)

    def signature(self, code: str, offset: int) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import calls

        return calls.signature(self.shell, code, offset)

    def hover(self, code: str, offset: int) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import calls

        return calls.hover(self.shell, code, offset)

    def configure_plots(
        self, width_px: int, height_px: int, dpi: float, formats: list[str], svg_limit_bytes: int
    ) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import figures

        return figures.configure(self.shell, width_px, height_px, dpi, formats, svg_limit_bytes)

    def folder(self) -> dict[str, Any]:
        return {"path": _folder()}

    def set_folder(self, path: str) -> dict[str, Any]:
        try:
            os.chdir(path)
        except OSError as error:
            raise Refusal("not_possible", str(error)) from error
        return self.folder()

    def memory(self) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import process

        return {"rss_bytes": process.rss_bytes()}

    def loaded_modules(self, names: list[str]) -> dict[str, Any]:
        return {"names": [name for name in names if name in sys.modules]}

    def cancel(self, request: int) -> dict[str, Any]:
        """Over the comm a request has been answered before the next one is read."""
        return {}

    def parse(self, code: str) -> dict[str, Any]:
        from fourpane_plugins.lang_python.agent import process

        return process.parse(self.shell, code)


def _compile_tables(libraries: list[str]) -> None:
    """What is missing (`agent.more` has not come) is compiled with the first table."""
    engines = ["profiles_numpy", "rows_numpy"] if "pandas" in libraries else []
    try:
        for name in ["tables", *(f"table_{library}" for library in libraries), *engines]:
            import_module("fourpane_plugins.lang_python.agent." + name)
    except ImportError:
        return


def _with_buffers(result: Any) -> tuple[dict[str, Any], list[Any]]:
    """What a method gives: a result alone, or one with buffers."""
    if type(result) is tuple:
        return result[0], list(result[1])
    return result, []


def checked(method: str, params: Any) -> dict[str, Any]:
    """The parameters with their defaults; raises Refusal where one is missing, unknown or of the wrong type."""
    if type(params) is not dict:
        raise Refusal("bad_params", "params is not an object")
    fields: dict[str, dict[str, Any]] = METHODS[method]
    unknown = [name for name in params if name not in fields]
    if unknown:
        raise Refusal("bad_params", "unknown: " + ", ".join(unknown))
    found: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in params and "default" not in field:
            raise Refusal("bad_params", name + " is missing")
        value: Any = params.get(name, field.get("default"))
        if not _CHECKS[field["type"]](value):
            raise Refusal("bad_params", name + " is not " + field["type"])
        choices: Any = field.get("choices")
        if choices and any(item not in choices for item in (value if type(value) is list else [value])):
            raise Refusal("bad_params", name + " is none of " + ", ".join(choices))
        found[name] = value
    return found


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # the folder has been deleted under us
        return ""


_agent: Agent | None = None


def start() -> None:
    """Register with the kernel that this runs in. Outside IPython nothing happens."""
    global _agent  # noqa: PLW0603 - the one agent of this kernel, so that a newer copy can stop it
    from IPython import get_ipython

    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return
    _agent = Agent(shell)
    kernel.comm_manager.register_target(TARGET, _agent.opened)
    shell.events.register("post_run_cell", _agent.after_run)
    quiet_completer(shell)
    from fourpane_plugins.lang_python.agent import help_calls, start_up

    _agent.help_calls = help_calls.HelpCalls(shell, _agent.show_help)
    start_up.go_to_folder()
    start_up.show_progress_as_text()
    start_up.keep_all_output(kernel)


def stop() -> None:
    """Take back what `start` registered."""
    from fourpane_plugins.lang_python.agent import imports

    imports.forget_all()
    if _agent is not None:
        if _agent.door is not None:
            _agent.door.stop()
        if _agent.help_calls is not None:
            _agent.help_calls.stop()
        if _agent.pages is not None:
            _agent.pages.stop()
        try:
            _agent.shell.events.unregister("post_run_cell", _agent.after_run)
        except ValueError:
            return


def quiet_completer(shell: Any) -> None:
    """IPython's completer must neither wait for jedi nor evaluate the user's objects: the window has better sources."""
    completer = getattr(shell, "Completer", None)
    if completer is None:
        return
    try:
        completer.use_jedi = False
        if hasattr(type(completer), "evaluation"):
            completer.evaluation = (
                "minimal"  # "forbidden" is among the choices, but IPython 9 has no policy of that name
            )
    except Exception:  # noqa: BLE001 - a completer of another make; it stays as it is
        return

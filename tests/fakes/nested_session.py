"""A session whose agent tells the parts of nested Python values, at once or when the test lets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ide.core.ports import Cancel
from ide.core.table import OnProgress
from ide.core.variables import Variable
from ide.kernels.records import Answer
from tests.fakes.pane_session import PaneSession


def entry(name: str, value: object) -> dict[str, Any]:
    """One value as an agent tells it."""
    is_nested = isinstance(value, list | dict)
    shape = [len(cast("list[object]", value))] if is_nested else []
    return {
        "name": name,
        "type_name": type(value).__name__,
        "kind": "value",
        "shape": shape,
        "preview": repr(value)[:100],
        "has_children": is_nested and bool(value),
    }


class NestedSession(PaneSession):
    """`values` are what is in the kernel. Requests wait in `waiting` while `is_held`; `acts` notes all of them."""

    def __init__(self, language: str = "python") -> None:
        super().__init__(language)
        self.values: dict[str, Any] = {}
        self.is_held = False
        self.waiting: list[Callable[[], None]] = []
        self.acts: list[tuple[str, dict[str, Any]]] = []
        self.given_up = 0
        self.says: dict[str, Answer] = {}

    def hold(self, **values: object) -> None:
        """Names appear in the kernel and in the list."""
        self.values.update(values)
        self.change(*(self.variable(name) for name in values))

    def variable(self, name: str) -> Variable:
        """A name as the list has it."""
        told = entry(name, self.values[name])
        shape = tuple(told["shape"])
        return Variable(name, told["type_name"], "value", shape, told["preview"], None, told["has_children"])

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Answer, or wait to be let."""
        self.acts.append((method, params))
        is_given_up: list[bool] = []

        def answer() -> None:
            if not is_given_up:
                done(self.answer_to(method, params))

        def give_up() -> None:
            self.given_up += 1
            is_given_up.append(True)

        if self.is_held:
            self.waiting.append(answer)
        else:
            answer()
        return give_up

    def let(self) -> None:
        """Answer all that waits now."""
        waiting, self.waiting = self.waiting, []
        for answer in waiting:
            answer()

    def answer_to(self, method: str, params: dict[str, Any]) -> Answer:
        """What the agent would say."""
        if method in self.says:
            return self.says[method]
        if method == "variables.children":
            return self._children(params)
        if method == "variables.sizes":
            sizes = [{"name": name, "size_bytes": 1000 * len(name)} for name in params["names"]]
            return Answer({"sizes": sizes})
        return Answer(None, error="There is no such method.", code="unknown_method")

    def _children(self, params: dict[str, Any]) -> Answer:
        name, *tokens = params["path"]
        value: Any = self.values.get(name)
        for token in tokens:
            if not isinstance(value, list | dict):
                return Answer(None, error="It is not there any more.", code="not_possible")
            value = value[int(token)] if isinstance(value, list) else value.get(token)
        if not isinstance(value, list | dict):
            return Answer(None, error="It is not there any more.", code="not_possible")
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        parts = [(str(key), item) for key, item in pairs][params["first"] : params["first"] + params["limit"]]
        children = [{"token": key, "label": f"[{key}]", "entry": entry("", item)} for key, item in parts]
        return Answer({"children": children, "total": len(value)})

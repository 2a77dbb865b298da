"""Help pages of the Python agent: what the session knows, told without running anything of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_python_agent import HOSTILE
from tests.kernel.agents.test_python_objects import MORE_HOSTILE

CODE = '''
import functools, os, sys, math
import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1, 2]})
class Base:
    def kept(self, far, *, fast=True):
        """Kept from the base."""
class Thing(Base):
    """A thing."""
    def kept(self, far, *, fast=True): pass
    @property
    def length(self):
        """How long."""
    @functools.cached_property
    def slow(self):
        """Worked out once."""
    @classmethod
    def make(cls, size): "Make one."
thing = Thing()
@functools.lru_cache
def kept_answer(far):
    """Keeps its answers."""
'''


@pytest.fixture(scope="module")
def known(python: AgentKernel) -> AgentKernel:
    assert python.run(CODE).status == "ok"
    return python


@pytest.mark.parametrize(
    ("asked", "topic", "kind", "part"),
    [
        ("pd.merge", "pandas.merge", "function", "database-style join"),
        ("df", "df", "object", "potentially heterogeneous"),
        ("df.groupby", "pandas.DataFrame.groupby", "method", "mapper"),
        ("df.shape", "pandas.DataFrame.shape", "property", "dimensionality"),
        ("pandas.DataFrame.merge", "pandas.DataFrame.merge", "method", "join"),
        ("np.sin", "numpy.sin", "function", "sine"),
        ("np.linalg.svd", "numpy.linalg.svd", "function", "Singular Value Decomposition"),
        ("np.concatenate", "numpy.concatenate", "function", "sequence of arrays"),
        ("np.mean", "numpy.mean", "function", "arithmetic mean"),
        ("kept_answer", "kept_answer", "function", "Keeps its answers."),
        ("np", "numpy", "module", "array object"),
        ("math.pi", "math.pi", "object", ""),
        ("thing.kept", "Thing.kept", "method", "Kept from the base."),
        ("thing.length", "Thing.length", "property", "How long."),
        ("thing.slow", "Thing.slow", "property", "Worked out once."),
        ("Thing.make", "Thing.make", "method", "Make one."),
        ("len", "len", "function", "number of items"),
        ("str.join", "str.join", "method", "Concatenate"),
        ("for", "for", "keyword", '"for" statement'),
    ],
)
def test_page_of_a_name_has_its_documentation(known: AgentKernel, asked: str, topic: str, kind: str, part: str) -> None:
    page = known.ask("help.page", topic=asked)
    assert (page.topic, page.kind) == (topic, kind)
    assert part in page.text


def test_page_says_how_a_function_is_called_where_it_is_from_and_in_which_version(known: AgentKernel) -> None:
    page = known.ask("help.page", topic="pd.merge")
    assert page.signature.startswith("merge(left, right, how='inner', on=None")
    assert (page.package, page.version) == ("pandas", str(known.run("print(pd.__version__)").text.strip()))
    assert Path(page.source_path).name == "merge.py"
    assert "def merge(" in "".join(Path(page.source_path).read_text("utf-8").split("\n")[page.source_line - 1 :][:2])
    assert known.ask("help.page", topic="thing.kept").signature == "kept(far, *, fast=True)"


def test_name_under_the_mouse_tells_where_it_is_from(known: AgentKernel) -> None:
    about = known.ask("hover", code="pd.merge(df)", offset=5)
    assert about.title.startswith("merge(left, right")
    assert (about.package, about.version[:1].isdigit()) == ("pandas", True)
    assert (known.ask("hover", code="Thing", offset=2).package, known.ask("hover", code="df", offset=1).package) == (
        "",
        "",
    )


def test_members_are_called_as_users_write_them(known: AgentKernel) -> None:
    assert known.run("import polars; table = polars.DataFrame()").status == "ok"
    assert known.ask("help.page", topic="table.join").topic == "polars.DataFrame.join"
    assert known.ask("help.page", topic="Thing").package == ""  # the user's own is of no package


def test_version_of_a_package_that_works_it_out_is_that_which_was_installed(known: AgentKernel) -> None:
    assert known.run("import matplotlib").status == "ok"
    assert known.ask("help.page", topic="matplotlib").version[:1].isdigit()


def test_modules_and_classes_list_their_names(known: AgentKernel) -> None:
    members = {member.name: member for member in known.ask("help.page", topic="pandas").members}
    assert (members["merge"].topic, members["merge"].kind) == ("pandas.merge", "function")
    assert "join" in members["merge"].title
    members = {member.name: member for member in known.ask("help.page", topic="thing").members}
    assert {name: (member.topic, member.kind) for name, member in members.items()} == {
        "kept": ("Thing.kept", "method"),
        "length": ("Thing.length", "property"),
        "make": ("Thing.make", "method"),
        "slow": ("Thing.slow", "property"),
    }


@pytest.mark.parametrize(
    ("code", "offset", "topic"),
    [
        ("x = df.groupby('a')", 9, "pandas.DataFrame.groupby"),
        ("pd.merge(", 8, "pandas.merge"),
        ("pd.merge(", 1, "pandas"),
        ("x = 'pd.merge'", 9, ""),
        ("# pd.merge", 8, ""),
        ("df", 2, "df"),
        ("nothing", 3, ""),
        ("", 0, ""),
    ],
)
def test_name_at_the_caret_is_found(known: AgentKernel, code: str, offset: int, topic: str) -> None:
    assert known.ask("help.at", code=code, offset=offset).topic == topic


@pytest.mark.parametrize("topic", ["", "nope", "nope.more", "pd.nope", "a b", "os.system('x')", "1", "df['a", "\udc80"])
def test_what_is_no_name_has_no_page(known: AgentKernel, topic: str) -> None:
    page = known.ask("help.page", topic=topic)
    assert (page.topic, page.package) == ("", "")


def test_search_finds_names_of_imported_modules_and_tells_where_others_lie(known: AgentKernel) -> None:
    found = known.ask("help.search", text="merge", limit=50)
    topics = [match.topic for match in found.matches]
    assert "pandas.merge" in topics
    assert topics.index("pandas.merge") < topics.index("pandas.merge_asof")
    assert any(Path(folder).name == "site-packages" for folder in found.folders)
    assert known.ask("help.search", text="", limit=50).matches == ()
    assert len(known.ask("help.search", text="e", limit=7).matches) == 7


@pytest.mark.parametrize(
    ("text", "first"), [("svd", "numpy.linalg.svd"), ("pandas.merge", "pandas.merge"), ("len", "len")]
)
def test_search_puts_the_exact_name_first(known: AgentKernel, text: str, first: str) -> None:
    found = known.ask("help.search", text=text, limit=20).matches
    assert first in [one.topic for one in found[:3]]
    assert found[0].name.rpartition(".")[2] == text.rpartition(".")[2]


def test_nothing_is_imported_for_help(known: AgentKernel) -> None:
    known.run("before = set(sys.modules)")
    assert known.ask("help.page", topic="wave.open").topic == ""
    known.ask("help.search", text="wave", limit=5)
    # pydoc and its topics are Python's own, and come with the first keyword.
    assert known.run("print(sorted(n for n in set(sys.modules) - before if 'wave' in n))").text.strip() == "[]"


@pytest.mark.parametrize(
    "code", ["pd.merge?", "?pd.merge", "help(pd.merge)", 'help("pd.merge")', "  help( pd.merge ) "]
)
def test_asking_for_help_tells_the_window(known: AgentKernel, code: str) -> None:
    reply = known.run(code)
    wishes = [event["params"] for event in reply.events if event.get("event") == "help.show"]
    assert wishes == [{"topic": "pd.merge", "package": "", "search": ""}]
    assert (reply.text, reply.content["payload"]) == ("", [])


@pytest.mark.parametrize("code", ["print(1); help(len)", "help(len); x = 1", "help(len) if True else 0"])
def test_code_that_does_more_than_ask_prints_help_as_ever(known: AgentKernel, code: str) -> None:
    reply = known.run(code)
    assert "number of items" in reply.text
    assert not [event for event in reply.events if event.get("event") == "help.show"]


def test_source_is_paged_as_ever(known: AgentKernel) -> None:
    reply = known.run("pd.merge??")
    assert "Source" in str(reply.content["payload"])
    assert reply.events == []
    assert known.run("nothing_here?").content["payload"] == []


def test_without_a_window_help_is_paged_as_ever(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel._send("comm_close", {"comm_id": kernel.comm, "data": {}})
    assert "number of items" in str(kernel.run("len?").content["payload"])
    assert "number of items" in kernel.run("help(len)").text


def test_a_new_agent_takes_the_hooks_of_the_old_one(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run("help(len)")
    kernel.send_agent()
    reply = kernel.run("help(len)")
    assert len([event for event in reply.events if event.get("event") == "help.show"]) == 1
    assert "number of items" in kernel.run("1; help(len)").text


def test_hostile_objects_are_not_run(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    canary = tmp_path / "canary"
    for code in (HOSTILE.format(canary=str(canary)), MORE_HOSTILE):
        assert kernel.run(code).status == "ok"
    names = [entry.name for entry in kernel.ask("variables.sync", full=True).added]
    kernel.run("canary.exists() and canary.unlink()\nNone")
    looked = 0
    for name in names:
        page = kernel.ask("help.page", topic=name)
        kernel.ask("help.at", code=f"{name}.x", offset=len(name) + 2)
        for member in page.members[:30]:
            kernel.ask("help.page", topic=f"{name}.{member.name}")
            looked += 1
    kernel.ask("help.search", text="evil", limit=100)
    assert looked > 50
    assert not canary.exists(), canary.read_text()
    kernel.run("evil_dict['a']")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


LIARS = """
class Liar:
    "Honest."
liars = [Liar(), Liar(), Liar()]
class Meta(type):
    __doc__ = property(lambda cls: 1 / 0)
class Bad(metaclass=Meta):
    pass
Bad2 = type("Bad2", (), {"__doc__": 42, "__module__": 7, "__qualname__": "Bad2"})
def fn(): "Doc."
fn.__doc__ = "x" * 500_000
fn.__module__ = 5
def fn2(): pass
fn2.__wrapped__ = fn2
import types
mod = types.ModuleType("mod"); mod.__all__ = 5; mod.__name__ = 3; mod.__version__ = object()
bad2 = Bad2()
"""


def test_lying_documentation_is_no_trouble(python: AgentKernel) -> None:
    assert python.run(LIARS).status == "ok"
    assert python.ask("help.page", topic="Bad").text == ""
    assert python.ask("help.page", topic="bad2").text == ""
    assert len(python.ask("help.page", topic="fn").text) <= 200_000
    for name in ("Bad2", "fn2", "mod", "liars", "Meta"):
        assert python.ask("help.page", topic=name).title

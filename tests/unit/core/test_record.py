"""Records made late: what they can do is what the standard decorator gives."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from ide.core import record
from ide.core.text import Place
from tests.rules.source import ROOT

PLAIN: dict[str, bool] = {}
FROZEN = {"frozen": True, "slots": True}
ORDERED = {"frozen": True, "slots": True, "order": True}
SLOTTED = {"slots": True}


def point_of(decorate: Callable[..., Any], field: Callable[..., Any] = record.field) -> type[Any]:
    class Point:
        """A place."""

        limit: ClassVar[int] = 7
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list, compare=False)
        hidden: str = field(default="h", repr=False)

        @property
        def total(self) -> int:
            return self.x + self.y

    made: type[Any] = decorate(Point)
    return made


@record.dataclass(frozen=True, slots=True)
class Base:
    one: int


@record.dataclass(frozen=True, slots=True)
class Derived(Base):
    two: str = "t"


def answers(point: type[Any]) -> list[object]:
    """What the class and its instances say to all that one may ask."""
    first, second = point(1), point(1, 3, ["a"], hidden="z")
    return [
        [(each.name, each.type, each.default) for each in dataclasses.fields(point)],
        point.__match_args__,
        point.limit,
        repr(second),
        first == point(1, tags=["other"]),
        first == second,
        first.total,
        dataclasses.asdict(second),
        dataclasses.replace(first, y=9).y,
        hasattr(first, "__dict__"),
        getattr(point, "__slots__", None),
        (point.__name__, point.__qualname__, point.__doc__, point.__module__),
        first.__eq__(1),
        copy.deepcopy(second) == second,
        point.__hash__ is None,
        failure(lambda: setattr(first, "x", 5)),
        failure(lambda: setattr(first, "other", 5)) is not None or hasattr(first, "other"),
        failure(lambda: delattr(first, "x")),
        failure(point),
        failure(lambda: point(1, unknown=2)),
        failure(lambda: first < second),
    ]


def failure(act: Callable[[], object]) -> object:
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error)


@pytest.mark.parametrize("options", [PLAIN, {"frozen": True}, FROZEN, ORDERED, SLOTTED])
def test_record_is_what_the_standard_decorator_makes(options: dict[str, bool]) -> None:
    ours = answers(point_of(record.dataclass(**options)))
    assert ours == answers(point_of(dataclasses.dataclass(**options), dataclasses.field))


def test_hash_is_that_of_the_fields() -> None:
    assert hash(Base(1)) == hash(Base(1))
    assert {Base(1), Base(1), Base(2)} == {Base(1), Base(2)}


def test_derived_record_knows_the_fields_of_its_base() -> None:
    derived = Derived(1)
    assert (derived.one, derived.two) == (1, "t")
    assert [each.name for each in dataclasses.fields(Derived)] == ["one", "two"]
    assert derived != Base(1)
    match derived:
        case Base(one):
            assert one == 1
        case _:
            pytest.fail("a record of a derived class is one of its base")


def test_first_question_may_be_about_the_class() -> None:
    assert [each.name for each in dataclasses.fields(point_of(record.dataclass(slots=True)))][:2] == ["x", "y"]
    assert dataclasses.is_dataclass(point_of(record.dataclass))


def test_record_travels_to_a_process_that_never_made_one() -> None:
    code = "import pickle, sys; place = pickle.load(sys.stdin.buffer); print(place == type(place)(3, 4), place)"
    sent = pickle.dumps(Place(3, 4))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input=sent, capture_output=True, check=True)
    assert done.stdout.decode().strip() == f"True {Place(3, 4)}"


@pytest.mark.parametrize("options", [{"slots": True}, FROZEN])
def test_first_instances_of_several_threads_are_whole(options: dict[str, bool]) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(100):
            point, start, made = (
                point_of(record.dataclass(**options)),
                threading.Barrier(4),
                queue.SimpleQueue[object](),
            )

            def make(
                point: Any = point, start: threading.Barrier = start, made: queue.SimpleQueue[object] = made
            ) -> None:
                start.wait()
                made.put(failure(lambda: (point(1).x, point(1) == point(1))))

            threads = [threading.Thread(target=make) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [made.get() for _ in threads] == [(1, True)] * 4
    finally:
        sys.setswitchinterval(before)


def test_import_of_records_makes_no_methods() -> None:
    code = (
        "import dataclasses, sys\n"
        "dataclasses.dataclass = lambda **options: sys.exit('methods were made')\n"
        "import ide.core.outputs, ide.core.environment, ide.kernels.records, ide.kernels.contract\n"
        "ide.core.outputs.Stream('stdout', 'text')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "methods were made"  # by the last line, and by none before it
    without_use = code[: code.rindex("ide.core.outputs.")]
    assert subprocess.run([sys.executable, "-c", without_use], cwd=ROOT, check=False).returncode == 0

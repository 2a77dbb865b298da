"""Which pictures are kept, in which order, and which one is in view."""

from __future__ import annotations

import base64

import pytest

from ide.core.outputs import Cleared, Display, Stream
from ide.core.runs import Run
from ide.panes.plots.model import MAX_SVG_BYTES, SVG, PlotsModel, picture_of

PNG = base64.b64encode(b"\x89PNG not really").decode()


def png(mark: int = 0, **more: object) -> Display:
    return Display({"image/png": base64.b64encode(bytes([mark])).decode()}, **more)  # type: ignore[arg-type]  # keywords of Display


def run(name: str = "r1") -> Run:
    return Run(name, "s1", "plot()")


def marks(model: PlotsModel) -> list[int]:
    return [plot.data[0] for plot in model.plots]


def test_twenty_pictures_of_one_batch_are_kept_in_order() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), tuple(png(n) for n in range(20)))
    assert marks(model) == list(range(20))
    assert model.position == 19


def test_text_is_not_a_picture() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (Stream("stdout", "hello"), Display({"text/plain": "1"})))
    assert model.count == 0
    assert model.current is None


def test_svg_is_preferred_to_the_bitmap_beside_it() -> None:
    assert picture_of(Display({"image/png": PNG, SVG: "<svg/>"})) == (SVG, b"<svg/>")


def test_an_svg_past_the_bound_gives_way_to_the_bitmap() -> None:
    large = "<svg>" + " " * MAX_SVG_BYTES
    picture = picture_of(Display({"image/png": PNG, SVG: large}))
    assert picture is not None
    assert picture[0] == "image/png"
    assert picture_of(Display({SVG: large})) == (SVG, large.encode())


def test_damaged_base64_is_passed_over() -> None:
    assert picture_of(Display({"image/png": "a"})) is None


def test_an_update_replaces_the_display_of_that_id() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (png(1, display_id="d"), png(2)))
    model.take("s1", run("r2"), (png(9, display_id="d", is_update=True),))
    assert marks(model) == [9, 2]


def test_an_update_of_nothing_adds_nothing() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (png(1, display_id="d", is_update=True),))
    assert model.count == 0


def test_a_picture_after_clear_output_replaces_the_runs_last_one() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (png(1),))
    model.take("s1", run("r2"), (png(2), Cleared(is_deferred=True), png(3), Cleared(), png(4)))
    assert marks(model) == [1, 4]


def test_the_oldest_goes_when_there_are_too_many() -> None:
    model = PlotsModel(3)
    removed: list[int] = []
    model.removed.connect(removed.append)
    model.take("s1", run(), tuple(png(n) for n in range(5)))
    assert marks(model) == [2, 3, 4]
    assert removed == [0, 0]
    assert model.current is not None
    assert model.current.data[0] == 4


def test_steps_stop_at_the_ends() -> None:
    model = PlotsModel(10)
    model.take("s1", run(), tuple(png(n) for n in range(3)))
    model.step(1)
    assert model.position == 2
    model.step(-9)
    assert model.position == 0


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_deleted_plot_comes_back_to_its_place(position: int) -> None:
    model = PlotsModel(10)
    model.take("s1", run(), tuple(png(n) for n in range(3)))
    model.delete(position)
    assert len(marks(model)) == 2
    assert model.current is not None
    assert model.restore()
    assert marks(model) == [0, 1, 2]
    assert model.position == position


def test_deleting_all_is_undone_one_by_one() -> None:
    model = PlotsModel(10)
    model.take("s1", run(), tuple(png(n) for n in range(3)))
    model.delete_all()
    assert model.current is None
    assert model.position is None
    assert [model.restore() for _ in range(4)] == [True, True, True, False]
    assert marks(model) == [0, 1, 2]

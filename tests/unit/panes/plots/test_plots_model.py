"""Which pictures are kept, in which order, and which one is in view."""

from __future__ import annotations

import base64

import pytest

from ide.core.outputs import Cleared, Display, Stream
from ide.core.runs import CodeSource, Run
from ide.panes.plots.model import PlotsModel
from ide.panes.plots.plot import MAX_SVG_BYTES, MAX_SVG_ELEMENTS, SVG, Arrived, Picture, Plot, picture_of

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
    assert picture_of(Display({"image/png": PNG, SVG: "<svg/>"})) == Arrived(SVG, b"<svg/>")


def test_an_svg_past_the_bound_gives_way_to_the_bitmap() -> None:
    large = "<svg>" + " " * MAX_SVG_BYTES
    picture = picture_of(Display({"image/png": PNG, SVG: large}))
    assert picture is not None
    assert (picture.mime, picture.note) == ("image/png", "Its SVG has 5.0 MB, so the bitmap is shown.")
    assert picture_of(Display({SVG: large})) == Arrived(SVG, large.encode())


def test_an_svg_of_very_many_elements_gives_way_to_the_bitmap_or_is_zoomed_as_one() -> None:
    crowded = "<svg>" + "<g/>" * MAX_SVG_ELEMENTS + "</svg>"
    picture = picture_of(Display({"image/png": PNG, SVG: crowded}))
    assert picture is not None
    assert (picture.mime, picture.note) == ("image/png", "Its SVG has 50\u2009001 elements, so the bitmap is shown.")
    alone = picture_of(Display({SVG: crowded}))
    assert alone is not None
    assert (alone.mime, alone.is_heavy) == (SVG, True)
    assert "zoomed as a bitmap" in alone.note
    assert picture_of(Display({SVG: crowded.replace("<g/>", "", 1)})) == Arrived(
        SVG, crowded.replace("<g/>", "", 1).encode()
    )


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


def test_deleting_all_is_one_deletion_to_undo() -> None:
    model = PlotsModel(10)
    model.take("s1", run(), tuple(png(n) for n in range(3)))
    chosen: list[object] = []
    model.chosen.connect(chosen.append)
    model.delete_all()
    assert chosen == [None]
    assert model.current is None
    assert model.position is None
    assert [model.restore() for _ in range(2)] == [True, False]
    assert marks(model) == [0, 1, 2]


def test_deletions_are_undone_latest_first() -> None:
    model = PlotsModel(10)
    model.take("s1", run(), tuple(png(n) for n in range(4)))
    model.delete(1)
    model.delete(2)
    assert marks(model) == [0, 2]
    model.restore()
    assert marks(model) == [0, 2, 3]
    model.restore()
    assert marks(model) == [0, 1, 2, 3]
    assert not model.can_restore


def test_a_batch_brings_one_plot_into_view() -> None:
    model = PlotsModel(100)
    chosen: list[object] = []
    model.chosen.connect(chosen.append)
    model.take("s1", run(), tuple(png(n) for n in range(20)))
    assert chosen == [model.at(19)]


def test_plots_are_dropped_when_they_take_too_much_memory() -> None:
    model = PlotsModel(100, most_bytes=10)
    large = Display({"image/png": base64.b64encode(b"12345678").decode()})
    model.take("s1", run(), (png(1), png(2), large, png(3), png(4)))
    assert [plot.data for plot in model.plots] == [b"12345678", b"\x03", b"\x04"]
    model.take("s1", run(), (large, large))
    assert [plot.data for plot in model.plots] == [b"12345678"]


def test_a_picture_larger_than_all_room_is_still_kept() -> None:
    model = PlotsModel(100, most_bytes=4)
    model.take("s1", run(), (Display({"image/png": base64.b64encode(b"12345678").decode()}),))
    assert model.count == 1


def test_the_display_of_another_session_is_not_replaced() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (png(1, display_id="d"),))
    model.take("s2", run("r2"), (png(9, display_id="d", is_update=True),))
    assert marks(model) == [1]


def test_a_redraw_is_told_as_a_new_version() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (png(1, display_id="d"),))
    replaced: list[int] = []
    chosen: list[object] = []
    model.replaced.connect(replaced.append)
    model.chosen.connect(chosen.append)
    model.take("s1", run("r2"), (png(2, display_id="d", is_update=True),))
    assert (replaced, [model.at(0)], model.at(0).version) == ([0], chosen, 1)


def test_words_of_a_plot_name_its_number_and_source() -> None:
    model = PlotsModel(100)
    model.take("s1", Run("r1", "s1", "plot()", CodeSource(title="analysis.py")), (png(1),))
    model.take("s1", run("r2"), (png(2),))
    assert [plot.words for plot in model.plots] == ["Plot 1, analysis.py", "Plot 2"]

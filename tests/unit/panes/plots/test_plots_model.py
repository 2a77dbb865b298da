"""Which pictures are kept, in which order, and which one is in view."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest

from ide.core.outputs import Cleared, Display, Stream
from ide.core.record import replace
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


@pytest.mark.parametrize("length", [1, 2, 3, 4, 300])
def test_base64_is_decoded_when_it_is_read_first(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    decode = base64.b64decode

    def counted(text: str, *, validate: bool) -> bytes:
        decoded.append(1)
        return decode(text, validate=validate)

    monkeypatch.setattr(base64, "b64decode", counted)
    data = bytes(range(length % 256)) + b"x" * (length - length % 256)
    model = PlotsModel(100)
    model.take("s1", run(), (Display({"image/png": base64.b64encode(data).decode()}),))
    picture = model.at(0).picture
    assert (picture.size_bytes, picture.is_in_memory, decoded) == (length, True, [])
    assert (picture.read(), picture.read(), decoded) == (data, data, [1])


def test_base64_with_line_ends_is_read_too() -> None:
    model = PlotsModel(100)
    model.take("s1", run(), (Display({"image/png": base64.encodebytes(b"p" * 100).decode()}),))
    assert (model.at(0).picture.size_bytes, model.at(0).data) == (100, b"p" * 100)


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


def test_an_update_of_text_by_a_picture_is_one_plot_that_stays_deleted() -> None:
    model = PlotsModel(100)
    waiting = Display({"text/plain": "waiting"}, display_id="d")
    model.take("s1", run(), (waiting,))
    for number in range(5):
        model.take("s1", run(), (png(number, display_id="d", is_update=True),))
    assert marks(model) == [4]
    model.delete(0)
    model.take("s1", run(), (png(9, display_id="d", is_update=True),))
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


def kept(number: int, run: str = "r1", order: int = 0, **more: object) -> Plot:
    """As it comes back from disk."""
    plain = Plot(number, "image/png", Picture(bytes([number])), "s1", run, "plot()", None, 1.0, order=order)
    return replace(plain, **more)  # type: ignore[arg-type]  # fields of Plot


def test_plots_of_an_earlier_window_stand_before_all_others() -> None:
    model = PlotsModel(100)
    model.put_back([kept(4), kept(5, "r2")])
    assert (marks(model), model.position) == ([4, 5], 1)
    model.take("s2", run("r9"), (png(1),))
    assert [plot.id for plot in model.plots] == [4, 5, 6]


def test_what_a_kernel_tells_once_more_is_passed_over() -> None:
    """A kernel that was left behind replays everything: also pictures that were replaced or deleted since."""
    model = PlotsModel(100)
    model.put_back([kept(1, order=0), kept(2, order=3)])
    model.take("s1", run(), tuple(png(n) for n in range(10, 16)))
    assert marks(model) == [1, 2, 14, 15]


def test_pinned_plots_stay_when_others_go() -> None:
    model = PlotsModel(3)
    model.take("s1", run(), (png(0), png(1)))
    model.set_pinned(0, True)
    model.take("s1", run(), tuple(png(n) for n in range(2, 6)))
    assert marks(model) == [0, 4, 5]
    model.delete_all()
    assert (marks(model), model.position) == ([0], 0)
    model.restore()
    assert marks(model) == [0, 4, 5]


def test_only_pinned_plots_are_never_dropped() -> None:
    model = PlotsModel(2)
    for number in range(2):
        model.take("s1", run(), (png(number),))
        model.set_pinned(number, True)
    model.take("s1", run(), (png(2), png(3)))
    assert marks(model) == [0, 1, 3]


def test_the_filter_finds_session_file_description_and_code() -> None:
    model = PlotsModel(10)
    for name, session in (("a.py", "myenv"), ("b.R", "R 4.5"), ("c.py", "myenv")):
        source = CodeSource(title=name)
        model.take("s1", Run(name, "s1", f"draw({name!r})", source), (png(),), session_name=session)
    model.describe(1, "A histogram of ages")
    model.set_pinned(2, True)

    def listed(text: str) -> list[int]:
        model.set_filter(text)
        return [position for position in range(3) if model.is_listed(position)]

    assert listed("MYENV") == [0, 2]
    assert listed("b.r 4.5") == [1]
    assert listed("histogram") == [0]
    assert listed("draw('c") == [2]
    assert listed("pinned") == [2]
    assert listed("nothing") == []
    assert model.listed_count == 0
    assert listed("  ") == [0, 1, 2]


def test_steps_and_the_choice_keep_to_what_is_listed() -> None:
    model = PlotsModel(10)
    for number in range(5):
        title = "a.py" if number in (0, 3) else "b.py"
        model.take("s1", Run(f"r{number}", "s1", "x", CodeSource(title=title)), (png(number),))
    model.set_filter("a.py")
    assert model.position == 3
    model.step(-1)
    assert model.position == 0
    model.step(5)
    assert model.position == 3
    model.set_filter("none of them")
    assert model.position == 3
    model.step(1)
    assert model.position == 3


def test_a_plot_drawn_anew_keeps_its_place_and_what_is_said_of_it() -> None:
    model = PlotsModel(10)
    model.take("s1", run(), (png(1), png(2)))
    model.describe(1, "One")
    model.set_pinned(0, True)
    model.redrawn(1, SVG, b"<svg/>")
    plot = model.at(0)
    assert (plot.mime, plot.data, plot.alt, plot.is_pinned, plot.version) == (SVG, b"<svg/>", "One", True, 1)
    model.redrawn(99, SVG, b"<svg/>")
    assert model.count == 2


class Shelf:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, ...]]] = []

    def keep(self, plot: Plot) -> None:
        self.asked.append(("keep", (plot.id,)))

    def discard(self, plot: Plot) -> None:
        self.asked.append(("discard", (plot.id,)))

    def bring_back(self, plot: Plot) -> None:
        self.asked.append(("bring_back", (plot.id,)))

    def forget(self, plots: Sequence[Plot]) -> None:
        self.asked.append(("forget", tuple(plot.id for plot in plots)))


def test_the_shelf_follows_the_list() -> None:
    shelf = Shelf()
    model = PlotsModel(2, shelf=shelf)
    model.take("s1", run(), (png(1), png(2), png(3)))
    model.delete(0)
    model.restore()
    model.describe(3, "Three")
    model.describe(3, "Three")
    assert shelf.asked == [
        ("keep", (1,)),
        ("keep", (2,)),
        ("keep", (3,)),
        ("forget", (1,)),
        ("discard", (2,)),
        ("bring_back", (2,)),
        ("keep", (3,)),
    ]
    for _ in range(52):
        model.delete(0)
        model.take("s1", run(), (png(),))
    assert [each for each in shelf.asked if each[0] == "forget"][:3] == [
        ("forget", (1,)),
        ("forget", (2,)),
        ("forget", (3,)),
    ]

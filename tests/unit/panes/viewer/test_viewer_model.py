"""The list of the Viewer: what comes, what takes whose place, what goes."""

from __future__ import annotations

from ide.core.outputs import Cleared, Display, Output, Stream
from ide.core.runs import Run
from ide.panes.viewer import model as viewer_model
from ide.panes.viewer.model import ViewerModel

RUN = Run("r1", "s1", "code")


def page(text: str = "1", display_id: str = "", *, is_update: bool = False) -> Display:
    return Display({"text/html": f"<script>{text}</script>"}, display_id=display_id, is_update=is_update)


def taken(*outputs: Output, model: ViewerModel | None = None, run: Run = RUN) -> ViewerModel:
    model = model or ViewerModel()
    model.take("s1", run, outputs, "In [1]", ())
    return model


def texts(model: ViewerModel) -> list[str]:
    return [str(output.data["text/html"]) for output in model.outputs]


def test_interactive_outputs_are_kept_and_the_last_is_in_view() -> None:
    model = taken(Stream("stdout", "x"), page("1"), Display({"text/html": "<b>x</b>"}), page("2"))

    assert texts(model) == ["<script>1</script>", "<script>2</script>"]
    assert model.position == 1
    assert model.outputs[0].words == "Page · In [1]"


def test_news_of_a_batch_come_once() -> None:
    model = ViewerModel()
    heard: list[str] = []
    model.changed.connect(lambda: heard.append("changed"))
    model.arrived.connect(lambda: heard.append("arrived"))
    taken(page(), page(), page(), model=model)
    taken(Stream("stdout", "x"), model=model)

    assert heard == ["changed", "arrived"]


def test_update_takes_the_place_of_its_display() -> None:
    model = taken(page("1", "d"), page("other"))
    taken(page("2", "d", is_update=True), page("3", "unknown", is_update=True), model=model)

    assert texts(model) == ["<script>2</script>", "<script>other</script>"]
    assert model.position == 1


def test_output_after_a_clear_takes_the_place_of_the_runs_last() -> None:
    model = taken(page("1"), Cleared(), page("2"), page("3"))

    assert texts(model) == ["<script>2</script>", "<script>3</script>"]


def test_steps_stop_at_the_ends_and_deletion_leaves_a_neighbour_in_view() -> None:
    model = taken(page("1"), page("2"), page("3"))
    model.step(5)
    assert model.position == 2
    model.step(-1)
    model.delete(model.outputs[1].id)
    assert (model.position, texts(model)[1]) == (1, "<script>3</script>")
    model.step(-9)
    assert model.position == 0
    model.delete_all()
    assert model.current is None
    assert model.position is None


def test_oldest_go_when_there_are_too_many_or_too_large_ones() -> None:
    model = ViewerModel()
    gone: list[int] = []
    model.removed.connect(lambda output: gone.append(output.id))
    for number in range(viewer_model.MOST_OUTPUTS + 2):
        taken(page(str(number)), model=model)
    assert len(model.outputs) == viewer_model.MOST_OUTPUTS
    assert gone == [1, 2]
    taken(page("x" * (viewer_model.MOST_CHARACTERS + 1)), model=model)
    assert len(model.outputs) == 1
    assert model.position == 0


def test_any_other_output_can_be_shown_too() -> None:
    model = ViewerModel()
    output = model.show({"text/markdown": "# a"}, "Notes", "report.md")

    assert not output.is_page
    assert model.current is output

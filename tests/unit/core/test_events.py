"""Events: who is told, in which order, with how much, and for how long."""

from __future__ import annotations

import gc
from functools import partial

import pytest

from ide.core.events import Signal


class Thing:
    changed = Signal(str, int)
    ended = Signal()


class Listener:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def on_changed(self, word: str, number: int) -> None:
        self.heard.append((word, number))

    def on_word(self, word: str) -> None:
        self.heard.append(word)

    def on_nothing(self) -> None:
        self.heard.append(None)

    def on_tagged(self, tag: str, word: str) -> None:
        self.heard.append((tag, word))


def test_listeners_are_told_in_order_with_what_they_take() -> None:
    thing, listener = Thing(), Listener()
    thing.changed.connect(listener.on_changed)
    thing.changed.connect(listener.on_word)
    thing.changed.connect(listener.on_nothing)
    thing.changed.connect(lambda *everything: listener.heard.append(everything))
    thing.changed.connect(listener.heard.append)
    thing.changed.emit("a", 1)
    assert listener.heard == [("a", 1), "a", None, ("a", 1), "a"]


def test_each_object_has_its_own_event() -> None:
    one, other, listener = Thing(), Thing(), Listener()
    one.changed.connect(listener.on_changed)
    other.changed.emit("a", 1)
    one.ended.emit()
    assert listener.heard == []
    assert one.changed is one.changed
    assert isinstance(Thing.changed, Signal)
    assert Thing.changed.types == (str, int)


def test_method_of_an_object_that_is_gone_is_not_called() -> None:
    thing, listener = Thing(), Listener()
    heard = listener.heard
    thing.changed.connect(listener.on_word)
    thing.changed.connect(partial(listener.on_tagged, "tag"))
    thing.changed.emit("a", 1)
    assert len(thing.changed) == 2
    del listener
    gc.collect()
    thing.changed.emit("b", 2)
    assert heard == ["a", ("tag", "a")]
    assert len(thing.changed) == 0


def test_function_is_kept() -> None:
    thing = Thing()
    heard: list[str] = []

    def hear(word: str) -> None:
        heard.append(word)

    thing.changed.connect(hear)
    del hear
    gc.collect()
    thing.changed.emit("a", 1)
    assert heard == ["a"]


def test_disconnected_listener_hears_nothing_more() -> None:
    thing, listener = Thing(), Listener()
    thing.changed.connect(listener.on_word)
    thing.changed.disconnect(listener.on_word)
    thing.changed.disconnect(listener.on_word)
    thing.changed.emit("a", 1)
    assert listener.heard == []
    with pytest.raises(ValueError, match=r"does not listen to Thing\.changed"):
        thing.changed.disconnect(listener.on_word, missing_ok=False)


def test_change_of_listeners_while_they_are_told() -> None:
    thing, listener = Thing(), Listener()

    def first() -> None:
        thing.changed.disconnect(listener.on_word)
        thing.changed.connect(listener.on_nothing)

    thing.changed.connect(first)
    thing.changed.connect(listener.on_word)
    thing.changed.emit("a", 1)
    assert listener.heard == []
    thing.changed.disconnect(first)
    thing.changed.emit("b", 2)
    assert listener.heard == [None]


def test_event_within_an_event_is_told_at_once() -> None:
    thing, listener = Thing(), Listener()

    def again(word: str) -> None:
        if word == "a":
            thing.changed.emit("b", 2)

    thing.changed.connect(again)
    thing.changed.connect(listener.on_word)
    thing.changed.emit("a", 1)
    assert listener.heard == ["b", "a"]


def test_error_of_a_listener_names_event_and_listener() -> None:
    thing, listener = Thing(), Listener()

    def fails() -> None:
        raise KeyError("reason")

    thing.changed.connect(fails)
    thing.changed.connect(listener.on_word)
    with pytest.raises(KeyError) as caught:
        thing.changed.emit("a", 1)
    (note,) = caught.value.__notes__
    assert "Thing.changed" in note
    assert "fails" in note
    assert listener.heard == []


def test_listener_that_needs_more_is_refused() -> None:
    thing, listener = Thing(), Listener()
    with pytest.raises(ValueError, match=r"needs 1 arguments, but Thing\.ended carries 0"):
        thing.ended.connect(listener.on_word)
    thing.ended.connect(partial(listener.on_word, "given"))
    thing.ended.emit()
    assert listener.heard == ["given"]

"""Events tied to a widget's life."""

from __future__ import annotations

import gc
import weakref

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel, QWidget

from ide.core.events import Signal
from ide.qt.ties import connect, tied


class Model:
    changed = Signal(str)


class View(QLabel):
    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen: list[str] = []
        self.undo = connect(self, model.changed, self.on_changed)

    def on_changed(self, text: str) -> None:
        self.setText(text)  # raises where the widget is gone
        self.seen.append(text)


def test_connect_delivers_until_the_widget_is_destroyed(qapp: object) -> None:
    model, parent = Model(), QWidget()
    view = View(model, parent)
    model.changed.emit("one")
    assert view.seen == ["one"]
    shiboken6.delete(parent)
    model.changed.emit("two")
    assert view.seen == ["one"]
    assert len(model.changed) == 0


def test_connect_does_not_keep_the_widget_alive(qapp: object) -> None:
    model = Model()
    reference = weakref.ref(View(model))
    gc.collect()
    assert reference() is None
    model.changed.emit("nobody")


def test_connect_undone_by_hand_delivers_no_more(qapp: object) -> None:
    model = Model()
    view = View(model)
    view.undo()
    view.undo()
    model.changed.emit("one")
    assert view.seen == []
    view.deleteLater()


def test_connect_refuses_a_lambda(qapp: object) -> None:
    model, widget = Model(), QWidget()
    with pytest.raises(TypeError, match="bound method"):
        connect(widget, model.changed, lambda _text: None)
    widget.deleteLater()


def test_tied_answer_that_comes_after_the_widget_is_dropped(qapp: object) -> None:
    model, parent = Model(), QWidget()
    view = View(model, parent)
    answer = tied(view, view.on_changed)
    answer("one")
    shiboken6.delete(parent)
    answer("two")
    assert view.seen == ["one"]

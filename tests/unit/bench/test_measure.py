"""The measuring harness."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench import measure
from bench.__main__ import _answer
from bench.measure import MeasurementError, Result


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A measurement called `sample` that returns as many ones as runs were asked for."""
    module = ModuleType("bench.sample")
    module.__dict__["measure"] = lambda runs: Result.of([1.0] * runs, "s", [0.5, 0.25, 1.0])
    monkeypatch.setitem(sys.modules, "bench.sample", module)
    return module


def test_result_tells_median_baseline_and_ratio() -> None:
    result = Result.of([3.0, 1.0, 2.0], "s", [4.0])

    assert result.as_json() == {"median": 2.0, "unit": "s", "baseline": 4.0, "ratio": 0.5, "runs": [3.0, 1.0, 2.0]}


def test_result_without_baseline_has_no_ratio() -> None:
    assert Result.of([1.0], "MB").as_json()["ratio"] is None


def test_single_result_has_the_modules_name(sample: ModuleType) -> None:
    assert measure.take("sample", 3) == {"sample": Result(1.0, "s", 0.5, (1.0, 1.0, 1.0))}


def test_parts_are_named_after_the_module(sample: ModuleType) -> None:
    one = Result.of([1.0], "s")
    sample.__dict__["measure"] = lambda _runs: {"": one, "stall": one}

    assert set(measure.take("sample", 1)) == {"sample", "sample.stall"}


def test_missing_memory_is_told_instead_of_measured(sample: ModuleType) -> None:
    sample.__dict__["NEEDS_MEMORY_GB"] = 1e6

    with pytest.raises(MeasurementError, match="sample needs 1000000 GB of free memory"):
        measure.take("sample", 1)


def test_child_writes_the_sentence_of_a_measurement_that_could_not_be_taken(sample: ModuleType, tmp_path: Path) -> None:
    sample.__dict__["NEEDS_MEMORY_GB"] = 1e6

    _answer("sample", 1, tmp_path / "answer.json")

    assert "free memory" in json.loads((tmp_path / "answer.json").read_text("utf-8"))["error"]


def test_helpers_and_the_harness_are_no_measurements(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("start_window.py", "_window.py", "measure.py", "__main__.py", "__init__.py"):
        (tmp_path / name).touch()
    monkeypatch.setattr(measure, "FOLDER", tmp_path)

    assert measure.names() == ["start_window"]


def test_measurement_that_dies_without_a_figure_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MeasurementError, match="ended with 2 and no figure"):
        measure.take_in_child("no_such_measurement", 1, {"PATH": ""})

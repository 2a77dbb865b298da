"""The contract with agents: what is generated is current, and what does not fit is refused."""

from __future__ import annotations

import json

import pytest

from fourpane_plugins.lang_python.contract_table import METHODS
from ide.core.errors import ContractError
from ide.kernels import contract
from tools.contract import SCHEMA, generated, r_value

SCHEMA_NOW = json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", generated(SCHEMA_NOW), ids=lambda path: path.name)
def test_generated_file_is_current(path) -> None:  # type: ignore[no-untyped-def]  # pytest gives a Path
    assert path.read_text(encoding="utf-8") == generated(SCHEMA_NOW)[path], "run: python -m tools.contract"


def test_every_method_has_a_reader_on_both_sides() -> None:
    assert set(contract.RESULTS) == set(contract.PARAMS) == set(METHODS) == set(SCHEMA_NOW["methods"])
    assert set(contract.EVENTS) == set(SCHEMA_NOW["events"])


def test_record_survives_the_wire() -> None:
    entry = contract.VariableEntry("x", "int", "value", (2, 3), "1", 8, True, False)
    change = contract.VariablesDifference((entry,), (), ("y",), True, False, 4)
    assert contract.VariablesDifference.from_json(json.loads(json.dumps(change.to_json()))) == change


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {"added": 3},
        {"added": [3]},
        {"added": [{"name": "x"}]},
        {"added": [{"name": 1, "type_name": "int", "kind": "value"}]},
        {"added": [{"name": "x", "type_name": "int", "kind": "nothing"}]},
        {"total": "3"},
        {"total": True},
        {"total": 1.5},
        {"is_full": 1},
        {"removed": [1]},
        {"removed": None},
    ],
)
def test_what_does_not_fit_is_refused(value: object) -> None:
    with pytest.raises(ContractError):
        contract.VariablesDifference.from_json(value)


def test_unknown_fields_of_newer_agents_are_left_alone() -> None:
    assert contract.Folder.from_json({"path": "/a", "new": 1}) == contract.Folder("/a")


def test_numbers_without_a_fraction_are_whole() -> None:
    assert contract.VariablesDifference.from_json({"total": 3.0}).total == 3


def test_long_preview_is_cut() -> None:
    entry = contract.VariableEntry.from_json({"name": "x", "type_name": "t", "kind": "other", "preview": "a" * 500})
    assert len(entry.preview) == 200


def test_json_values_become_r_values() -> None:
    assert r_value({"a": [True, None, 'x"', 1, 1.5]}) == 'list(a = list(TRUE, NULL, "x\\"", 1L, 1.5))'

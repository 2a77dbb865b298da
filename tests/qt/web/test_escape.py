"""Pages with scripts get nowhere: no request, no file, no window, no permission, no end of patience."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.qt.web.conftest import Beacon
from tests.qt.web.pages import HOSTILE

Child = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def facts(module_child: Child) -> dict[str, Any]:
    """What became of every hostile page, and what the beacon noted."""
    beacon = Beacon()
    try:
        found = module_child("escape", beacon.port, unprivileged=True)
    finally:
        beacon.close()
    found["came"] = beacon.came
    return found


@pytest.fixture(scope="module")
def told(facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By the page's name."""
    pages: dict[str, dict[str, Any]] = facts["told"]
    return pages


def test_nothing_is_asked_of_the_beacon(facts: dict[str, Any]) -> None:
    assert facts["came"] == []


def test_every_page_stays_where_it_is(told: dict[str, dict[str, Any]]) -> None:
    assert set(told) == set(HOSTILE)
    assert {name: each["address"] for name, each in told.items() if each["address"] != each["own"]} == {}


def test_no_page_is_answered(told: dict[str, dict[str, Any]]) -> None:
    said = {name: each["said"] for name, each in told.items()}
    assert said.pop("dialogs") == ["false", "null"]
    assert said.pop("window_open") == ["null"]
    assert said.pop("inner_addresses") == ["undefined", "undefined", "error"]  # no channel, nothing of Qt
    assert said.pop("cookies") in ([], [""])
    assert {name: words for name, words in said.items() if set(words or ()) - {"error"}} == {}
    assert None not in said.values()  # each page still answers


def test_nothing_is_opened_without_a_click(facts: dict[str, Any], told: dict[str, dict[str, Any]]) -> None:
    assert facts["windows"] == 0
    assert {name: each["opened"] for name, each in told.items() if each["opened"]} == {}


def test_user_is_told_what_was_wanted(told: dict[str, dict[str, Any]]) -> None:
    assert any("wants to load from 127.0.0.1:" in text for text in told["fetch"]["bars"])
    assert any("wants to open http://127.0.0.1:" in text for text in told["navigate"]["bars"])
    assert any("wanted to save “x.txt”" in text for text in told["download"]["bars"])


def test_pages_of_an_ordinary_user_run_in_the_sandbox(facts: dict[str, Any]) -> None:
    assert facts["uid"] != 0
    assert facts["sandbox"] is True


def test_endless_page_is_told_of_and_stopped_while_another_works_on(child: Child) -> None:
    facts = child("endless")

    assert "This output does not answer: a script in it runs without end." in facts["texts"]
    assert facts["works"] == "good"
    assert [facts[name] for name in ("stopped", "again", "gone")] == [True, True, True]


def test_process_of_a_page_ends_with_it(child: Child) -> None:
    assert child("life") == {"ready": True, "alive": 1, "gone": True, "again": True}


def test_what_the_user_allows_is_loaded_and_nothing_else(child: Child, beacon: Beacon) -> None:
    facts = child("bars", beacon.port)

    assert f"This output wants to load from 127.0.0.1:{beacon.port}." in facts["before"]
    assert facts["loaded"]
    assert facts["opened"] == ["http://example.org/x"]
    assert [line.split()[1] for line in beacon.came] == ["/allowed.png"]


def test_nobody_beyond_this_machine_is_even_connected_to(child: Child) -> None:
    """A connection made in advance carries no request; to this machine itself it is not kept from. Where the machine
    has no network its own address stands for all others, and proves less."""
    address = _own_address()
    with socket.create_server((address, 0)) as server:
        server.settimeout(0.1)
        facts = child("hints", server.getsockname()[1], words=(address,))
        came = []
        try:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(2)
                came.append(b"connected" if not address.startswith("127.") else connection.recv(100))
        except TimeoutError:
            pass
    assert facts["loaded"]
    assert b"".join(came) == b""


def _own_address() -> str:
    """This machine's address as others see it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])

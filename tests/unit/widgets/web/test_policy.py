"""What a page may load and where its frames may go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ide._paths import resources_dir
from ide.widgets.web.policy import Policy, mime_of

COPIES = resources_dir() / "web"


@pytest.fixture
def policy() -> Policy:
    return Policy("abc", COPIES)


def test_page_has_itself_and_what_is_in_its_own_text(policy: Policy) -> None:
    for address in ("output://abc/", "output://abc/-/copies/x", "data:text/plain,x", "blob:output://abc/1"):
        assert policy.judge(address).act == "pass"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "output://other/",
        "qrc:/x",
        "chrome://version",
        "ftp://example.org/x",
        "http:///x",
        "javascript:1",
    ],
)
def test_what_nobody_can_allow_is_blocked_without_a_place(policy: Policy, address: str) -> None:
    verdict = policy.judge(address)

    assert (verdict.act, verdict.place) == ("block", "")


def test_host_is_blocked_till_it_is_allowed_and_others_stay_so(policy: Policy) -> None:
    assert policy.judge("https://tile.example.org/1.png").place == "tile.example.org"
    policy.allowed.add("tile.example.org")

    assert policy.judge("https://tile.example.org/1.png").act == "pass"
    assert policy.judge("https://tile.example.org:8443/1.png").act == "block"
    assert policy.judge("https://tile.example.org@other.org/1.png").place == "other.org"
    assert policy.judge("https://sub.tile.example.org/").act == "block"


def test_known_script_is_sent_to_its_copy_which_is_served(policy: Policy) -> None:
    verdict = policy.judge("https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css")

    assert verdict.act == "redirect"
    path = verdict.place.removeprefix("output://abc")
    assert policy.file_of(path) == COPIES / "leaflet-1" / "leaflet.css"
    # As the style sheet names its pictures.
    assert (
        policy.file_of(path.removesuffix("leaflet.css") + "images/layers.png")
        == COPIES / "leaflet-1" / "images" / "layers.png"
    )


def test_page_goes_nowhere_but_frames_may_hold_what_it_holds(policy: Policy) -> None:
    assert policy.goes_to("output://abc/", is_main_frame=True)
    for address in ("https://example.org/", "about:blank", "data:text/html,x", "output://other/", "file:///x"):
        assert not policy.goes_to(address, is_main_frame=True)
    for address in ("about:blank", "about:srcdoc", "data:text/html,x", "output://abc/x.html"):
        assert policy.goes_to(address, is_main_frame=False)
    for address in ("https://example.org/", "file:///x", "output://other/"):
        assert not policy.goes_to(address, is_main_frame=False)


def test_server_page_has_its_own_server_and_port_only() -> None:
    policy = Policy("abc", COPIES, served="http://127.0.0.1:8050")

    assert policy.origin == "http://127.0.0.1:8050"
    assert policy.judge("http://127.0.0.1:8050/x").act == "pass"
    assert policy.judge("ws://127.0.0.1:8050/x").act == "pass"
    assert policy.judge("http://127.0.0.1:8051/x").act == "block"
    assert policy.goes_to("http://127.0.0.1:8050/other", is_main_frame=True)
    assert not policy.goes_to("http://127.0.0.1:8051/", is_main_frame=True)


def test_files_are_those_in_the_folder_of_the_page_alone(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "a b.js").write_text("x")
    (tmp_path / "secret").write_text("x")
    (folder / "out").symlink_to(tmp_path / "secret")
    policy = Policy("abc", COPIES, folder=folder)

    assert policy.file_of("/lib/a%20b.js") == folder.resolve() / "lib" / "a b.js"
    for path in ("/../secret", "/%2e%2e/secret", "/out", "/lib", "/", f"/{os.sep}etc/passwd", "/none"):
        assert policy.file_of(path) is None
    assert Policy("abc", COPIES).file_of("/etc/passwd") is None


def test_files_are_served_as_what_they_are() -> None:
    assert mime_of(Path("a.JS")) == "text/javascript;charset=utf-8"
    assert mime_of(Path("a.unknown")) == "application/octet-stream"

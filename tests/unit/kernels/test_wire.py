"""Records of messages: what is malformed, unsigned or forged never becomes one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.outputs import Cleared, Cut, Display, Failure
from ide.kernels import shown, wire
from ide.kernels.kernel_info import info_from_json, info_of, info_to_json
from ide.kernels.wire import MalformedMessageError, Message

KEY = b"0123"


def frames_of(key: bytes = KEY, **content: Any) -> list[bytes]:
    """A signed message as a kernel sends it."""
    signer = wire.signer(key, "kernel")
    return [b"topic", *wire.request(signer, "stream", content, "m1", wire.USER, {})]


def parsed(frames: list[bytes]) -> Message:
    """The record of frames that came by iopub."""
    return wire.parse(wire.signer(KEY, "window"), "iopub", frames, 5.0)


def test_message_is_read() -> None:
    message = parsed([*frames_of(text="é"), b"buffer"])
    assert (message.channel, message.type, message.id, message.content) == ("iopub", "stream", "m1", {"text": "é"})
    assert message.buffers == (b"buffer",)
    assert message.received_s == 5.0
    assert message.to_dict()["header"]["msg_type"] == "stream"


def test_forged_and_unsigned_messages_are_refused() -> None:
    for frames in (frames_of(b"another key"), [b"topic", b"<IDS|MSG>", b"", *frames_of()[3:]], [b"topic"], []):
        with pytest.raises(MalformedMessageError):
            parsed(frames)


def test_repeated_message_is_refused() -> None:
    signer, frames = wire.signer(KEY, "window"), frames_of()
    wire.parse(signer, "iopub", frames, 1.0)
    with pytest.raises(MalformedMessageError):
        wire.parse(signer, "iopub", frames, 2.0)


@pytest.mark.parametrize("place", [3, 4, 5, 6])
@pytest.mark.parametrize("part", [b"", b"[]", b"{", b"null", b'"x"', b"\xff"])
def test_malformed_parts_are_refused(place: int, part: bytes) -> None:
    spool = wire.signer(b"", "window")
    frames = frames_of()
    frames[place] = part
    with pytest.raises(MalformedMessageError):
        wire.parse(spool, "iopub", frames, 1.0)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_frames_give_a_record_or_a_refusal(frames: list[bytes]) -> None:
    try:
        wire.parse(wire.signer(b"", "window"), "iopub", frames, 1.0)
    except MalformedMessageError:
        return


def test_owner_is_known_by_name_or_by_id() -> None:
    for owner in (wire.USER, wire.INTERNAL, wire.AGENT):
        name = wire.new_id("fp1234-5", owner, 7)
        by_id = Message("iopub", "status", "m", name, {})
        by_name = Message("iopub", "status", "m", "x", {}, parent={"username": owner})
        assert wire.purpose_of(by_id) == owner
        assert wire.purpose_of(by_name) == owner
    assert wire.purpose_of(Message("iopub", "status", "m", "other-client-i1", {})) == wire.USER


def test_outputs_of_messages() -> None:
    def outputs(kind: str, limit: int = 1000, **content: Any) -> tuple[object, ...]:
        return shown.outputs_of(Message("iopub", kind, "m", "r", content), display_limit_bytes=limit)

    data = {"text/plain": "x"}
    assert outputs("display_data", data=data, transient={"display_id": "d"}) == (Display(data, {}, "d"),)
    assert outputs("update_display_data", data=data) == (Display(data, is_update=True),)
    assert outputs("execute_result", data=data, execution_count=3) == (Display(data, execution_count=3),)
    assert outputs("error", ename="E", evalue="v", traceback=["t"]) == (Failure("E", "v", ("t",)),)
    assert outputs("clear_output", wait=True) == (Cleared(is_deferred=True),)
    assert outputs("status") == ()
    assert outputs("display_data", data="nonsense") == ()
    large = outputs("display_data", 3, data={"text/html": "h" * 2_000_000, "text/plain": "x"})
    assert large == (Display(data), Cut("Too large to show: text/html (2 MB)."))


def test_long_traceback_is_shortened_in_the_middle() -> None:
    failure = shown.failure_of({"traceback": [str(number) for number in range(1000)]})
    assert len(failure.traceback) == 401
    assert (failure.traceback[0], failure.traceback[-1]) == ("0", "999")
    assert failure.traceback[200] == "... 600 more lines ..."


def test_kernel_info_is_read_and_kept() -> None:
    info = info_of({"implementation": "ipython", "language_info": {"name": "python", "pygments_lexer": "ipython3"}})
    assert (info.implementation, info.language, info.lexer) == ("ipython", "python", "ipython3")
    assert info_from_json(json.loads(json.dumps(info_to_json(info)))) == info
    assert info_of({"language_info": 3, "supported_features": "x"}).language == ""
    assert info_from_json({"nonsense": 1}) is None
    assert info_from_json(None) is None

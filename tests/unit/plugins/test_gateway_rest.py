"""A gateway that is down, slow, silent, forbidding, broken, or something else altogether: told in words, soon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fourpane_plugins.target_gateway.rest import Gateway
from ide.core.errors import DeployError

TOKEN = "planted-token-2"


class Answers(ThreadingHTTPServer):
    """What it answers, and what it was asked."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.headers = status, body, headers
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        given = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), given))
        self.send_response(self.server.status)
        for name, value in {"Content-Length": str(len(self.server.body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_DELETE = do_GET

    def log_message(self, *_what: Any) -> None:
        pass


@contextmanager
def answering(status: int = 200, body: bytes = b"{}", **headers: str) -> Iterator[Answers]:
    server = Answers(status, body, headers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A host that speaks as `serve` does; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection)
                ended.wait()

        thread = threading.Thread(target=run)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


def gateway(address: str, **options: str) -> Gateway:
    return Gateway({"address": address, "login": "Bearer token", **options}, TOKEN)


def refusal(address: str, limit_s: float = 5.0, **options: str) -> DeployError:
    with pytest.raises(DeployError) as raised:
        gateway(address, **options).clusters(limit_s)
    assert TOKEN not in raised.value.text
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "happened", "words"),
    [
        (401, b"", "does not accept the login", "HTTP 401"),
        (403, b'{"error": "User ann lacks permissions"}', "does not allow this", "ann lacks permissions"),
        (404, b"<html>", "There is no gateway at", "HTTP 404"),
        (409, b'{"error": "already stopped"}', "does not take this", "already stopped"),
        (422, b'{"error": "worker_cores must be <= 2"}', "does not take this", "<= 2"),
        (418, b"", "refused", "HTTP 418"),
        (500, b"Traceback", "problem of its own", "HTTP 500"),
        (502, b"\xff\xfe", "problem of its own", "HTTP 502"),
        (200, b"<html>Log in</html>", "can't be understood", "another service"),
        (200, b"[" * 100_000, "can't be understood", "another service"),
        (200, b"[1]", "can't be understood", "another service"),
    ],
)
def test_answer_that_is_none_is_told_in_words(status: int, body: bytes, happened: str, words: str) -> None:
    with answering(status, body) as server:
        error = refusal(server.address)

    assert happened in error.happened
    assert words in error.meaning


def test_login_is_not_sent_on_to_another_address() -> None:
    with answering() as other, answering(302, b"", Location=f"{other.address}/hub/login") as server:
        error = refusal(server.address)

    assert "at another address" in error.happened
    assert other.address in error.meaning
    assert other.asked == []


def test_gateway_that_is_down_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert "Nothing answers at" in refusal(address).happened


def test_host_that_nobody_knows_is_told() -> None:
    assert "is not known" in refusal("http://gateway.invalid").happened


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"])
def test_gateway_that_falls_silent_is_told_at_the_limit(begin: bytes) -> None:
    with listening(lambda connection: connection.sendall(begin)) as place:
        error = refusal(f"http://{place}", limit_s=0.2)

    assert "did not answer within" in error.happened
    assert "go on" in error.meaning


def test_line_that_breaks_is_told() -> None:
    with listening(lambda connection: connection.close()) as place:
        error = refusal(f"http://{place}")

    assert "broke" in error.happened


def test_answer_without_end_is_given_up() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b" " * 1_000_000)
        except OSError:
            return

    with listening(serve) as place:
        assert "broke" in refusal(f"http://{place}", limit_s=60.0).happened


def test_plain_http_where_https_was_said_is_told() -> None:
    with answering() as server:
        error = refusal(server.address.replace("http://", "https://"))

    assert "does not speak as https" in error.happened


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ("Name and password", "Basic YW5uOnBsYW50ZWQtdG9rZW4tMg=="),
        ("JupyterHub token", f"token {TOKEN}"),
        ("Bearer token", f"Bearer {TOKEN}"),
        ("None", None),
    ],
)
def test_login_is_sent_as_the_gateway_wants_it(login: str, header: str | None) -> None:
    with answering() as server:
        gateway(server.address, login=login, user="ann").clusters()

    assert server.asked[0][2].get("Authorization") == header


def test_what_is_asked_for_is_what_gateways_understand() -> None:
    with answering(body=b'{"name": "c1"}') as server:
        asked = gateway(f"{server.address}/services/dask-gateway/")
        assert asked.start({"worker_cores": 2}) == "c1"
        asked.scale("c1", 3)
        asked.stop("c1")

    assert [(method, path, given) for method, path, _, given in server.asked] == [
        ("POST", "/services/dask-gateway/api/v1/clusters/", b'{"cluster_options": {"worker_cores": 2}}'),
        ("POST", "/services/dask-gateway/api/v1/clusters/c1/scale", b'{"count": 3}'),
        ("DELETE", "/services/dask-gateway/api/v1/clusters/c1", b""),
    ]


@pytest.mark.parametrize("address", ["", "hub.example.org", "ftp://hub", "http://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(DeployError, match="no address of a gateway"):
        gateway(address)


def test_schedulers_are_reached_at_the_gateway_if_nothing_else_is_said() -> None:
    assert gateway("https://hub.example.org/gateway").scheduler_proxy == "hub.example.org:443"
    assert gateway("http://hub:8000").scheduler_proxy == "hub:8000"
    assert gateway("http://hub:8000", proxy_address="tls://other:8786/").scheduler_proxy == "other:8786"


def test_login_over_a_plain_line_is_noticed() -> None:
    assert gateway("http://hub.example.org").is_unprotected
    assert not gateway("https://hub.example.org").is_unprotected
    assert not gateway("http://localhost:8000").is_unprotected
    assert not gateway("http://hub.example.org", login="None").is_unprotected


def test_certificates_that_can_not_be_read_are_told(tmp_path: Any) -> None:
    place = tmp_path / "ca.pem"
    place.write_text("nothing")

    with pytest.raises(DeployError, match="can't be read"):
        gateway("https://hub.example.org", ca_file=str(place))

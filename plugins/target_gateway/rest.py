"""A Dask Gateway as its clients see it: a few requests over HTTP, each with a time limit and its failures in words.

Blocks; any thread. The gateway's own client is not used for them: it waits without limits, and one that is collected
on its own thread hangs for good.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ide.api.target import DeployError

_ANSWER_LIMIT_BYTES: Final = 20_000_000
_WORDS_MOST: Final = 400
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EXPIRED, _OTHER_HOST, _OTHER_IP = 10, 62, 64  # OpenSSL's numbers
_GOES_ON: Final = "Jobs that run there go on."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A login is never sent on to another address."""

    def redirect_request(self, *_given: Any) -> None:
        return None


class Gateway:
    """One gateway with a login. Raises DeployError for all that goes wrong."""

    def __init__(self, options: Mapping[str, object], password: str) -> None:
        self.address = str(options.get("address", "")).strip().rstrip("/")
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DeployError(
                f"“{self.address}” is no address of a gateway.", advice="It begins with https:// or http://."
            )
        self.host = parts.hostname
        self._headers = {"Accept": "application/json", **_login(options, password)}
        self.is_unprotected = parts.scheme == "http" and "Authorization" in self._headers and self.host not in _HERE
        proxy = str(options.get("proxy_address", "")).strip().rpartition("//")[2].rstrip("/")
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.scheduler_proxy = proxy or f"{host}:{port}"
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPSHandler(context=_context(str(options.get("ca_file", "")).strip()))
        )

    def version(self, time_limit_s: float) -> str:
        """Of the gateway; it needs no login."""
        return str(self._ask("GET", "/api/version", time_limit_s).get("version", ""))

    def options(self, time_limit_s: float) -> list[dict[str, Any]]:
        """What it asks for when a cluster is started."""
        found = self._ask("GET", "/api/v1/options", time_limit_s).get("cluster_options", [])
        return [one for one in found if isinstance(one, dict)]

    def clusters(self, time_limit_s: float = 10.0) -> dict[str, dict[str, Any]]:
        """Those that start or run, by name, whoever started them for this user."""
        found = self._ask("GET", "/api/v1/clusters/", time_limit_s)
        return {name: one for name, one in found.items() if isinstance(one, dict)}

    def cluster(self, name: str, time_limit_s: float = 10.0) -> dict[str, Any]:
        """One of them, with what is needed to connect."""
        return self._ask("GET", f"/api/v1/clusters/{name}", time_limit_s)

    def start(self, options: Mapping[str, object], time_limit_s: float = 30.0) -> str:
        """Ask for a cluster; its name. It is not up yet."""
        return str(self._ask("POST", "/api/v1/clusters/", time_limit_s, {"cluster_options": dict(options)})["name"])

    def scale(self, name: str, workers: int, time_limit_s: float = 10.0) -> str:
        """Ask for so many workers; what the gateway remarks."""
        told = self._ask("POST", f"/api/v1/clusters/{name}/scale", time_limit_s, {"count": workers})
        return str(told.get("msg") or "")

    def adapt(self, name: str, minimum: int, maximum: int, time_limit_s: float = 10.0) -> str:
        """Ask for as many workers as there is work for, within these; what the gateway remarks."""
        given = {"minimum": minimum, "maximum": maximum}
        told = self._ask("POST", f"/api/v1/clusters/{name}/adapt", time_limit_s, given)
        return str(told.get("msg") or "")

    def stop(self, name: str, time_limit_s: float = 10.0) -> None:
        """Ask for its end; returns before."""
        self._ask("DELETE", f"/api/v1/clusters/{name}", time_limit_s)

    def _ask(
        self, method: str, path: str, time_limit_s: float, given: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        data = None if given is None else json.dumps(given).encode()
        headers = {**self._headers, **({"Content-Type": "application/json"} if data else {})}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        ends_s = time.monotonic() + time_limit_s
        try:
            with self._opener.open(request, timeout=time_limit_s) as response:
                content = _read(response, ends_s)
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._failure(error, time_limit_s) from error
        if not content and method == "DELETE":
            return {}
        try:
            answer = json.loads(content) if content else {}
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise DeployError(
                f"What {self.host} answers can't be understood.", "It may be another service, or a page for a login.",
                "Look whether the address is that of the gateway itself.",
            )  # fmt: skip
        return answer

    def _refusal(self, error: urllib.error.HTTPError) -> DeployError:
        """An answer that is none, in words."""
        code = error.code
        with error:
            try:
                told = json.loads(error.read(_ANSWER_LIMIT_BYTES))["error"]
            except (OSError, ValueError, KeyError, TypeError, RecursionError, http.client.HTTPException):
                told = ""
        words = f"The gateway says: {str(told)[:_WORDS_MOST]}" if told else f"It answered with HTTP {code}."
        if code == 401:
            return DeployError(
                "The gateway does not accept the login.", words, "Check the name and the password or token."
            )
        if code == 403:
            return DeployError(
                "The gateway does not allow this.", words, "Ask whoever runs it for the right, or use another login."
            )
        if code == 404 and not told:
            return DeployError(f"There is no gateway at {self.address}.", words, "Check the address.")
        if code in (404, 409, 422):
            return DeployError("The gateway does not take this.", words)
        if 300 <= code < 400:
            place = str(error.headers.get("Location", ""))[:_WORDS_MOST]
            return DeployError(
                "The gateway is at another address.", f"It leads to {place}." if place else words,
                "Set that address; a login is not sent on by itself.",
            )  # fmt: skip
        if code >= 500:
            return DeployError(
                "The gateway has a problem of its own.", words, f"Try again later, or ask whoever runs it. {_GOES_ON}"
            )
        return DeployError("The gateway refused.", words)

    def _failure(self, error: Exception, time_limit_s: float) -> DeployError:
        """A request that came to nothing, in words."""
        cause: object = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate_refused(self.host, cause)
        if isinstance(cause, ssl.SSLError):
            return DeployError(
                f"{self.host} does not speak as https does.", f"{cause.reason or cause}.",
                "Check the port, and whether the address begins with http://.",
            )  # fmt: skip
        if isinstance(cause, TimeoutError):
            return DeployError(
                f"The gateway at {self.host} did not answer within {time_limit_s:.0f} s.", _GOES_ON,
                "Try again; look at the network or VPN if it stays like this.",
            )  # fmt: skip
        if isinstance(cause, socket.gaierror):
            return DeployError(
                f"The name {self.host} is not known.", advice="Check the address, and the network or VPN."
            )
        if isinstance(cause, ConnectionRefusedError):
            return DeployError(
                f"Nothing answers at {self.address}.", _GOES_ON, "Check the address and port, and whether it is up."
            )
        if isinstance(cause, (OSError, str)) or isinstance(error, http.client.HTTPException):
            return DeployError(
                f"The connection to the gateway at {self.host} broke.", f"{str(cause) or type(cause).__name__}.",
                f"Try again. {_GOES_ON}",
            )  # fmt: skip
        return DeployError(f"The gateway at {self.host} can't be asked.", f"{cause}.", "Check the address.")


def _login(options: Mapping[str, object], password: str) -> dict[str, str]:
    match options.get("login", "JupyterHub token"):
        case "Name and password":
            pair = f"{options.get('user', '')}:{password}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        case "JupyterHub token":
            return {"Authorization": f"token {password}"}
        case "Bearer token":
            return {"Authorization": f"Bearer {password}"}
    return {}


def _context(ca_file: str) -> ssl.SSLContext:
    """Certificates are always verified; with a file, by what stands in it alone."""
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file).expanduser()) if ca_file else None)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise DeployError(
            f"The certificates in {ca_file} can't be read.", f"{error}.", "Choose a file in the PEM format."
        ) from error


def _certificate_refused(host: str, error: ssl.SSLCertVerificationError) -> DeployError:
    if error.verify_code == _EXPIRED:
        return DeployError(
            f"The certificate of {host} has expired.", "Nothing was sent.",
            "Ask whoever runs the gateway to renew it; check this computer's clock.",
        )  # fmt: skip
    if error.verify_code in (_OTHER_HOST, _OTHER_IP):
        return DeployError(
            f"The certificate is for another host than {host}.", "Nothing was sent: it may be an impostor.",
            "Check the address.",
        )  # fmt: skip
    return DeployError(
        f"The certificate of {host} is not trusted.", f"{error.verify_message}. Nothing was sent.",
        "If the gateway has a certificate authority of its own, choose its file in the target.",
    )  # fmt: skip


def _read(response: Any, ends_s: float) -> bytes:
    """The body, also of one that comes in drops."""
    content = b""
    while piece := response.read1(1 << 20):
        content += piece
        if len(content) > _ANSWER_LIMIT_BYTES:
            raise http.client.HTTPException("the answer is too long")
        if time.monotonic() > ends_s:
            raise TimeoutError
    return content

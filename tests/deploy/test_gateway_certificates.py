"""A gateway's certificate is verified: an unknown authority, an end of validity and another host's are refused."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fourpane_plugins.target_gateway.rest import Gateway
from ide.core.errors import DeployError
from tests.deploy.conftest import CLUSTER_PYTHON

TOKEN = "planted-token-3"
_MAKE = """
import datetime, ipaddress, sys
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder, now = Path(sys.argv[1]), datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)


def named(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def signed(name, key, by, by_key, ends, *more):
    made = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(by)).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - 9 * day).not_valid_after(ends)
    for one in more:
        made = made.add_extension(one, critical=isinstance(one, x509.BasicConstraints))
    return made.sign(by_key, hashes.SHA256())


own = ec.generate_private_key(ec.SECP256R1())
usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
root = signed("Test CA", own, "Test CA", own, now + 9 * day, x509.BasicConstraints(True, None), usage,
              x509.SubjectKeyIdentifier.from_public_key(own.public_key()))
(folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
other = x509.SubjectAlternativeName([x509.DNSName("gateway.example.org")])
for name, names, ends in (("good", here, now + day), ("expired", here, now - day), ("other", other, now + day)):
    key = ec.generate_private_key(ec.SECP256R1())
    made = signed(name, key, "Test CA", own, ends, names, x509.BasicConstraints(False, None),
                  x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key()))
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption())
    (folder / (name + ".pem")).write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([str(CLUSTER_PYTHON), "-c", _MAKE, str(folder)], check=True)
    return folder


class _Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_what: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_what: Any) -> None:
        """Who refuses the certificate hangs up: that is what is tested."""


@contextmanager
def serving(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    _Handler.asked.clear()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def gateway(address: str, ca_file: Path | str) -> Gateway:
    return Gateway({"address": address, "login": "Bearer token", "ca_file": str(ca_file)}, TOKEN)


def test_own_authority_is_trusted_by_its_file(certificates: Path) -> None:
    with serving(certificates / "good.pem") as address:
        assert gateway(address, certificates / "ca.pem").clusters() == {}

    assert _Handler.asked == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    ("name", "knows_authority", "words"),
    [("good", False, "is not trusted"), ("expired", True, "has expired"), ("other", True, "is for another host")],
)
def test_certificate_that_is_wrong_is_refused_before_the_login_is_sent(
    certificates: Path, name: str, knows_authority: bool, words: str
) -> None:
    with serving(certificates / f"{name}.pem") as address, pytest.raises(DeployError) as raised:
        gateway(address, certificates / "ca.pem" if knows_authority else "").clusters()

    assert words in raised.value.happened
    assert "Nothing was sent" in raised.value.meaning
    assert _Handler.asked == []

"""Asks a Python package index, or looks into a folder of wheels: names, files with hashes and sizes, licences.

Sources: PEP 503 and 691 (pages), 658 and 714 (metadata beside a file), 427 (wheels). Blocks: for pool threads. uv
installs; this is for what uv does not tell.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

from ide.core.errors import PackageError
from ide.core.packages import package_key
from ide.core.ports import Work
from ide.core.record import dataclass, replace
from ide.environments.network import Network
from ide.environments.packages.fields import fields_of, first
from ide.environments.packages.licences import of_python
from ide.environments.uv import Uv

TIME_LIMIT_S = 20.0
_PAGE_LIMIT_BYTES = 200_000_000
_JSON = "application/vnd.pypi.simple.v1+json"
_LINK = re.compile(r"<a\s([^>]*)>([^<]*)</a>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file of a package. `version` is read from its name; `metadata_url` is "" where none lies beside it."""

    name: str
    url: str
    version: str
    size_bytes: int | None = None
    sha256: str = ""
    metadata_url: str = ""
    is_yanked: bool = False
    index: str = ""
    """Address of the index, or of the folder, that it is in."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where Python packages come from: `addresses` in uv's order, () for a folder of wheels alone."""

    addresses: tuple[str, ...]
    network: Network
    wheel_folder: Path | None = None

    @classmethod
    def of(cls, uv: Uv, work: Work) -> Index:
        """The indexes that uv would ask, as it says itself: settings, variables and its own files count."""
        if uv.network.wheel_folder is not None:
            return cls((), uv.network, uv.network.wheel_folder)
        with tempfile.TemporaryDirectory(prefix="fp-index-", ignore_cleanup_errors=True) as place:
            nothing = Path(place, "nothing.in")
            nothing.touch()
            arguments = ["pip", "compile", "--offline", "--no-header", "--emit-index-url", str(nothing)]
            said = uv.run(arguments, work, "The index of packages is not known.")
        options = dict(line.split(maxsplit=1)[::-1] for line in said.splitlines() if line.startswith("--"))
        extra = [address for address, option in options.items() if option == "--extra-index-url"]
        return cls((*extra, *(one for one, option in options.items() if option == "--index-url")), uv.network)

    def names(self) -> tuple[str, ...]:
        """Names of everything in the index, sorted: a list of some megabytes on a large one. Raises PackageError."""
        if self.wheel_folder is not None:
            return tuple(sorted({path.name.partition("-")[0] for path in self.wheel_folder.glob("*.whl")}))
        found: set[str] = set()
        for address in self.addresses:
            text, kind, _ = self._get(f"{address.rstrip('/')}/", limit_bytes=_PAGE_LIMIT_BYTES)
            if "json" in kind:
                found.update(str(one["name"]) for one in json.loads(text)["projects"])
            else:
                found.update(label.strip() for _, label in _LINK.findall(text))
        return tuple(sorted(found))

    def files(self, name: str) -> tuple[IndexFile, ...]:
        """The files of a package, of the first index that has any. Raises PackageError where one does not answer."""
        if self.wheel_folder is not None:
            key = package_key(name)
            wheels = self.wheel_folder.glob("*.whl")
            return tuple(_local_file(path) for path in wheels if package_key(path.name.partition("-")[0]) == key)
        for index in self.addresses:
            address = f"{index.rstrip('/')}/{package_key(name)}/"
            try:
                text, kind, final = self._get(address)
            except FileNotFoundError:
                continue
            found = _files_of_json(text, final) if "json" in kind else _files_of_html(text, final)
            if found:
                return tuple(replace(file, index=index) for file in found)
        return ()

    def licence(self, name: str, version: str) -> tuple[str, bool]:
        """The licence of one version without fetching it: from the metadata beside its file. ("", False) if unknown."""
        for file in (one for one in self.files(name) if one.version == version):
            if file.url.startswith("file:") and file.name.endswith(".whl"):
                fields = fields_of(_metadata_in(Path(urllib.request.url2pathname(file.url.removeprefix("file://")))))
            elif file.metadata_url:
                try:
                    fields = fields_of(self._get(file.metadata_url)[0])
                except FileNotFoundError:
                    continue
            else:
                continue
            return of_python(
                first(fields, "license-expression"), first(fields, "license"), fields.get("classifier", ())
            )
        return "", False

    def _get(self, address: str, *, limit_bytes: int = 50_000_000) -> tuple[str, str, str]:
        """(text, content type, final address). Raises FileNotFoundError for 404, else PackageError in words."""
        return fetch(address, self.network, accept=f"{_JSON}, text/html;q=0.1, */*;q=0.01", limit_bytes=limit_bytes)


def fetch(
    address: str, network: Network, *, accept: str = "*/*", limit_bytes: int = 50_000_000, data: bytes | None = None
) -> tuple[str, str, str]:
    """Fetch one text over http(s), with the network's proxy and certificates. Raises as `Index._get` does."""
    if not address.startswith(("https://", "http://")):
        raise PackageError(f"{address} was not asked.", "Only addresses of the web are.", "")
    context = ssl.create_default_context(
        cafile=network.certificate_file or None if network.certificates == "file" else os.environ.get("SSL_CERT_FILE")
    )
    proxies = {"http": network.proxy, "https": network.proxy} if network.proxy else None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context)
    )
    headers = {"Accept": accept, "User-Agent": "fourpane"}
    if data is not None:
        headers["Content-Type"] = "application/json"
    try:
        with opener.open(urllib.request.Request(address, data, headers), timeout=TIME_LIMIT_S) as answer:
            content = answer.read(limit_bytes + 1)
            if len(content) > limit_bytes:
                raise PackageError(f"{address} sends more than expected.", "It was not read to its end.", "")
            return content.decode("utf-8", "replace"), str(answer.headers.get_content_type()), str(answer.geturl())
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(address) from error
        raise _unreachable(address, f"It answers with {error.code}.") from error
    except (OSError, ValueError) as error:
        raise _unreachable(address, str(getattr(error, "reason", error))) from error


def _unreachable(address: str, why: str) -> PackageError:
    return PackageError(
        f"{address} could not be asked.",
        f"There seems to be no way to it: {why}",
        "Connect to the network, or look at the settings under Network.",
        action="app.settings",
        action_title="Network settings",
        action_arguments={"search": "network"},
    )


def version_of_file(name: str) -> str:
    """The version in the name of a wheel or source archive; "" for other files."""
    if name.endswith(".whl"):
        parts = name.split("-")
        return parts[1] if len(parts) >= 5 else ""
    found = re.match(r"^(.+)-(\d[^-]*?)\.(?:tar\.gz|zip|tar\.bz2)$", name)
    return found[2] if found else ""


def _files_of_json(text: str, base: str) -> tuple[IndexFile, ...]:
    try:
        said = json.loads(text)["files"]
        return tuple(_file_of_json(one, base) for one in said)
    except (ValueError, KeyError, TypeError) as error:
        raise PackageError(f"{base} gave an answer that cannot be read.", "", "Try again.") from error


def _file_of_json(one: dict[str, object], base: str) -> IndexFile:
    name, url = str(one["filename"]), urljoin(base, str(one["url"]))
    hashes = one.get("hashes")
    size = one.get("size")
    has_metadata = one.get("core-metadata", one.get("dist-info-metadata"))
    return IndexFile(
        name,
        url.partition("#")[0],
        version_of_file(name),
        size if isinstance(size, int) else None,
        str(hashes.get("sha256", "")) if isinstance(hashes, dict) else "",
        f"{url.partition('#')[0]}.metadata" if has_metadata else "",
        bool(one.get("yanked")),
    )


def _files_of_html(text: str, base: str) -> tuple[IndexFile, ...]:
    found = []
    for attributes, label in _LINK.findall(text):
        said = {name.lower(): value.replace("&amp;", "&") for name, value in _ATTRIBUTE.findall(attributes)}
        url, _, fragment = urljoin(base, said.get("href", "")).partition("#")
        has_metadata = "data-core-metadata" in said or "data-dist-info-metadata" in said
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
        name = label.strip()
        metadata_url = f"{url}.metadata" if has_metadata else ""
        found.append(IndexFile(name, url, version_of_file(name), None, sha256, metadata_url, "data-yanked" in said))
    return tuple(found)


def _local_file(path: Path) -> IndexFile:
    import hashlib

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return IndexFile(
        path.name,
        path.absolute().as_uri(),
        version_of_file(path.name),
        path.stat().st_size,
        sha256,
        index=path.parent.absolute().as_uri(),
    )


def _metadata_in(wheel: Path) -> str:
    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next((one for one in archive.namelist() if one.endswith(".dist-info/METADATA")), "")
            return archive.read(name).decode("utf-8", "replace") if name else ""
    except (OSError, zipfile.BadZipFile, KeyError):
        return ""

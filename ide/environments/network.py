"""How packages are reached: proxy, mirrors, certificates, folders; read from the settings, given to every tool.

Owns no connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ide.core.record import dataclass
from ide.settings import declared
from ide.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Network:
    """An empty field leaves it to the tool's own configuration. Any thread.

    `certificates` is "standard", "system" or "file" (then `certificate_file` is a PEM file). With a `wheel_folder`
    Python packages come from there alone, for which `Uv` sees. `python_mirror` is where uv's Python builds come from.
    """

    proxy: str = ""
    certificates: str = "standard"
    certificate_file: str = ""
    python_index: str = ""
    wheel_folder: Path | None = None
    python_mirror: str = ""
    conda_channel: str = "conda-forge"
    r_repository: str = ""

    def variables(self) -> Mapping[str, str]:
        """Variables that uv, R and other tools read."""
        found: dict[str, str] = {}
        if self.proxy:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
                found |= {name: self.proxy, name.lower(): self.proxy}
        if self.certificates == "system":
            found |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is uv's older name of the first
        if self.certificates == "file" and self.certificate_file:
            found |= dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), self.certificate_file)
        if self.python_index:
            found["UV_DEFAULT_INDEX"] = self.python_index
        if self.python_mirror:
            found["UV_PYTHON_INSTALL_MIRROR"] = self.python_mirror
        return found


def network_of(settings: Settings) -> Network:
    """What the settings say. UI thread; the record may go to any other."""
    folder = settings.get(declared.NETWORK_WHEEL_FOLDER)
    return Network(
        settings.get(declared.NETWORK_PROXY),
        settings.get(declared.NETWORK_CERTIFICATES),
        settings.get(declared.NETWORK_CERTIFICATE_FILE),
        settings.get(declared.NETWORK_PYTHON_INDEX),
        Path(folder).expanduser() if folder else None,
        settings.get(declared.NETWORK_PYTHON_MIRROR),
        settings.get(declared.NETWORK_CONDA_CHANNEL),
        settings.get(declared.NETWORK_R_REPOSITORY),
    )

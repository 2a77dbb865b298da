"""Logins of targets in the key store of the system: Keychain, Credential Manager, Secret Service or KWallet.

Nothing is ever written anywhere else. Where the system has no such store, or only one that keeps plain text, secrets
are asked for in each window. Each call may block, for as long as the user takes to unlock the store: for threads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "Fourpane"
"""Under which name the system shows the entries; the account is "TARGET/NAME"."""
_KEPT_SAFE: Final = tuple(
    f"keyring.backends.{name}" for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)
_SEVERAL: Final = "keyring.backends.chainer"
T = TypeVar("T")
logger = logging.getLogger(__name__)


class KeyStore:
    """Secrets of targets by the target's id and their own name. Any thread but the UI thread."""

    def read(self, target: str, names: Iterable[str]) -> dict[str, str]:
        """Those of these names that are there. Fewer where the store is missing, locked or broken: then the target
        asks for a login, which says more than a broken store could."""

        def look(backend: KeyringBackend) -> dict[str, str]:
            found = {name: backend.get_password(SERVICE, _account(target, name)) for name in names}
            return {name: value for name, value in found.items() if value}

        return _tried(look) or {}

    def keep(self, target: str, secrets: Mapping[str, str]) -> bool:
        """Whether they are kept now, in place of earlier ones. False where there is no store or it refused."""

        def put(backend: KeyringBackend) -> bool:
            for name, value in secrets.items():
                backend.set_password(SERVICE, _account(target, name), value)
            return True

        return bool(_tried(put))

    def forget(self, target: str, names: Iterable[str]) -> None:
        """Take them out; those that are not there are no matter."""

        def take_out(name: str, backend: KeyringBackend) -> None:
            backend.delete_password(SERVICE, _account(target, name))

        for name in names:
            _tried(partial(take_out, name))


def is_kept_safe(backend: Any) -> bool:
    """Whether a backend of keyring is one of the systems' own; of several, whether all are."""
    module = type(backend).__module__
    if module == _SEVERAL:
        return bool(backend.backends) and all(is_kept_safe(one) for one in backend.backends)
    return module in _KEPT_SAFE


def _account(target: str, name: str) -> str:
    return f"{target}/{name}"


def _tried(act: Callable[[KeyringBackend], T]) -> T | None:
    """What it gives; None without a store that is the system's own, or where that refuses."""
    import keyring

    try:
        backend = keyring.get_keyring()
        return act(backend) if is_kept_safe(backend) else None
    except Exception as error:  # noqa: BLE001  # each store has errors of its own; its words may hold the secret
        logger.info("the key store did not do it: %s", type(error).__name__)
        return None

"""Which stores are trusted with a login, and what a store that fails does to the program: nothing."""

from __future__ import annotations

from typing import Any

import keyring
import pytest

from ide.deploy.key_store import KeyStore, is_kept_safe


def store_of(module: str, **members: Any) -> Any:
    return type("Keyring", (), {"__module__": module, **members})()


@pytest.mark.parametrize(
    ("module", "is_safe"),
    [
        ("keyring.backends.macOS", True),
        ("keyring.backends.Windows", True),
        ("keyring.backends.SecretService", True),
        ("keyring.backends.libsecret", True),
        ("keyring.backends.kwallet", True),
        ("keyring.backends.fail", False),
        ("keyring.backends.null", False),
        ("keyrings.alt.file", False),
    ],
)
def test_stores_of_the_systems_alone_are_used(module: str, *, is_safe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}
    store = store_of(module, set_password=lambda _self, _service, account, value: kept.__setitem__(account, value))
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)

    assert KeyStore().keep("t", {"password": "x"}) is is_safe
    assert kept == ({"t/password": "x"} if is_safe else {})


def test_several_stores_are_used_where_all_are_the_systems() -> None:
    own, other = store_of("keyring.backends.SecretService"), store_of("keyrings.alt.file")
    assert is_kept_safe(store_of("keyring.backends.chainer", backends=[own]))
    assert not is_kept_safe(store_of("keyring.backends.chainer", backends=[own, other]))
    assert not is_kept_safe(store_of("keyring.backends.chainer", backends=[]))


def test_a_store_that_fails_is_as_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_self: object, *words: str) -> None:
        raise RuntimeError(f"refused: {words}")

    store = store_of("keyring.backends.macOS", get_password=fail, set_password=fail, delete_password=fail)
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)

    assert not KeyStore().keep("t", {"password": "planted"})
    assert KeyStore().read("t", ["password"]) == {}
    KeyStore().forget("t", ["password"])
    assert "planted" not in caplog.text

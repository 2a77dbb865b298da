"""Reads the Windows registry; empty elsewhere. Nothing else of the program touches it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

if sys.platform == "win32":
    import winreg

    def read_registry(key: str) -> Mapping[str, Mapping[str, str]]:
        """Values of `key` in both hives; one `*` in it stands for every sub-key."""
        found: dict[str, Mapping[str, str]] = {}
        head, star, tail = key.partition("\\*")
        for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            for name in _sub_keys(hive, head) if star else ("",):
                values = _values(hive, f"{head}\\{name}{tail}" if star else key)
                if values:
                    found[f"{hive}\\{name}"] = values
        return found

    def _sub_keys(hive: int, key: str) -> list[str]:
        try:
            with winreg.OpenKey(hive, key) as opened:
                return [winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0])]
        except OSError:
            return []

    def _values(hive: int, key: str) -> Mapping[str, str]:
        try:
            with winreg.OpenKey(hive, key) as opened:
                pairs = [winreg.EnumValue(opened, index) for index in range(winreg.QueryInfoKey(opened)[1])]
        except OSError:
            return {}
        return {name: value for name, value, _ in pairs if isinstance(value, str)}

else:

    def read_registry(key: str) -> Mapping[str, Mapping[str, str]]:
        """No registry here."""
        return {}

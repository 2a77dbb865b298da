from __future__ import annotations

from pathlib import Path

from ide.core.locks import held_lock


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    with held_lock(tmp_path / "l", 0) as first, held_lock(tmp_path / "l", 0) as second:
        assert (first, second) == (True, False)
    with held_lock(tmp_path / "l", 0) as again:
        assert again
    with held_lock(tmp_path / "no" / "l", 0) as nowhere:
        assert not nowhere

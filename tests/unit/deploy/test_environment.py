"""Where environments of jobs are kept: nobody else's folder, and not for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ide.deploy.dask_jobs import environment


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    return tmp_path / "cache" / "fourpane" / "jobs"


def test_folder_that_others_can_write_to_is_not_used(cache: Path, tmp_path: Path) -> None:
    assert environment._cache() == cache
    cache.chmod(0o777)
    second = tmp_path / f"fourpane-jobs-{os.getuid()}"
    assert environment._cache() == second

    second.rmdir()
    (tmp_path / "planted").mkdir()
    second.symlink_to(tmp_path / "planted")
    with pytest.raises(environment.EnvironmentProblem, match="no place"):
        environment._cache()


def test_what_no_job_has_used_for_a_month_is_removed(cache: Path) -> None:
    now_s = time.time()
    for name, age_s in (("old", environment.KEPT_S + 60), ("used", environment.KEPT_S - 60)):
        (cache / name / "bin").mkdir(parents=True)
        (cache / name / "bin" / "python").touch()
        (cache / name / "fourpane.ready").touch()
        os.utime(cache / name / "fourpane.ready", (now_s - age_s, now_s - age_s))
    (cache / "half").mkdir()  # somebody makes it

    environment._prune(cache, now_s)

    assert sorted(path.name for path in cache.iterdir() if path.is_dir()) == ["half", "used"]
    assert environment._is_ready(cache / "used", cache / "used" / "bin" / "python")
    environment._prune(cache, now_s + environment.KEPT_S - 60)
    assert (cache / "used").exists()  # it was used just now

"""Fixtures of every test. What each strict one forbids is told in `tests/strict/`."""

from __future__ import annotations

import os

# A test run must not flash windows on somebody's desktop: `dev.py` gives a screen and says so by this variable.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Nor may it read or fill the key store of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

import pytest
from hypothesis import settings

from ide._paths import plugins_dir
from ide.core import namespace
from tests.strict import origin
from tests.strict.home import private_home
from tests.strict.leftovers import nothing_left
from tests.strict.logs import expected_log, no_stray_logs
from tests.strict.qt_messages import no_qt_warnings

__all__ = ["expected_log", "no_qt_warnings", "no_stray_logs", "nothing_left", "private_home"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests marked `long`, at full size")


def pytest_configure(config: pytest.Config) -> None:
    # The same examples each time, so that a change is judged by what it changed; `--long` looks for new ones.
    settings.register_profile("same", derandomize=True, database=None, deadline=None)
    settings.register_profile("new", database=None, deadline=None)
    settings.load_profile("new" if config.getoption("--long") else "same")
    origin.install()
    namespace.install(plugins_dir())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` belong to `dev.py test --long` alone: they are left out, not skipped."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

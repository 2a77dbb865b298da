"""Progress in the taskbar: Windows and macOS by libraries made for the test, Linux by a bus of its own."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide.shell import taskbar
from ide.shell.platform_linux import INTERFACE, LauncherEntry
from ide.shell.platform_macos import DockBadge
from ide.shell.platform_windows import TaskbarButton
from ide.shell.taskbar import NoPlace, Place, Taskbar


class Noted:
    """A place that notes what it is told."""

    def __init__(self) -> None:
        self.shown: list[float | None] = []
        self.is_closed = False

    def show(self, share: float | None) -> None:
        self.shown.append(share)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_only_whole_percents_are_shown(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Noted()
    asked: list[str] = []

    def place_of(_window: QWidget, system: str) -> Place:
        asked.append(system)
        return place

    monkeypatch.setattr(taskbar, "place_of", place_of)
    bar = Taskbar(window, system="linux")
    bar.show(None)
    assert asked == []
    for number in range(1001):
        bar.show(number / 1000)
    assert place.shown == [percent / 100 for percent in range(101)]
    bar.close()
    assert place.shown[-1] is None
    assert place.is_closed
    assert asked == ["linux"]


def test_system_without_a_place_shows_nothing(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    for system in ("linux", "freebsd", "none"):
        assert isinstance(taskbar.place_of(window, system), NoPlace)
    for share in (0.5, None):
        NoPlace().show(share)
    NoPlace().close()
    bar = Taskbar(window)  # of this process, which has no windows to see
    bar.show(0.5)
    bar.close()


def test_library_that_is_missing_is_no_error(window: QWidget) -> None:
    if not hasattr(ctypes, "WINFUNCTYPE"):
        assert isinstance(taskbar.place_of(window, "darwin"), NoPlace)


def test_bus_is_looked_for_before_one_is_started(tmp_path: Path) -> None:
    assert not taskbar.has_bus({})
    assert not taskbar.has_bus({"XDG_RUNTIME_DIR": str(tmp_path)})
    (tmp_path / "bus").touch()
    assert taskbar.has_bus({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert taskbar.has_bus({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"})


class Ole32:
    """Makes one COM object whose functions note their arguments."""

    def __init__(self, answer: int = 0) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []
        kinds: dict[int, tuple[Any, ...]] = {
            2: (),
            3: (),
            9: (ctypes.c_void_p, ctypes.c_ulonglong, ctypes.c_ulonglong),
            10: (ctypes.c_void_p, ctypes.c_int),
        }
        self._functions = {
            index: ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, *kind)(self._noting(index))
            for index, kind in kinds.items()
        }
        addresses = [
            ctypes.cast(self._functions[index], ctypes.c_void_p).value if index in kinds else None
            for index in range(11)
        ]
        self._table = (ctypes.c_void_p * 11)(*addresses)
        self._object = ctypes.c_void_p(ctypes.addressof(self._table))

    def CoCreateInstance(self, wanted: Any, _outer: None, _context: int, interface: Any, found: Any) -> int:
        assert (bytes(wanted)[:4].hex(), bytes(interface)[:4].hex()) == ("44f3fd56", "91fb1aea")
        if self.answer == 0:
            found._obj.value = ctypes.addressof(self._object)
        return self.answer

    def _noting(self, index: int) -> Any:
        def note(_self: int, *arguments: Any) -> int:
            self.calls.append((index, *arguments))
            return 0

        return note


def test_windows_button_has_value_and_state() -> None:
    library = Ole32()
    button = TaskbarButton(77, library)
    button.show(0.25)
    button.show(None)
    button.close()
    button.close()
    assert library.calls == [(3,), (10, 77, 2), (9, 77, 250, 1000), (10, 77, 0), (2,)]


def test_windows_without_a_taskbar_says_so() -> None:
    with pytest.raises(OSError, match="no taskbar"):
        TaskbarButton(77, Ole32(answer=1))


class Libobjc:
    """Objective C with objects that are names."""

    class Function:
        """A C function: its types can be set."""

        def __init__(self, act: Any) -> None:
            self._act = act
            self.restype: Any = None
            self.argtypes: Any = None

        def __call__(self, *arguments: Any) -> Any:
            assert len(arguments) == len(self.argtypes)
            return self._act(*arguments)

    def __init__(self) -> None:
        self.labels: list[str | None] = []
        self.objc_getClass = self.Function(lambda name: name.decode())
        self.sel_registerName = self.Function(lambda name: name.decode())
        self.objc_msgSend = self.Function(self._send)

    def _send(self, target: str, selector: str, *arguments: Any) -> str | None:
        if selector == "stringWithUTF8String:":
            return ctypes.string_at(arguments[0]).decode()
        if selector == "setBadgeLabel:":
            assert target == "NSApplication.sharedApplication.dockTile"
            self.labels.append(arguments[0])
            return None
        return f"{target}.{selector}"


def test_macos_dock_has_a_label() -> None:
    library = Libobjc()
    badge = DockBadge(library)
    badge.show(0.42)
    badge.show(None)
    badge.close()
    assert library.labels == ["42 %", None]


@pytest.fixture
def bus_address() -> Iterator[str]:
    """A session bus of its own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


def test_linux_launcher_hears_of_it(bus_address: str) -> None:
    watched = f"interface='{INTERFACE}'"
    with subprocess.Popen(
        ["dbus-monitor", "--address", bus_address, watched], stdout=subprocess.PIPE, text=True
    ) as monitor:
        assert monitor.stdout is not None
        heard = ""
        while "NameLost" not in heard:  # from then on it listens
            heard = monitor.stdout.readline()
        bus = QDBusConnection.connectToBus(bus_address, "test")
        entry = LauncherEntry("fourpane", bus)
        entry.show(0.25)
        entry.show(None)
        entry.close()
        heard = ""
        while heard.count("boolean") < 2:
            heard += monitor.stdout.readline()
        monitor.terminate()
    QDBusConnection.disconnectFromBus("test")
    assert heard.count("member=Update") == 2
    assert heard.count('string "application://fourpane.desktop"') == 2
    assert "double 0.25" in heard
    assert heard.index("boolean true") < heard.index("boolean false")


def test_linux_without_a_bus_sends_nothing() -> None:
    entry = LauncherEntry("fourpane", QDBusConnection("nobody"))
    entry.show(0.5)
    entry.close()

"""Progress on the launcher of Linux desktops (Unity's protocol; GNOME's docks and KDE know it too), by D-Bus.

The signal `Update` is described in https://wiki.ubuntu.com/Unity/LauncherAPI. Imported at the first progress.
"""

from __future__ import annotations

from PySide6.QtDBus import QDBusConnection, QDBusMessage

INTERFACE = "com.canonical.Unity.LauncherEntry"
PATH = "/fourpane"


class LauncherEntry:
    """The launcher's entry of a desktop file. Sending does not wait for anybody; without a bus nothing is sent."""

    def __init__(self, desktop_file: str, bus: QDBusConnection | None = None) -> None:
        """`bus` is given by tests."""
        self._uri = f"application://{desktop_file.removesuffix('.desktop')}.desktop"
        self._bus = bus if bus is not None else QDBusConnection.sessionBus()

    def show(self, share: float | None) -> None:
        """From 0 to 1; None takes it away."""
        if not self._bus.isConnected():
            return
        message = QDBusMessage.createSignal(PATH, INTERFACE, "Update")
        message.setArguments([self._uri, {"progress": float(share or 0), "progress-visible": share is not None}])
        self._bus.send(message)

    def close(self) -> None:
        """The bus is Qt's own."""

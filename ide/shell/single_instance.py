"""The answering side of `handover.py`: takes what later starts say. Decides nothing about files.

QtNetwork is imported by `start`, after the first paint.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from ide.shell.handover import LINE_LIMIT, Handover, address

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

STALE_TIMEOUT_MS = 300

_log = logging.getLogger(__name__)


class SingleInstance(QObject):
    """Listens for this user and profile. Where another window listens already, this one just does not."""

    asked = Signal(object, object)
    """Handover, and a callable to call once its files are done (it matters where the asking side waits)."""

    def __init__(self, runtime_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._address = address(runtime_folder)
        self._server: QLocalServer | None = None
        self._connections: set[QLocalSocket] = set()

    def start(self) -> bool:
        """Listen; False where another window does, or where it is impossible."""
        from PySide6.QtNetwork import QAbstractSocket, QLocalServer

        # Asked first: with access restricted to the user, Qt would put a new socket in the place of one that is in use.
        if self._is_answered():
            return False
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        is_listening = server.listen(self._address)
        if not is_listening and server.serverError() == QAbstractSocket.SocketError.AddressInUseError:
            QLocalServer.removeServer(self._address)  # of a window that ended without a word
            is_listening = server.listen(self._address)
        if not is_listening:
            _log.info("files of later starts open windows of their own: %s", server.errorString())
            return False
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def close(self) -> None:
        """Listen no more; those who wait are let go."""
        for connection in tuple(self._connections):
            self._end(connection)
        if self._server is not None:
            self._server.close()
            self._server = None

    def _is_answered(self) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        probe = QLocalSocket()
        probe.connectToServer(self._address)
        is_answered = probe.waitForConnected(STALE_TIMEOUT_MS)
        probe.abort()
        return is_answered

    @Slot()
    def _on_connection(self) -> None:
        while self._server is not None and (connection := self._server.nextPendingConnection()) is not None:
            self._connections.add(connection)
            connection.readyRead.connect(self._on_ready)
            connection.disconnected.connect(self._on_disconnected)
            if connection.canReadLine():
                self._read(connection)

    @Slot()
    def _on_ready(self) -> None:
        self._read(self.sender())  # type: ignore[arg-type]  # connected to local sockets only

    @Slot()
    def _on_disconnected(self) -> None:
        connection = self.sender()
        if connection in self._connections:
            self._connections.discard(connection)
            connection.deleteLater()

    def _read(self, connection: QLocalSocket) -> None:
        if not connection.canReadLine():
            if connection.bytesAvailable() > LINE_LIMIT:
                self._end(connection)
            return
        try:
            handover = Handover.read(bytes(connection.readLine(LINE_LIMIT).data()))
        except ValueError:
            self._end(connection)
            return
        connection.write(b'{"taken": true}\n')
        connection.flush()
        self.asked.emit(handover, self._ending(connection) if handover.waits else _nothing)
        if not handover.waits:
            connection.disconnectFromServer()

    def _ending(self, connection: QLocalSocket) -> Callable[[], None]:
        def end() -> None:
            if connection in self._connections:
                connection.write(b'{"done": true}\n')
                connection.flush()
                connection.disconnectFromServer()

        return end

    def _end(self, connection: QLocalSocket) -> None:
        self._connections.discard(connection)
        connection.abort()
        connection.deleteLater()


def _nothing() -> None:
    """Nobody waits."""

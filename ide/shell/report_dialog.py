"""Shows a crash report and copies it; also the dialog "About". Owns no report."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.crash_report import Report, versions
from ide.widgets.wrapped_label import fit

COPYRIGHT = "Copyright © 2026 The Fourpane authors. MIT licence."


class ReportDialog(QDialog):
    """What happened, what it means, what to do; the report below."""

    def __init__(self, report: Report, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = report
        self.setWindowTitle("Error report")
        px = theme.px
        kept = f" It is kept in {report.path.parent}." if report.path else ""
        words = QLabel(
            f"{report.title}.\nYour text is safe: it is kept while you type.\n"
            f"Copy the report to send it to the makers; nothing is sent by itself.{kept}"
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        text = QPlainTextEdit(report.text)
        text.setReadOnly(True)
        text.setFont(theme.font("code"))
        text.setAccessibleName("Report")
        text.setMinimumSize(px(560), px(240))
        self._copy, close = QPushButton("Copy report"), QPushButton("Close")
        self._copy.setProperty("main", "true")
        self._copy.clicked.connect(self.copy)
        close.clicked.connect(self.reject)
        picture = QLabel()
        picture.setPixmap(icons.pixmap("warning", "warning", QSize(px(24), px(24)), self.devicePixelRatioF()))
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(words, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addLayout(head)
        column.addWidget(text, 1)
        column.addLayout(row)
        fit(self, px(640))

    @Slot()
    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report.text)
        self._copy.setText("Copied")
        announce(self, "Report copied")


class AboutDialog(QDialog):
    """Name, versions, licence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Fourpane")
        px = theme.px
        title = QLabel("Fourpane")
        font = theme.font("title")
        font.setPixelSize(px(20))
        title.setFont(font)
        self._versions = "\n".join(f"{name}  {value}" for name, value in versions().items())
        lines = QLabel(self._versions)
        lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        about = QLabel(f"Four panes for data in Python, R and every Jupyter kernel.\n{COPYRIGHT}")
        about.setWordWrap(True)
        copy, close = QPushButton("Copy versions"), QPushButton("Close")
        copy.clicked.connect(self.copy)
        close.clicked.connect(self.reject)
        close.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(12))
        for widget in (title, about, lines):
            column.addWidget(widget)
        column.addLayout(row)
        fit(self, px(380))

    @Slot()
    def copy(self) -> None:
        """Put the versions on the clipboard, for a question or a report."""
        QGuiApplication.clipboard().setText(self._versions)
        announce(self, "Versions copied")

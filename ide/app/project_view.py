"""Shows which folder is open and whether it is trusted: title, trust bar, notices; and uses its settings while it is.

Owns no folder and no decision: `Project` does. UI thread.
"""

from __future__ import annotations

from pathlib import Path

from ide.app.project import Project
from ide.kernels.kernels import Kernels
from ide.settings.settings import Settings
from ide.shell.notices import Notices
from ide.shell.shell import Shell
from ide.widgets.notices import Notice


class ProjectView:
    """Follows `project`."""

    def __init__(self, project: Project, settings: Settings, shell: Shell, notices: Notices, kernels: Kernels) -> None:
        self._project = project
        self._settings = settings
        self._shell = shell
        self._notices = notices
        self._kernels = kernels
        project.opened.connect(self._on_opened)
        project.trust_changed.connect(self._on_trust_changed)

    def explain_trust(self) -> None:
        """What trusting means, and what is off."""
        self._shell.explain_trust(self._project.folder or Path.home(), self._project.findings)

    def _on_opened(self, folder: Path | None) -> None:
        self._shell.window.setWindowTitle(f"{folder.name} - Fourpane" if folder is not None else "Fourpane")
        self._show_trust()

    def _show_trust(self) -> None:
        # A project's own settings hold while it is trusted.
        self._settings.use_project(self._project.folder if self._project.is_trusted else None)
        if self._project.folder is not None and not self._project.is_trusted:
            self._shell.show_untrusted(self._project.folder, self._project.findings)
        else:
            self._shell.hide_trust_bar()

    def _on_trust_changed(self, is_trusted: bool) -> None:
        self._show_trust()
        if self._kernels.sessions:
            word = "trusted now" if is_trusted else "not trusted any more"
            self._notices.add(
                Notice(
                    f"The folder is {word}.\nSessions that run already started under the former rule.",
                    action="session.restart_all",
                    action_title="Restart sessions",
                    key="trust",
                )
            )

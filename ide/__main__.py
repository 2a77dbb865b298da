"""The program's door: arguments, an open window that may take them, the first kernel, and only then Qt."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    from ide.app.arguments import parse
    from ide.app.marks import mark

    mark("main")
    # Nothing made on the way to the window is garbage; looking for some would take a tenth of that time.
    gc.disable()
    typed = tuple(sys.argv[1:] if words is None else words)
    if typed[:1] == ("jobs",):
        from ide.app import deploy_line

        return deploy_line.jobs(typed[1:], deploy_line.Streams(sys.stdout, sys.stderr))
    if typed[:1] == ("deploy",):
        from ide.app import deploy_line
        from ide.app.cluster_door import ClusterDoor

        return deploy_line.deploy(typed[1:], Path.cwd(), ClusterDoor, deploy_line.Streams(sys.stdout, sys.stderr))
    arguments = parse(typed, Path.cwd())
    if arguments.is_diagnosis:
        from ide.app.diagnose import diagnosis

        sys.stdout.write(diagnosis(arguments))
        return 0
    from ide.app.start import begin, paths_of, profile_problem
    from ide.core.errors import SettingsError
    from ide.shell.handover import Handover, hand_over

    if not arguments.is_new_window:
        handover = Handover(typed, str(Path.cwd()), arguments.waits)
        if hand_over(handover, paths_of(arguments).runtime):
            return 0
    try:
        started = begin(arguments)
    except SettingsError as error:
        return profile_problem(error)
    from ide.qt.first_import import import_qt
    from ide.settings.toml_file import replace_file

    import_qt(started.paths.qt_bytecode_file, replace_file)
    from ide.app.program import run

    return run(started)


if __name__ == "__main__":
    sys.exit(main())

"""The program's door: arguments, crash handler, the first kernel, and only then Qt. Owns no object of the program."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    from ide.app.arguments import parse
    from ide.app.marks import mark

    mark("main")
    arguments = parse(sys.argv[1:] if words is None else words, Path.cwd())
    from ide.app.start import begin, profile_problem
    from ide.core.errors import SettingsError

    try:
        if arguments.is_diagnosis:
            from ide.app.diagnose import diagnosis

            sys.stdout.write(diagnosis(arguments))
            return 0
        if not arguments.is_new_window:
            from ide.app.handover import hand_over

            answer = hand_over(arguments)
            if answer is not None:
                return answer
        started = begin(arguments)
    except SettingsError as error:
        return profile_problem(error)
    from ide.app.program import run

    return run(started)


if __name__ == "__main__":
    sys.exit(main())

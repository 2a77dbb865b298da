"""`python -m bench [NAME ...] [--json] [--runs N]`: take measurements and print them."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.measure import MeasurementError, names, take, take_in_child
from dev import has_display, virtual_screen


def main() -> int:
    arguments = _arguments()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        print(f"No measurement is called {', '.join(unknown)}. There are: {', '.join(names())}.", file=sys.stderr)
        return 2
    if arguments.answer:
        return _answer(arguments.names[0], arguments.runs, arguments.answer)
    figures, problems = _take_all(arguments.names or names(), arguments.runs)
    print(json.dumps(figures, indent=2) if arguments.json else _table(figures))
    for problem in problems:
        print(f"\n*** NOT MEASURED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the program against its baselines.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(names()) or 'none yet'}; all if none"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_intermixed_args()


def _take_all(wanted: list[str], runs: int) -> tuple[dict[str, Mapping[str, object]], list[str]]:
    figures: dict[str, Mapping[str, object]] = {}
    problems: list[str] = []
    with contextlib.ExitStack() as stack:
        screen = {} if has_display() else stack.enter_context(virtual_screen())
        environment = {**os.environ, **screen}
        for name in wanted:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            try:
                figures |= take_in_child(name, runs, environment)
            except MeasurementError as error:
                problems.append(str(error))
    return figures, problems


def _answer(name: str, runs: int, path: Path) -> int:
    """The child's side: write the figures, or the one sentence why there are none."""
    try:
        answer: dict[str, object] = {part: result.as_json() for part, result in take(name, runs).items()}
    except MeasurementError as error:
        answer = {"error": str(error)}
    path.write_text(json.dumps(answer), "utf-8")
    return 0


def _table(figures: Mapping[str, Mapping[str, object]]) -> str:
    lines = [f"{'name':<28}{'median':>12} {'unit':<6}{'baseline':>12}{'ratio':>9}"]
    for name, figure in figures.items():
        baseline, ratio = (figure[key] if figure[key] is not None else "-" for key in ("baseline", "ratio"))
        lines.append(f"{name:<28}{figure['median']!s:>12} {figure['unit']!s:<6}{baseline!s:>12}{ratio!s:>9}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

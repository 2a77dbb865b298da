"""What the pane says: details of a package, a planned change, counts and sizes, as text and simple HTML. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from ide.core.packages import Act, Change, Package, Plan
from ide.core.policy import PolicyVerdict, Standing
from ide.environments.packages.vulnerabilities import Advisories

_NARROW = "\N{NO-BREAK SPACE}"
_TONES = {Standing.ALLOWED: "done", Standing.NEEDS_APPROVAL: "warning", Standing.DENIED: "error"}
_MARKS = {Standing.ALLOWED: "", Standing.NEEDS_APPROVAL: "⚠", Standing.DENIED: "✕"}
_WHOLE = "'padding-right:12px;white-space:nowrap'"
_GAP = "'margin-top:8px'"
_ROOM = "'padding-right:12px'"
Colors = Mapping[str, str]
"""Names of roles and their colours."""


def size_text(size_bytes: int | None) -> str:
    """ "12 kB"; "" where nobody knows."""
    if size_bytes is None:
        return ""
    if size_bytes < 1000:
        return f"{size_bytes}{_NARROW}B"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f}{_NARROW}{unit}" if size < 10 else f"{size:.0f}{_NARROW}{unit}"
    return f"{size / 1000:.1f}{_NARROW}TB"


def count_text(shown: int, packages: Sequence[Package], newer: int | None) -> str:
    """The line below the list."""
    total = len(packages)
    size = size_text(sum(one.size_bytes or 0 for one in packages))
    parts = [f"{total} package{'s' if total != 1 else ''}" if shown == total else f"{shown} of {total} packages"]
    parts += [size] if size and total else []
    parts += [f"{newer} with a newer version" if newer else "none with a newer version"] if newer is not None else []
    return ", ".join(parts)


def undo_title(title: str) -> str:
    """Of the command that takes a change back; `title` is the change's own."""
    return f"Take back “{title}”" if title else ""


def details(
    package: Package,
    newest: str,
    users: Iterable[Package],
    installed: Iterable[Package],
    verdict: PolicyVerdict | None,
    advisories: Advisories | None,
    colors: Colors,
) -> str:
    """Everything that is known of a package, as HTML without anything that is loaded."""
    names = {one.key: one.name for one in installed}
    lines = [f"<h3>{escape(package.name)} <span class='muted'>{escape(package.version)}</span></h3>"]
    if package.problem:
        lines.append(f"<p>{_toned(f'✕ Damaged: {package.problem}', 'error', colors)}</p>")
    if package.summary:
        lines.append(f"<p>{escape(package.summary)}</p>")
    own_words = " (in its own words)" if package.licence and not package.is_spdx else ""
    rows = [
        ("Newer", escape(newest)),
        ("Licence", escape(package.licence or "not said") + own_words),
        ("Policy", _verdict_html(verdict, colors)),
        ("Weaknesses", _advisories_html(package, advisories, colors)),
        ("Size", size_text(package.size_bytes)),
        ("Needs", _links((names.get(key, key), key in names) for key in package.needs)),
        ("Needed by", _links((one.name, True) for one in users) or ("" if package.is_fixed else "nothing here")),
        ("Came", "asked for by name" if package.is_direct else "along with another package"),
        ("From", escape(package.source or package.installer)),
        ("Imported as", escape(", ".join(name for name in package.modules[:8]))),
        ("Page", f"<a href='{escape(package.home_page)}'>{escape(package.home_page)}</a>" if package.home_page else ""),
    ]
    shown = [(name, text) for name, text in rows if text]
    cells = (f"<tr><td class='muted' style={_ROOM}>{name}</td><td>{text}</td></tr>" for name, text in shown)
    return "".join(lines) + f"<table cellspacing='0' cellpadding='2'>{''.join(cells)}</table>"


def _links(names: Iterable[tuple[str, bool]]) -> str:
    return ", ".join(
        f"<a href='package:{escape(name)}'>{escape(name)}</a>" if is_here else f"{escape(name)} (not here)"
        for name, is_here in names
    )


def _verdict_html(verdict: PolicyVerdict | None, colors: Colors) -> str:
    if verdict is None:
        return ""
    word = f"{_MARKS[verdict.standing]} {verdict.standing.words}".strip()
    return "<br>".join([_toned(word, _TONES[verdict.standing], colors), *map(escape, verdict.reasons)])


def _toned(text: str, role: str, colors: Colors) -> str:
    return f"<span style='color:{colors[role]}'>{escape(text)}</span>"


def _advisories_html(package: Package, advisories: Advisories | None, colors: Colors) -> str:
    if advisories is None or package.key not in advisories.checked:
        why = f": {escape(advisories.problem)}" if advisories is not None and advisories.problem else ""
        return f"<span class='muted'>could not check{why}</span>"
    found = advisories.of(package.key)
    if not found:
        return "none known"
    return "<br>".join(
        f"{_toned(f'⚠ {one.id} ({one.severity.name.lower()})', 'error', colors)} {escape(one.summary)}" for one in found
    )


# --- a planned change ------------------------------------------------------------------------------------------------


def plan_title(plan: Plan, environment: str) -> str:
    """What is asked for."""
    if not plan.changes:
        verb = {Act.INSTALL: "Everything asked for is installed in", Act.UPDATE: "Nothing newer fits in"}
        return f"{verb.get(plan.act, 'Nothing to remove from')} “{environment}”."
    count = len(plan.changes)
    return f"{count} package{'s' if count != 1 else ''} will change in “{environment}”"


def accept_title(plan: Plan) -> str:
    """On the button that does it."""
    verb = {Act.INSTALL: "Install", Act.UPDATE: "Update", Act.REMOVE: "Remove"}[plan.act]
    asked = [change.name for change in plan.changes if change.is_asked] or list(plan.asked)
    return f"{verb} {asked[0]}" if len(asked) == 1 else f"{verb} {len(asked)} packages"


def unneeded_title(plan: Plan) -> str:
    """Beside the box that takes more along."""
    names = ", ".join(plan.unneeded[:4]) + (" ..." if len(plan.unneeded) > 4 else "")
    many = len(plan.unneeded) != 1
    return f"Also remove what nothing needs then: {names} ({len(plan.unneeded)} package{'s' if many else ''})"


def plan_html(plan: Plan, colors: Colors) -> str:
    """The changes with what the policies and other packages say of them."""
    verdicts = {verdict.key: verdict for verdict in plan.verdicts}
    parts = [_warning(text, colors) for text in plan.warnings]
    if plan.library is not None and plan.changes:
        parts.append(f"<p>Into the library {escape(str(plan.library))}</p>")
    parts += [f"<p class='muted'>{escape(text)}</p>" for text in plan.notes]
    refused = [verdict for verdict in plan.verdicts if not verdict.is_allowed]
    if refused:
        is_denied = any(one.standing is Standing.DENIED for one in refused)
        word = "denied by a policy" if is_denied else "to be approved first"
        said = f"✕ {len(refused)} of them {word}: nothing will be fetched."
        parts.insert(0, f"<p>{_toned(said, 'error', colors)}</p>")
    rows = "".join(_change_row(change, verdicts.get(change.key), colors) for change in plan.changes)
    return "".join(parts) + f"<table cellspacing='0' cellpadding='3' style={_GAP}>{rows}</table>"


def _warning(text: str, colors: Colors) -> str:
    return f"<p>{_toned(f'⚠ {text}', 'warning', colors)}</p>"


def _change_row(change: Change, verdict: PolicyVerdict | None, colors: Colors) -> str:
    if not change.before:
        mark, versions = "+", change.after
    elif not change.after:
        mark, versions = "−", change.before
    else:
        mark, versions = "↑", f"{change.before} → {change.after}"
    name = f"<b>{escape(change.name)}</b>" if change.is_asked else escape(change.name)
    said = "" if change.is_asked else "<span class='muted'>comes along</span>" if change.after else ""
    if verdict is not None and not verdict.is_allowed:
        said = _verdict_html(verdict, colors)
    elif verdict is not None and verdict.licence:
        said = f"<span class='muted'>{escape(verdict.licence)}</span>"
    cells = (mark, name, escape(versions), size_text(change.size_bytes))
    whole = "".join(f"<td style={_WHOLE}>{cell}</td>" for cell in cells)
    return f"<tr>{whole}<td>{said}</td></tr>"

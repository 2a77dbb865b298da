"""Reports on an environment's packages, as HTML or CSV: licences and what policies say. Requests for approval. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape

from ide.core.packages import Installed, Package
from ide.core.policy import PolicyVerdict, Standing
from ide.environments.packages.policies import FoundPolicy

_HEAD = ("Package", "Version", "Licence", "Standing", "Reason", "Needed directly", "From", "Page")
_STYLE = (
    "body{font-family:sans-serif;margin:2em;color:#1B2026}table{border-collapse:collapse}"
    "td,th{border-bottom:1px solid #D5DAE1;padding:4px 10px;text-align:left;vertical-align:top}"
    ".denied{color:#B3261E;font-weight:600}.approval{color:#8A5A00;font-weight:600}"
)
_CLASSES = {Standing.ALLOWED: "", Standing.NEEDS_APPROVAL: "approval", Standing.DENIED: "denied"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def rows(installed: Installed) -> list[tuple[str, ...]]:
    """One line for each package, in the order of `_HEAD`; violations first."""
    return [_row(one, installed.verdict(one.name)) for one in _ordered(installed)]


def _ordered(installed: Installed) -> list[Package]:
    def rank(one: Package) -> tuple[int, str]:
        verdict = installed.verdict(one.name)
        return (-verdict.standing if verdict is not None else 0, one.key)

    return sorted(installed.packages, key=rank)


def _row(package: Package, verdict: PolicyVerdict | None) -> tuple[str, ...]:
    standing = verdict.standing.words if verdict is not None else ""
    reasons = " ".join(verdict.reasons) if verdict is not None else ""
    direct = "yes" if package.is_direct else "no"
    licence = package.licence or "unknown"
    return (package.name, package.version, licence, standing, reasons, direct, package.source, package.home_page)


def as_csv(installed: Installed) -> str:
    """The table for a spreadsheet; nothing in it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for row in rows(installed):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row])
    return out.getvalue()


def as_html(installed: Installed, name: str, at: str, policies: Sequence[FoundPolicy]) -> str:
    """A page that stands alone. `at` is the time in words."""
    verdicts = installed.verdicts
    denied = sum(one.standing is Standing.DENIED for one in verdicts)
    asked = sum(one.standing is Standing.NEEDS_APPROVAL for one in verdicts)
    used = "".join(
        f"<li>{escape(one.policy.origin)}: {escape(one.place)}"
        f"{f' (SHA-256 {escape(one.sha256)})' if one.sha256 else ''}</li>"
        for one in policies
    )
    body = "".join(
        f"<tr><td>{escape(row[0])}</td><td>{escape(row[1])}</td><td>{escape(row[2])}</td>"
        f'<td class="{_class_of(installed, row[0])}">{escape(row[3])}</td>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[4:])
        + "</tr>"
        for row in rows(installed)
    )
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEAD)
    said = f"{denied} denied, {asked} to be approved" if policies else "No policy holds here."
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Packages of {escape(name)}</title>'
        f"<style>{_STYLE}</style><h1>Packages of {escape(name)}</h1>"
        f"<p>{len(installed.packages)} packages on {escape(at)}. {escape(said)}</p>"
        f"{f'<p>Policies:</p><ul>{used}</ul>' if used else ''}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>\n"
    )


def _class_of(installed: Installed, name: str) -> str:
    verdict = installed.verdict(name)
    return _CLASSES[verdict.standing] if verdict is not None else ""


def request_for_approval(
    verdicts: Sequence[PolicyVerdict], environment: str, asked: Sequence[str], policies: Sequence[FoundPolicy]
) -> str:
    """A text to send to whoever decides: what is wanted, and what stands against it."""
    contacts = dict.fromkeys(one.policy.contact for one in policies if one.policy.contact)
    lines = [f"To: {', '.join(contacts)}"] if contacts else []
    lines += [
        "Subject: Request to allow packages",
        "",
        f"I would like to use {', '.join(asked)} in the environment “{environment}”.",
        "",
        "What the policies say:",
    ]
    for verdict in verdicts:
        if not verdict.is_allowed:
            licence = f", licence {verdict.licence}" if verdict.licence else ""
            lines.append(f"- {verdict.name} {verdict.version}{licence}: {verdict.standing.words.lower()}.")
            lines += [f"  {reason}" for reason in verdict.reasons]
    lines += ["", "What I need it for: "]
    return "\n".join(lines)

"""A run for an auditor: one HTML page that needs nothing else, or RO-Crate metadata (the Process Run profile).

RO-Crate 1.1: https://w3id.org/ro/crate/1.1. Pure.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePath

from ide.deploy.cost import money
from ide.deploy.record import RunRecord

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}th,td{text-align:left;vertical-align:top;"
    "padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ccc;overflow-wrap:anywhere}th{width:14rem;font-weight:600}"
    "code{font:13px ui-monospace,monospace}"
)


def html_page(run: RunRecord) -> str:
    """One page with everything that is known of the run; no script, nothing loaded from elsewhere."""
    facts = [
        ("State", run.state.value), ("Exit code", "" if run.exit_code is None else str(run.exit_code)),
        ("Reason", run.reason), ("Script", run.entry), ("Arguments", " ".join(run.arguments)),
        ("Language", run.language), ("Target", f"{run.target_name} ({run.target_kind})"), ("Platform", run.platform),
        ("User", run.user), ("Created", _time(run.created_s)), ("Started", _time(run.started_s)),
        ("Ended", _time(run.ended_s)), ("Cost", "" if run.cost is None else money(run.cost, run.currency)),
        ("Commit", run.commit or "no git"), ("Changes since the commit (sha256)", run.dirty_sha256),
        ("Bundle (sha256)", run.bundle_sha256), ("Lock (sha256)", run.lock_sha256),
        ("Secrets, by name", ", ".join(run.secrets)), ("Repeats run", run.again_of),
        *((f"Option {name}", str(value)) for name, value in run.options.items()),
        *((f"Version of {name}", value) for name, value in run.versions.items()),
    ]  # fmt: skip
    tables = (
        _table("Run", facts),
        _table("Inputs (sha256)", [(one.path, one.sha256 or "not on this computer") for one in run.inputs]),
        _table("Outputs (sha256)", [(one.path, one.sha256) for one in run.outputs]),
        _table("Files sent (sha256)", run.files.items()),
        _table("Packages", run.packages.items()),
    )
    title = html.escape(f"{run.title}: run {run.id}")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{''.join(tables)}</body></html>\n"
    )


def ro_crate(run: RunRecord) -> str:
    """The text of `ro-crate-metadata.json`, with outputs under their paths."""
    inputs = [_file(one.path, one.size_bytes, one.sha256) for one in run.inputs]
    outputs = [_file(one.path, one.size_bytes, one.sha256) for one in run.outputs]
    code = [_file(path, None, sha) for path, sha in run.files.items()]
    action: dict[str, object] = {
        "@id": f"#run-{run.id}", "@type": "CreateAction", "name": run.title, "instrument": {"@id": run.entry},
        "agent": {"@id": "#user"}, "object": _ids(inputs), "result": _ids(outputs),
        "startTime": _time(run.started_s), "endTime": _time(run.ended_s),
        "actionStatus": f"http://schema.org/{'Completed' if run.state == 'succeeded' else 'Failed'}ActionStatus",
        "error": run.reason,
    }  # fmt: skip
    packages: list[dict[str, object]] = [
        {"@id": f"#package-{name}", "@type": "SoftwareApplication", "name": name, "version": version}
        for name, version in {**run.packages, **run.versions}.items()
    ]
    entry = {**_file(run.entry, None, run.files.get(run.entry, "")), "@type": ["File", "SoftwareSourceCode"]}
    entry |= {"programmingLanguage": run.language, "softwareRequirements": _ids(packages), "version": run.commit}
    graph: list[dict[str, object]] = [
        {
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./", "@type": "Dataset", "name": run.title, "datePublished": _time(run.ended_s or run.created_s),
            "description": f"Run {run.id} of {run.entry}", "hasPart": _ids([entry, *code, *inputs, *outputs]),
            "mentions": {"@id": action["@id"]}, "conformsTo": {"@id": "https://w3id.org/ro/wfrun/process/0.5"},
        },
        {"@id": "#user", "@type": "Person", "name": run.user},
        action, entry, *code, *inputs, *outputs, *packages,
    ]  # fmt: skip
    by_id: dict[object, dict[str, object]] = {}
    for one in graph:
        kept = {name: value for name, value in one.items() if value not in ("", None, [])}
        by_id.setdefault(one["@id"], kept)
    content = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": list(by_id.values())}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _file(path: str, size_bytes: int | None, sha256: str) -> dict[str, object]:
    is_far = "://" not in path and PurePath(path).is_absolute()
    return {
        "@id": PurePath(path).as_uri() if is_far else path, "@type": "File", "name": path, "sha256": sha256,
        "contentSize": None if size_bytes is None else str(size_bytes),
    }  # fmt: skip


def _ids(parts: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [{"@id": name} for name in dict.fromkeys(one["@id"] for one in parts)]


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    shown = [(name, value) for name, value in rows if value]
    cells = "".join(
        f"<tr><th>{html.escape(name)}</th><td><code>{html.escape(value)}</code></td></tr>" for name, value in shown
    )
    return f"<h2>{html.escape(title)}</h2><table>{cells}</table>" if shown else ""


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""

"""Finds passwords, keys and tokens in files before they leave this computer. The value itself is never kept or shown.

Known forms first (what a service's own keys look like), then names of files that hold nothing else, then values given
to names like "password", then long random-looking texts. Pure: bytes in, findings out.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from ide.core.record import dataclass

SCANNED_BYTES: Final = 2_000_000
"""Of each file; data files are mostly larger, and no place for a key."""

_LINE_LIMIT: Final = 20_000
_PER_FILE: Final = 20
_LOOKED_AT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that should not leave. `shown` is the value with most of it hidden, `line` counts from 1, 0 for a
    whole file. `is_sure` is False where only its look speaks for it."""

    path: str
    line: int
    what: str
    shown: str = ""
    is_sure: bool = True


_KEY_BLOCK: Final = "a private key"
_KNOWN: Final = tuple(
    (what, re.compile(expression))
    for what, expression in (
        (_KEY_BLOCK, r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        ("a PuTTY key", r"PuTTY-User-Key-File-\d"),
        ("an AWS key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
        ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("a Slack token", r"\bxox[abposr]-[A-Za-z0-9-]{10,}"),
        ("a Google key", r"\bAIza[A-Za-z0-9_-]{35}"),
        ("a Google account key", r"\"private_key_id\"\s*:\s*\"[0-9a-f]{40}\""),
        ("an OpenAI or Anthropic key", r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}"),
        ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
        ("a Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
        ("a PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{30,}"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36}"),
        ("a Databricks token", r"\bdapi[0-9a-f]{32}\b"),
        ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
        ("a web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
        ("a password in an address", r"\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:(?!//)[^\s:/@'\"]{3,}@[\w.-]+"),
        ("a token in an address", r"\bhttps?://[A-Za-z0-9_-]{20,}@[\w.-]+"),
        ("a login header", r"(?i)\bauthorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+[A-Za-z0-9+/=._-]{12,}"),
    )
)
_NAMED: Final = re.compile(
    r"(?i)(?P<name>(?<![\w.-])[\w.-]{0,60}?(?:passw(?:or)?d|passwd|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|token|private[_-]?key"
    r"|client[_-]?secret|credential)s?[\w]*)[\"'\]]?\s*(?::|=|<-|,\s*value\s*=)\s*(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'#,;)]+)"
)
_NETRC: Final = re.compile(r"\bpassword[ \t]+(\S+)")
_RANDOM: Final = re.compile(r"[\"'=:\s]([A-Za-z0-9+/_=-]{32,200})(?=[\"'\s,;]|$)")
_PLACEHOLDER: Final = re.compile(
    r"(?i)^(?:$|x+$|\*+$|\.+$|none$|null$|na$|true$|false$|test$|password$|secret$|token$|changeme"
    r"|your[_ -]|my[_ -]|<.*>$|\$[\w{(]|%\w+%$|\{.*\}$|example|dummy|placeholder|os\.|sys\.|self\."
    r"|getenv|environ|getpass|input\(|keyring)"
)
_FILES: Final = {
    ".env": "values of environment variables",
    ".Renviron": "values of environment variables",
    ".netrc": "logins",
    "_netrc": "logins",
    ".pgpass": "logins of databases",
    ".pypirc": "logins of package indexes",
    ".npmrc": "a login of a package index",
    ".htpasswd": "passwords",
    ".git-credentials": "logins of git",
    "credentials": "keys of a cloud",
    "id_rsa": "a private key",
    "id_ed25519": "a private key",
    "id_ecdsa": "a private key",
    "id_dsa": "a private key",
    "kubeconfig": "logins of clusters",
    "secrets.toml": "secrets",
    "secrets.yaml": "secrets",
    "secrets.yml": "secrets",
    "secrets.json": "secrets",
    "service_account.json": "a key of a cloud",
}
_SUFFIXES: Final = {
    ".pem": "a key or certificate",
    ".key": "a private key",
    ".p12": "a private key",
    ".pfx": "a private key",
    ".ppk": "a private key",
    ".jks": "private keys",
    ".keystore": "private keys",
    ".kdbx": "passwords",
    ".ovpn": "a login of a network",
}
_TEMPLATES: Final = (".example", ".sample", ".template", ".dist")


def by_name(path: str) -> str:
    """What a file with such a name holds, "" where it need not be secret."""
    name = PurePosixPath(path).name
    if name.endswith(_TEMPLATES):
        return ""
    if name.startswith(".env.") or name.endswith(".env"):
        return _FILES[".env"]
    parent = PurePosixPath(path).parent.name
    if name == "config" and parent in (".kube", ".aws", ".ssh"):
        return "logins"
    return _FILES.get(name) or _SUFFIXES.get(PurePosixPath(name.lower()).suffix, "")


def credentials_in(path: str, content: bytes) -> tuple[Credential, ...]:
    """What one file holds that should not leave, by line; at most twenty."""
    found = list(_in_text(path, content[:SCANNED_BYTES]))
    if what := by_name(path):
        found = found or [Credential(path, 0, what)] if content.strip() else []
    return tuple(found[:_PER_FILE])


def hidden(value: str) -> str:
    """A value as it may be shown: a few signs of its start, and how long it is."""
    kept = value[: min(4, len(value) // 5)]
    return f"{kept}… ({len(value)} characters)"


def _in_text(path: str, content: bytes) -> Iterator[Credential]:
    if b"\0" in content[:8000]:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16", "replace")
        else:
            return
    else:
        text = content.decode("utf-8", "replace")
    lines = text.split("\n")
    is_notebook = path.endswith(".ipynb")
    covered = 0  # the last line of a key that was named already
    for number in range(1, len(lines) + 1) if is_notebook else _worth_a_look(text):
        line = lines[number - 1][:_LINE_LIMIT]
        one = _in_line(path, number, _unquoted(line) if is_notebook else line) if number > covered else None
        if one is None:
            continue
        if one.what == _KEY_BLOCK:
            covered = next((n for n in range(number, len(lines) + 1) if "-----END" in lines[n - 1]), len(lines))
        yield one


def _worth_a_look(text: str) -> list[int]:
    """Numbers of the lines where anything fits: all expressions over the whole text take less than one line at a time
    would."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    numbers: set[int] = set()
    for expression in (*(one for _, one in _KNOWN), _NAMED, _NETRC, _RANDOM):
        for count, found in enumerate(expression.finditer(text)):
            numbers.add(bisect_right(starts, found.start()))
            numbers.add(bisect_right(starts, found.start() + 1))  # what stands before may be the end of the line above
            if count > _LOOKED_AT:
                break
    return [number for number in sorted(numbers) if number <= len(starts)]


def _unquoted(line: str) -> str:
    """A line of a notebook's JSON as the cell or output has it."""
    stripped = line.strip().removesuffix(",")
    if stripped.startswith('"') and stripped.endswith('"') and len(stripped) > 1:
        try:
            return str(json.loads(stripped)).rstrip("\n")
        except ValueError:
            return line
    return line


def _in_line(path: str, number: int, line: str) -> Credential | None:
    for what, expression in _KNOWN:
        if found := expression.search(line):
            return Credential(path, number, what, hidden(found[0]) if "PRIVATE" not in found[0] else "")
    if path.endswith("netrc") and (found := _NETRC.search(line)):
        return Credential(path, number, "a password", hidden(found[1]))
    for found in _NAMED.finditer(line):
        value = found["value"].strip("\"'")
        is_quoted = found["value"][:1] in "\"'"
        is_settings = by_name(path) != "" or path.endswith(
            (".ini", ".cfg", ".toml", ".yaml", ".yml", ".conf", "config")
        )
        if len(value) >= 6 and (is_quoted or is_settings) and not _PLACEHOLDER.search(value) and " " not in value:
            return Credential(path, number, f"a value for {found['name'].strip('.-')}", hidden(value))
    for found in _RANDOM.finditer(f" {line}"):
        if _looks_random(found[1]):
            return Credential(path, number, "a long random-looking text", hidden(found[1]), is_sure=False)
    return None


def _looks_random(text: str) -> bool:
    """Letters of both cases and digits without order: no word, path, hash of hex digits or base-64 picture."""
    bare = text.rstrip("=")
    kinds = (any(map(str.islower, bare)), any(map(str.isupper, bare)), any(map(str.isdigit, bare)))
    if not all(kinds) or bare.count("/") > 3 or bare.count("_") + bare.count("-") > 6:
        return False
    counts = Counter(bare).values()
    return -sum(count / len(bare) * math.log2(count / len(bare)) for count in counts) > 4.2

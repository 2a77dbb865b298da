"""Secrets in files: each planted one is named with its place, none is shown, and ordinary projects are left in peace.

The planted values are made up here of parts, so that nobody's scanner takes this file for a leak.
"""

from __future__ import annotations

import json

import pytest

from ide.deploy.credentials import credentials_in, hidden

MIXED = "aB3dE5gH7jK9mN1pQ3sT5vX7zA2cE4gI6kM8"


def notebook(output: str) -> str:
    cell = {"cell_type": "code", "source": ["x\n"], "outputs": [{"output_type": "stream", "text": [output + "\n"]}]}
    return json.dumps({"cells": [cell]}, indent=1)


PLANTED = [
    (".env", "DEBUG=1\nSTRIPE=" + "sk_" + "live_" + MIXED, MIXED, 2),
    (".Renviron", "DB_PASSWORD=" + "hunter22x", "hunter22x", 1),
    ("keys/server.pem", "-----BEGIN RSA " + "PRIVATE KEY-----\n" + MIXED + "\n-----END", MIXED, 1),
    ("keys/id_ed25519", "\x00\x01 binary", "", 0),
    (".netrc", "machine h.example login me password " + "open-sesame", "open-sesame", 1),
    (".aws/credentials", "[default]\naws_access_key_id = " + "AK" + "IA" + "ABCDEFGH" + "12345678", "ABCDEFGH", 2),
    ("main.py", "import os\n\nkey = '" + "gh" + "p_" + MIXED + "'", MIXED, 3),
    ("load.R", 'con <- dbConnect(user = "me", password = "' + "tr0ub4dor" + '")', "tr0ub4dor", 1),
    (".git/config", "[remote]\n url = https://me:" + "s3cr3tpass" + "@git.example/x.git", "s3cr3tpass", 2),
    ("notes.ipynb", notebook("token: '" + "xo" + "xb-" + "1234567890-abcdefghij'"), "abcdefghij", 12),
    ("settings.yaml", "db:\n  password: " + "longer4word", "longer4word", 2),
    ("account.json", '{"private_key_id": "' + "0a" * 20 + '"}', "0a" * 20, 1),
    ("data/url.txt", "postgres" + "ql://me:" + "letmein99" + "@db.example/x", "letmein99", 1),
    (".Rhistory2", "Sys.setenv(API_TOKEN = '" + MIXED[:20] + "')", MIXED[:20], 1),
    ("call.sh", "curl -H 'Authorization: Bearer " + MIXED + "'", MIXED, 1),
    ("other.py", "blob = '" + MIXED + "'", MIXED, 1),
    ("utf16.txt", "\ufeffpassword='" + "g00dgrief" + "'", "g00dgrief", 1),
]


@pytest.mark.parametrize(("path", "text", "value", "line"), PLANTED)
def test_planted_secret_is_named_and_not_shown(path: str, text: str, value: str, line: int) -> None:
    content = text.encode("utf-16-le" if text.startswith("\ufeff") else "utf-8")

    found = credentials_in(path, content)

    assert [(one.path, one.line) for one in found] == [(path, line)]
    assert not value or value not in repr(found)


ORDINARY = [
    ("a.py", "password = os.environ['PASSWORD']\ntoken = getpass()\nsecret_key = ''\napi_key = None"),
    ("b.R", 'password <- Sys.getenv("PASSWORD")\nkey = askpass::askpass()\ntokenize(text, token = "words")'),
    ("c.csv", "id,token_count\n1,200\nd41d8cd98f00b204e9800998ecf8427e,3"),
    ("requirements.txt", "numpy==2.1 --hash=sha256:" + "ab12" * 16),
    (".env.example", "API_KEY=your_key_here\nPASSWORD=changeme"),
    (".env", "   \n"),
    ("d.ipynb", notebook("<Figure size 640x480>") + "\n\"image/png\": \"iVBORw0KGgoAAAANSUhEUg" + MIXED * 20 + "\""),
    ("e.md", "Set `password: <yours>` in the settings; see https://host.example:8080/@me/x."),
    ("f.py", "long_name = 'the/quick/brown/Fox1/jumps/over/the/lazy/dog/again'\nx = 'ThisIsAVeryLongCamelCaseName1'"),
    ("g.bin", "\x00\x01password='abcdefgh'"),
    ("h.toml", 'token = "${TOKEN}"\npassword = "%PASSWORD%"'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text"), ORDINARY)
def test_ordinary_content_is_left_in_peace(path: str, text: str) -> None:
    assert credentials_in(path, text.encode()) == ()


def test_only_a_look_is_not_called_sure() -> None:
    (one,) = credentials_in("x.py", f"blob = '{MIXED}'".encode())

    assert not one.is_sure
    assert "36 characters" in one.shown


def test_hidden_shows_at_most_a_fifth() -> None:
    assert hidden("abc") == "… (3 characters)"
    assert hidden("a" * 40) == "aaaa… (40 characters)"


def test_many_findings_and_long_lines_are_bounded() -> None:
    text = "password = 'abcdefgh1'\n" * 1000 + "x" * 3_000_000

    assert len(credentials_in("x.py", text.encode())) == 20

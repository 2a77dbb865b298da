"""What policies say, and how they are merged: the strictest counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.policy import Standing
from ide.environments.packages.policy import Policy, Severity, Subject, judge, parse_policy


def policy(text: str) -> Policy:
    found = parse_policy(text.encode(), "It", "policy.toml")
    assert found.problem == ""
    return found


def standing(text: str, subject: Subject) -> Standing:
    return judge([policy(text)], subject).standing


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("", Subject("a", "1"), Standing.ALLOWED),
        ('packages.denied = ["bad-*"]', Subject("Bad_Thing", "1"), Standing.DENIED),
        ('packages.denied = ["requests < 2.31"]', Subject("requests", "2.30"), Standing.DENIED),
        ('packages.denied = ["requests < 2.31"]', Subject("requests", "2.31"), Standing.ALLOWED),
        ('packages.denied = ["data.table < 1.14"]', Subject("data.table", "1.13-2"), Standing.DENIED),
        ('packages.allowed = ["numpy"]', Subject("pandas", "1"), Standing.DENIED),
        ('packages.allowed = ["numpy"]\npackages.others = "approval"', Subject("x", "1"), Standing.NEEDS_APPROVAL),
        ('packages.allowed = ["numpy >= 2"]', Subject("numpy", "1.26"), Standing.DENIED),
        ('licences.denied = ["GPL-*", "AGPL-*"]', Subject("a", "1", "GPL-3.0-only"), Standing.DENIED),
        ('licences.denied = ["GPL-*"]', Subject("a", "1", "MIT OR GPL-3.0-only"), Standing.ALLOWED),
        ('licences.denied = ["GPL-*"]', Subject("a", "1", "MIT AND GPL-3.0-only"), Standing.DENIED),
        ('licences.denied = ["GPL-*"]', Subject("a", "1", "LGPL-3.0-only"), Standing.ALLOWED),
        ('licences.allowed = ["MIT"]', Subject("a", "1", "BSD-3-Clause"), Standing.NEEDS_APPROVAL),
        ('licences.allowed = ["MIT"]', Subject("a", "1", ""), Standing.NEEDS_APPROVAL),
        ('licences.allowed = ["MIT"]\nlicences.unknown = "denied"', Subject("a", "1", "Own"), Standing.DENIED),
        ('licences.allowed = ["Apache-2.0"]', Subject("a", "1", "Apache-2.0 WITH LLVM-exception"), Standing.ALLOWED),
        (
            'indexes.allowed = ["https://a.example/simple"]',
            Subject("a", "1", index="https://b.example"),
            Standing.DENIED,
        ),
        (
            'indexes.allowed = ["https://a.example/simple"]',
            Subject("a", "1", index="https://a.example/simplest"),
            Standing.DENIED,
        ),
        (
            'indexes.allowed = ["https://a.example/simple/"]',
            Subject("a", "1", index="https://a.example/simple"),
            Standing.ALLOWED,
        ),
        ("hashes.required = true", Subject("a", "1", has_hash=False), Standing.DENIED),
        ("hashes.required = true", Subject("a", "1", has_hash=True), Standing.ALLOWED),
        ('vulnerabilities.highest = "medium"', Subject("a", "1", severity=Severity.HIGH), Standing.DENIED),
        ('vulnerabilities.highest = "medium"', Subject("a", "1", severity=Severity.LOW), Standing.ALLOWED),
        ('vulnerabilities.highest = "medium"', Subject("a", "1"), Standing.ALLOWED),
        (
            'vulnerabilities.highest = "medium"\nvulnerabilities.unknown = "denied"',
            Subject("a", "1"),
            Standing.DENIED,
        ),
    ],
)
def test_verdict_of_one_policy(text: str, subject: Subject, expected: Standing) -> None:
    verdict = judge([policy(text)], subject)
    assert verdict.standing is expected
    assert bool(verdict.reasons) is (expected is not Standing.ALLOWED)
    assert all(reason.startswith("It ") and reason.endswith(".") for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[packages\n", "line 1"),
        ("[package]\n", "[package]"),
        ("packages = 1\n", "packages"),
        ('[packages]\nallow = ["x"]\n', "[packages] allow"),
        ('[packages]\ndenied = "x"\n', "[packages] denied"),
        ('[packages]\ndenied = ["x >< 2"]\n', "x >< 2"),
        ('[licences]\nothers = "maybe"\n', "[licences] others"),
        ('[vulnerabilities]\nhighest = "bad"\n', "[vulnerabilities] highest"),
        ('[hashes]\nrequired = "yes"\n', "[hashes] required"),
        ("[approval]\ncontact = 1\n", "[approval] contact"),
        ("\xff", "policy.toml"),
    ],
)
def test_error_denies_everything_and_says_where(text: str, where: str) -> None:
    found = parse_policy(text.encode("latin-1"), "It", "policy.toml")
    assert where in found.problem
    assert "policy.toml" in found.problem
    verdict = judge([found], Subject("numpy", "2", "MIT"))
    assert verdict.standing is Standing.DENIED
    assert found.problem in verdict.reasons[0]


_TEXTS = (
    "",
    'packages.denied = ["a"]',
    'packages.allowed = ["a"]',
    'packages.allowed = ["b"]\npackages.others = "approval"',
    'licences.denied = ["GPL-*"]',
    'licences.allowed = ["*"]\nlicences.unknown = "allowed"',
    'indexes.allowed = ["https://x"]',
    "hashes.required = true",
    'packages.allowed = ["*"]',
)


@given(
    st.lists(st.sampled_from(_TEXTS), max_size=4),
    st.sampled_from(_TEXTS),
    st.sampled_from(
        [
            Subject("a", "1", "GPL-3.0-only"),
            Subject("b", "1", "MIT", has_hash=False),
            Subject("c", "1", index="https://y"),
        ]
    ),
)
def test_a_further_policy_never_loosens(texts: list[str], further: str, subject: Subject) -> None:
    before = [policy(text) for text in texts]
    assert judge([*before, policy(further)], subject).standing >= judge(before, subject).standing

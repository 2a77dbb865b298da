"""Licences as SPDX expressions: from the fields and classifiers of Python packages, and from R's DESCRIPTION.

Sources: the SPDX licence list 3.x; PEP 639; the classifiers of the Python index; "Licensing" in "Writing R Extensions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_CLASSIFIERS = {
    "apache software license": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "isc license (iscl)": "ISC",
    "python software foundation license": "PSF-2.0",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 (lgplv2)": "LGPL-2.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "eclipse public license 2.0 (epl-2.0)": "EPL-2.0",
    "european union public licence 1.2 (eupl 1.2)": "EUPL-1.2",
    "the unlicense (unlicense)": "Unlicense",
    "zope public license": "ZPL-2.1",
    "historical permission notice and disclaimer (hpnd)": "HPND",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
    "zero-clause bsd (0bsd)": "0BSD",
}
# Only what says one licence without doubt; "GPL" alone does not tell its version.
_WORDS = {
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "expat": "MIT",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license (== 2.0)": "Apache-2.0",
    "apache license (>= 2.0)": "Apache-2.0",
    "apache license (>= 2)": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd-3": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "modified bsd license": "BSD-3-Clause",
    "bsd_3_clause": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd-2": "BSD-2-Clause",
    "simplified bsd": "BSD-2-Clause",
    "bsd_2_clause": "BSD-2-Clause",
    "isc license": "ISC",
    "mpl 2.0": "MPL-2.0",
    "mozilla public license 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
    "psf license": "PSF-2.0",
    "gpl-2": "GPL-2.0-only",
    "gpl-3": "GPL-3.0-only",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "gplv3+": "GPL-3.0-or-later",
    "gpl (>= 2)": "GPL-2.0-or-later",
    "gpl (>= 2.0)": "GPL-2.0-or-later",
    "gpl (>= 3)": "GPL-3.0-or-later",
    "gpl (>= 3.0)": "GPL-3.0-or-later",
    "gnu general public license (>= 2)": "GPL-2.0-or-later",
    "gnu gplv3": "GPL-3.0-only",
    "lgpl-2": "LGPL-2.0-only",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-3": "LGPL-3.0-only",
    "lgpl (>= 2)": "LGPL-2.0-or-later",
    "lgpl (>= 2.1)": "LGPL-2.1-or-later",
    "lgpl (>= 3)": "LGPL-3.0-or-later",
    "agpl-3": "AGPL-3.0-only",
    "agpl (>= 3)": "AGPL-3.0-or-later",
    "artistic-2.0": "Artistic-2.0",
    "cc0": "CC0-1.0",
    "mpl-2.0 | gpl": "MPL-2.0",
    "unlicense": "Unlicense",
    "unlimited": "",
    "public domain": "",
    "zlib": "Zlib",
}
_ID = re.compile(
    r"(?:LicenseRef-[\w.-]+|0BSD|AFL-[\d.]+|AGPL-[\w.+-]+|Apache-[\d.]+|Artistic-[\w.-]+|BSD-[\w-]+|BSL-[\d.]+|"
    r"BlueOak-[\d.]+|CC-?\w[\w.-]*|CDDL-[\d.]+|CPL-[\d.]+|ECL-[\d.]+|EPL-[\d.]+|EUPL-[\d.]+|GFDL-[\w.-]+|GPL-[\w.+-]+|"
    r"HPND|ICU|IJG|ISC|LGPL-[\w.+-]+|MIT(?:-[\w-]+)?|MPL-[\w.-]+|MS-PL|NCSA|ODbL-[\d.]+|OFL-[\w.-]+|OLDAP-[\d.]+|"
    r"OpenSSL|PSF-[\d.]+|Python-[\d.]+|PostgreSQL|Ruby|SSPL-[\d.]+|Unicode-[\w.-]+|Unlicense|Vim|W3C|WTFPL|X11|"
    r"ZPL-[\d.]+|Zlib|bzip2-[\d.]+|curl|libpng(?:-[\d.]+)?|TCL|Intel|FTL)",
)
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_WORD_LIMIT = 80


def of_python(expression: str, text: str, classifiers: Iterable[str]) -> tuple[str, bool]:
    """The licence of a Python package and whether it is SPDX. What stands in `License-Expression` wins.

    Old wheels put the whole text of their licence into `License`: only a first line that is short is taken from it.
    """
    if expression:
        return expression.strip(), True
    known = dict.fromkeys(
        found for line in classifiers if (found := _CLASSIFIERS.get(line.rpartition("::")[2].strip().lower()))
    )
    line = text.strip().splitlines()[0].strip() if text.strip() else ""
    exact = spdx_of(line)
    # "BSD License" as a classifier says less than "BSD-2-Clause" in the field.
    if exact and (not known or (len(known) == 1 and exact.partition("-")[0] == next(iter(known)).partition("-")[0])):
        return exact, True
    if known:
        return " AND ".join(known), True
    if found := _of_text(text):
        return found, True
    is_name = len(line) <= _WORD_LIMIT and line[:1].isalnum() and not line.lower().startswith("copyright")
    return (line, False) if is_name else ("", False)


def _of_text(text: str) -> str:
    """The licence whose own sentences stand in `text`; "" where none of the common ones do."""
    plain = " ".join(text.split()).lower()
    if "permission is hereby granted, free of charge, to any person obtaining a copy" in plain:
        return "MIT"
    if "redistribution and use in source and binary forms" in plain:
        return "BSD-3-Clause" if "neither the name" in plain or "endorse or promote" in plain else "BSD-2-Clause"
    if "apache license" in plain and "version 2.0" in plain:
        return "Apache-2.0"
    return ""


def of_r(text: str) -> tuple[str, bool]:
    """The licence of an R package: alternatives stand between `|`, "+ file LICENSE" only adds terms of its holder."""
    parts = [re.sub(r"\s*\+\s*file\s+LICEN[SC]E\b", "", part, flags=re.IGNORECASE).strip() for part in text.split("|")]
    parts = [part for part in parts if part and not re.fullmatch(r"file\s+LICEN[SC]E", part, re.IGNORECASE)]
    if text.startswith("Part of R"):
        return "GPL-2.0-or-later", True
    found = [spdx_of(part) for part in parts]
    if found and all(found):
        return " OR ".join(dict.fromkeys(found)), True
    return " ".join(text.split())[:_WORD_LIMIT], False


def of_conda(text: str) -> tuple[str, bool]:
    """The licence of a conda package."""
    exact = spdx_of(text)
    return (exact, True) if exact else (text.strip()[:_WORD_LIMIT], False)


@lru_cache(maxsize=2000)
def spdx_of(words: str) -> str:
    """The SPDX expression that `words` are or mean; "" where they do not say one."""
    words = " ".join(words.split())
    if known := _WORDS.get(words.lower()):
        return known
    if not words or len(words) > 300:
        return ""
    tokens = _TOKEN.findall(words)
    names = [token for token in tokens if token not in ("(", ")", "AND", "OR", "WITH")]
    has_exception = "WITH" in tokens
    fits = [bool(_ID.fullmatch(token.rstrip("+"))) for token in names]
    is_expression = all(fits) if not has_exception else any(fits)
    return words if names and is_expression and parse(words) is not None else ""


Tree = str | tuple[str, tuple["Tree", ...]]
"""A licence id (an exception after WITH stays with it), or ("AND" | "OR", parts)."""


@lru_cache(maxsize=2000)
def parse(expression: str) -> Tree | None:
    """An SPDX expression as a tree; None for what is none. AND binds tighter than OR."""
    tokens: list[str] = _TOKEN.findall(expression)
    place = 0

    def peek() -> str:
        return tokens[place] if place < len(tokens) else ""

    def take() -> str:
        nonlocal place
        place += 1
        return tokens[place - 1]

    def one() -> Tree | None:
        if peek() == "(":
            take()
            inner = several("OR")
            if inner is None or peek() != ")":
                return None
            take()
            return inner
        if peek() in ("", ")", "AND", "OR", "WITH"):
            return None
        name = take()
        if peek() == "WITH":
            take()
            if peek() in ("", ")", "(", "AND", "OR", "WITH"):
                return None
            name = f"{name} WITH {take()}"
        return name

    def several(word: str) -> Tree | None:
        deeper: Callable[[], Tree | None] = (lambda: several("AND")) if word == "OR" else one
        parts = [deeper()]
        while peek() == word:
            take()
            parts.append(deeper())
        if any(part is None for part in parts):
            return None
        whole = tuple(part for part in parts if part is not None)
        return whole[0] if len(whole) == 1 else (word, whole)

    tree = several("OR")
    return tree if place == len(tokens) else None

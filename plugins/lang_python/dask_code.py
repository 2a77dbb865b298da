"""Code with which a console of Python works on a cluster of Dask."""

from __future__ import annotations

import json
import re
from typing import Final

from ide.api.scaling import ClusterLink, Scaling

_NOT_IN_NAMES: Final = re.compile(r"\W+", re.ASCII)


def _connect(link: ClusterLink) -> str:
    imports = "".join(f"import {module}\n" for module in link.imports)
    files = (
        ("tls_ca_file", link.ca_file),
        ("tls_client_cert", link.certificate_file),
        ("tls_client_key", link.key_file),
    )
    lines = "".join(f"        {name}={_text(path)},\n" for name, path in files if path)
    if not lines:
        return f"{imports}from dask.distributed import Client\n\nclient = Client({_text(link.address)})"
    return (
        f"{imports}from dask.distributed import Client, Security\n\n"
        f"client = Client(\n    {_text(link.address)},\n"
        f"    security=Security(\n        require_encryption=True,\n{lines}    ),\n)"
    )


def share_code(expression: str, frame: str) -> str:
    """A data frame of pandas as one of Dask, in parts of about the same number of rows."""
    if frame != "pandas":
        return ""
    name = _NOT_IN_NAMES.sub("_", expression).strip("_") or "frame"
    return f"import dask.dataframe as dd\n{name}_dask = dd.from_pandas({expression}, npartitions=8)"


def _text(text: str) -> str:
    """A literal with double quotes, as the field writes them."""
    return json.dumps(text, ensure_ascii=False)


scaling = Scaling(
    "distributed",
    "Processes of Python with a client of Dask, named client, in this console.",
    joins_clusters=True,
    connect=_connect,
)

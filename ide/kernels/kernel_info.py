"""Reads what a kernel says about itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ide.kernels.records import KernelInfo


def info_of(content: Mapping[str, Any]) -> KernelInfo:
    """The record in a `kernel_info_reply`; what is missing stays empty."""
    described = content.get("language_info")
    language: dict[str, Any] = described if isinstance(described, dict) else {}
    lexer = language.get("pygments_lexer") or language.get("name") or ""
    features = content.get("supported_features")
    return KernelInfo(
        implementation=str(content.get("implementation", "")),
        implementation_version=str(content.get("implementation_version", "")),
        language=str(language.get("name", "")),
        language_version=str(language.get("version", "")),
        banner=str(content.get("banner", "")),
        mimetype=str(language.get("mimetype", "")),
        lexer=str(lexer),
        file_extension=str(language.get("file_extension", "")),
        supported_features=tuple(map(str, features)) if isinstance(features, list) else (),
    )


def info_to_json(info: KernelInfo) -> dict[str, Any]:
    """For the window's notes."""
    return {name: getattr(info, name) for name in KernelInfo.__slots__}


def info_from_json(noted: object) -> KernelInfo | None:
    """What `info_to_json` wrote; None for anything else."""
    if not isinstance(noted, dict):
        return None
    try:
        return KernelInfo(**{**noted, "supported_features": tuple(noted.get("supported_features", ()))})
    except TypeError:
        return None

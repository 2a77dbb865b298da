"""Plugins: found without importing them, loaded at first use, their failures contained."""

from __future__ import annotations

from ide.extensions.extensions import Extensions
from ide.extensions.manifest import LanguageFacts, Manifest, read_manifest

__all__ = ["Extensions", "LanguageFacts", "Manifest", "read_manifest"]

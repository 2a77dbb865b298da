"""Plugins: found without importing them, loaded at first use, their failures contained."""

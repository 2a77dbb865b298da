"""Texts and their cells, saving, recovery, the workspace and trust in folders."""

"""Fourpane, a four-pane data-science IDE. This module holds the version and nothing else."""

__version__ = "0.1.0"

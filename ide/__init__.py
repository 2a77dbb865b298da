"""Fourpane's import package. Owns the version number and nothing else."""

__version__ = "0.1.0"

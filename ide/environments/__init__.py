"""Interpreters and the packages in them."""

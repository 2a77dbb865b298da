"""Measurements of the program against baselines taken in the same run: one module per measurement."""

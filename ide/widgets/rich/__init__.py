"""Large views of what a kernel shows: one module per form, `view.py` chooses. Nothing here runs or fetches anything."""

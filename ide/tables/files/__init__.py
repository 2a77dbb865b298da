"""Data files without a kernel: a process of its own reads them, the window asks it for pages.

`source.py` and `process.py` are the window's side and import no data library; all other modules but `options.py`
belong to the process and are never imported by the window.
"""

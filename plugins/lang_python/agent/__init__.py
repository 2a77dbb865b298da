"""The Python agent: what is sent into a kernel. Each module needs the standard library of Python 3.8 and no more.

In a kernel these modules are made from their sources by `loader.py`, under the names that they have here; the window
imports none of them but `loader` as text.
"""

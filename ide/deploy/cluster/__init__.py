"""The cluster process: targets and their libraries, in a process that can be killed and started anew.

`client.py` is the window's side and imports no cluster library; `process.py` is the process; `plain.py` what both say.
"""

"""Jobs on clusters: what is sent, what is checked before, what comes back, what is remembered of each run.

Owns no cluster library: those are in the helper process. Owns no widget.
"""

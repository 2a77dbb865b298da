"""The console pane: one tab per session."""

"""The editor pane: files as tabs."""

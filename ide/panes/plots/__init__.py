"""The plots pane: pictures of every session in order."""

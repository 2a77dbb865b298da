"""The Packages pane: what is installed in the session's environment, and changing it."""

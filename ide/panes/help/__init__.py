"""The Help pane: documentation of the session's own environment, in every language that has an agent."""

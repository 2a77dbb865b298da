"""The panes. A pane never imports another pane."""

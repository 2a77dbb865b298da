"""The window around the panes: layout, menus, palette, status bar, theme."""

"""The data viewer: a page for each open table, in a tab of the editor."""

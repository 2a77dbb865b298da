"""The files tab: the tree of the open folder."""

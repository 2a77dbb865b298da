"""Live completion: the names that the session knows and that fit at a place. Runs none of the user's code."""

"""Jobs that run elsewhere: the list of them, their log, what came back, what they cost."""

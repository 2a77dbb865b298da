"""R as a language of the program: scripts, launch and agent."""

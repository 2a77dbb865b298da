"""Python as a language of the program: scripts, launch, agent and static helper."""

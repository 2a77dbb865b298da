"""Packages of an environment: what is there, what a change would do, making it and taking it back, and the policy."""

"""Where code can run: every Python, R and Jupyter kernel of the machine, once, and how a kernel of it is launched."""

from ide.environments.environments import Environments
from ide.environments.launch import launch_for
from ide.environments.machine import Machine

__all__ = ["Environments", "Machine", "launch_for"]

"""Text of open files: reading, editing, atomic save, journal and recovery, the workspace, trust. No Qt."""

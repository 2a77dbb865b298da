"""Makes, copies, repairs, locks and removes environments. Everything here blocks: for pool threads."""

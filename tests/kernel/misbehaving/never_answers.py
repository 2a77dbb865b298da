"""Runs, prints one line and never opens a socket."""

import sys
import time

sys.stderr.write("loading something large\n")
sys.stderr.flush()
time.sleep(600)

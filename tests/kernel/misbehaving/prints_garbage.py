"""Is no kernel at all: prints bytes that are no text, and ends."""

import sys

sys.stdout.buffer.write(b"\xff\xfe\x00\x1b[31mgarbage\x07\n" * 50)
sys.stdout.flush()
sys.exit(0)

"""Dies while it starts, as a kernel with a broken package does."""

import sys

sys.stderr.write("Traceback (most recent call last):\nImportError: libbroken.so: cannot open shared object file\n")
sys.exit(3)

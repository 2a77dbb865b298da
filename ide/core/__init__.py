"""Values and rules of the program: no Qt, no input or output, no threads."""

"""The target “This computer”."""

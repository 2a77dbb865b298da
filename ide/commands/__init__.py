"""Command records, their registry, their conditions and the key maps."""

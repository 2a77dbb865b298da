"""The only door for plugins: a tested list of names."""

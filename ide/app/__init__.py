"""The composition root: builds every object, passes it in, and ends it. Imports nothing by itself."""

"""The store of the state of every pixel."""

"""Documents of every kind: kept as they came, read in a process of its own."""

"""One room for each thing that is observed: measured, kept, shown, asked about and judged."""

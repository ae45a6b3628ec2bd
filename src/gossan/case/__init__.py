"""The opened case: its stores, scenes, state, sites and pictures."""

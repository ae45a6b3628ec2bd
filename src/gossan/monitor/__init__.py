"""Follow every pixel through time: fit a history, take one scene at a time, say what changed."""

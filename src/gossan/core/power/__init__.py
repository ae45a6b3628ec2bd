"""What would have been seen: trials, and what is counted from them."""

"""Power and detection limits: what to inject, and what is counted from it."""

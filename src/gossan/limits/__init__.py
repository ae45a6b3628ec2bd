"""Power and detection limits: what to implant, and what is counted from it."""

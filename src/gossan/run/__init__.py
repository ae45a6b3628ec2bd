"""Plans the work and drives it; the only room that joins all others."""

"""Moving bright vehicles on a road: counts per overpass, with their own null and limits."""

"""Moving bright large vehicles on a road: an index per scene, with its own null and limits."""

"""From disturbed pixels to polygons that keep their name through time."""

"""Vegetation lost and recovered on the ground of sites, year by year."""

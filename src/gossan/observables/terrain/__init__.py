"""Slope, flow paths and volumes of sites, from an elevation model the user names."""

"""Numba on arrays: no xarray, no files."""

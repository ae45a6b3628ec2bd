"""Masks, schema and image composites on xarray; no files, no network."""

"""STAC, rasters, vectors, the case folder: the only room that touches files and the network."""

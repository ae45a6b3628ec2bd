"""Small files shipped with the package; `tools/` holds the scripts that made them."""

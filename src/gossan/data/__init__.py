"""Small files shipped with the package; `tools/` holds the scripts that made them."""

from importlib.resources import files
from pathlib import Path

SAMPLE = Path(str(files(__name__))) / "sample"
"""Static STAC catalogue of the Romania series, with `area.geojson` beside it."""

"""The outputs of a dossier as a STAC item, with the processing, file and projection extensions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time

import pystac

from gossan.core.agent import Agent
from gossan.core.hashing import hash_bytes
from gossan.core.values import Outcome
from gossan.dossier.model import DossierModel
from gossan.dossier.sentences import key_sentences

PROCESSING = "https://stac-extensions.github.io/processing/v1.2.0/schema.json"
FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
OUTPUTS = {
    "data/sites.geojson": ("application/geo+json", "Sites with outlines"),
    "data/sites.parquet": ("application/vnd.apache.parquet", "Sites with outlines, GeoParquet"),
    "data/sites.csv": ("text/csv", "Sites"),
    "data/growth.csv": ("text/csv", "Area of each site through time"),
    "data/series.csv": ("text/csv", "What was observed over each site"),
    "data/scenes.csv": ("text/csv", "Every image of the period, used or not"),
    "dossier.pdf": ("application/pdf", "The dossier on paper"),
}


def stac_item(model: DossierModel, maker: Agent, files: Mapping[str, bytes]) -> bytes:
    """`stac/item.json`: a static item; its assets lie one folder up, by hash."""
    start, end = (datetime.combine(d, time(), UTC) for d in model.period)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", model.case_name).strip("-")[:80] or "case"
    used = [r.id for r in model.scenes if r.outcome is Outcome.USED]
    item = pystac.Item(
        id=f"{name}-{model.as_of}",
        geometry=model.area,
        bbox=list(model.bounds),
        datetime=datetime.combine(model.as_of, time(), UTC),
        start_datetime=start,
        end_datetime=end,
        properties={
            "title": model.case_name,
            "description": " ".join(key_sentences(model)),
            "proj:code": model.grid.crs,
            "proj:shape": [model.grid.height, model.grid.width],
            "processing:level": "L4",
            "processing:lineage": (
                f"Change of ground found by gossan in {len(used)} images of {model.source}; every "
                f"step stands in evidence/ledger.jsonl, which ends at {model.ledger_head}."
            ),
            "processing:software": {
                "gossan": model.version,
                "code": maker.code,
                "packages": maker.packages,
            },
            "gossan:scenes": used,
        },
        stac_extensions=[PROCESSING, FILE, PROJECTION],
    )
    for path, (media, title) in OUTPUTS.items():
        if path in files:
            item.add_asset(path.rpartition("/")[2], _asset(path, media, title, files[path]))
    text = json.dumps(
        item.to_dict(include_self_link=False), ensure_ascii=False, indent=1, sort_keys=True
    )
    return (text + "\n").encode()


def _asset(path: str, media: str, title: str, data: bytes) -> pystac.Asset:
    digest = hash_bytes(data).removeprefix("sha256:")
    more = {"file:checksum": f"1220{digest}", "file:size": len(data)}
    return pystac.Asset(f"../{path}", title, media_type=media, roles=["data"], extra_fields=more)

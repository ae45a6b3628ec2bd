"""RO-Crate 1.2 with PROV: what lies in a dossier, what each file is, and which steps made it.

Made by hand: see docs/decisions/0027. Everything in it follows from the model, the ledger and
the files' hashes, so that the same dossier has the same crate.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gossan.core.agent import Agent
from gossan.core.hashing import hash_bytes
from gossan.dossier.model import DossierModel
from gossan.dossier.sentences import key_sentences
from gossan.dossier.stored import MODEL, Model
from gossan.evidence.ledger import Record

CRATE = "ro-crate-metadata.json"
_CONTEXT = [
    "https://w3id.org/ro/crate/1.2/context",
    {
        "prov": "http://www.w3.org/ns/prov#",
        "sha256": "https://schema.org/sha256",
        "Activity": "prov:Activity",
        "SoftwareAgent": "prov:SoftwareAgent",
        "wasInformedBy": {"@id": "prov:wasInformedBy", "@type": "@id"},
        "wasGeneratedBy": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
        "wasDerivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    },
]
_FORMATS = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".png": "image/png",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".js": "text/javascript",
    ".css": "text/css",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".jsonld": "application/ld+json",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
}
_WHAT = {
    "index.html": "The page, to be opened by double click",
    "dossier.pdf": "The same on paper, PDF/A-2a",
    MODEL: "Everything page, PDF and tables are drawn from",
    "evidence/ledger.jsonl": "Every step of the work, each holding the hash of the one before",
    "evidence/custody.csv": "The same steps as a table",
    "evidence/claim-review.jsonld": "Verdicts on reviewed claims, as ClaimReview",
    "stac/item.json": "The outputs as a STAC item",
    "data/sites.geojson": "The sites with their outlines",
    "data/scenes.csv": "Every image of the period, used or not, and why",
    "data/judged.csv": "Where and when a change could have been confirmed at all",
}
READ = ("read", "radar-read")
"""Actions of the ledger that read an image."""
_AGENT, _PERSON = "#gossan", "#who"
Entity = dict[str, Any]


def crate(model: Model, maker: Agent, chain: Iterable[Record], files: Mapping[str, bytes]) -> bytes:
    """`ro-crate-metadata.json` of a dossier with these files."""
    records = list(chain)
    steps = [_step(body, digest) for body, digest in records]
    last = steps[-1]["@id"] if steps else None
    graph = [
        _descriptor(),
        _root(model, files),
        _software(maker),
        {"@id": _PERSON, "@type": "Person", "name": maker.who},
        *_area(model),
        *(_file(n, d, last) for n, d in sorted(files.items())),
        *steps,
        *_scenes(records),
    ]
    body = {"@context": _CONTEXT, "@graph": graph}
    return (json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _descriptor() -> Entity:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
    }


def _root(model: Model, files: Mapping[str, bytes]) -> Entity:
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": model.case_name,
        "description": "What was found on the ground, with everything it rests on.",
        "datePublished": model.as_of.isoformat(),
        "author": {"@id": _PERSON},
        "license": "As the attribution in index.html states for each source",
        "hasPart": [{"@id": n} for n in sorted(files)],
        "mainEntity": {"@id": "index.html"},
    }
    if isinstance(model, DossierModel):
        root["description"] = " ".join(key_sentences(model))
        root["temporalCoverage"] = "/".join(d.isoformat() for d in model.period)
        root["spatialCoverage"] = {"@id": "#area"}
    return root


def _area(model: Model) -> list[Entity]:
    if not isinstance(model, DossierModel):
        return []
    west, south, east, north = model.bounds
    return [
        {"@id": "#area", "@type": "Place", "name": model.case_name, "geo": {"@id": "#box"}},
        {"@id": "#box", "@type": "GeoShape", "box": f"{south} {west} {north} {east}"},
    ]


def _software(maker: Agent) -> Entity:
    name, _, version = maker.software.partition(" ")
    return {
        "@id": _AGENT,
        "@type": ["SoftwareApplication", "SoftwareAgent"],
        "name": name,
        "softwareVersion": version,
        "identifier": maker.code,
        "softwareRequirements": maker.packages,
    }


def _file(name: str, data: bytes, made_by: str | None) -> Entity:
    ending = name[name.rfind(".") :]
    entity: Entity = {
        "@id": name,
        "@type": "File",
        "name": _WHAT.get(name, name),
        "encodingFormat": _FORMATS.get(ending, "application/octet-stream"),
        "contentSize": str(len(data)),
        "sha256": hash_bytes(data).removeprefix("sha256:"),
    }
    if made_by is not None and not name.startswith("assets/fonts"):
        entity["wasDerivedFrom"] = {"@id": made_by}
    return entity


def _step(body: Mapping[str, Any], digest: str) -> Entity:
    seq = body["seq"]
    step: Entity = {
        "@id": f"#step-{seq}",
        "@type": ["CreateAction", "Activity"],
        "name": body["action"],
        "endTime": body["when"],
        "agent": {"@id": _PERSON},
        "instrument": {"@id": _AGENT},
        "identifier": digest,
    }
    if seq:
        step["wasInformedBy"] = {"@id": f"#step-{seq - 1}"}
    if body["action"] in READ:
        step["result"] = {"@id": f"#read-{seq}"}
    return step


def _scenes(records: Iterable[Record]) -> list[Entity]:
    """What was read, one entity a record: the images by id, the decoded pixels by hash."""
    return [
        {
            "@id": f"#read-{body['seq']}",
            "@type": ["Dataset", "prov:Entity"],
            "name": body["inputs"]["scene"],
            "identifier": list(body["inputs"]["items"]),
            "sha256": [h.removeprefix("sha256:") for h in body["outputs"]["hashes"].values()],
            "wasGeneratedBy": {"@id": f"#step-{body['seq']}"},
        }
        for body, _ in records
        if body["action"] in READ
    ]

"""All files of a dossier but its manifest and signature: drawn from its book and the ledger.

The writing of a dossier and its verification both call this, so that verifying is drawing again
and comparing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gossan.core.agent import Agent
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import canonical_json, hash_bytes
from gossan.core.words import ENGLISH, tr, use_language
from gossan.dossier.book import Book
from gossan.dossier.chapter_parts import Charts
from gossan.dossier.claim_review import claim_reviews
from gossan.dossier.crate import CRATE, crate
from gossan.dossier.model import DossierModel
from gossan.dossier.page import render_page
from gossan.dossier.pdf import render_pdf
from gossan.dossier.sentences import found
from gossan.dossier.stac_item import stac_item
from gossan.dossier.stored import MODEL, Model, to_file
from gossan.evidence.custody import custody_csv
from gossan.evidence.ledger import Record
from gossan.io.vectors import geojson_bytes, geoparquet_bytes

LEDGER = "evidence/ledger.jsonl"
CUSTODY = "evidence/custody.csv"
PARQUET = "data/sites.parquet"
REVIEWS = "evidence/claim-review.jsonld"
PNG = b"\x89PNG"


@dataclass(frozen=True)
class Given:
    """What a verification has checked by reading it, which is quicker than making it again.

    Attributes
    ----------
    model, blobs : as `to_file` gives them
    parquet : the sites as GeoParquet
    page : the page and its pictures, by path; None to draw them
    """

    model: bytes
    blobs: dict[str, bytes]
    parquet: bytes
    page: dict[str, bytes] | None


@use_language(ENGLISH)
def faces(
    model: Model,
    book: Book,
    charts: Charts,
    maker: Agent,
    chain: list[Record],
    given: Given | None = None,
) -> dict[str, bytes]:
    """Every file, by path. Equal arguments give equal bytes.

    `book` is that of the model, `charts` the drawing of its plots. What is `given` is taken over
    and not made.
    """
    page = None if given is None else given.page
    page = render_page(book, charts) if page is None else page
    files = {**book.files(), **page, "dossier.pdf": render_pdf(book, charts)}
    if isinstance(model, DossierModel):
        sites, kinds = [s.site for s in model.sites], model.kinds
        files["data/sites.geojson"] = geojson_bytes(sites, kinds, " ".join(found(model)))
        files[PARQUET] = geoparquet_bytes(sites, kinds) if given is None else given.parquet
    files[MODEL], blobs = to_file(model) if given is None else (given.model, given.blobs)
    there = {hash_bytes(d) for d in files.values()}
    files |= blob_files({h: d for h, d in blobs.items() if h not in there})
    files[LEDGER] = ledger_bytes(chain)
    files[CUSTODY] = custody_csv(chain)
    reviews = claim_reviews(model, maker)
    if reviews is not None:
        files[REVIEWS] = reviews
    if isinstance(model, DossierModel):
        files["stac/item.json"] = stac_item(model, maker, files)
    files[CRATE] = crate(model, maker, chain, files)
    return files


def blob_files(blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Pictures that no face shows as files of their own, by path: the first 16 digits of their
    hashes, all of them where these do not tell them apart."""
    digits = {h: h.removeprefix("sha256:") for h in blobs}
    alike = Counter(d[:16] for d in digits.values())
    out = {}
    for digest, data in blobs.items():
        name = digits[digest]
        name = name[:16] if alike[name[:16]] == 1 else name
        out[f"data/images/{name}.{'png' if data.startswith(PNG) else 'bin'}"] = data
    return out


def ledger_bytes(chain: Iterable[Record]) -> bytes:
    """A chain as JSON lines: each record with its hash."""
    return b"".join(canonical_json({"hash": h, "record": r}) + b"\n" for r, h in chain)


def read_ledger(data: bytes) -> list[Record]:
    """The chain of `ledger_bytes`. Raises GossanError (LEDGER) naming the first bad line."""
    chain: list[Record] = []
    for number, line in enumerate(data.splitlines()):
        try:
            body = json.loads(line)
            record, digest = body["record"], body["hash"]
        except (ValueError, KeyError, TypeError, RecursionError):
            record, digest = None, None
        if not isinstance(record, Mapping) or not isinstance(digest, str):
            raise GossanError(
                Code.LEDGER,
                tr(
                    "Ledger record {number} is no longer one: it was cut or changed.", number=number
                ),
            )
        chain.append((dict(record), digest))
    return chain

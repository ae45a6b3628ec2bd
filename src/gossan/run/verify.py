"""Verify a dossier from nothing but the dossier.

In this order: the folder, the manifest, the signature and time-stamp, every file against the
manifest, the chain of the ledger, the model against the ledger, and everything shown against the
model, by drawing it again. The first thing that is wrong ends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gossan.core.agent import Maker
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Progress
from gossan.dossier.book import Book, book_of
from gossan.dossier.chapter_parts import Charts
from gossan.dossier.differences import difference
from gossan.dossier.gaps import MismatchError, gaps, show_through
from gossan.dossier.model import DossierModel
from gossan.dossier.page import render_page
from gossan.dossier.stored import MODEL, Model, from_file
from gossan.evidence import signature, timestamp
from gossan.evidence.ledger import Record, clock_of, resting_on, verify_chain
from gossan.evidence.manifest import (
    BESIDE,
    MANIFEST,
    SIGNATURE,
    TIMESTAMP,
    Manifest,
    first_difference,
    read_manifest,
)
from gossan.io.dossier_folder import read_folder
from gossan.io.keys import read_small
from gossan.io.software import code_hash
from gossan.io.vectors import geoparquet_says
from gossan.run.audit import against_ledger
from gossan.run.audit_statements import struck_check
from gossan.run.checks import Check
from gossan.run.render import LEDGER, PARQUET, Given, faces, read_ledger

PAGE = "index.html"
NAMED = 5
"""Files that an operating system left, named at most."""


@dataclass(frozen=True)
class Verified:
    """A dossier in which nothing is wrong.

    Attributes
    ----------
    checks : in the order they were made
    model, chain : what it rests on, read back
    files : all of it, by path
    """

    checks: tuple[Check, ...]
    model: Model
    chain: list[Record]
    files: Mapping[str, bytes]

    @property
    def whole(self) -> bool:
        """False where something could not be checked, e.g. nobody signed it."""
        return all(c.whole for c in self.checks)


def verify(
    folder: Path,
    progress: Progress,
    *,
    key: str = "",
    roots: Path | None = None,
    charts: bool = False,
) -> Verified:
    """Check a dossier; `key` is the public key that must have signed it, "" whichever did.

    `roots` is a PEM file of certificates trusted for time-stamps; `charts` draws the charts
    again too, which takes about a tenth of a second each. Raises GossanError naming the first
    thing that is wrong.
    """
    found = read_folder(folder)
    files = found.files
    if MANIFEST not in files:
        raise GossanError(
            Code.DOSSIER,
            f"{folder} holds no {MANIFEST}.",
            "Give the folder of a dossier; one made before gossan wrote manifests cannot be "
            "verified.",
        )
    manifest = read_manifest(files[MANIFEST])
    checks = list(_signature(files, key, roots))
    told = _passed_over(manifest, found.litter)
    _files(manifest, files)
    checks.append(Check("files", True, f"all {len(manifest.files)} are as listed{told}"))
    chain = _chain(manifest, files)
    told = f"{len(chain)} records, each following the one before{clock_of(chain)}"
    checks.append(Check("ledger", True, told))
    model, blobs = from_file(files[MODEL], _by_hash(files))
    _signer(model, files)
    checks.append(against_ledger(model, manifest.ledger, chain))
    checks += struck_check(chain)
    checks.append(_drawn_again(manifest, model, blobs, chain, files, charts, progress))
    return Verified(tuple(checks), model, chain, files)


def _signature(files: Mapping[str, bytes], key: str, roots: Path | None) -> Sequence[Check]:
    if SIGNATURE not in files:
        if key:
            raise GossanError(Code.SIGNATURE, f"Nobody signed this dossier; {key} was expected.")
        if TIMESTAMP in files:
            raise GossanError(Code.SIGNATURE, "There is a time-stamp, but nothing it stamps.")
        return [Check("signature", False, "nobody signed it: whoever had it could change it")]
    found = signature.read_signature(files[SIGNATURE])
    reply = files.get(TIMESTAMP)
    signature.check(found, files[MANIFEST], reply)
    if key and found.key != key:
        raise GossanError(
            Code.SIGNATURE,
            f"It was signed with another key: {found.key}, expected {key}.",
            "Somebody else made or changed this dossier.",
        )
    whose = "the key you gave" if key else f"{found.key}; compare it with what its owner publishes"
    checks = [Check("signature", True, f"holds, by {whose}")]
    if reply is not None:
        known = [] if roots is None else timestamp.read_roots(read_small(roots, "certificates"))
        stamp = timestamp.check_reply(reply, bytes.fromhex(found.signature), known)
        end = f"its chain ends at {stamp.root}"
        trust = (
            "which you trust" if stamp.trusted else "not held against any you trust (--tsa-root)"
        )
        when = f"{stamp.time:%Y-%m-%d %H:%M:%S} UTC by {stamp.authority}"
        checks.append(Check("time-stamp", True, f"{when}; {end}, {trust}"))
    return checks


def _passed_over(manifest: Manifest, litter: Sequence[str]) -> str:
    """What was not looked at, in words. Such a name inside the manifest is not passed over."""
    if listed := next((n for n in litter if n in manifest.files), None):
        raise GossanError(
            Code.DOSSIER, f"{_shown(listed)} is listed in the manifest; gossan writes no such file."
        )
    if not litter:
        return ""
    names = ", ".join(_shown(n) for n in litter[:NAMED])
    more = f" and {len(litter) - NAMED} more" if len(litter) > NAMED else ""
    return f"; left by an operating system, no part of the dossier and not read: {names}{more}"


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _files(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    wrong = first_difference(manifest, files)
    if wrong is not None:
        raise GossanError(Code.DOSSIER, wrong + _told(manifest, files, wrong))


def _told(manifest: Manifest, files: Mapping[str, bytes], wrong: str) -> str:
    """What the page says instead of what the data say, where the page alone was changed."""
    if not wrong.startswith(PAGE) or _listed(manifest, files, (PAGE,)):
        return ""
    try:
        model, _ = from_file(files[MODEL], _by_hash(files))
        _page(book_of(model), files)
    except (GossanError, KeyError) as error:
        return f" {error.problem}" if isinstance(error, GossanError) else ""
    return ""


def _listed(manifest: Manifest, files: Mapping[str, bytes], but: Sequence[str]) -> bool:
    """True where a file other than `but` is not as listed too."""
    return any(
        name not in but and hash_bytes(files.get(name, b"")) != listed.sha256
        for name, listed in manifest.files.items()
    )


def _by_hash(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {hash_bytes(d): d for d in files.values()}


def _chain(manifest: Manifest, files: Mapping[str, bytes]) -> list[Record]:
    if LEDGER not in files or MODEL not in files:
        missing = LEDGER if LEDGER not in files else MODEL
        raise GossanError(Code.DOSSIER, f"{missing} is missing.")
    chain = read_ledger(files[LEDGER])
    verify_chain(chain)
    if not chain or chain[-1][1] != manifest.ledger or len(resting_on(chain)) != len(chain):
        raise GossanError(
            Code.LEDGER,
            "The ledger does not end at the record on which the manifest says the dossier rests.",
        )
    return chain


def _signer(model: Model, files: Mapping[str, bytes]) -> None:
    by = signature.read_signature(files[SIGNATURE]).key if SIGNATURE in files else ""
    if model.signer != by:
        said, found = model.signer or "nobody", by or "nobody"
        raise GossanError(
            Code.SIGNATURE,
            f"The dossier says that {said} signs it, the signature is by {found}.",
            "Somebody else took the signature off or put another one on.",
        )


def _drawn_again(
    manifest: Manifest,
    model: Model,
    blobs: dict[str, bytes],
    chain: list[Record],
    files: Mapping[str, bytes],
    charts: bool,
    progress: Progress,
) -> Check:
    """Everything shown, drawn from the model once more and compared byte for byte."""
    maker = Maker(manifest.who, manifest.software, manifest.code, manifest.packages)
    try:
        book = book_of(model)
        drawn = _charts(book, progress) if charts else _page(book, files)
        given = Given(files[MODEL], blobs, files.get(PARQUET, b""))
        made = faces(model, book, drawn, maker, chain, given)
        _parquet(model, given.parquet)
    except GossanError:
        if manifest.code == code_hash():
            raise
        return _other(manifest)
    except Exception as error:  # a model that fits its types may still make no sense
        raise GossanError(
            Code.DOSSIER, f"{MODEL} cannot be drawn ({type(error).__name__}: {str(error)[:100]})."
        ) from None
    there = {n: d for n, d in files.items() if n not in BESIDE}
    for name in sorted(set(made) | set(there)):
        if made.get(name) == there.get(name):
            continue
        if manifest.code != code_hash():
            return _other(manifest)
        if name not in made or name not in there:
            what = "does not follow from the data" if name in there else "is missing"
            raise GossanError(Code.DOSSIER, f"{name} {what}.")
        raise GossanError(Code.DOSSIER, difference(name, made[name], there[name]))
    told = "charts too" if charts else "all but the charts' drawing (--charts)"
    return Check("page, PDF and tables", True, f"say what the data say: {told}")


def _parquet(model: Model, found: bytes) -> None:
    if isinstance(model, DossierModel) and not geoparquet_says(
        found, [s.site for s in model.sites], model.kinds
    ):
        raise GossanError(Code.DOSSIER, f"{PARQUET} does not hold the sites that are shown.")


def _other(manifest: Manifest) -> Check:
    return Check(
        "page, PDF and tables",
        False,
        f"not compared: made by {manifest.software} of another build ({manifest.code[:19]}); "
        "verify with that one",
    )


def _charts(book: Book, progress: Progress) -> Charts:
    from gossan.dossier.chapter_charts import draw  # loads slowly

    with progress.task("Drawing the charts", 1) as task:
        drawn = draw(book.all)
        task.advance()
    return drawn


def _page(book: Book, files: Mapping[str, bytes]) -> Charts:
    """The charts of the page as found, when all else in it is as drawn from the book."""
    expected = render_page(book, gaps(book))[PAGE].decode()
    page = files.get(PAGE, b"").decode("utf-8", "replace")
    try:
        return show_through(expected, page)
    except MismatchError as error:
        told = difference(PAGE, _without_charts(expected), _without_charts(page))
        raise GossanError(Code.DOSSIER, f"{told}" if '"' in told else f"{PAGE}: {error}.") from None


def _without_charts(page: str) -> bytes:
    return re.sub(
        r"<svg[^>]*class=\"marks\".*?</svg>|\ue000[^\ue001]*\ue001", "", page, flags=re.S
    ).encode()

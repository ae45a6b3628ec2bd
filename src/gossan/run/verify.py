"""Verify a dossier from nothing but the dossier.

In this order: the folder, the manifest, the signature and time-stamps, every file against the
manifest, the chain of the ledger, every part of the model against the record that binds it and
against the records of its measurement, and everything shown against the model, by drawing it
again. The first thing that is wrong ends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from gossan.core.agent import Agent
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Progress
from gossan.core.words import english, tr
from gossan.dossier.book import Book, book_of
from gossan.dossier.chapter_parts import Charts
from gossan.dossier.differences import difference
from gossan.dossier.gaps import MismatchError, gaps, show_through
from gossan.dossier.model import DossierModel
from gossan.dossier.page import render_page
from gossan.dossier.stored import MODEL, Model, from_file
from gossan.evidence import binding, signature, timestamp
from gossan.evidence.ledger import Record, clock_of, resting_on, verify_chain
from gossan.evidence.manifest import (
    BESIDE,
    MANIFEST,
    SIGNATURE,
    STAMPS,
    UNBOUND,
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
from gossan.run.derived import require_derived
from gossan.run.known_keys import Signer, signer_of
from gossan.run.render import LEDGER, PARQUET, Given, faces, read_ledger

PAGE = "index.html"
NAMED = 5
"""Files that an operating system left, named at most."""


@dataclass(frozen=True)
class Verified:
    """A dossier in which nothing contradicts anything else.

    Attributes
    ----------
    checks : in the order they were made
    signer : who signed it, as far as the reader knows
    stamps : what time-stamp authorities say
    others : who signed, by the ledger, earlier dossiers that it continues
    model, chain : what it rests on, read back
    files : all of it, by path
    """

    checks: tuple[Check, ...]
    signer: Signer
    stamps: tuple[timestamp.Stamp, ...]
    others: tuple[str, ...]
    model: Model
    chain: list[Record]
    files: Mapping[str, bytes]

    @property
    def whole(self) -> bool:
        """False where something could not be compared, e.g. another build drew the page."""
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
            tr("{folder} holds no {file}.", folder=folder, file=MANIFEST),
            tr(
                "Give the folder of a dossier; one made before gossan wrote manifests cannot be "
                "verified."
            ),
        )
    manifest = read_manifest(files[MANIFEST])
    signer, stamps = _signature(files, key, roots)
    told = _passed_over(manifest, found.litter)
    _files(manifest, files)
    checks = [
        Check(
            "files",
            True,
            tr("all {n_files} are as listed{told}", n_files=len(manifest.files), told=told),
        )
    ]
    chain = _chain(manifest, files)
    told = tr(
        "{n_chain} records, each following the one before{clock}",
        n_chain=len(chain),
        clock=clock_of(chain),
    )
    checks.append(Check("ledger", True, told))
    model, blobs = from_file(files[MODEL], _by_hash(files))
    bound = _bound(manifest, chain)
    checks.append(_parts(bound, files[MODEL], manifest))
    checks.append(against_ledger(model, manifest.ledger, chain))
    if bound is not None and manifest.code == code_hash():
        require_derived(model, chain)
    checks += struck_check(chain)
    checks.append(_drawn_again(manifest, model, blobs, chain, files, bound, charts, progress))
    _require_signer(model.signer, signer.key, bound)
    others = _others(chain, signer)
    return Verified(tuple(checks), signer, stamps, others, model, chain, files)


def _signature(
    files: Mapping[str, bytes], key: str, roots: Path | None
) -> tuple[Signer, tuple[timestamp.Stamp, ...]]:
    replies = [files[name] for name in STAMPS if name in files]
    if SIGNATURE not in files:
        if key:
            raise GossanError(
                Code.SIGNATURE, tr("Nobody signed this dossier; {key} was expected.", key=key)
            )
        if replies:
            raise GossanError(Code.SIGNATURE, tr("There is a time-stamp, but nothing it stamps."))
        return signer_of("", ""), ()
    found = signature.read_signature(files[SIGNATURE])
    signature.check(found, files[MANIFEST], replies)
    if key and found.key != key:
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "It was signed with another key: {found}, expected {key}.", found=found.key, key=key
            ),
            tr("Somebody else made or changed this dossier."),
        )
    known = [] if roots is None else timestamp.read_roots(read_small(roots, "certificates"))
    over = bytes.fromhex(found.signature)
    return signer_of(found.key, key), _stamps(replies, over, known)


def _stamps(
    replies: Sequence[bytes], over: bytes, roots: Sequence[Certificate]
) -> tuple[timestamp.Stamp, ...]:
    """What each time-stamp says. Where roots are trusted, one of them must end at one of these;
    the others hold in themselves."""
    alone = [timestamp.check_reply(reply, over) for reply in replies]
    if not roots:
        return tuple(alone)
    out, errors = [], list[GossanError]()
    for reply, stamp in zip(replies, alone, strict=True):
        try:
            out.append(timestamp.check_reply(reply, over, roots))
        except GossanError as error:
            errors.append(error)
            out.append(stamp)
    if errors and not any(s.trusted for s in out):
        raise errors[0]
    return tuple(out)


def _bound(manifest: Manifest, chain: Sequence[Record]) -> dict[str, Any] | None:
    """The record that binds what is shown, None in a dossier of an older gossan."""
    record = binding.bound_in(chain)
    if manifest.format == UNBOUND:
        mine = code_hash()
        if any(r["action"] == binding.ACTION or r.get("code") == mine for r, _ in chain):
            raise GossanError(
                Code.LEDGER,
                tr(
                    "The manifest says that an older gossan made the dossier ({unbound}); its "
                    "ledger is by one that binds what is shown.",
                    unbound=UNBOUND,
                ),
                tr("Somebody wrote the manifest anew."),
            )
        return None
    if record is None:
        raise GossanError(
            Code.LEDGER,
            tr(
                "The ledger should end with a record {action!r} of what is shown; it ends with "
                "{found!r}.",
                action=binding.ACTION,
                found=str(chain[-1][0]["action"])[:40],
            ),
            tr("Somebody cut the ledger short, or added to it."),
        )
    who = (manifest.who, manifest.software, manifest.code, manifest.packages)
    if who != tuple(record.get(k) for k in ("who", "software", "code", "packages")):
        raise GossanError(
            Code.LEDGER,
            tr(
                "The ledger says that the dossier was made by {maker} with {made_with} ({build}); "
                "the manifest says {who} with {software} ({code}).",
                maker=record.get("who"),
                made_with=record.get("software"),
                build=str(record.get("code"))[:19],
                who=manifest.who,
                software=manifest.software,
                code=manifest.code[:19],
            ),
        )
    return record


def _require_signer(said: str, by: str, bound: Mapping[str, Any] | None) -> None:
    """That page and ledger name who signed."""
    recorded = said if bound is None else str(bound["parameters"].get("signed_by"))
    recorded = "" if recorded == binding.NOBODY else recorded
    if said == by == recorded:
        return
    if not by:
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "The signature was taken off: {where} says that {key} signed this dossier, and "
                "now nobody does.",
                where=tr("the dossier") if bound is None else tr("the ledger"),
                key=recorded or said,
            ),
            tr(
                "Whoever took it off could have changed anything. Ask the owner of that key for "
                "the dossier."
            ),
        )
    named, owner = ("dossier", said) if bound is None or recorded == by else ("ledger", recorded)
    raise GossanError(
        Code.SIGNATURE,
        tr(
            "The {named} says that {owner} signs it, the signature is by {by}.",
            named=named,
            owner=owner or binding.NOBODY,
            by=by,
        ),
        tr("Somebody else signed it anew, and may have changed it."),
    )


def _parts(bound: Mapping[str, Any] | None, model: bytes, manifest: Manifest) -> Check:
    if bound is None:
        return Check(
            "parts",
            False,
            tr(
                "an older gossan made this dossier ({format}): its ledger holds images, sites, "
                "limits and documents, but not each picture, series, chapter and name, for which "
                "its signature alone stands",
                format=manifest.format,
            ),
        )
    plain = json.loads(model)["model"]
    n = binding.require_parts(bound, binding.parts_of(plain, {}), charts=False)
    return Check("parts", True, tr("all {n} parts shown are those the ledger recorded", n=n))


def _others(chain: Sequence[Record], signer: Signer) -> tuple[str, ...]:
    """Keys that signed earlier dossiers of this ledger. Raises GossanError (SIGNATURE) where one
    of them is known to the reader and the signer of this one is not."""
    said = [r["parameters"].get("signed_by") for r, _ in chain if r["action"] == binding.ACTION]
    others = [k for k in dict.fromkeys(map(str, said)) if k not in (signer.key, binding.NOBODY)]
    known = next((s for k in others if (s := signer_of(k, "")).name), None)
    if known is not None and not signer.confirmed:
        raise GossanError(
            Code.SIGNATURE,
            tr(
                'The ledger holds an earlier dossier signed by the key you know as "{name}". '
                "This one is signed by {key}, and you do not know that key.",
                name=known.name,
                key=signer.key or binding.NOBODY,
            ),
            tr("Somebody may have gone on from a dossier of theirs. Ask them."),
        )
    return tuple(others)


def _passed_over(manifest: Manifest, litter: Sequence[str]) -> str:
    """What was not looked at, in words. Such a name inside the manifest is not passed over."""
    if listed := next((n for n in litter if n in manifest.files), None):
        raise GossanError(
            Code.DOSSIER,
            tr(
                "{listed} is listed in the manifest; gossan writes no such file.",
                listed=_shown(listed),
            ),
        )
    if not litter:
        return ""
    names = ", ".join(_shown(n) for n in litter[:NAMED])
    more = tr(" and {n_litter} more", n_litter=len(litter) - NAMED) if len(litter) > NAMED else ""
    return tr(
        "; left by an operating system, no part of the dossier and not read: {names}{more}",
        names=names,
        more=more,
    )


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _files(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    wrong = first_difference(manifest, files)
    if wrong is not None:
        raise GossanError(Code.DOSSIER, wrong + _told(manifest, files, wrong))


def _told(manifest: Manifest, files: Mapping[str, bytes], wrong: str) -> str:
    """What the page says instead of what the data say, where the page alone was changed."""
    if not english(wrong).startswith(PAGE) or _listed(manifest, files, (PAGE,)):
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
        raise GossanError(Code.DOSSIER, tr("{missing} is missing.", missing=missing))
    chain = read_ledger(files[LEDGER])
    verify_chain(chain)
    if not chain or chain[-1][1] != manifest.ledger or len(resting_on(chain)) != len(chain):
        raise GossanError(
            Code.LEDGER,
            tr(
                "The ledger does not end at the record on which the manifest says the dossier "
                "rests."
            ),
        )
    return chain


def _drawn_again(
    manifest: Manifest,
    model: Model,
    blobs: dict[str, bytes],
    chain: list[Record],
    files: Mapping[str, bytes],
    bound: Mapping[str, Any] | None,
    charts: bool,
    progress: Progress,
) -> Check:
    """Everything shown, drawn from the model once more and compared byte for byte."""
    maker = Agent(manifest.who, manifest.software, manifest.code, manifest.packages)
    try:
        book = book_of(model)
        drawn, page = (_charts(book, progress), None) if charts else _page(book, files)
        if bound is not None:
            binding.require_parts(bound, _chart_parts(files[MODEL], drawn), charts=True)
        given = Given(files[MODEL], blobs, files.get(PARQUET, b""), page)
        made = faces(model, book, drawn, maker, chain, given)
        _parquet(model, given.parquet)
    except GossanError as error:
        if manifest.code == code_hash() or error.code is Code.LEDGER:
            raise
        return _other(manifest)
    except Exception as error:  # a model that fits its types may still make no sense
        raise GossanError(
            Code.DOSSIER,
            tr(
                "{file} cannot be drawn ({kind}: {reason}).",
                file=MODEL,
                kind=type(error).__name__,
                reason=str(error)[:100],
            ),
        ) from None
    there = {n: d for n, d in files.items() if n not in BESIDE}
    for name in sorted(set(made) | set(there)):
        if made.get(name) == there.get(name):
            continue
        if manifest.code != code_hash():
            return _other(manifest)
        if name not in made or name not in there:
            what = tr("does not follow from the data") if name in there else tr("is missing")
            raise GossanError(Code.DOSSIER, f"{name} {what}.")
        raise GossanError(Code.DOSSIER, difference(name, made[name], there[name]))
    if charts:
        told = tr("charts drawn again too")
    elif bound is not None:
        told = tr("charts are the drawings on record")
    else:
        told = tr("all but the charts' drawing (--charts)")
    return Check(tr("page, PDF and tables"), True, tr("say what the data say; {told}", told=told))


def _chart_parts(model: bytes, drawn: Charts) -> dict[str, str]:
    salt = {"salt": json.loads(model)["model"].get("salt", "")}
    return binding.parts_of(salt, drawn)


def _parquet(model: Model, found: bytes) -> None:
    if isinstance(model, DossierModel) and not geoparquet_says(
        found, [s.site for s in model.sites], model.kinds
    ):
        raise GossanError(
            Code.DOSSIER, tr("{file} does not hold the sites that are shown.", file=PARQUET)
        )


def _other(manifest: Manifest) -> Check:
    return Check(
        tr("page, PDF and tables"),
        False,
        tr(
            "not compared: made by {software} of another build ({code}); verify with that one",
            software=manifest.software,
            code=manifest.code[:19],
        ),
    )


def _charts(book: Book, progress: Progress) -> Charts:
    from gossan.dossier.chapter_charts import draw  # loads slowly

    with progress.task(tr("Drawing the charts"), 1) as task:
        drawn = draw(book.all)
        task.advance()
    return drawn


def _page(book: Book, files: Mapping[str, bytes]) -> tuple[Charts, dict[str, bytes]]:
    """The charts of the page as found, when all else in it is as drawn from the book; and the
    files of the page with these charts."""
    empty = render_page(book, gaps(book))
    expected = empty[PAGE].decode()
    page = files.get(PAGE, b"").decode("utf-8", "replace")
    try:
        return show_through(expected, page), {**empty, PAGE: page.encode()}
    except MismatchError as error:
        told = difference(PAGE, _without_charts(expected), _without_charts(page))
        raise GossanError(Code.DOSSIER, f"{told}" if '"' in told else f"{PAGE}: {error}.") from None


def _without_charts(page: str) -> bytes:
    return re.sub(
        r"<svg[^>]*class=\"marks\".*?</svg>|\ue000[^\ue001]*\ue001", "", page, flags=re.S
    ).encode()

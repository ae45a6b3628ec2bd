"""Take a document into a case: fetch or read it, archive it, redact it, read its claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gossan.case.context import OpenCase, open_case
from gossan.case.documents import claims_of, document, gazetteer_of, names_of, record, reports_of
from gossan.case.redaction import Redactor, redactor_of
from gossan.case.seals import Seals
from gossan.claims.copies import cluster_of
from gossan.claims.extract import EXTRACTOR, OLD_ID, extract
from gossan.claims.language import LANGUAGES, read_as
from gossan.claims.publication import decide
from gossan.claims.relations import clusters_of, related
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Progress
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, Report, ReviewStatus
from gossan.core.words import tr
from gossan.io.documents.archive import Original, accepted, read_document, write_original
from gossan.io.documents.charset import decoded, unreadable
from gossan.io.documents.media import SUFFIX, media_of
from gossan.io.documents.parse import Extracted, extract_text
from gossan.io.network.fetch import fetch
from gossan.observables.registry import observables

WEB_ARCHIVES = ("warc", "wacz")
"""Kinds that hold many documents, read as files only."""
MAX_DEPTH = 3
"""Mails attached to mails ... that are read."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What the person who adds a document says of it; None and "" leave it to the document.

    Attributes
    ----------
    published : day of publication, overrides what the document says
    outlet : who published it
    side : whose voice it is, for the chronicle's columns
    """

    published: date | None = None
    outlet: str = ""
    side: str = ""


@dataclass(frozen=True)
class Added:
    """One document taken in: the report, its claims, whether it was there before, and how ids are
    shown in this case."""

    report: Report
    claims: tuple[Claim, ...]
    known: bool
    names: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """One line that says what changed."""
        r, name = self.report, self.names[self.report.id]
        if self.known:
            return tr(
                "{name}: {origin} is in the case already; nothing changed.",
                name=name,
                origin=r.origin,
            )
        if unreadable(r.body):
            return tr(
                "{name}: {origin} archived, not read: its letters could not be made out.",
                name=name,
                origin=r.origin,
            )
        if r.language not in LANGUAGES:
            return tr(
                "{name}: {origin} archived, not read: its language is {language!r}.",
                name=name,
                origin=r.origin,
                language=r.language,
            )
        when = r.published.day.isoformat() if r.published.day else tr("on an unknown day")
        copy = ""
        if r.cluster != r.id:
            copy = tr(
                " A near copy of {other}: counted as one source.",
                other=self.names.get(r.cluster, r.cluster),
            )
        return tr(
            "{name}: {title}, published {when} ({method}); {n_claims} claims to review.{copy}",
            name=name,
            title=r.title or r.origin,
            when=when,
            method=r.published.method,
            n_claims=len(self.claims),
            copy=copy,
        )

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "report": to_plain(self.report),
            "claims": to_plain(self.claims),
            "known": self.known,
        }


def add_reports(
    folder: Path, targets: Sequence[str], said: Reported, progress: Progress
) -> list[Added]:
    """Add files and web addresses to a case, one transaction each.

    Raises GossanError (REPORT) for the first that cannot be read; those before it stay.
    """
    out = []
    with open_case(folder) as case:
        for target in targets:
            for original in _originals(case, target):
                out += _with_attached(case, original, said, progress)
    return out


def _with_attached(
    case: OpenCase, original: Original, said: Reported, progress: Progress, depth: int = 0
) -> list[Added]:
    """A document, and what is attached to it where it is a mail, each a report of its own."""
    progress.say(tr("Reading {origin} ...", origin=original.origin))
    sha = hash_bytes(original.data)
    held = list(reports_of(case.db).values())
    same = next((r for r in held if r.sha256 == sha), None)
    if same is not None:
        return [_again(case, same, said, progress)]
    extracted = extract_text(original)
    readable = [a for a in extracted.attached if a.media in SUFFIX and a.media not in WEB_ARCHIVES]
    unread = [
        tr(
            "Not read: {origin}, {media}.",
            origin=a.origin.removeprefix(original.origin + ": "),
            media=a.media,
        )
        for a in extracted.attached
        if a not in readable
    ]
    if depth >= MAX_DEPTH and readable:
        unread.append(
            tr(
                "Not read: {n_readable} attachments of a mail within {depth} others.",
                n_readable=len(readable),
                depth=depth,
            )
        )
        readable = []
    extracted = replace(extracted, warnings=(*extracted.warnings, *unread))
    out = [_add(case, original, sha, extracted, said, held, progress)]
    for attached in readable:
        try:
            out += _with_attached(case, attached, said, progress, depth + 1)
        except GossanError as error:  # the mail itself is in the case, and says more than this one
            progress.say(tr("Not read: {problem}", problem=error.problem))
    return out


def _originals(case: OpenCase, target: str) -> Iterator[Original]:
    if "://" in target:
        got = fetch(target, allow_private=case.config.reports.allow_private)
        media = accepted(media_of(got.data, got.content_type, got.url), got.url)
        if media in WEB_ARCHIVES:
            raise GossanError(
                Code.REPORT,
                tr("{url} is a web archive, expected a page or a document.", url=got.url),
                tr("Save it as a file and add that."),
            )
        yield Original(got.data, media, got.url, got.exchanges, got.content_type)
    else:
        yield from read_document(Path(target))


def _add(
    case: OpenCase,
    original: Original,
    sha: str,
    extracted: Extracted,
    said: Reported,
    known: list[Report],
    progress: Progress,
) -> Added:
    name = f"R-{sha.removeprefix('sha256:')}"
    redactor = redactor_of(case.config)
    report = _report(name, sha, original, extracted, said, known, redactor)
    report = replace(report, kept=_keep(case, original, report, extracted, redactor))
    if not (case.folder / "places.db").exists():
        progress.say(tr("Building the gazetteer of this case (once) ..."))
    claims = _claims(case, report)
    return _store(case, report, claims, original)


def _claims(case: OpenCase, report: Report) -> tuple[Claim, ...]:
    with gazetteer_of(case) as gazetteer:
        claims = extract(report, gazetteer, [o.claim_type for o in observables()])
    clusters = clusters_of([*reports_of(case.db).values(), report])
    others = [c for c in claims_of(case.db).values() if c.report != report.id]
    return tuple(redactor_of(case.config).claims(related(claims, others, clusters)))


def _store(case: OpenCase, report: Report, claims: tuple[Claim, ...], original: Original) -> Added:
    seals = Seals(case.db)
    record(
        case.db,
        "report",
        {"requests": len(original.exchanges), "media": report.media},
        {"report": seals.report(report), "claims": [seals.mark("claim", c.id, c) for c in claims]},
        [
            document("report", report.id, report),
            *(document("claim", c.id, c) for c in claims),
            *seals.documents(),
        ],
        {"extractor": EXTRACTOR},
    )
    return Added(report, claims, known=False, names=names_of(case.db))


def _again(case: OpenCase, report: Report, said: Reported, progress: Progress) -> Added:
    """A known document: only another day of publication changes anything."""
    mine = [c for c in claims_of(case.db).values() if c.report == report.id]
    names = names_of(case.db)
    if said.published in (None, report.published.day):
        return Added(report, tuple(mine), known=True, names=names)
    if any(c.status is not ReviewStatus.UNREVIEWED for c in mine):
        raise GossanError(
            Code.REPORT,
            tr(
                "{name} has reviewed claims that rest on {day} as its day of publication.",
                name=names[report.id],
                day=report.published.day,
            ),
            tr("Correct the dates of these claims instead."),
        )
    old = report.published
    new = replace(
        decide((), report.body, report.origin, said.published), overridden=old.overridden or old.day
    )
    report = replace(report, published=new)
    progress.say(
        tr(
            "{name} is known; its day of publication becomes {published}.",
            name=names[report.id],
            published=said.published,
        )
    )
    before = {c.id for c in mine}
    # what an old case calls a claim it goes on to call it
    claims = tuple(
        replace(c, id=old_id) if (old_id := c.id[:OLD_ID]) in before else c
        for c in _claims(case, report)
    )
    gone = before - {c.id for c in claims}
    seals = Seals(case.db)
    sealed = seals.current("report", report.id)
    record(
        case.db,
        "report",
        {"before": sealed.mark if sealed else ""},
        {"report": seals.report(report), "claims": [seals.mark("claim", c.id, c) for c in claims]},
        [
            document("report", report.id, report),
            *(document("claim", i, None) for i in sorted(gone)),
            *(document("claim", c.id, c) for c in claims),
            *seals.documents(),
        ],
        {"extractor": EXTRACTOR},
    )
    return Added(report, claims, known=False, names=names_of(case.db))


def _not_read(body: str, language: str, unread: str) -> Iterator[str]:
    """What of the text no claim is looked for in, and why."""
    if unread:
        yield unread
    if unreadable(body):
        yield tr("Not read: its letters could not be made out, whatever language they are.")
    elif language not in LANGUAGES:
        yield tr(
            "Not read: the language is {language!r}; English and Russian are read.",
            language=language,
        )


def _report(
    name: str,
    sha: str,
    original: Original,
    extracted: Extracted,
    said: Reported,
    known: list[Report],
    redactor: Redactor,
) -> Report:
    body = redactor.text(extracted.text)
    redactions = redactor.counted(
        (
            extracted.text,
            extracted.title,
            extracted.author,
            extracted.outlet,
            said.outlet,
            said.side,
        ),
        (original.origin,),
    )
    redactions.update(extracted.personal)
    published = decide(extracted.dates, body, original.origin, said.published)
    language, unread = read_as(body)
    warnings = [*extracted.warnings, *_not_read(body, language, unread)]
    if published.day is None:
        warnings.append(
            tr(
                "No day of publication was found: relative dates stay open. Give it with "
                "--published."
            )
        )
    return redactor.report(
        Report(
            id=name,
            sha256=sha,
            captured=datetime.now(UTC).isoformat(timespec="seconds"),
            origin=original.origin,
            media=original.media,
            title=extracted.title or _headline(body),
            outlet=said.outlet or extracted.outlet,
            author=extracted.author,
            published=published,
            language=language,
            body=body,
            redactions=dict(redactions),
            cluster=cluster_of(body, known) or name,
            side=said.side,
            warnings=tuple(warnings),
        )
    )


def _headline(body: str) -> str:
    """The longest of the first short lines: what a text file has for a title."""
    lines = [line.strip() for line in body.splitlines() if line.strip()][:6]
    short = [x for x in lines if 15 < len(x) < 160 and not x.endswith(".") and ":" not in x]
    return max(short, key=len, default="")


def _keep(
    case: OpenCase, original: Original, report: Report, extracted: Extracted, redactor: Redactor
) -> str:
    """Archive the document; where it held identifiers only redacted, unless the case wants it.

    It is looked through as it came: its own bytes, what it says of itself, and the whole
    exchange that brought it.
    """
    folder = case.folder / "reports"
    if case.config.reports.keep_originals or not (
        report.redactions or redactor.counted(_raw(original, extracted), _addresses(original))
    ):
        return write_original(folder, report.id, original)
    text = Original(report.body.encode(), "text", report.origin)
    return write_original(folder, f"{report.id}.redacted", text)


def _raw(original: Original, extracted: Extracted) -> Iterator[str]:
    """Everything in a document that could hold an identifier and stays in its archived copy."""
    yield from extracted.meta
    for e in original.exchanges:
        yield from (
            f"{name}: {value}"
            for name, value in (*e.request, *e.response)
            if name.lower() not in PLAIN_HEADERS
        )
    if original.media in ("html", "text", "mhtml", "eml", "rtf"):
        yield decoded(original.data, original.content_type)


def _addresses(original: Original) -> Iterator[str]:
    return (e.url for e in original.exchanges)


PLAIN_HEADERS = (
    "date",
    "content-length",
    "content-type",
    "last-modified",
    "expires",
    "etag",
    "age",
    "server",
    "user-agent",
    "accept",
    "accept-encoding",
    "content-encoding",
    "cache-control",
    "strict-transport-security",
    "report-to",
    "nel",
    "cf-ray",
    "vary",
    "x-request-id",
)
"""Header lines that machines write of themselves, with numbers that call nobody."""

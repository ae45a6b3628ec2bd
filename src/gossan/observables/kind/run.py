"""The kind of every site of a case: weighed from its looks, kept, and overruled by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gossan.case.context import consult_case, open_case, read_case_folder
from gossan.case.documents import digest, document, record
from gossan.case.pixels import Pixels
from gossan.case.redaction import redactor_of
from gossan.case.seals import Seals
from gossan.case.site_pixels import site_key
from gossan.case.sites import CaseSites, found_in, sites_of
from gossan.case.state import Monitored, monitored
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.kinds import KindDecision, KindOfSite, SiteKind
from gossan.core.names import one_named
from gossan.core.progress import Progress, Silent
from gossan.core.serialise import from_plain, to_plain
from gossan.core.words import tr
from gossan.io.case_db import CaseDb, Document
from gossan.observables.kind.classified import classified, settings_of
from gossan.observables.kind.classify import METHOD, fingerprint
from gossan.observables.observable import Updated
from gossan.sites.table import rows

KEPT, DECIDED = "kind", "kind-decision"
"""Kinds of documents: the machine's view of a site, and a person's decision about it."""
LONGEST = 500
"""Characters a reason may have."""


def case_kinds(folder: Path, progress: Progress) -> CaseSites:
    """Sites of a case as of its last update, with the kind of each.

    Raises GossanError (STATE) before the first update.
    """
    with consult_case(folder, progress) as case:
        found = sites_of(case)
        return with_kinds(found, kinds_of(Updated(case, monitored(case), found), progress))


def case_sites_as_of(folder: Path, day: date) -> tuple[CaseSites, str]:
    """Sites as they were known on a day, and a sentence on what that rests on.

    Known on a day is what follows from the scenes acquired by then, whenever they were
    processed. Sites bear the ids they have today. Nothing is written, no lock is taken: the
    ids of today and the ledger stay as they are. Raises GossanError (STATE) as `monitored`.
    """
    with read_case_folder(folder) as case:
        state = monitored(case, day)
        found = found_in(case, state).sites
        said = tr(
            "As known from the scenes acquired by {day}: {n_looks} scenes, the last of {day2}; "
            "commit {snapshot}.",
            day=day,
            n_looks=len(state.looks),
            day2=from_day(state.looks[-1].day),
            snapshot=state.head.snapshot,
        )
        kinds = classified(state, found, Pixels.of(state), settings_of(case), Silent())
        return CaseSites(tuple(found), tuple(rows(found, kinds)), kinds), said


def with_kinds(found: CaseSites, kinds: Mapping[str, KindOfSite]) -> CaseSites:
    """The same sites with their kinds in the rows."""
    return CaseSites(found.sites, tuple(rows(found.sites, kinds)), kinds)


def kinds_of(now: Updated, progress: Progress) -> dict[str, KindOfSite]:
    """The kind of each site by id, with decisions; only what is new is weighed and recorded."""
    case, state, sites = now.case, now.state, now.sites.sites
    known = case.db.documents(KEPT)
    settings = settings_of(case)
    keys = {s.id: site_key(state, s, fingerprint(), settings.get(s.id)) for s in sites}
    new = [s for s in sites if known.get(s.id, {}).get("key") != keys[s.id]]
    found = {i: from_plain(KindOfSite, body["value"]) for i, body in known.items() if i in keys}
    if new:
        found |= classified(state, new, now.pixels, settings, progress)
    _keep(
        case.db, state, {s.id: found[s.id] for s in new}, keys, [i for i in known if i not in keys]
    )
    decided = decisions_of(case.db)
    return {s.id: replace(found[s.id], decision=decided.get(s.id)) for s in sites}


def _keep(
    db: CaseDb,
    state: Monitored,
    new: Mapping[str, KindOfSite],
    keys: Mapping[str, str],
    gone: Sequence[str],
) -> None:
    if not new and not gone:
        return
    documents: list[Document] = [
        (KEPT, i, {"key": keys[i], "value": to_plain(kind)}) for i, kind in new.items()
    ]
    documents += [(KEPT, i, None) for i in gone]
    record(
        db,
        "kinds",
        {"state": state.head.snapshot, "state_hash": state.head.state_hash},
        {"kinds": {i: digest(kind) for i, kind in new.items()}, "withdrawn": list(gone)},
        documents,
        {"method": METHOD, "weights": fingerprint()},
    )


def decisions_of(db: CaseDb) -> dict[str, KindDecision]:
    """What persons decided, by site."""
    return {i: from_plain(KindDecision, body) for i, body in db.documents(DECIDED).items()}


def decide_kind(
    folder: Path, site: str, kind: SiteKind | None, by: str, why: str
) -> KindDecision | None:
    """Record what a person decides about a site; `kind` None takes a decision back.

    Raises GossanError (CASE) where there is no such site, or name or reason are missing.
    """
    by, why = _line("--by", by), _line("--why", why)
    with open_case(folder) as case:
        redactor, seals = redactor_of(case.config), Seals(case.db)
        by, why = redactor.text(by), redactor.text(why)
        name = site_named([s.id for s in sites_of(case).sites], site)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = None if kind is None else KindDecision(name, kind, by, why, now)
        before = decisions_of(case.db).get(name)
        same = made is not None and before is not None and replace(made, when=before.when) == before
        if same or (made is None and before is None):
            return before
        said: dict[str, Any] = {
            "site": name,
            "kind": kind and kind.name,
            "decision": seals.mark(DECIDED, name, made) if made else "",
            "note": "" if made else seals.note(f"{by}: {why}"),
        }
        record(
            case.db,
            DECIDED,
            {"site": name, "before": before and before.kind.name},
            said,
            [document(DECIDED, name, made), *seals.documents()],
        )
        return made


def site_named(ids: Sequence[str], name: str) -> str:
    """A site by its id or the unmistakable beginning of it. Raises GossanError (CASE)."""
    return one_named(ids, name, "S-", "site", Code.CASE, tr("`gossan sites CASE` lists them."))


def _line(option: str, text: str) -> str:
    text = text.strip()
    if text and len(text) <= LONGEST and text.isprintable():
        return text
    raise GossanError(
        Code.CASE,
        tr(
            "{option}: expected one line of 1 to {longest} characters, found {n_text}.",
            option=option,
            longest=LONGEST,
            n_text=len(text),
        ),
        tr('A decision needs a name and a reason: --by "A. Name" --why "seen on a photograph".'),
    )

"""Reports, claims, questions, verdicts and series of a case, in and out of `case.db`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from gossan.case.context import OpenCase
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.measured import Series
from gossan.core.names import one_named, shown
from gossan.core.serialise import from_plain, to_plain
from gossan.core.statements import Claim, Report
from gossan.core.terrain import SiteTerrain
from gossan.core.verdicts import Question, Verdict
from gossan.core.words import tr
from gossan.evidence.ledger import Step
from gossan.io.case_db import CaseDb, Document
from gossan.io.gazetteer import Sources, SqliteGazetteer, open_gazetteer

T = TypeVar("T")
TERRAIN = "terrain"
"""Kind of the documents that say what terrain was found at a site."""
GIVEN = "name"
"""Kind of the documents that say what a name was given for."""


def reports_of(db: CaseDb) -> dict[str, Report]:
    """Reports by id, in the order they were captured."""
    found = all_of(db, "report", Report)
    return dict(sorted(found.items(), key=lambda item: (item[1].captured, item[0])))


def claims_of(db: CaseDb) -> dict[str, Claim]:
    """Claims by id, in the order of their reports and then of the text."""
    order = {name: i for i, name in enumerate(reports_of(db))}
    found = all_of(db, "claim", Claim)
    return dict(sorted(found.items(), key=lambda i: (order.get(i[1].report, 0), i[1].span)))


def questions_of(db: CaseDb) -> dict[str, Question]:
    """Questions by the id of their claim."""
    return all_of(db, "question", Question)


def verdicts_of(db: CaseDb) -> dict[str, Verdict]:
    """Verdicts by the id of their claim."""
    return all_of(db, "verdict", Verdict)


def terrain_of(db: CaseDb) -> dict[str, SiteTerrain]:
    """Ground and way by the id of the site; empty before `gossan terrain`."""
    return all_of(db, TERRAIN, SiteTerrain)


def series_of(db: CaseDb) -> dict[str, Series]:
    """What was measured through time, by id."""
    return all_of(db, "series", Series)


def claim_named(claims: Mapping[str, Claim], name: str) -> Claim:
    """A claim by its id or the unmistakable beginning of it. Raises GossanError (CLAIM)."""
    hint = tr("`gossan claims CASE` lists them.")
    return claims[one_named(claims, name, "C-", "claim", Code.CLAIM, hint)]


def report_named(reports: Mapping[str, Report], name: str) -> Report:
    """A report by its id or the unmistakable beginning of it. Raises GossanError (CLAIM)."""
    hint = tr("`gossan report add` adds one.")
    return reports[one_named(reports, name, "R-", "report", Code.CLAIM, hint)]


def names_of(db: CaseDb) -> dict[str, str]:
    """Ids of all reports and claims -> as they are shown, as long as tells them apart."""
    return shown(db.ids("report")) | shown(db.ids("claim"))


def given_names(db: CaseDb) -> dict[str, str]:
    """Names that the case gave to sites and water bodies, also to those that are gone -> what
    each was given for."""
    return {name: str(body["for"]) for name, body in db.documents(GIVEN).items()}


def name_given(name: str, identity: str) -> Document:
    """That the case gave a name, as the database keeps it."""
    return GIVEN, name, {"for": identity}


def document(kind: str, name: str, value: object | None) -> Document:
    """A value as the database keeps it; None removes it."""
    return kind, name, None if value is None else to_plain(value)


def digest(value: object) -> str:
    """Hash of a value's plain form."""
    return hash_json(to_plain(value))


def record(
    db: CaseDb,
    action: str,
    inputs: dict[str, Any],
    outputs: dict[str, Any],
    documents: Iterable[Document],
    parameters: dict[str, Any] | None = None,
) -> None:
    """One ledger record and the documents that go with it, all or nothing."""
    db.append(Step(action, inputs, parameters or {}, outputs).seal, tuple(documents))


def gazetteer_of(case: OpenCase) -> SqliteGazetteer:
    """The case's gazetteer, built on first use."""
    return open_gazetteer(case.folder / "places.db", gazetteer_sources(case))


def gazetteer_sources(case: OpenCase) -> Sources:
    """What the case's gazetteer is made of."""
    centre = case.config.geometry.centroid
    settings = case.config.reports
    return Sources(
        round(centre.x, 3),
        round(centre.y, 3),
        case.folder / settings.places if settings.places else None,
        tuple(case.folder / name for name in settings.dumps),
    )


def all_of(db: CaseDb, kind: str, cls: type[T]) -> dict[str, T]:
    """Documents of a kind by name. Raises GossanError (CASE) for those of another gossan."""
    try:
        return {name: from_plain(cls, body) for name, body in db.documents(kind).items()}
    except (ValueError, json.JSONDecodeError) as error:
        raise GossanError(
            Code.CASE,
            tr(
                "case.db holds a {kind} this gossan cannot read: {reason}.", kind=kind, reason=error
            ),
            tr("Use the gossan that wrote it, or a newer one."),
        ) from error

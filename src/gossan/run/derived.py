"""What a dossier shows and also follows from other things in it or in its ledger: derived anew.

A record that says what is shown can be added to a ledger by anybody. These checks do not take its
word: headline, limits, kinds, the list of images, settings, lines of the chronicle and answers are
derived from the sites, the trials and the sealed claims, whose hashes stand in the records of their
measurement. Words differ from build to build, so this holds for dossiers of this build alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gossan.case.documents import digest
from gossan.core.errors import Code, GossanError
from gossan.core.serialise import from_plain
from gossan.core.statements import Claim, Report
from gossan.core.values import Outcome, SceneRecord
from gossan.core.verdicts import Question, Verdict
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chronicle import Answer, Chronicle, Entry, answer_of, entry_of
from gossan.dossier.figures import summary_of
from gossan.dossier.model import DossierModel
from gossan.dossier.power_chapter import section_of
from gossan.dossier.stored import Model
from gossan.evidence.ledger import Record, last_of
from gossan.run.audit_statements import recorded_unsealed

Content = Mapping[tuple[str, str], Mapping[str, Any]]
"""What is sealed, by kind and id."""


def require_derived(model: Model, chain: Sequence[Record]) -> None:
    """Derive and compare. Raises GossanError (LEDGER) naming the first thing that does not
    follow."""
    if model.chronicle is not None:
        _chronicle(model.chronicle, recorded_unsealed(chain))
    if not isinstance(model, DossierModel):
        return
    _settings(model, chain)
    _images(model.scenes, chain)
    _kinds(model, chain)
    if model.summary != summary_of([s.site for s in model.sites]):
        raise _wrong(tr("The headline figures are not those of the sites."))
    if model.power is not None and model.power != section_of(model.power.found):
        raise _wrong(tr("The detection limits are not those that the trials give."))


def _settings(model: DossierModel, chain: Sequence[Record]) -> None:
    """Area, period and limits of clouds are those with which images were searched."""
    search = last_of(chain, "search")
    if search is None or model.recipe is None:
        raise _wrong(tr("The ledger holds no search for images, or the dossier does not say how."))
    asked, config = search["inputs"], model.recipe.config
    area: BaseGeometry = shape(model.area)
    told = {
        tr_later("case's name"): (config.name, model.case_name),
        tr_later("source"): (asked["source"], config.source),
        tr_later("first day"): (asked["start"], str(config.start)),
        tr_later("first day of the period"): (asked["start"], str(model.period[0])),
        tr_later("last day"): (asked["end"], str(config.end)),
        tr_later("last day of the period"): (str(config.end or model.as_of), str(model.period[1])),
        tr_later("area"): (asked["area"], config.geometry.wkt),
        tr_later("area shown"): (asked["area"], area.wkt),
        tr_later("bounds"): (tuple(area.bounds), tuple(model.bounds)),
        tr_later("limit of clouds"): (asked["max_cloud_percent"], config.masks.max_cloud_percent),
    }
    for what, (recorded, shown) in told.items():
        if recorded != shown:
            raise _wrong(
                tr(
                    "The {what} shown is not the one with which images were searched.",
                    what=tr_now(what),
                )
            )


def _images(shown: Sequence[SceneRecord], chain: Sequence[Record]) -> None:
    """Every image that the monitor followed is said to be used."""
    followed: list[list[str]] = []
    items: dict[str, list[str]] = {}
    for body, _ in chain:
        action, inputs = body["action"], body["inputs"]
        if action == "read":
            items[inputs["scene"]] = list(inputs["items"])
        elif action == "fit":
            followed = [[name.partition("@")[0] for name in inputs["history"]]]
        elif action == "step":
            followed.append([inputs["scene"]])
        elif action == "back":
            followed = followed[: int(body["outputs"]["n"]) + 1]
    used = {i for keys in followed for key in keys for i in items.get(key, [])}
    there = {r.id for r in shown if r.outcome is Outcome.USED}
    if hidden := sorted(used - there):
        raise _wrong(
            tr("The image {image} was used, and is shown as if it was not.", image=hidden[0])
        )
    if extra := sorted(there - used):
        raise _wrong(
            tr(
                "The image {image} is said to be used; the monitor never followed it.",
                image=extra[0],
            )
        )


def _kinds(model: DossierModel, chain: Sequence[Record]) -> None:
    """What the machine said of each site is what it recorded."""
    recorded: dict[str, str] = {}
    for body, _ in chain:
        if body["action"] == "kinds":
            recorded |= body["outputs"]["kinds"]
    for site, kind in model.kinds.items():
        if recorded.get(site) != digest(replace(kind, decision=None)):
            raise _wrong(tr("The kind of site {site} is not the one on record.", site=site))


def _chronicle(chronicle: Chronicle, old: bool) -> None:
    """Lines and answers follow from the sealed claims, questions and verdicts; what an older
    gossan took in (`old`) is not sealed and is passed over."""
    content: dict[tuple[str, str], Mapping[str, Any]] = {}
    for s in chronicle.sealed:
        body = json.loads(s.content)
        if isinstance(body, dict):
            key = "claim" if s.kind in ("question", "verdict") else "id"
            content[s.kind, str(body.get(key))] = body
    try:
        for a in chronicle.answers:
            if old and not _sealed(content, a.id, "claim", "question", "verdict"):
                continue
            if a != _answer(a, content):
                raise _wrong(
                    tr("The answer to {claim} is not the one that was recorded.", claim=a.id)
                )
        for e in chronicle.entries:
            if old and not (
                _sealed(content, e.id, "claim") and _sealed(content, e.report, "report")
            ):
                continue
            if e != _entry(e, content):
                raise _wrong(
                    tr("What is shown of {claim} is not what was recorded of it.", claim=e.id)
                )
    except (KeyError, ValueError, TypeError) as error:
        raise _wrong(
            tr("What was sealed cannot be read: {reason}.", reason=str(error)[:120])
        ) from None


def _answer(a: Answer, content: Content) -> Answer:
    whole = _whole("claim", a.id, content)
    return answer_of(
        a.id,
        from_plain(Claim, content["claim", whole]),
        from_plain(Question, content["question", whole]),
        from_plain(Verdict, content["verdict", whole]),
    )


def _entry(e: Entry, content: Content) -> Entry:
    """The line as it follows; number, copies and notes also depend on what is not shown."""
    claim = from_plain(Claim, content["claim", _whole("claim", e.id, content)])
    report = from_plain(Report, content["report", _whole("report", e.report, content)])
    if report.id != claim.report:
        raise ValueError(f"{e.id} is of another document than {e.report}")
    verdict = content.get(("verdict", claim.id))
    names = {claim.id: e.id, report.id: e.report}
    sealed = None if verdict is None else from_plain(Verdict, verdict)
    return replace(entry_of(e.number, claim, report, e.copies, sealed, names), notes=e.notes)


def _sealed(content: Content, name: str, *kinds: str) -> bool:
    return all(any(k == kind and i.startswith(name) for k, i in content) for kind in kinds)


def _whole(kind: str, name: str, content: Content) -> str:
    """The id that a shown name is the beginning of. Raises ValueError where not just one fits."""
    if (kind, name) in content:
        return name
    fits = [i for k, i in content if k == kind and i.startswith(name)]
    if len(fits) != 1:
        raise ValueError(f"{len(fits)} {kind}s are called {name}")
    return fits[0]


def _wrong(problem: str) -> GossanError:
    return GossanError(Code.LEDGER, problem)

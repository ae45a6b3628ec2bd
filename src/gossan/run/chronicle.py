"""Fill the dossier's chronicle from what a case keeps of documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from gossan import __version__
from gossan.case.context import OpenCase
from gossan.case.documents import claims_of, names_of, questions_of, reports_of, verdicts_of
from gossan.case.seals import Seals
from gossan.claims.questions import judged
from gossan.core.progress import Progress
from gossan.core.sealed import Sealed
from gossan.core.statements import Claim, RelationKind, Report, ReviewStatus
from gossan.core.words import ENGLISH, tr, use_language
from gossan.dossier.chronicle import (
    Chronicle,
    ChronicleDossier,
    Document,
    answer_of,
    entry_of,
    in_order,
    stated_when,
)
from gossan.dossier.stored import read_back
from gossan.run.publish import Signing, publish, signed_by


@use_language(ENGLISH)
def chronicle_of(case: OpenCase) -> Chronicle | None:
    """The chronicle of a case, None where it has no documents."""
    reports = reports_of(case.db)
    if not reports:
        return None
    claims = {i: c for i, c in claims_of(case.db).items() if c.status is not ReviewStatus.REJECTED}
    verdicts, questions = verdicts_of(case.db), questions_of(case.db)
    names = names_of(case.db)
    shown, copies = _once(list(claims.values()), reports)
    dated = sorted((c for c in shown if stated_when(c)), key=in_order)
    entries = tuple(
        entry_of(n, c, reports[c.report], copies[c.id], verdicts.get(c.id), names)
        for n, c in enumerate(dated, start=1)
    )
    answered = [c for c in claims.values() if c.id in verdicts and c.id in questions and judged(c)]
    answers = tuple(answer_of(names[c.id], c, questions[c.id], verdicts[c.id]) for c in answered)
    return Chronicle(
        entries,
        len(shown) - len(dated),
        tuple(dict.fromkeys(e.side for e in entries)),
        tuple(dict.fromkeys(name for e in entries for name in e.chain)),
        tuple(_document(r, names) for r in reports.values()),
        answers,
        draft=any(e.draft for e in entries) or any(a.draft for a in answers),
        sealed=_sealed(case, [c.id for c in dated], [c.id for c in answered], list(reports)),
    )


def _sealed(
    case: OpenCase, entries: list[str], answers: list[str], reports: list[str]
) -> tuple[Sealed, ...]:
    """Seals of what is shown; what an older gossan recorded has none."""
    seals = Seals(case.db)
    wanted = [("report", i) for i in reports]
    wanted += [("claim", i) for i in dict.fromkeys([*entries, *answers])]
    wanted += [(kind, i) for i in answers for kind in ("question", "verdict")]
    found = [seals.current(*w) for w in wanted]
    reasons = [r["parameters"]["reason"] for r, _ in case.db.ledger() if r["action"] == "redact"]
    found += [seals.kept[m].sealed for m in reasons if m in seals.kept]
    return tuple(s for s in found if s is not None)


def write_statements(
    case: OpenCase,
    target: Path,
    chronicle: Chronicle,
    progress: Progress,
    signs: Signing | None = None,
) -> None:
    """A dossier of documents only, for a case without images, at `target`."""
    days = [r.published.day for r in reports_of(case.db).values() if r.published.day]
    model = read_back(
        ChronicleDossier(
            case.config.name,
            __version__,
            max(days, default=date(1970, 1, 1)),
            chronicle,
            "",
            ("gossan claims CASE", "gossan check CASE", "gossan dossier CASE"),
            signed_by(signs),
        )
    )
    publish(case, target, model, signs, progress)


def _once(claims: list[Claim], reports: dict[str, Report]) -> tuple[list[Claim], Counter[str]]:
    """Claims that near copies of one text repeat are shown once, and counted."""
    cluster = {r.id: r.cluster or r.id for r in reports.values()}
    copies: Counter[str] = Counter()
    shown: list[Claim] = []
    for c in claims:
        first = next(
            (
                r.other
                for r in c.relations
                if r.kind is RelationKind.REPEATS
                and any(k.id == r.other and cluster[k.report] == cluster[c.report] for k in shown)
            ),
            None,
        )
        copies[first or c.id] += 1
        if first is None:
            shown.append(c)
    return shown, copies


def _document(r: Report, names: Mapping[str, str]) -> Document:
    day = r.published.day.isoformat() if r.published.day else "unknown"
    method = r.published.method
    if r.published.overridden:
        method += tr(", the document says {overridden}", overridden=r.published.overridden)
    return Document(
        names[r.id],
        r.title or r.origin,
        r.outlet,
        r.side,
        f"{day} ({method})",
        r.sha256,
        r.captured,
        names.get(r.cluster, r.cluster) if r.cluster not in ("", r.id) else "",
    )

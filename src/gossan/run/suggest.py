"""Ask a model that the user names to propose claims of archived reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gossan.case.context import open_case
from gossan.case.documents import (
    claims_of,
    document,
    gazetteer_of,
    names_of,
    record,
    report_named,
    reports_of,
)
from gossan.case.redaction import redactor_of
from gossan.case.seals import Seals
from gossan.claims.plugin import SYSTEM, proposals
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress
from gossan.core.statements import Claim
from gossan.core.words import tr
from gossan.io.case_file import read_local
from gossan.io.network.chat import ask


def suggest(
    folder: Path, names: Sequence[str], endpoint: str, model: str, progress: Progress
) -> list[Claim]:
    """Claims proposed for the reports named (all of them without names), unreviewed.

    Nothing but the redacted text leaves this machine. Raises GossanError (CLAIM).
    """
    out: list[Claim] = []
    with open_case(folder) as case, gazetteer_of(case) as gazetteer:
        reports = reports_of(case.db)
        if not reports:
            raise GossanError(
                Code.CLAIM, tr("This case has no reports."), tr("`gossan report add` adds one.")
            )
        called, hosts = names_of(case.db), read_local(case.folder).private_hosts
        for report in [report_named(reports, n) for n in names] or list(reports.values()):
            progress.say(
                tr("Asking {model} about {report} ...", model=model, report=called[report.id])
            )
            answer = ask(endpoint, model, SYSTEM, report.body, hosts)
            known = claims_of(case.db)
            found, dropped = proposals(answer, report, gazetteer, model)
            new = redactor_of(case.config).claims([c for c in found if c.id not in known])
            progress.say(
                tr(
                    "{n_new} proposed, {dropped} dropped: their quotes do not stand.",
                    n_new=len(new),
                    dropped=dropped,
                )
            )
            seals = Seals(case.db)
            record(
                case.db,
                "claims-suggest",
                {"report": seals.report(report), "model": model},
                {
                    "claims": [seals.mark("claim", c.id, c) for c in new],
                    "dropped": dropped,
                    "answer": seals.mark("answer", report.id, hash_json({"answer": answer})),
                },
                [*(document("claim", c.id, c) for c in new), *seals.documents()],
            )
            out += new
    return out

"""End a striking: what was struck from a case goes from its files and its database.

Killed after the transaction of `run.strike`, whoever opens the case next ends the work.
"""

from __future__ import annotations

import json
from pathlib import Path

from gossan.case.context import FORGET, OpenCase
from gossan.case.documents import reports_of
from gossan.io.documents.archive import Original, write_original


def finish(case: OpenCase) -> None:
    """End a striking after its transaction: files go, the database forgets."""
    pending = json.loads(case.db.get(FORGET) or "[]")
    archive = case.folder / "reports"
    for name in pending:
        (archive / Path(name).name).unlink(missing_ok=True)
    for report in reports_of(case.db).values():
        if report.kept.endswith(".redacted.txt") and not (archive / report.kept).is_file():
            text = Original(report.body.encode(), "text", report.origin)
            write_original(archive, report.kept.removesuffix(".txt"), text)
    case.db.forget()
    if pending or case.db.get(FORGET) is not None:
        case.db.drop(FORGET)

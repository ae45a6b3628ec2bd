"""`gossan report redact`: strike what was found later from a case, and keep its chain unbroken.

First everything is worked out, then one transaction changes the documents of the case, removes
their salts and records the striking, then files go and the database forgets. Killed before the
transaction nothing is changed; killed after it, whoever opens the case next ends the work.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gossan.case.context import FORGET, OpenCase, open_case
from gossan.case.forget import finish
from gossan.case.redaction import redactor_of
from gossan.case.seals import SEAL, Kept, Seals
from gossan.claims.redact.strike import Spans, by_pattern, by_rules, by_text, struck, struck_plain
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress
from gossan.core.serialise import from_plain
from gossan.core.statements import Report
from gossan.core.words import tr
from gossan.evidence.ledger import Step
from gossan.io.case_db import Document
from gossan.io.traces import archived_holds, dossiers_holding, user_files
from gossan.run.publish import SALT

LATER = "struck later"
_SEALED = ("report", "claim", "question", "verdict")
Rows = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What to strike: one of a document by id, words, a pattern, or `rules`: all that the rules
    of today find; and why."""

    document: str = ""
    text: str = ""
    pattern: str = ""
    rules: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Struck:
    """What was struck, or would be.

    Attributes
    ----------
    changed : kind -> how many of the case's documents were changed or removed
    marks : salted hashes that now stand for nothing
    files : archived documents removed or replaced by their text, by name
    renamed : old id -> new id, because an id follows from the hash of what was struck
    old_records : numbers of records that an older gossan wrote with content in them
    dossiers : in the case folder, which still hold it
    user_files : files a person put into the case folder, which still hold it
    """

    changed: dict[str, int] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    old_records: tuple[int, ...] = ()
    dossiers: tuple[str, ...] = ()
    user_files: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """True where the case holds nothing of it."""
        return not (self.changed or self.marks or self.files)


@dataclass
class _Plan:
    """What is to be changed: rows new (None: removed), archived files to go, ids that change, and
    what shows that JSON or a file's text still holds it (None: files are not looked through)."""

    rows: dict[tuple[str, str], dict[str, Any] | None]
    files: list[str]
    renamed: dict[str, str]
    in_json: Callable[[Any], bool]
    files_hold: Callable[[str], bool] | None
    values: dict[str, str] = field(default_factory=dict)


def strike(folder: Path, asked: Asked, progress: Progress, *, dry_run: bool = False) -> Struck:
    """Strike it. Asked again, nothing is found and nothing recorded.

    Raises GossanError (REPORT) where it is not said what or why, (CASE) while another process
    reads the case.
    """
    if sum(map(bool, (asked.document, asked.text, asked.pattern, asked.rules))) != 1:
        raise GossanError(
            Code.REPORT,
            tr("Expected one thing to strike: a document, words, a pattern or the rules."),
            tr("Give one of --document ID, --text WORDS, --pattern EXPRESSION and --rules."),
        )
    if not asked.reason.strip() and not dry_run:
        raise GossanError(
            Code.REPORT, tr("Expected a reason, found none."), tr("Give it with --reason.")
        )
    with open_case(folder) as case:
        rows: Rows = {(k, i): body for k, i, body in case.db.everything()}
        plan = _document(rows, asked.document) if asked.document else _passage(case, rows, asked)
        if asked.reason and plan.in_json(asked.reason):
            raise GossanError(
                Code.REPORT,
                tr("The reason holds what is to be struck."),
                tr("Say it in other words."),
            )
        found = _found(case, rows, plan)
        if dry_run:
            return found
        if not found.nothing:
            progress.say(tr("Striking it from the case ..."))
            _record(case, rows, plan, asked, found.marks)
        finish(case)
        return found


def _passage(case: OpenCase, rows: Rows, asked: Asked) -> _Plan:
    countries = redactor_of(case.config).countries
    find = (
        by_text(asked.text)
        if asked.text
        else by_pattern(asked.pattern)
        if asked.pattern
        else by_rules(countries)
    )
    holds = None if asked.rules else lambda text: bool(find(text))
    plan = _Plan({}, [], {}, lambda value: bool(struck_plain(value, find) != value), holds)
    bodies: dict[str, tuple[str, str]] = {}
    for (kind, name), body in rows.items():
        if kind == "report":
            new = struck_plain(body, find)
            file = case.folder / "reports" / body["kept"] if body["kept"] else None
            inside = any(new[k] != body[k] for k in ("body", "title", "author", "origin")) or bool(
                holds and file and file.is_file() and archived_holds(file, holds)
            )
            if new != body:
                plan.rows[kind, name] = new
            if not inside:
                continue
            plan.renamed[name] = _fresh(name)
            bodies[name] = (body["body"], new["body"])
            plan.files += [body["kept"]] if body["kept"] else []
            kept = f"{plan.renamed[name]}.redacted.txt" if body["kept"] else ""
            # the hash of the original would let guesses at what was struck be tried
            gone = body["redactions"].get(LATER, 0) + max(1, len(find(body["body"])))
            redactions = {**body["redactions"], LATER: gone}
            plan.rows[kind, name] = {**new, "sha256": "", "kept": kept, "redactions": redactions}
    for (kind, name), body in rows.items():
        if kind == "claim" and body["report"] in bodies:
            plan.renamed[name] = _fresh(name)
    for (kind, name), body in rows.items():
        if kind not in ("report", SEAL, "packages"):
            owner = body.get("report") if kind == "claim" else None
            new = struck_plain(body, find, bodies.get(str(owner)))
            if new != body:
                plan.rows[kind, name] = new
    plan.values = _values(case, find)
    _rename(rows, plan)
    return plan


def _values(case: OpenCase, find: Spans) -> dict[str, str]:
    return {
        k: new for k, v in case.db.values().items() if k != FORGET and (new := struck(v, find)) != v
    }


def _fresh(name: str) -> str:
    """A new id that follows from nothing, as long as the old one."""
    start, _, rest = name.partition("-")
    return f"{start}-{secrets.token_hex(len(rest))[: len(rest)]}"


def _rename(rows: Rows, plan: _Plan) -> None:
    """Put new ids wherever the old ones stand, and a question's new hash into its verdict."""
    if not plan.renamed:
        return
    names = re.compile("|".join(rf"(?<![\w-]){re.escape(n)}(?![\w-])" for n in plan.renamed))
    was: dict[str, str] = {}
    for (kind, name), body in list(rows.items()):
        now = plan.rows.get((kind, name), body)
        if kind in (SEAL, "packages") or now is None:
            continue
        text = json.dumps(now, ensure_ascii=False)
        new = json.loads(names.sub(lambda m: plan.renamed[m[0]], text))
        if new != now or name in plan.renamed:
            plan.rows[kind, name] = new
        if kind == "question":
            was[hash_json(body)] = hash_json(new)
    for (kind, name), body in list(rows.items()):
        now = plan.rows.get((kind, name), body)
        if kind == "verdict" and now is not None and now["question_hash"] in was:
            plan.rows[kind, name] = {**now, "question_hash": was[now["question_hash"]]}


def _document(rows: Rows, name: str) -> _Plan:
    """All of one document: report, claims, questions and answers; what points to them is cut."""
    found = [i for kind, i in rows if kind == "report" and i.startswith(name)]
    if len(found) != 1:
        raise GossanError(
            Code.REPORT,
            tr(
                'Expected the id of one document, found {n_found} for "{name}".',
                n_found=len(found),
                name=name,
            ),
            tr("`gossan claims CASE` names the documents of its claims."),
        )
    report = rows["report", found[0]]
    gone = {found[0]} | {
        i for (kind, i), b in rows.items() if kind == "claim" and b["report"] == found[0]
    }
    names = [*gone, report["sha256"], report["sha256"].removeprefix("sha256:"), report["origin"]]
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(n)}(?!\w)" for n in names if n))
    plan = _Plan(
        {},
        [report["kept"]] if report["kept"] else [],
        {},
        lambda value: bool(pattern.search(json.dumps(value, ensure_ascii=False))),
        lambda text: bool(pattern.search(text)),
    )
    for (kind, i), body in rows.items():
        if kind in (SEAL, "packages"):
            continue
        if kind in _SEALED and i in gone:
            plan.rows[kind, i] = None
        elif kind == "claim" and any(r["other"] in gone for r in body["relations"]):
            kept = [r for r in body["relations"] if r["other"] not in gone]
            plan.rows[kind, i] = {**body, "relations": kept}
        elif kind == "report" and body["cluster"] == found[0]:
            plan.rows[kind, i] = {**body, "cluster": i}
        elif kind not in _SEALED and any(g in json.dumps(body) for g in gone):
            plan.rows[kind, i] = None  # made from claims; it is made again without them
    return plan


def _found(case: OpenCase, rows: Rows, plan: _Plan) -> Struck:
    changed: dict[str, int] = {}
    for kind, _ in plan.rows:
        changed[kind] = changed.get(kind, 0) + 1
    if plan.values:
        changed["value"] = len(plan.values)
    mine = set(plan.renamed) | {i for (_, i), body in plan.rows.items() if body is None}
    named = re.compile("|".join(map(re.escape, sorted(mine))) or r"(?!)")
    marks = []
    for (kind, mark), body in rows.items():
        if kind == SEAL:
            kept = from_plain(Kept, body)
            content = kept.sealed.content
            if kept.of in mine or named.search(content) or plan.in_json(json.loads(content)):
                marks.append(mark)
    old = tuple(
        r["seq"]
        for r, _ in case.db.ledger()
        if plan.in_json({k: r[k] for k in ("inputs", "parameters", "outputs")})
        and (plan.files_hold or _of_documents(r["action"]))
    )
    folder = case.folder
    if plan.files_hold is None:
        dossiers = dossiers_holding(folder, lambda _: True) if changed else []
        return Struck(
            changed, tuple(sorted(marks)), tuple(plan.files), plan.renamed, old, tuple(dossiers)
        )
    return Struck(
        changed,
        tuple(sorted(marks)),
        tuple(plan.files),
        plan.renamed,
        old,
        tuple(dossiers_holding(folder, plan.files_hold)),
        tuple(user_files(folder, plan.files_hold)),
    )


def _of_documents(action: str) -> bool:
    return action in ("report", "questions", "verdicts") or action.startswith("claims-")


def _record(case: OpenCase, rows: Rows, plan: _Plan, asked: Asked, marks: Iterable[str]) -> None:
    """The one transaction: what is left, its new seals, no old ones, and the record of it."""
    documents: list[Document] = []
    left: dict[tuple[str, str], Mapping[str, Any]] = {}
    for (kind, name), body in plan.rows.items():
        now = plan.renamed.get(name, name)
        if body is None or now != name:
            documents.append((kind, name, None))
        if body is not None:
            documents.append((kind, now, body))
            left[kind, now] = body
    seals = Seals(case.db)
    for mark in marks:
        kept = seals.kept[mark]
        key = kept.sealed.kind, kept.of
        if key in rows and plan.rows.get(key, rows[key]) is not None:
            left.setdefault((key[0], plan.renamed.get(kept.of, kept.of)), rows[key])
    seals.strike(marks)
    fresh = [
        seals.report(from_plain(Report, body)) if kind == "report" else seals.mark(kind, name, body)
        for (kind, name), body in sorted(left.items())
        if kind in _SEALED or seals.sealed_before(kind, name)
    ]
    why = seals.note(redactor_of(case.config).text(asked.reason.strip()))
    what = next(k for k in ("document", "text", "pattern", "rules") if getattr(asked, k))
    step = Step(
        "redact",
        {},
        {"what": what, "reason": why},
        {"struck": list(marks), "now": sorted(fresh), "files": len(plan.files)},
    )
    documents += [(SEAL, mark, None) for mark in marks]
    case.db.append(
        step.seal,
        [*documents, *seals.documents()],
        {**plan.values, FORGET: json.dumps(plan.files), SALT: ""},
    )

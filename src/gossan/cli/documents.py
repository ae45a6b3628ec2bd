"""`gossan report`, `gossan claims` and `gossan check`: arguments in, calls of `run`."""

from __future__ import annotations

import json
import sys
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gossan.cli.console import Terminal, err, out, print_json
from gossan.core.errors import Code, GossanError
from gossan.core.statements import Claim, ClaimType, Direction, Modality, ReviewStatus
from gossan.core.words import tr

if TYPE_CHECKING:  # loading them takes longer than a wrong argument may wait
    from gossan.claims.review import Correction
    from gossan.run.claims import Wanted

MAX_WORDS = 100_000
"""Most characters to strike read from standard input."""
MAX_IMPORT = 50_000_000
"""Largest file of claims read, bytes."""


class ReportAction(StrEnum):
    """What `gossan report` does."""

    add = "add"
    redact = "redact"


class Action(Enum):
    """What `gossan claims` does."""

    list = "list"
    show = "show"
    accept = "accept"
    correct = "correct"
    split = "split"
    merge = "merge"
    reject = "reject"
    suggest = "suggest"
    bods = "bods"


Case = Annotated[
    Path, typer.Argument(help=tr("Folder of the case, made by `gossan init`."), show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))]


def report(
    action: Annotated[ReportAction, typer.Argument(help=tr("add, redact"), show_default=False)],
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="[CASE] FILE|URL...",
            help=tr("Folder of the case (left out: this folder), then files or web addresses."),
            show_default=False,
        ),
    ],
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help=tr("Day of publication, overrides."))
    ] = None,
    outlet: Annotated[str, typer.Option(help=tr("Who published it."))] = "",
    side: Annotated[
        str, typer.Option(help=tr("Whose voice it is, a column of the chronicle."))
    ] = "",
    document: Annotated[
        str, typer.Option(metavar="ID", help=tr("redact: all of this document."))
    ] = "",
    text: Annotated[
        str,
        typer.Option(metavar="WORDS", help=tr('redact: these words; "-" reads them from input.')),
    ] = "",
    pattern: Annotated[
        str,
        typer.Option(metavar="EXPRESSION", help=tr("redact: what this regular expression fits.")),
    ] = "",
    rules: Annotated[
        bool, typer.Option("--rules", help=tr("redact: all identifiers that today's rules find."))
    ] = False,
    reason: Annotated[str, typer.Option(help=tr("redact: why; kept with the record."))] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=tr("redact: say what would go, change nothing."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add documents (page, text, PDF, Word, mail, web archive) to a case, or strike from it.

    Examples: `gossan report add mycase article.html --published 2022-12-12`,
    `gossan report redact mycase --text "Jane Doe" --reason "a private person" --dry-run`
    """
    if action is ReportAction.redact:
        words = sys.stdin.read(MAX_WORDS).strip() if text == "-" else text
        _redact(
            _alone(targets),
            (document, words, pattern, rules, reason),
            dry_run=dry_run,
            as_json=as_json,
        )
        return
    _add(targets, published, outlet, side, as_json=as_json)


def _add(
    targets: list[str], published: str | None, outlet: str, side: str, *, as_json: bool
) -> None:
    from gossan.core.dates import parse_day
    from gossan.run.reports import Reported, add_reports

    folder, rest = _case_first(targets)
    day = parse_day(published, "--published") if published else None
    added = add_reports(folder, rest, Reported(day, outlet, side), Terminal())
    if as_json:
        print_json([a.as_json() for a in added])
        return
    for a in added:
        for line in (*a.report.warnings, *a.report.published.checks):
            err.print(tr("note: {line}", line=line), markup=False, soft_wrap=True)
        if a.report.redactions:
            gone = ", ".join(f"{n} {kind}" for kind, n in sorted(a.report.redactions.items()))
            err.print(tr("note: redacted: {gone}.", gone=gone), markup=False, soft_wrap=True)
        out.print(a.sentence, markup=False, soft_wrap=True)


def _alone(targets: list[str]) -> Path:
    if len(targets) != 1:
        raise GossanError(
            Code.REPORT,
            tr("Expected the folder of one case, found {n} words.", n=len(targets)),
            tr("Say what to strike with --document, --text, --pattern or --rules."),
        )
    return Path(targets[0])


def _redact(
    folder: Path, what: tuple[str, str, str, bool, str], *, dry_run: bool, as_json: bool
) -> None:
    from gossan.cli.strike_view import print_struck
    from gossan.core.serialise import to_plain
    from gossan.run.strike import Asked, strike

    found = strike(folder, Asked(*what), Terminal(), dry_run=dry_run)
    if as_json:
        print_json({**to_plain(found), "dry_run": dry_run})
    else:
        print_struck(found, dry_run=dry_run, out=out)


def _case_first(targets: list[str]) -> tuple[Path, list[str]]:
    """The case folder, where the first argument is one, else the folder one stands in."""
    first = Path(targets[0])
    if len(targets) > 1 and "://" not in targets[0] and (first / "case.toml").exists():
        return first, targets[1:]
    if len(targets) > 1 and "://" not in targets[0] and first.is_dir():
        return first, targets[1:]
    return Path(), targets


def _claim_type(word: str) -> str:
    """A type of claim, gossan's own or that of an observable installed."""
    from gossan.observables.registry import claim_types

    if word in claim_types():
        return word
    known = ", ".join(claim_types())
    raise typer.BadParameter(tr('"{word}" is not one of {known}.', word=word, known=known))


CorrectedType = Annotated[
    str | None,
    typer.Option(
        "--type",
        parser=_claim_type,
        metavar="TYPE",
        help=tr(
            "correct: the type: `{types}`, or that of an observable installed.",
            types=", ".join(ClaimType),
        ),
    ),
]


def claims(
    case: Case,
    action: Annotated[Action, typer.Argument(help=tr("What to do."))] = Action.list,
    ids: Annotated[
        list[str] | None,
        typer.Argument(help=tr('Ids of claims; "all" for accept and reject: all unreviewed ones.')),
    ] = None,
    status: Annotated[ReviewStatus | None, typer.Option(help=tr("List only these."))] = None,
    only: Annotated[
        str | None,
        typer.Option(parser=_claim_type, metavar="TYPE", help=tr("List only this type.")),
    ] = None,
    source: Annotated[
        str, typer.Option(help=tr("List only claims with this in their chain."))
    ] = "",
    edtf: Annotated[
        str | None, typer.Option("--date", metavar="EDTF", help=tr("correct: the date."))
    ] = None,
    place: Annotated[str | None, typer.Option(help=tr("correct: name or id of a place."))] = None,
    kind: CorrectedType = None,
    modality: Annotated[Modality | None, typer.Option(help=tr("correct: how it is put."))] = None,
    direction: Annotated[Direction | None, typer.Option(help=tr("correct: what works do."))] = None,
    who: Annotated[str | None, typer.Option("--who", help=tr("correct: who says it."))] = None,
    at: Annotated[int, typer.Option(help=tr("split: offset into the claim's words."))] = 0,
    note: Annotated[str, typer.Option(help=tr("Why; kept with the decision."))] = "",
    file: Annotated[
        Path | None, typer.Option("--in", metavar="FILE", help=tr("Take in claims edited as JSON."))
    ] = None,
    endpoint: Annotated[str, typer.Option(help=tr("suggest: an OpenAI-compatible address."))] = "",
    model: Annotated[str, typer.Option(help=tr("suggest: name of the model there."))] = "",
    as_json: AsJson = False,
) -> None:
    """List the claims of a case, show them in their sentences, and review them.

    Nothing unreviewed reaches a verdict unless `gossan check --draft` asks for it.

    Examples: `gossan claims mycase`, `gossan claims mycase accept C-4f2a91`,
    `gossan claims mycase correct C-4f2a91 --date 2022-12-04`
    """
    from gossan.claims.review import Correction
    from gossan.run.claims import Wanted

    if file is not None:
        _import(case, file, note, as_json=as_json)
    elif action is Action.list:
        _list(case, Wanted(status, only, source), as_json=as_json)
    elif action is Action.suggest:
        _suggest(case, ids or [], endpoint, model, as_json=as_json)
    elif action in (Action.show, Action.bods):
        _show(case, ids or [], action, as_json=as_json)
    else:
        change = Correction(edtf, place, kind, modality, direction, who, note)
        _decide(case, ids or [], action, change, at, as_json=as_json)


def _list(case: Path, wanted: Wanted, *, as_json: bool) -> None:
    from gossan.cli import claim_views as views
    from gossan.cli.blocks import print_blocks
    from gossan.run.claims import list_claims

    listed = list_claims(case, wanted)
    if as_json:
        print_json(views.as_json(listed))
    else:
        print_blocks(views.list_blocks(listed), out)


def _show(case: Path, names: list[str], action: Action, *, as_json: bool) -> None:
    from gossan.cli import claim_views as views
    from gossan.run.claims import export_bods, show_claims

    if action is Action.bods:
        print_json(export_bods(case))
        return
    _need(names, action)
    listed = show_claims(case, names)
    if as_json:
        print_json(views.as_json(listed))
    else:
        views.print_claims(listed, out)


def _suggest(case: Path, names: list[str], endpoint: str, model: str, *, as_json: bool) -> None:
    from gossan.run.suggest import suggest

    found = suggest(case, names, endpoint, model, Terminal())
    _changed(case, found, tr("{n} proposed.", n=len(found)), as_json=as_json)


def _import(case: Path, file: Path, note: str, *, as_json: bool) -> None:
    from gossan.run.claims import import_claims

    taken = import_claims(case, _read(file), note)
    _changed(case, taken, tr("{n} taken in.", n=len(taken)), as_json=as_json)


def _decide(
    case: Path, names: list[str], action: Action, change: Correction, at: int, *, as_json: bool
) -> None:
    from gossan.run import claims as run

    _need(names, action)
    if action is Action.accept:
        done = run.accept_claims(case, names, change.note)
        told = tr("{n} accepted.", n=len(done))
    elif action is Action.reject:
        done = run.reject_claims(case, names, change.note)
        told = tr("{n} rejected.", n=len(done))
    elif action is Action.split:
        done = run.split_claim(case, _one(names), at, change.note)
        told = tr("{n} made of one.", n=len(done))
    elif action is Action.merge:
        done = [run.merge_claims(case, names, change.note)]
        told = tr("{n} made of several.", n=len(done))
    else:
        done = [run.correct_claim(case, _one(names), change)]
        told = tr("{n} corrected.", n=len(done))
    _changed(case, done, told, as_json=as_json)


def check(
    case: Case,
    draft: Annotated[
        bool,
        typer.Option("--draft", help=tr("Answer unreviewed claims too; every page says draft.")),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold each reviewed claim against the ground: question first, then the measurements.

    Example: `gossan check mycase`
    """
    from gossan.cli import claim_views as views
    from gossan.cli.blocks import print_blocks
    from gossan.run.check import check as run_check

    found = run_check(case, Terminal(), draft=draft)
    if as_json:
        print_json(found.as_json())
        return
    print_blocks(views.verdict_blocks(found), out)
    out.print(found.sentence, markup=False, soft_wrap=True)


def _changed(case: Path, claims: list[Claim], told: str, *, as_json: bool) -> None:
    from gossan.core.serialise import to_plain
    from gossan.run.claims import shown_names

    if as_json:
        print_json(to_plain(claims))
        return
    names = shown_names(case)
    for c in claims:
        out.print(f"{names[c.id]}  {' '.join(c.text.split())[:66]}", markup=False, soft_wrap=True)
    out.print(told)


def _need(names: list[str], action: Action) -> None:
    if not names:
        raise GossanError(
            Code.CLAIM,
            tr("Expected the id of a claim to {action}, found none.", action=action.value),
            tr("`gossan claims CASE` lists them."),
        )


def _one(names: list[str]) -> str:
    if len(names) != 1:
        raise GossanError(Code.CLAIM, tr("Expected the id of one claim, found {n}.", n=len(names)))
    return names[0]


def _read(file: Path) -> Any:
    """JSON from a file, or from standard input for "-"."""
    try:
        if str(file) == "-":
            text = sys.stdin.read(MAX_IMPORT)
        elif file.stat().st_size > MAX_IMPORT:
            raise GossanError(
                Code.CLAIM,
                tr(
                    "{file}: expected at most {most_import:,} bytes.",
                    file=file,
                    most_import=MAX_IMPORT,
                ),
            )
        else:
            text = file.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise GossanError(
            Code.CLAIM, tr("{file} cannot be read: {reason}.", file=file, reason=error.strerror)
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GossanError(
            Code.CLAIM,
            tr("{file} is no JSON: {reason}.", file=file, reason=error),
            tr("Start from gossan claims CASE --json."),
        ) from error

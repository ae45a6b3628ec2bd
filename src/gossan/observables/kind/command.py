"""`gossan kinds`: what kind of change each site is, why, and what a person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.errors import Code, GossanError
from gossan.core.kinds import SiteKind
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.observable import Told

if TYPE_CHECKING:
    from gossan.core.kinds import KindOfSite
    from gossan.core.values import Site


def kinds(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    site: Annotated[
        str, typer.Argument(help=tr("Id of a site, or its beginning: show every reason."))
    ] = "",
    decide: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help=tr(
                "Decide: mine, tailings, clearing, crops, fire, landslide, road, riverbed, snow, "
                "unknown; none takes a decision back."
            ),
        ),
    ] = "",
    by: Annotated[str, typer.Option(help=tr("Who decides."))] = "",
    why: Annotated[str, typer.Option(help=tr("On what grounds."))] = "",
    *,
    progress: Progress,
) -> Told:
    """Say what kind of change each site is, with probabilities and reasons.

    A person's decision goes before the machine's view, which stays visible beside it. Each is a
    record of the ledger.

    Example: `gossan kinds mycase S-3f9a2c --decide mine --by "A. Name" --why "seen on site"`
    """
    from gossan.core.serialise import to_plain
    from gossan.observables.kind.run import case_kinds, decide_kind, site_named

    if decide or by or why:
        if not site:
            raise GossanError(
                Code.CASE, tr("A decision needs a site."), tr("Name its id after the case.")
            )
        decide_kind(case, site, _kind(decide), by, why)
    found = case_kinds(case, progress)
    chosen = [site_named(list(found.kinds), site)] if site else list(found.kinds)
    shown = _reasons(found.kinds[chosen[0]]) if site else _sites(found.sites, found.kinds)
    return Told([to_plain(found.kinds[i]) for i in chosen], tuple(shown))


def _sites(sites: Sequence[Site], kinds: Mapping[str, KindOfSite]) -> list[Block]:
    """Each site with the probabilities of its likeliest kinds and what a person decided."""
    from gossan.core.order import as_shown

    if not sites:
        return [Words(tr("No site found; gossan sites CASE says what that means."))]
    rows = []
    for site in sites:
        k = kinds[site.id]
        ranked = sorted(k.probabilities, key=lambda pair: -as_shown(pair[1]))[:3]
        said = ", ".join(f"{kind.short} {100 * p:.0f} %" for kind, p in ranked if p >= 0.005)
        by = k.decision.by if k.decision else ""
        mark = "" if site.status.value == "confirmed" else "*"
        rows.append((site.id + mark, f"{site.area.value:.2f}", k.kind.short, said, by))
    head = (tr("Site"), tr("Area, ha"), tr("Kind"), tr("Probabilities"), tr("Decided by"))
    grid = Grid(tr("Kind of each site, with probabilities"), head, tuple(rows), frozenset({1}))
    some = any(site.status.value != "confirmed" for site in sites)
    return [grid, Words(tr("* provisional: not confirmed"))] if some else [grid]


def _reasons(kind: KindOfSite) -> list[Block]:
    """Every line of evidence of one site, and its weight for the two likeliest kinds."""
    from gossan.dossier.kind_words import kind_sentences, kind_table

    return [*(Words(text) for text in kind_sentences(kind)), kind_table(kind)]


def _kind(word: str) -> SiteKind | None:
    if word == "none":
        return None
    kind = SiteKind.called(word)
    if kind is None:
        words = ", ".join(k.short for k in SiteKind)
        raise GossanError(
            Code.CASE,
            tr(
                '--decide: expected one of {words}, or none, found "{word}".',
                words=words,
                word=word,
            ),
            tr("`none` takes a decision back."),
        )
    return kind

"""The dossier's chapter on choices: every image of the period, and what hangs on which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from gossan.case.documents import names_of
from gossan.core.csv_text import csv_bytes
from gossan.core.order import as_shown
from gossan.core.sensitivity import GONE, Choice, Sensitivity, Variant
from gossan.core.values import Outcome, SceneRecord, SiteStatus
from gossan.core.words import tr, tr_later, tr_now, trn
from gossan.dossier.chapter import Block, Chapter, Grid, Heading, Words
from gossan.dossier.sentences import OUTCOME_WORDS, number, sites_counted
from gossan.observables.observable import Updated
from gossan.run.sensitivity import RANGES, sensitivity_of

KEY, TITLE = "choices", tr_later("Do the findings hang on a choice?")
NAMED = 3
"""Images named one by one in a cell; more are counted."""


def sensitivity_chapter(now: Updated) -> Chapter | None:
    """The chapter; None where `gossan sensitivity` was not run for the case as it stands."""
    case = now.case
    result = sensitivity_of(case, now.state)
    if result is None:
        return None
    return chapter_of(called(result, names_of(case.db)), case.db.scenes())


def called(result: Sensitivity, names: Mapping[str, str]) -> Sensitivity:
    """The same with claims as they are shown."""

    def variant(v: Variant) -> Variant:
        return replace(v, verdicts=tuple((names.get(c, c), answer) for c, answer in v.verdicts))

    return replace(result, base=variant(result.base), variants=tuple(map(variant, result.variants)))


def chapter_of(result: Sensitivity, scenes: list[SceneRecord]) -> Chapter:
    """The chapter of a result."""
    blocks: list[Block] = [Words(_how(result)), Words(_images(scenes))]
    if result.optical_only:
        blocks.append(
            Words(
                tr("Radar was left aside here: these are the optical images' answers."), small=True
            )
        )
    blocks += [_sites(result)]
    if result.base.verdicts:
        blocks += [Heading(tr("Verdicts")), _verdicts(result)]
    blocks += [Heading(tr("Thresholds and satellites")), _thresholds(result)]
    blocks += [Heading(tr("Most and least favourable choices")), _extremes(result)]
    return Chapter(
        KEY, tr_now(TITLE), _lead(result), tuple(blocks), (("sensitivity.csv", _csv(result)),)
    )


def hangs(variants: list[Variant]) -> str:
    """On what something hangs, in words."""
    images = [v.what for v in variants if v.choice is Choice.IMAGE]
    other = [f"{v.what} {v.value}".strip() for v in variants if v.choice is not Choice.IMAGE]
    said = []
    if images:
        some = ", ".join(images[:NAMED])
        more = (
            tr(" and {n_images} more", n_images=len(images) - NAMED) if len(images) > NAMED else ""
        )
        said.append(
            tr(
                "any one of {images}: {some}{more}",
                images=trn("{n} image", "{n} images", len(images)),
                some=some,
                more=more,
            )
            if len(images) > 1
            else tr("one image: {some}", some=some)
        )
    return "; ".join([*said, *other]) or tr("nothing that was tried")


def _lead(result: Sensitivity) -> str:
    single = [s.id for s in result.base.sites if _by_image(result.moved(s.id))]
    verdicts = [c for c, _ in result.base.verdicts if _by_image(result.turned(c))]
    parts = []
    for status in (SiteStatus.CONFIRMED, SiteStatus.PROVISIONAL):
        mine = [s.id for s in result.base.sites if s.status == status]
        if mine:
            kept = sum(i not in single for i in mine)
            parts.append(tr("{kept} of {sites}", kept=kept, sites=sites_counted(len(mine), status)))
    said = [
        tr(
            "Without any one image, {sites} keep their status.",
            sites=tr(" and ").join(parts) or tr("no site"),
        )
    ]
    if result.base.verdicts:
        said.append(
            tr(
                "{verdicts} of {n_verdicts} {hang} on one image.",
                verdicts=trn("{n} verdict", "{n} verdicts", len(verdicts)),
                n_verdicts=len(result.base.verdicts),
                hang=tr("hangs") if len(verdicts) == 1 else tr("hang"),
            )
        )
    return " ".join(said)


def _by_image(variants: list[Variant]) -> bool:
    return any(v.choice is Choice.IMAGE for v in variants)


def _how(result: Sensitivity) -> str:
    kinds = Counter(v.choice for v in result.variants)
    where = tr("the whole area") if result.whole else tr("the sites alone")
    return tr(
        "Each of {images} used was left out in turn, then all of one satellite ({n_sensors} "
        "times), then each main threshold was moved to the ends of its range ({n_thresholds} "
        "times), always one choice at a time. {pixels} of the sites and around them were followed "
        "again by the same program; thresholds were tried on {where}. What a whole image is off "
        "by was taken as found with all images.",
        images=trn("{n} image", "{n} images", kinds[Choice.IMAGE]),
        n_sensors=kinds[Choice.SENSOR],
        n_thresholds=kinds[Choice.THRESHOLD],
        pixels=trn("{n} pixel", "{n} pixels", result.pixels),
        where=where,
    )


def _images(scenes: list[SceneRecord]) -> str:
    counts = Counter(r.outcome for r in scenes)
    told = ", ".join(f"{counts[o]} {tr_now(OUTCOME_WORDS[o])}" for o in Outcome if counts[o])
    return tr(
        "The catalogue lists {images} of the period: {told}. All stand under Images, each with "
        "the reason; none was left aside by hand.",
        images=trn("{n} image", "{n} images", len(scenes)),
        told=told,
    )


def _sites(result: Sensitivity) -> Grid:
    rows = []
    for n, s in enumerate(result.base.sites):
        areas = [v.sites[n].area_ha for v in result.variants if v.sites[n].status != GONE]
        low, high = (min(areas), max(areas)) if areas else (0.0, 0.0)
        rows.append(
            (
                s.id,
                s.status,
                number(s.area_ha),
                tr("{low} to {high}", low=number(low), high=number(high)),
                hangs(result.moved(s.id)),
            )
        )
    head = (
        tr("Site"),
        tr("Status"),
        tr("Area, ha"),
        tr("Under other choices, ha"),
        tr("Another status without"),
    )
    return Grid(
        tr("Sites: area and status under every other choice"), head, tuple(rows), frozenset({2, 3})
    )


def _verdicts(result: Sensitivity) -> Grid:
    rows = tuple((c, v, hangs(result.turned(c))) for c, v in result.base.verdicts)
    return Grid(
        tr("Verdicts on claims"), (tr("Claim"), tr("Verdict"), tr("Another verdict without")), rows
    )


def _thresholds(result: Sensitivity) -> Grid:
    base = result.base
    rows = [(tr("as chosen"), "", *_totals(base, base))]
    rows += [
        (v.what, v.value or tr("left out"), *_totals(v, base))
        for v in result.variants
        if v.choice is not Choice.IMAGE
    ]
    ranges = ", ".join(tr("{n} {a:g} to {b:g}", n=n, a=a, b=b) for n, (a, b) in RANGES.items())
    return Grid(
        tr("Total under each (ranges: {ranges}, min_area_ha half to twice)", ranges=ranges),
        (tr("Choice"), tr("Value"), tr("Confirmed, ha"), tr("Sites lost"), tr("Sites more")),
        tuple(rows),
        frozenset({2, 3, 4}),
    )


def _totals(v: Variant, base: Variant) -> tuple[str, str, str]:
    lost = sum(a.status == GONE != b.status for a, b in zip(v.sites, base.sites, strict=True))
    return number(v.confirmed_ha), str(lost), str(v.new)


def _extremes(result: Sensitivity) -> Grid:
    """The two choices that would make most of the case, and the two that would make least."""
    ordered = sorted(
        result.variants, key=lambda v: (as_shown(v.confirmed_ha + v.new_ha), v.what, v.value)
    )
    picked = [("least", v) for v in ordered[:2]] + [("most", v) for v in ordered[:1:-1][:2]]
    rows = tuple(
        (
            name,
            f"{v.choice.value}: {v.what} {v.value}".strip(),
            number(v.confirmed_ha),
            number(v.new_ha),
        )
        for name, v in picked
    )
    return Grid(
        tr("Extremes of all choices tried"),
        (tr("Shows"), tr("Choice"), tr("Confirmed, ha"), tr("In further sites, ha")),
        rows,
        frozenset({2, 3}),
    )


def _csv(result: Sensitivity) -> bytes:
    head = (
        "choice",
        "what",
        "value",
        "site",
        "status",
        "area_ha",
        "first_changed",
        "new_sites",
        "new_ha",
        "verdicts",
    )
    return csv_bytes(
        head,
        (
            (
                v.choice.value,
                v.what,
                v.value,
                s.id,
                s.status,
                s.area_ha,
                s.first_changed.isoformat() if s.first_changed else None,
                v.new,
                v.new_ha,
                " ".join(f"{c}={a}" for c, a in v.verdicts),
            )
            for v in (result.base, *result.variants)
            for s in v.sites
        ),
    )

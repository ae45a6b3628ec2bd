"""What would have been seen, in sentences and table rows: the same for page, PDF and terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import fsum

from gossan.core.power.trials import DetectionLimit, PowerCurve, PowerPoint, Season
from gossan.core.words import tr, tr_later
from gossan.dossier.model import PowerSection
from gossan.dossier.sentences import MONTHS, number, percent, plain_date

NOT_COMPUTED = tr_later(
    "It was not computed what would have been seen. That no change was found in a place or time "
    "therefore does not say that there was none: `gossan limits` puts bare ground of known size "
    "and date into the same images and counts how much of it comes out."
)


def hectares(area_ha: float) -> str:
    """An area with as many digits as its size asks for, e.g. "0.05 ha"."""
    return f"{area_ha:.3g}\u00a0ha"


def share_of(point: PowerPoint, level: float) -> str:
    """Recall with its interval, e.g. "93 % (95 % interval 88 to 96 %)"."""
    return tr(
        "{power} ({level:.0f}\u00a0% interval {low:.0f} to {high:.0f}\u00a0%)",
        power=percent(point.power),
        level=level * 100,
        low=point.low * 100,
        high=point.high * 100,
    )


def limit_cell(limit: DetectionLimit) -> str:
    """The smallest area in a table: "0.4 (0.2 to 0.8)", or ">1.6" where it was not reached."""
    if limit.n == 0:
        return tr("not tried")
    if limit.area_ha is None:
        return f">{limit.tried_ha:g}"
    assert limit.low is not None  # the upper bound is never below the estimate
    high = f"{limit.high:g}" if limit.high is not None else f">{limit.tried_ha:g}"
    return tr("{area_ha:g} ({low:g} to {high})", area_ha=limit.area_ha, low=limit.low, high=high)


def recall_cell(point: PowerPoint) -> str:
    """Recall in a table: "93 % (88 to 96)"."""
    return tr(
        "{power:.0f} % ({low:.0f} to {high:.0f})",
        power=point.power * 100,
        low=point.low * 100,
        high=point.high * 100,
    )


def limit_rows(section: PowerSection) -> list[tuple[str, str, tuple[str, ...]]]:
    """Contrast, months of appearance, and a cell for each time: every contrast over all
    seasons, the highest one also by season."""
    found = section.found
    full = found.contrasts[-1]
    seasons = [s for s in Season if any(c.season is s for c in section.curves)]
    chosen: list[tuple[float, Season | None]] = [(full, None), *((full, s) for s in seasons)]
    chosen += [(c, None) for c in reversed(found.contrasts[:-1])]
    return [
        (
            f"{contrast:g}",
            season.short if season else tr("all seasons"),
            tuple(limit_cell(section.pick(contrast, w, season)[1]) for w in found.within),
        )
        for contrast, season in chosen
    ]


def recall_rows(section: PowerSection) -> list[tuple[str, tuple[str, ...]]]:
    """For every size: recall at the highest contrast over all seasons, a cell for each time."""
    found = section.found
    columns = [section.pick(found.contrasts[-1], w)[0].points for w in found.within]
    return [
        (f"{points[0].area_ha:g}", tuple(recall_cell(p) for p in points))
        for points in zip(*columns, strict=True)
    ]


def material_rows(section: PowerSection) -> list[tuple[str, str, str]]:
    """For every bare spectrum: what it is, the step of reflectance at the highest contrast, and
    recall of the largest patch within the longest time."""
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    rows = []
    for spectrum in found.spectra:
        points = section.pick(full, long, None, spectrum.name)[0].points
        steps = [t.step for t in found.trials if t.spectrum == spectrum.name and t.contrast == full]
        if points:
            step = fsum(steps) / len(steps)
            rows.append((spectrum.words, f"{step:.3f}", recall_cell(points[-1])))
    return rows


def precision_note(section: PowerSection) -> str:
    """How sure one figure is, from the number of trials behind it."""
    wanted, level = percent(section.found.power), section.found.level * 100
    return tr(
        "One trial is one patch. Intervals are exact ({level:.0f}\u00a0%): near {wanted} a share "
        "over all seasons is sure to \u00b1{half_width:.0f} points. Sizes in brackets are the "
        "smallest at which the upper, and the lower, bound reaches {wanted}.",
        level=level,
        wanted=wanted,
        half_width=section.half_width * 100,
    )


def chart_captions(section: PowerSection) -> tuple[str, ...]:
    """What stands above each chart of `power_chapter.power_plots`, in their order."""
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    said = [
        tr(
            "Share of patches confirmed in time, by size, at contrast {full:g}, all seasons.",
            full=full,
        ),
        tr("The same within {long} days, by the months in which they appeared.", long=long),
        tr(
            "The same within {long} days, all seasons, by contrast: the share of the way from the "
            "ground's own colour to bare ground.",
            long=long,
        ),
    ]
    if found.months:
        said.append(
            tr(
                "Places and days of each month after which enough usable looks followed within "
                "{long} days to confirm anything; crosses mark blind months.",
                long=long,
            )
        )
    return tuple(said)


def power_sentences(section: PowerSection) -> tuple[str, ...]:
    """What the trials say, most important first, with the limits of what they say last."""
    found = section.found
    said = [
        tr(
            "To learn what would have been seen, {n_trials} patches of bare ground were put by "
            "calculation into this case's own images, with their clouds, gaps and noise, at "
            "places and on days drawn by chance between {first} and {last}; the monitor and the "
            "rule that made the list of sites looked for each of them.",
            n_trials=number(len(found.trials), 0),
            first=plain_date(found.first),
            last=plain_date(found.last),
        )
    ]
    said += [_by_time(section, within) for within in found.within]
    said += [*_by_season(section), *_by_material(section)]
    return (*said, *caveats(section))


def caveats(section: PowerSection) -> tuple[str, ...]:
    """What the figures do not hold for: blind months, other ground, other works."""
    return (*_blind(section), _holds(section), *_dropped(section))


def _by_time(section: PowerSection, within: int) -> str:
    found = section.found
    curve, limit = section.pick(found.contrasts[-1], within)
    wanted = tr("{power} of the trials", power=percent(found.power))
    if limit.area_ha is None:
        return tr(
            "Within {within} days no size up to {tried_ha} was confirmed in {wanted}; of the "
            "largest, {points} were.",
            within=within,
            tried_ha=hectares(limit.tried_ha),
            wanted=wanted,
            points=share_of(curve.points[-1], found.level),
        )
    at = next(p for p in curve.points if p.area_ha == limit.area_ha)
    return tr(
        "Fresh bare ground of {area_ha} was confirmed within {within} days in {at} of the trials; "
        "no smaller size tried reaches {power}.",
        area_ha=hectares(limit.area_ha),
        within=within,
        at=share_of(at, found.level),
        power=percent(found.power),
    )


def _by_season(section: PowerSection) -> list[str]:
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    last: list[tuple[Season, PowerPoint]] = [
        (c.season, c.points[-1])
        for c in section.curves
        if c.season and c.points and (c.contrast, c.within) == (full, long)
    ]
    if len(last) < 2:
        return []
    best, worst = (f(last, key=lambda x: x[1].power) for f in (max, min))
    return [
        tr(
            "Of patches of {area_ha} that appeared from {words}, {best} were confirmed within "
            "{long} days; of those that appeared from {words2}, {worst}.",
            area_ha=hectares(best[1].area_ha),
            words=best[0].words,
            best=share_of(best[1], found.level),
            long=long,
            words2=worst[0].words,
            worst=share_of(worst[1], found.level),
        )
    ]


def _by_material(section: PowerSection) -> list[str]:
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    last: list[tuple[str, PowerPoint]] = []
    for spectrum in found.spectra:
        curve: PowerCurve = section.pick(full, long, None, spectrum.name)[0]
        if curve.points:
            last.append((spectrum.words, curve.points[-1]))
    if len(last) < 2:
        return []
    best, worst = (f(last, key=lambda x: x[1].power) for f in (max, min))
    return [
        tr(
            "The kind of bare ground matters. Seen most often: {best}, {best2}; least: {worst}, "
            "{worst2}.",
            best=best[0],
            best2=share_of(best[1], found.level),
            worst=worst[0],
            worst2=share_of(worst[1], found.level),
        )
    ]


def _blind(section: PowerSection) -> list[str]:
    found = section.found
    return [
        tr(
            "Blind within {within} days: what appeared in {months} could not be confirmed in time "
            "anywhere, whatever its size, because fewer than {needed} usable looks followed.",
            within=within,
            months=month_spans(months),
            needed=found.needed,
        )
        for within in found.within
        if (months := found.blind(within))
    ]


def _holds(section: PowerSection) -> str:
    found = section.found
    return tr(
        "These figures hold for the {ground_share} of the area that is away from the sites listed "
        "here, and for compact patches that appear in one day and stay bare. Slow, narrow or "
        "patchy works, ground that greens again, and fresh ground that the catalogue's own "
        "classification takes for cloud are seen less often than that.",
        ground_share=percent(found.ground_share),
    )


def _dropped(section: PowerSection) -> list[str]:
    if not section.found.dropped_ha:
        return []
    sizes = ", ".join(f"{a:g}" for a in section.found.dropped_ha)
    return [
        tr(
            "Unchanged ground has no room for patches of {sizes} ha: these were not tried.",
            sizes=sizes,
        )
    ]


def month_spans(months: Sequence[date]) -> str:
    """Months in words, neighbours joined: "October 2018 to December 2018, March 2019"."""
    spans: list[list[date]] = []
    for month in months:
        follows = spans and (spans[-1][-1] + timedelta(days=32)).replace(day=1) == month
        if follows:
            spans[-1].append(month)
        else:
            spans.append([month])
    words = []
    for span in spans:
        ends = dict.fromkeys((span[0], span[-1]))
        words.append(tr(" to ").join(f"{MONTHS[m.month - 1]} {m.year}" for m in ends))
    return ", ".join(words)

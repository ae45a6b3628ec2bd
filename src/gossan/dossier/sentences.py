"""Plain sentences. Each says what was measured, with its interval, and claims no cause.

"Not seen" and "nothing found" are kept apart: a sentence about absence names the limits of
looking, and nothing is concluded from cloud.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date

from gossan.core.dates import DateInterval
from gossan.core.values import Measurement, Outcome, SiteStatus
from gossan.dossier.model import DossierModel, Gap, Judged, SiteSection

OUTCOME_WORDS = {
    Outcome.USED: "used",
    Outcome.DUPLICATE: "same day and place as another image",
    Outcome.CLOUDY: "too cloudy by the catalogue's figure, not read",
    Outcome.OUTSIDE: "outside the area",
    Outcome.FAILED: "could not be read",
    Outcome.EMPTY: "read, no usable ground",
}

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Our own, because strftime follows the reader's locale and the bytes must not."""

METHOD = (
    "Each pixel is held against its own past: a seasonal model is fitted to an early part of its "
    "usable looks, over all bands together, and that part is itself searched for a lasting step. "
    "A later change is confirmed when several looks in a row depart from the model by more than "
    "the pixel's own noise. Neighbouring changed pixels form a site. "
    "Dates are intervals between two looks, areas carry the uncertainty of pixel edges."
)


def plain_date(day: date) -> str:
    """A date as people write it, e.g. "3 May 2018"; day and month stay on one line."""
    return f"{day.day}\u00a0{MONTHS[day.month - 1]} {day.year}"


def number(value: float, digits: int = 2) -> str:
    """A number with fixed decimals and a thin space between thousands."""
    return f"{value:,.{digits}f}".replace(",", "\u202f")


def percent(share: float) -> str:
    """A share 0..1 in percent; small shares never become a flat zero."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", "\u00a0%")


def plural(n: int, one: str, many: str = "") -> str:
    """The count with its noun, e.g. "1 place", "3 places"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def measured(m: Measurement) -> str:
    """A measurement with its interval, e.g. "3.41 ha (95 % interval 3.02 to 3.80 ha)"."""
    return f"{number(m.value)}\u00a0{m.unit} ({interval_of(m)})"


def interval_of(m: Measurement) -> str:
    """The interval with its level, e.g. "95 % interval 3.02 to 3.80 ha"."""
    return f"{m.level * 100:.0f}\u00a0% interval {number(m.low)} to {number(m.high)}\u00a0{m.unit}"


def between(interval: DateInterval) -> str:
    """A change date as what it is: an interval between two looks."""
    changed = f"{plain_date(interval.first_changed)} (first seen changed)"
    if interval.last_unchanged is None:
        return f"at some time up to {changed}; no usable earlier look"
    return f"between {plain_date(interval.last_unchanged)} (last seen unchanged) and {changed}"


def site_sentences(section: SiteSection) -> tuple[str, ...]:
    """What is known of one site, a sentence for each fact."""
    site = section.site
    said = [f"The ground changed {between(site.began)}."]
    if site.ended != site.began:
        said.append(f"The most recent part of it changed {between(site.ended)}.")
    said.append(f"The changed ground measures {measured(site.area)}.")
    learned = section.series.monitored_from if section.series else None
    early = learned is not None and site.began.first_changed < learned
    if early:
        said.append(
            "It began in the very time from which the normal state was learned. So it is "
            "provisional: a different processing of the images by their provider would look the "
            "same."
        )
    elif site.status is SiteStatus.PROVISIONAL:
        said.append(
            "This is provisional: too few looks confirm it, or they were needed to learn the "
            "normal state; it may turn out to be cloud, shadow or a passing state of the ground."
        )
    if section.by_both is not None and section.by_radar is not None:
        said.append(_seen_by(section.by_both, section.by_radar))
    if site.recovered_share > 0:
        said.append(
            f"On {percent(site.recovered_share)} of it the ground has since looked again as its "
            "own past foretold."
        )
    if site.again_share > 0:
        said.append(
            f"On {percent(site.again_share)} of it the ground has changed once more since, to "
            "something else than it was before."
        )
    said.append("The images do not say who changed it.")
    return tuple(said)


def _seen_by(both: float, radar: float) -> str:
    """Which sensors saw a site changed, by share of its pixels."""
    if both > 0.95:
        return "Optical images and radar both saw it."
    if radar > 0.95:
        return "Radar alone saw it: no usable optical image, or none that shows the change."
    if both + radar < 0.05:
        return "Optical images alone saw it; radar saw no change there that it could report."
    return f"Optical images and radar both saw {percent(both)} of it, radar alone {percent(radar)}."


def nothing_found(judged: Judged | None) -> str:
    """What is said where no change was confirmed: that nothing can be said, or where and when
    there was none to be found."""
    none, where = "No confirmed change of ground was found where it could be looked for", ""
    if judged is None:
        return f"{none}; what could not be seen is set out below."
    if judged.share == 0:
        return f"Nothing can be said of this area in this period, because {judged.why}."
    if judged.share < 1:
        where = f": on {percent(judged.share)} of the area"
    if judged.first is not None and judged.last is not None:
        sign = "," if where else ":"
        where += f"{sign} from {plain_date(judged.first)} to {plain_date(judged.last)}"
    return f"{none}{where}. {_elsewhere(judged)}"


def _elsewhere(judged: Judged) -> str:
    """What holds for the rest of area and period."""
    if judged.share < 1:
        return (
            f"Of the other {percent(1 - judged.share)} of the area, and of any other time, nothing "
            f"can be said: there, {judged.why}."
        )
    return "Of any other time nothing can be said; what could not be seen is set out below."


def found(model: DossierModel) -> list[str]:
    """The headline, and what of the area it does not hold for."""
    s, judged = model.summary, model.observability.judged
    if s.n_confirmed == 0 or s.confirmed_area is None:
        return [nothing_found(judged)]
    said = [
        f"The ground changed in {plural(s.n_confirmed, 'place')}, "
        f"{'' if s.n_confirmed == 1 else 'together '}{measured(s.confirmed_area)}."
    ]
    if judged is not None and judged.share < 1:
        said.append(
            f"Only {percent(judged.share)} of the area could be judged; of the rest nothing can be "
            f"said, because {judged.why}."
        )
    return said


def key_sentences(model: DossierModel) -> tuple[str, ...]:
    """The opening paragraph, most important first."""
    said = found(model)
    confirmed = [x for x in model.sites if x.site.status is SiteStatus.CONFIRMED]
    if confirmed:
        first = min(confirmed, key=lambda x: x.site.began.first_changed)
        said.append(
            f"The earliest of them (site {first.number}) began {between(first.site.began)}."
        )
    s = model.summary
    if s.n_provisional and s.provisional_area is not None:
        said.append(
            f"Change in {plural(s.n_provisional, 'more place')}, "
            f"{'' if s.n_provisional == 1 else 'together '}{measured(s.provisional_area)}, "
            "is provisional: not yet confirmed."
        )
    used = sum(r.outcome is Outcome.USED for r in model.scenes)
    said.append(
        f"This rests on {used} of {plural(len(model.scenes), 'satellite image')} listed for "
        f"{plain_date(model.period[0])} to {plain_date(model.period[1])}."
    )
    untested = sum(r.offset_untested for r in model.scenes)
    if untested:
        said.append(
            f"Of {plural(untested, 'used image')} it could not be tested whether the offset of "
            "their reflectance is the one stated; a wrong one would look like a change."
        )
    return tuple(said)


def gap_sentence(gap: Gap) -> str:
    """One long time without a look."""
    return (
        f"{plain_date(gap.start)} to {plain_date(gap.end)}: {plural(gap.days, 'day')} without a "
        "usable look."
    )


def radar_sentences(model: DossierModel) -> list[str]:
    """What radar saw where optical images did not; nothing where the case has no radar."""
    o = model.observability
    r = o.radar
    if r is None:
        return []
    blind = [m for m in o.months if not m.seen_share]
    answered = [m for m in blind if m.by_radar_alone]
    said = [
        f"Radar, which sees through cloud and at night, looked {plural(r.images, 'time')} from "
        f"{plain_date(r.first)} to {plain_date(r.last)}, always from the same orbit ({r.orbit})."
    ]
    if blind:
        said.append(
            f"Of {plural(len(blind), 'month')} without a usable optical look it answers "
            f"{len(answered)}."
        )
    if math.isfinite(r.finds_db):
        said.append(
            f"On usual ground of this area three radar looks confirm a change of "
            f"{number(r.finds_db, 1)} dB or more in nine of ten cases; what changes backscatter "
            "less, or returns within weeks, radar does not report."
        )
    if r.by_both or r.by_radar:
        said.append(
            f"Of the changed ground, confirmed and provisional together, {percent(r.by_both)} was "
            "seen by both sensors and "
            f"{percent(r.by_radar)} by radar alone."
        )
    return said


def unseen_sentences(model: DossierModel) -> tuple[str, ...]:
    """What was not seen, and what therefore cannot be said."""
    o = model.observability
    said = []
    if o.monitored_from is None:
        said.append(
            "Nowhere in the area were there enough usable looks to learn what the ground normally "
            "looks like: nothing can be said about change, neither that there was any nor that "
            "there was none."
        )
    else:
        said.append(
            f"Change could be noticed from {plain_date(o.monitored_from)} on at the earliest; the "
            "images before it were needed to learn what the ground normally looks like. Ground "
            "already changed before then is not reported."
        )
    if o.no_model_share > 0:
        said.append(
            f"On {percent(o.no_model_share)} of the area there were too few usable looks: nothing "
            "can be said about it."
        )
    if o.months:
        said.append(
            f"The clearest {'' if o.radar is None else 'optical '}image of a month left "
            f"{percent(o.unseen_share)} of the area unseen, on average; a month without an image "
            "counts as wholly unseen."
        )
    if o.never_seen_share > 0:
        said.append(f"{percent(o.never_seen_share)} of the area was never seen at all.")
    said.append(
        f"Half of the area was seen usable {number(o.median_looks, 0)} times or more. Changed "
        f"patches under {number(o.smallest_site_ha)} ha are not reported."
    )
    if o.gaps:
        g = o.gaps[0]
        optical = "" if o.radar is None else "optical "
        but = "" if o.radar is None else "Where radar did not see it, a"
        said.append(
            f"The longest time without a usable {optical}look at half of the area or more was "
            f"{plural(g.days, 'day')}, from "
            f"{plain_date(g.start)} to {plain_date(g.end)}. {but or 'A'} change within such a time "
            "can only be dated to the whole of it, and one that came and went within it was missed."
        )
    said += radar_sentences(model)
    outcomes = Counter(r.outcome for r in model.scenes)
    failed = outcomes[Outcome.FAILED]
    if failed:
        verb = "was" if failed == 1 else "were"
        said.append(f"{plural(failed, 'image')} could not be read and {verb} counted as not seen.")
    return tuple(said)


def signed_words(key: str) -> str:
    """Who signs the dossier, for a reader who holds only the page or the paper."""
    return f"by the key {key}" if key else "by nobody"

"""Plain sentences. Each says what was measured, with its interval, and claims no cause.

"Not seen" and "nothing found" are kept apart: a sentence about absence names the limits of
looking, and nothing is concluded from cloud.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from gossan.core.dates import DateInterval
from gossan.core.measured import Change, Event
from gossan.core.values import Measurement, Outcome, SiteStatus
from gossan.core.words import tr, tr_later, tr_now, trn
from gossan.dossier.model import DossierModel, Gap, Judged, Observability, SiteSection

OUTCOME_WORDS = {
    Outcome.USED: tr_later("used"),
    Outcome.DUPLICATE: tr_later("same day and place as another image"),
    Outcome.CLOUDY: tr_later("too cloudy by the catalogue's figure, not read"),
    Outcome.OUTSIDE: tr_later("outside the area"),
    Outcome.FAILED: tr_later("could not be read"),
    Outcome.EMPTY: tr_later("read, no usable ground"),
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

METHOD = tr_later(
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
        return tr("under 1 %")
    if 0.99 < share < 1:
        return tr("over 99 %")
    return f"{share:.0%}".replace("%", "\u00a0%")


def sites_counted(n: int, status: SiteStatus) -> str:
    """E.g. "3 confirmed sites"."""
    if status is SiteStatus.CONFIRMED:
        return trn("{n} confirmed site", "{n} confirmed sites", n)
    return trn("{n} provisional site", "{n} provisional sites", n)


def measured(m: Measurement) -> str:
    """A measurement with its interval, e.g. "3.41 ha (95 % interval 3.02 to 3.80 ha)"."""
    return f"{number(m.value)}\u00a0{m.unit} ({interval_of(m)})"


def interval_of(m: Measurement) -> str:
    """The interval with its level, e.g. "95 % interval 3.02 to 3.80 ha"."""
    return tr(
        "{level:.0f}\u00a0% interval {low} to {high}\u00a0{unit}",
        level=m.level * 100,
        low=number(m.low),
        high=number(m.high),
        unit=m.unit,
    )


def between(interval: DateInterval) -> str:
    """A change date as what it is: an interval between two looks."""
    changed = tr(
        "{first_changed} (first seen changed)", first_changed=plain_date(interval.first_changed)
    )
    if interval.last_unchanged is None:
        return tr("at some time up to {changed}; no usable earlier look", changed=changed)
    return tr(
        "between {unchanged} (last seen unchanged) and {changed}",
        unchanged=plain_date(interval.last_unchanged),
        changed=changed,
    )


def site_sentences(section: SiteSection) -> tuple[str, ...]:
    """What is known of one site, a sentence for each fact."""
    site = section.site
    said = [tr("The ground changed {when}.", when=between(site.began))]
    if site.ended != site.began:
        said.append(tr("The most recent part of it changed {when}.", when=between(site.ended)))
    said.append(tr("The changed ground measures {area}.", area=measured(site.area)))
    learned = section.series.monitored_from if section.series else None
    early = learned is not None and site.began.first_changed < learned
    if early:
        said.append(
            tr(
                "It began in the very time from which the normal state was learned. So it is "
                "provisional: a different processing of the images by their provider would look "
                "the same."
            )
        )
    elif site.status is SiteStatus.PROVISIONAL:
        said.append(
            tr(
                "This is provisional: too few looks confirm it, or they were needed to learn the "
                "normal state; it may turn out to be cloud, shadow or a passing state of the "
                "ground."
            )
        )
    if section.by_both is not None and section.by_radar is not None:
        said.append(_seen_by(section.by_both, section.by_radar))
    if site.recovered_share > 0:
        said.append(
            tr(
                "On {recovered_share} of it the ground has since recovered: it is again as its own "
                "past predicts.",
                recovered_share=percent(site.recovered_share),
            )
        )
    if site.again_share > 0:
        said.append(
            tr(
                "On {again_share} of it the ground has changed once more since, to something else "
                "than it was before.",
                again_share=percent(site.again_share),
            )
        )
    said.append(tr("The images do not say who changed it."))
    return tuple(said)


def _seen_by(both: float, radar: float) -> str:
    """Which sensors saw a site changed, by share of its pixels."""
    if both > 0.95:
        return tr("Optical images and radar both saw it.")
    if radar > 0.95:
        return tr("Radar alone saw it: no usable optical image, or none that shows the change.")
    if both + radar < 0.05:
        return tr("Optical images alone saw it; radar saw no change there that it could report.")
    return tr(
        "Optical images and radar both saw {both} of it, radar alone {radar}.",
        both=percent(both),
        radar=percent(radar),
    )


def nothing_found(judged: Judged | None) -> str:
    """What is said where no change was confirmed: that nothing can be said, or where and when
    there was none to be found."""
    none, where = tr("No confirmed change of ground was found where it could be looked for"), ""
    if judged is None:
        return tr("{none}; what could not be seen is set out below.", none=none)
    if judged.share == 0:
        return tr("Nothing can be said of this area in this period, because {why}.", why=judged.why)
    if judged.share < 1:
        where = tr(": on {share} of the area", share=percent(judged.share))
    if judged.first is not None and judged.last is not None:
        sign = "," if where else ":"
        where += tr(
            "{sign} from {first} to {last}",
            sign=sign,
            first=plain_date(judged.first),
            last=plain_date(judged.last),
        )
    return f"{none}{where}. {_elsewhere(judged)}"


def _elsewhere(judged: Judged) -> str:
    """What holds for the rest of area and period."""
    if judged.share < 1:
        return tr(
            "Of the other {share} of the area, and of any other time, nothing can be said: there, "
            "{why}.",
            share=percent(1 - judged.share),
            why=judged.why,
        )
    return tr("Of any other time nothing can be said; what could not be seen is set out below.")


def found(model: DossierModel) -> list[str]:
    """The headline, and what of the area it does not hold for."""
    s, judged = model.summary, model.observability.judged
    if s.n_confirmed == 0 or s.confirmed_area is None:
        return [nothing_found(judged)]
    said = [
        tr(
            "The ground changed in {places}, {together}{confirmed_area}.",
            places=trn("{n} place", "{n} places", s.n_confirmed),
            together="" if s.n_confirmed == 1 else tr("together "),
            confirmed_area=measured(s.confirmed_area),
        )
    ]
    if judged is not None and judged.share < 1:
        said.append(
            tr(
                "Only {share} of the area could be judged; of the rest nothing can be said, "
                "because {why}.",
                share=percent(judged.share),
                why=judged.why,
            )
        )
    return said


def key_sentences(model: DossierModel) -> tuple[str, ...]:
    """The opening paragraph, most important first."""
    said = found(model)
    confirmed = [x for x in model.sites if x.site.status is SiteStatus.CONFIRMED]
    if confirmed:
        first = min(confirmed, key=lambda x: x.site.began.first_changed)
        said.append(
            tr(
                "The earliest of them (site {site}) began {when}.",
                site=first.number,
                when=between(first.site.began),
            )
        )
    s = model.summary
    if s.n_provisional and s.provisional_area is not None:
        said.append(
            tr(
                "Change in {places}, {together}{provisional_area}, is provisional: not yet "
                "confirmed.",
                places=trn("{n} more place", "{n} more places", s.n_provisional),
                together="" if s.n_provisional == 1 else tr("together "),
                provisional_area=measured(s.provisional_area),
            )
        )
    used = sum(r.outcome is Outcome.USED for r in model.scenes)
    said.append(
        tr(
            "This rests on {used} of {images} listed for {first} to {last}.",
            used=used,
            images=trn("{n} satellite image", "{n} satellite images", len(model.scenes)),
            first=plain_date(model.period[0]),
            last=plain_date(model.period[1]),
        )
    )
    untested = sum(r.offset_untested for r in model.scenes)
    if untested:
        said.append(
            tr(
                "Of {images} it could not be tested whether the offset of their reflectance is "
                "the one stated; a wrong one would look like a change.",
                images=trn("{n} used image", "{n} used images", untested),
            )
        )
    return tuple(said)


def gap_sentence(gap: Gap) -> str:
    """One long time without a look."""
    return tr(
        "{start} to {end}: {days} without a usable look.",
        start=plain_date(gap.start),
        end=plain_date(gap.end),
        days=trn("{n} day", "{n} days", gap.days),
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
        tr(
            "Radar, which sees through cloud and at night, looked {times} from {first} to {last}, "
            "always from the same orbit ({orbit}).",
            times=trn("{n} time", "{n} times", r.images),
            first=plain_date(r.first),
            last=plain_date(r.last),
            orbit=r.orbit,
        )
    ]
    if blind:
        said.append(
            tr(
                "Of {months} without a usable optical look it answers {n_answered}.",
                months=trn("{n} month", "{n} months", len(blind)),
                n_answered=len(answered),
            )
        )
    if math.isfinite(r.finds_db):
        said.append(
            tr(
                "On usual ground of this area three radar looks confirm a change of {finds_db} dB "
                "or more in nine of ten cases; what changes backscatter less, or returns within "
                "weeks, radar does not report.",
                finds_db=number(r.finds_db, 1),
            )
        )
    if r.by_both or r.by_radar:
        said.append(
            tr(
                "Of the changed ground, confirmed and provisional together, {by_both} was seen by "
                "both sensors and {by_radar} by radar alone.",
                by_both=percent(r.by_both),
                by_radar=percent(r.by_radar),
            )
        )
    return said


def unseen_sentences(model: DossierModel) -> tuple[str, ...]:
    """What was not seen, and what therefore cannot be said."""
    o = model.observability
    said = [_watched_from(o.monitored_from)]
    if o.no_model_share > 0:
        said.append(
            tr(
                "On {no_model_share} of the area there were too few usable looks: nothing can be "
                "said about it.",
                no_model_share=percent(o.no_model_share),
            )
        )
    if o.months:
        said.append(
            tr(
                "The clearest {optical}image of a month left {unseen_share} of the area unseen, "
                "on average; a month without an image counts as wholly unseen.",
                optical="" if o.radar is None else tr("optical "),
                unseen_share=percent(o.unseen_share),
            )
        )
    if o.never_seen_share > 0:
        said.append(
            tr(
                "{never_seen_share} of the area was never seen at all.",
                never_seen_share=percent(o.never_seen_share),
            )
        )
    said.append(
        tr(
            "Half of the area was seen usable {median_looks} times or more. Changed patches under "
            "{smallest_site_ha} ha are not reported.",
            median_looks=number(o.median_looks, 0),
            smallest_site_ha=number(o.smallest_site_ha),
        )
    )
    if o.gaps:
        said.append(_longest_gap(o))
    said += radar_sentences(model)
    outcomes = Counter(r.outcome for r in model.scenes)
    failed = outcomes[Outcome.FAILED]
    if failed:
        said.append(
            trn(
                "{n} image could not be read and was counted as not seen.",
                "{n} images could not be read and were counted as not seen.",
                failed,
            )
        )
    return tuple(said)


def _watched_from(day: date | None) -> str:
    """Since when change could be noticed; `day` is None where no ground has a model."""
    if day is None:
        return tr(
            "Nowhere in the area were there enough usable looks to learn what the ground normally "
            "looks like: nothing can be said about change, neither that there was any nor that "
            "there was none."
        )
    return tr(
        "Change could be noticed from {monitored_from} on at the earliest; the images before it "
        "were needed to learn what the ground normally looks like. Ground already changed before "
        "then is not reported.",
        monitored_from=plain_date(day),
    )


def _longest_gap(o: Observability) -> str:
    gap = o.gaps[0]
    return tr(
        "The longest time without a usable {optical}look at half of the area or more was {days}, "
        "from {start} to {end}. {a} change within such a time can only be dated to the whole of "
        "it, and one that came and went within it was missed.",
        optical="" if o.radar is None else tr("optical "),
        days=trn("{n} day", "{n} days", gap.days),
        start=plain_date(gap.start),
        end=plain_date(gap.end),
        a=tr("A") if o.radar is None else tr("Where radar did not see it, a"),
    )


def events_told(events: Sequence[Event], did: Mapping[Change, str]) -> str:
    """What happened and when, one after the other; `did` has the verb of each change."""
    told = []
    for e in events:
        last = e.when.last_unchanged
        after = tr("after {last_unchanged} and ", last_unchanged=last) if last else ""
        told.append(
            tr(
                "{did} {after}by {first_changed}",
                did=tr_now(did[e.change]),
                after=after,
                first_changed=e.when.first_changed,
            )
        )
    return ", ".join(told)


def signed_words(key: str) -> str:
    """Who signs the dossier, for a reader who holds only the page or the paper."""
    return tr("by the key {key}", key=key) if key else tr("by nobody")

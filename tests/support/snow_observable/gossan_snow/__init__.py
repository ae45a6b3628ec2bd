"""Snow-covered area, scene by scene: an observable that another package brings to gossan."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

from gossan.case.context import OpenCase, consult_case
from gossan.case.documents import digest, document, record, series_of
from gossan.case.state import Monitored, monitored
from gossan.claims.denial import says_not
from gossan.claims.judge import undecided
from gossan.claims.measurements import Measurements
from gossan.claims.questions import asked_of
from gossan.core.csv_text import csv_bytes
from gossan.core.dates import from_day
from gossan.core.flags import BLOCKING, Flag
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.measured import Reading, Series, Subject
from gossan.core.progress import Progress
from gossan.core.serialise import to_plain
from gossan.core.settings import Number, Setting, settings_in
from gossan.core.statements import Claim, ClaimType, Report
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.dossier.chapter import Chapter, Words
from gossan.dossier.plots import Line, Point, TimePlot
from gossan.observables.observable import Again, Asker, Observable, Told, Updated

KEY, ASKED, METHOD = "snow", "snow-covered area", "snow.flags.v1"
HIDDEN = int(BLOCKING & ~Flag.SNOW & ~Flag.OUTSIDE)
COUNTS = "a scene that shows snow on more than the minimum", "for a claim of no snow: such a scene"
SNOW_WORDS = re.compile(r"(?i)\bsnow(?:ed|fall|s|y|-covered)?\b|\bснег\w*")
NO_SNOW = re.compile(r"(?i)\b(?:no|without|free of) snow|\bбез снега")


@dataclass(frozen=True, slots=True)
class SnowSettings:
    """Section [snow]."""

    least_seen: Annotated[float, Setting("Scenes that show less are out."), Number(0.1, 1)] = 0.2


def measure_snow(folder: Path, progress: Progress) -> Series:
    """Measure every scene of a case; keep and record what is new."""
    with consult_case(folder, progress) as case:
        settings, state = settings_in(case.config.sections, KEY, SnowSettings), monitored(case)
        found = _series(case, state, settings.least_seen, progress)
        if series_of(case.db).get(KEY) != found:
            inputs, made = {"state": state.head.snapshot}, [document("series", KEY, found)]
            record(case.db, KEY, inputs, {"series": digest(found)}, made, asdict(settings))
        return found


def _series(case: OpenCase, state: Monitored, least: float, progress: Progress) -> Series:
    at, hectares = case.config.geometry.representative_point(), pixel_areas_m2(state.grid) / 1e4
    readings, whole = [], tuple(slice(0, n) for n in state.frame.shape)
    with progress.task("Measuring snow", len(state.looks)) as task:
        for look in state.looks:
            flags, day = state.frame.cube([look], whole)["flags"].values[0], from_day(look.day)
            inside, hidden = (flags & Flag.OUTSIDE) == 0, (flags & HIDDEN) != 0
            parts = inside, inside & hidden, inside & ~hidden & ((flags & Flag.SNOW) != 0)
            area, unseen, snow = (float(hectares[part].sum()) for part in parts)
            n, share, most = int((inside & ~hidden).sum()), 1 - unseen / area, snow + unseen
            if share < least:
                readings.append(Reading.missing(day, look.key, "Too much was hidden.", n))
            else:  # what was hidden may all have been free of snow, or all covered
                readings.append(Reading(day, look.key, min(snow / share, most), snow, most, n))
            task.advance()
    place = (Subject.AREA, KEY, case.config.name, at.x, at.y)
    return Series(KEY, ASKED, "ha", 1.0, METHOD, *place, tuple(readings))


def snow(case: Path, *, progress: Progress) -> Told:
    """Measure how much of the area lay under snow, scene by scene."""
    found = measure_snow(case, progress)
    return Told(to_plain(found), (Words(_sentence(found)),))


def _sentence(found: Series) -> str:
    most = max(found.seen, key=lambda r: r.low or 0.0, default=None)
    if most is None:
        return "No scene shows enough of the area to say how much lay under snow."
    area = f"{most.value:.1f} ha ({most.low:.1f} to {most.high:.1f})"
    return f"Of {len(found.seen)} scenes, the one of {most.day} shows most snow: {area}."


class Snow(Observable[Series | None]):
    """The series of snow-covered area, None before the command."""

    key, measures, claim_types, settings, varies = KEY, (ASKED,), (KEY,), SnowSettings, True

    def command(self) -> Callable[..., Told]:
        return snow

    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> Series | None:
        return series_of(case.db).get(KEY)

    def chapter(self, now: Updated) -> Chapter | None:
        if (found := series_of(now.case.db).get(KEY)) is None:
            return None
        points = tuple(Point(r.day, r.value, r.low, r.high) for r in found.readings)
        plot = TimePlot("Snow-covered area by scene", "snow, ha", (Line(found.place, points),))
        rows = [(r.day, r.scene, r.value, r.low, r.high) for r in found.readings]
        table = csv_bytes(("day", "scene", "ha", "low", "high"), rows)
        return Chapter(KEY, "Snow", _sentence(found), (plot,), (("snow.csv", table),))

    def claim_type(self, text: str, kind: ClaimType) -> str | None:
        return KEY if kind is not ClaimType.EVENT and SNOW_WORDS.search(text) else None

    def asks(self, case: OpenCase) -> Asker:
        least, others = case.config.sites.min_area_ha, ("sand or cloud taken for snow",)

        def ask(claim: Claim, report: Report) -> Question | None:
            made = asked_of(ASKED, claim, report, least, COUNTS, others, anywhere=True)
            denied = says_not(claim, words=bool(NO_SNOW.search(claim.text)))
            return replace(made, asked={"denied": denied}) if claim.type == KEY else None

        return ask

    def judge(
        self, q: Question, claim: Claim, found: Series | None, on: Measurements | None
    ) -> Verdict:
        base = undecided(q, claim)
        if found is None:
            return replace(base, reason="Snow was not measured: run gossan snow.")
        inside = [r for r in found.seen if q.first and q.last and q.first <= r.day <= q.last]
        if not inside:
            return replace(base, answer=Answer.NOT_OBSERVABLE, reason="No scene shows that time.")
        most = max(inside, key=lambda r: r.low or 0.0)
        base = replace(base, measurements=(found.measured(most),), scenes=(most.scene,))
        if (most.low or 0.0) < q.minimum_ha:
            return replace(base, reason="No scene shows snow; it may have lain between them.")
        answer = Answer.CONTRADICTED if q.asked["denied"] else Answer.SUPPORTED
        return replace(base, answer=answer, reason=f"{most.low:.1f} ha of snow on {most.day}.")

    def with_images(self, found: Series | None, looks: Sequence[date]) -> Series | None:
        return found and replace(found, readings=tuple(r for r in found.readings if r.day in looks))

    def again(self, rerun: Again) -> tuple[str, ...]:
        if rerun.last(KEY):
            measure_snow(rerun.folder, rerun.progress)
        return ()


SNOW = Snow()

"""Claims on waters: what is asked of which water, and what readings make of it."""

from __future__ import annotations

from datetime import date

import pytest
from tests.support.asked import asked as question

from gossan.core.measured import Reading, Series, Subject
from gossan.core.statements import (
    Claim,
    ClaimType,
    DateMention,
    DateReading,
    Modality,
    Precision,
    PublicationDate,
    Report,
    ReviewStatus,
    SourceKind,
    SourceLink,
)
from gossan.core.verdicts import NOTHING, Answer, WaterState
from gossan.core.water import Role
from gossan.observables.water.turbidity_claims import WaterPlace, judge_water, states_of

REPORT = Report(
    "R-1",
    "sha256:0",
    "2021-09-10T00:00:00",
    "t.txt",
    "text",
    "",
    "Desk",
    "",
    PublicationDate(date(2021, 9, 10), "given"),
    "en",
    "",
)
DOWN = WaterPlace("turbidity-Lower", "Lower Kasai", Role.DOWNSTREAM, 16.5, -3.2, "", "Sentinel-2")
OTHER = WaterPlace("turbidity-Mid", "Kasai at Ilebo", Role.OTHER, 19.5, -4, "", "Sentinel-2")


def claim(text: str, *days: tuple[str, date | None, date], modality: Modality = Modality.ASSERTED):
    dates = tuple(
        DateMention(
            (start := text.index(words), start + len(words)),
            words,
            DateReading("", first, last, Precision.DAY, "test"),
        )
        for words, first, last in days
    )
    return Claim(
        "C-1",
        "R-1",
        (0, len(text)),
        text,
        ClaimType.WATER,
        modality,
        (SourceLink("Desk", SourceKind.OUTLET),),
        "test",
        dates=dates,
        status=ReviewStatus.ACCEPTED,
    )


D15, D20, D30 = date(2021, 8, 15), date(2021, 8, 20), date(2021, 8, 30)
BOTH = claim(
    "The river below the spill was turbid by 15 August and back to normal by 30 August.",
    ("15 August", None, D15),
    ("30 August", None, D30),
)


def test_each_date_gets_the_state_said_before_it() -> None:
    first, second = states_of(BOTH)
    assert (first.state, first.first, first.last) == (
        WaterState.TURBID,
        date(2021, 8, 11),
        date(2021, 8, 17),
    )
    assert second.state is WaterState.USUAL
    (leading,) = states_of(claim("On 20 August the river was muddy.", ("20 August", D20, D20)))
    assert leading.state is WaterState.TURBID
    (no,) = states_of(claim("It was not turbid on 20 August.", ("20 August", D20, D20)))
    assert no.state is WaterState.USUAL
    said = claim("It was turbid on 20 August.", ("20 August", D20, D20), modality=Modality.DENIAL)
    assert states_of(said)[0].state is WaterState.USUAL


def test_which_water_is_meant_is_decided_by_words_or_by_a_person() -> None:
    both = (DOWN, OTHER)
    asked = question(BOTH, REPORT, waters=both)
    assert asked is not None
    assert asked.water is not None
    assert asked.water.series == DOWN.series
    assert asked.water.normal_until == date(2021, 8, 10)
    named = question(
        claim("Kasai at Ilebo was muddy on 20 August.", ("20 August", D20, D20)),
        REPORT,
        waters=both,
    )
    assert named is not None
    assert named.water is not None
    assert named.water.series == OTHER.series
    vague = question(
        claim("The river was muddy on 20 August.", ("20 August", D20, D20)), REPORT, waters=both
    )
    assert vague is not None
    assert vague.unanswerable_as is Answer.INCONCLUSIVE
    assert "Lower Kasai" in vague.unanswerable


def test_chemistry_is_not_asked_of_images() -> None:
    asked = question(
        claim("Fish died in the river on 20 August.", ("20 August", D20, D20)),
        REPORT,
        waters=(DOWN,),
    )
    assert asked is not None
    assert asked.observable == NOTHING
    assert asked.unanswerable_as is Answer.NOT_OBSERVABLE


def series(name: str, place: str, *values: tuple[int, float | None], wide: float = 1.6) -> Series:
    readings = tuple(
        Reading.missing(date(2021, 8, d), f"s{d}", "Cloud.")
        if v is None
        else Reading(date(2021, 8, d), f"s{d}", v, v / wide, v * wide, 99)
        for d, v in values
    )
    return Series(
        name, "turbidity", "FNU", 0.95, "m.v1", Subject.REACH, place, place, 16.5, -3.2, readings
    )


def answer(said: Claim, *known: Series, reference: str = "") -> Answer:
    place = WaterPlace(
        "turbidity-Lower", "Lower Kasai", Role.DOWNSTREAM, 16.5, -3.2, reference, "S2"
    )
    asked = question(said, REPORT, waters=(place,))
    assert asked is not None
    return judge_water(asked, said, {s.id: s for s in known}).answer


PLUME = ((10, 17.0), (15, 110.0), (25, 70.0), (30, 19.0))
TURBID_20 = claim("The river was turbid on 20 August.", ("20 August", D20, D20))
ALL_MONTH = claim(
    "The river was clear in August.", ("August", date(2021, 8, 11), date(2021, 8, 31))
)


@pytest.mark.parametrize(
    ("said", "values", "wanted"),
    [
        (BOTH, PLUME, Answer.SUPPORTED),
        (BOTH, ((10, 17.0), (15, 18.0), (30, 19.0)), Answer.CONTRADICTED),
        (BOTH, ((10, 17.0), (15, 110.0), (30, 90.0)), Answer.CONTRADICTED),
        (BOTH, ((10, 17.0), (15, 110.0), (30, 34.0)), Answer.INCONCLUSIVE),
        (BOTH, ((10, 17.0), (15, 110.0), (30, None)), Answer.INCONCLUSIVE),
        (BOTH, ((15, 110.0), (30, 19.0)), Answer.INCONCLUSIVE),  # what is usual is not known
        (TURBID_20, ((10, 17.0), (20, None)), Answer.NOT_OBSERVABLE),
        (TURBID_20, ((10, 17.0), (21, 60.0)), Answer.SUPPORTED),
        (TURBID_20, ((10, 17.0), (25, 60.0)), Answer.NOT_OBSERVABLE),
        (ALL_MONTH, PLUME, Answer.CONTRADICTED),
        (ALL_MONTH, ((10, 17.0), (15, 18.0), (22, 16.0), (30, 19.0)), Answer.SUPPORTED),
        (ALL_MONTH, ((10, 17.0), (13, 18.0), (30, 19.0)), Answer.INCONCLUSIVE),  # a plume may pass
    ],
)
def test_readings_decide(
    said: Claim, values: tuple[tuple[int, float | None], ...], wanted: Answer
) -> None:
    assert answer(said, series("turbidity-Lower", "Lower Kasai", *values)) is wanted


def test_a_reading_too_wide_to_show_a_doubling_contradicts_nothing() -> None:
    wide = series("turbidity-Lower", "Lower Kasai", (10, 17.0), (20, 15.0), wide=12)
    assert answer(TURBID_20, wide) is Answer.INCONCLUSIVE
    narrow = series("turbidity-Lower", "Lower Kasai", (10, 17.0), (20, 15.0))
    assert answer(TURBID_20, narrow) is Answer.CONTRADICTED


def test_upstream_on_the_same_day_decides_what_is_usual() -> None:
    """After rain the whole river is brown: that is no plume."""
    down = series("turbidity-Lower", "Lower Kasai", (10, 17.0), (20, 110.0))
    up = series("turbidity-Up", "Upper Kasai", (20, 100.0))
    assert answer(TURBID_20, down, up, reference="turbidity-Up") is Answer.CONTRADICTED
    assert answer(TURBID_20, down) is Answer.SUPPORTED

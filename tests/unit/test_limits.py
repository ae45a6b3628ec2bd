"""Counting trials, drawing them, keeping them, and answering from them."""

import json
from datetime import date

import numpy as np
import pytest
import typer.main
from scipy.stats import binomtest
from tests.support.trials import MUD, SAND, WITHIN, curves_of, many_trials, trial

from gossan.cli.app import app
from gossan.core.dates import from_day, to_day
from gossan.core.errors import GossanError
from gossan.core.params import IMPLANTS, LimitsParams, default_areas
from gossan.core.power.answer import power_for
from gossan.core.power.curves import all_curves, curve, half_width, headline, limit
from gossan.core.power.rows import restored, stored
from gossan.core.power.trials import MonthChance, Season
from gossan.core.proportions import exact_interval
from gossan.observables.limits.chances import counted, together
from gossan.observables.limits.design import days_of_trials, draw
from gossan.observables.limits.record import report

JUNE = (date(2019, 6, 1), date(2019, 6, 30))


@pytest.mark.parametrize(("seen", "n"), [(0, 1), (1, 1), (0, 40), (40, 40), (36, 40), (137, 160)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_are_the_exact_ones(seen: int, n: int, level: float) -> None:
    exact = binomtest(seen, n).proportion_ci(level, method="exact")
    assert exact_interval(seen, n, level) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_no_trial_says_nothing() -> None:
    assert exact_interval(0, 0, 0.95) == (0.0, 1.0)


def test_default_trials_are_enough_to_reach_the_power_at_all() -> None:
    """All of the trials of one size, contrast and season seen: only then must the lower end
    of the interval lie above the power a limit asks for."""
    per_cell = IMPLANTS // (6 * 4) * 276 // 1130  # autumn days of three years of the demo
    assert exact_interval(per_cell, per_cell, 0.95)[0] > 0.9
    assert exact_interval(35, 35, 0.95)[0] < 0.9
    assert half_width(IMPLANTS // (6 * 4), 0.9, 0.95) == pytest.approx(0.049, abs=0.002)


def test_curves_never_fall_and_their_intervals_hold_the_estimate() -> None:
    curves = curves_of(many_trials())
    for c in all_curves(curves):
        for a, b in zip(c.points, c.points[1:], strict=False):
            assert a.area_ha < b.area_ha
            assert a.power <= b.power
            assert a.low <= b.low
            assert a.high <= b.high
        assert all(p.low <= p.power <= p.high for p in c.points)
        assert all(p.n > 0 for p in c.points)


def test_a_dip_by_chance_is_smoothed_not_believed() -> None:
    seen = {0.1: 8, 0.2: 6, 0.4: 10}
    trials = [
        trial(i, area, confirmed_after=20 if i < n else None)
        for area, n in seen.items()
        for i in range(10)
    ]
    powers = [p.power for p in curve(curves_of(trials), 1.0, 60).points]
    assert powers == pytest.approx([0.7, 0.7, 1.0])


def test_only_what_was_confirmed_in_time_counts() -> None:
    trials = [
        trial(0, confirmed_after=30),
        trial(1, confirmed_after=31),
        trial(2, confirmed_after=None),
    ]
    curves = curves_of(trials)
    assert [curve(curves, 1.0, w).points[0].seen for w in WITHIN] == [1, 2, 2]


def test_the_limit_is_a_size_that_was_tried() -> None:
    trials = [
        trial(i, area, confirmed_after=20 if i < n else None)
        for area, n in {0.1: 30, 0.2: 56, 0.4: 60}.items()
        for i in range(60)
    ]
    found = headline(curves_of(trials))
    assert (found.area_ha, found.low, found.high) == (0.2, 0.2, 0.4)
    assert (found.within, found.contrast, found.season, found.n) == (120, 1.0, None, 180)


def test_what_is_not_reached_is_never_extrapolated() -> None:
    trials = [
        trial(i, a, confirmed_after=20 if i % 2 else None) for a in (0.1, 0.4) for i in range(40)
    ]
    found = headline(curves_of(trials))
    assert (found.area_ha, found.high, found.tried_ha) == (None, None, 0.4)


def test_seasons_and_spectra_are_counted_apart() -> None:
    curves = curves_of(many_trials())
    autumn = curve(curves, 1.0, 120, Season.SON)
    summer = curve(curves, 1.0, 120, Season.JJA)
    assert autumn.points[-1].power < summer.points[-1].power
    parts = [curve(curves, 1.0, 120, None, s.name) for s in (SAND, MUD)]
    whole = curve(curves, 1.0, 120)
    for i, point in enumerate(whole.points):
        assert sum(p.points[i].n for p in parts) == point.n
        assert sum(p.points[i].seen for p in parts) == point.seen
    assert limit(curves, autumn).area_ha is None


def test_seasons_follow_the_months() -> None:
    months = [Season.of(date(2019, m, 1)) for m in range(1, 13)]
    assert [s.value for s in months] == ["DJF"] * 2 + ["MAM"] * 3 + ["JJA"] * 3 + ["SON"] * 3 + [
        "DJF"
    ]
    assert Season.DJF.words == "December to February"
    assert Season.SON.short == "Sep to Nov"


# --- answers ---


def test_an_answer_rests_on_the_trials_of_the_window_and_on_nothing_larger_or_clearer() -> None:
    trials = [trial(i, 0.2, 0.5, confirmed_after=20 if i < 8 else None) for i in range(10)]
    trials += [trial(10 + i, 0.4, 1.0) for i in range(50)]
    trials += [trial(60 + i, 0.2, 0.5, date(2019, 9, 1)) for i in range(50)]
    said = power_for(curves_of(trials), 0.39, 0.99, JUNE)
    assert (said.area_ha, said.contrast, said.n, said.seen) == (0.2, 0.5, 10, 8)
    exact = binomtest(8, 10).proportion_ci(0.95, method="exact")
    assert (said.power, said.low, said.high) == pytest.approx((0.8, exact.low, exact.high))
    assert said.observable


def test_days_that_cannot_be_judged_count_as_not_seen() -> None:
    trials = [trial(i, appeared=date(2018, 1, 10)) for i in range(40)]
    inside = power_for(curves_of(trials), 1.0, 1.0, (date(2018, 1, 1), date(2018, 1, 31)))
    half = power_for(curves_of(trials), 1.0, 1.0, (date(2017, 12, 1), date(2018, 1, 31)))
    assert inside.power == 1.0
    assert half.power == pytest.approx(31 / 62)
    assert half.low == pytest.approx(inside.low / 2)


@pytest.mark.parametrize(
    ("window", "area", "contrast", "why"),
    [
        ((date(2015, 1, 1), date(2015, 12, 31)), 1.0, 1.0, "outside the days"),
        ((date(2020, 9, 1), date(2020, 12, 31)), 1.0, 1.0, "outside the days"),
        (JUNE, 0.19, 1.0, "as small or as faint"),
        (JUNE, 1.0, 0.4, "as small or as faint"),
        ((date(2019, 1, 1), date(2019, 1, 31)), 1.0, 1.0, "No patch"),
    ],
)
def test_without_support_nothing_is_answered(
    window: tuple[date, date], area: float, contrast: float, why: str
) -> None:
    said = power_for(curves_of([trial(0, contrast=0.5), trial(1)]), area, contrast, window)
    assert not said.observable
    assert (said.power, said.low, said.high) == (0, 0, 0)
    assert why in said.reason


def test_a_blind_window_is_blindness_not_absence() -> None:
    june, july = date(2019, 6, 1), date(2019, 7, 1)
    months = (MonthChance(june, (0.0, 0.0, 0.0)), MonthChance(july, (0.0, 0.0, 0.4)))
    trials = [trial(i, confirmed_after=None) for i in range(20)]
    trials += [trial(20 + i, appeared=date(2019, 7, 5), confirmed_after=None) for i in range(20)]
    curves = curves_of(trials, months)
    blind = power_for(curves, 1.0, 1.0, JUNE)
    assert not blind.observable
    assert "Blind" in blind.reason
    assert curves.blind(120) == (june,)
    assert curves.blind(60) == (june, july)
    open_ = power_for(curves, 1.0, 1.0, (june, date(2019, 7, 31)))
    assert open_.observable
    assert (open_.power, open_.n) == (0.0, 40)
    assert 0 < open_.high < 0.12


def test_a_month_in_which_anything_was_seen_is_not_blind() -> None:
    months = (MonthChance(date(2019, 6, 1), (0.0, 0.0, 0.0)),)
    assert curves_of([trial(0)], months).blind(120) == ()


def test_more_time_never_answers_less() -> None:
    curves = curves_of(many_trials())
    year = (date(2018, 1, 1), date(2020, 8, 1))
    answers = [power_for(curves, 0.4, 1.0, year, w) for w in WITHIN]
    assert [a.power for a in answers] == sorted(a.power for a in answers)
    assert [a.low for a in answers] == sorted(a.low for a in answers)
    assert answers[-1].power > answers[0].power


def test_questions_that_make_no_sense_are_refused() -> None:
    curves = curves_of([trial(0)])
    with pytest.raises(ValueError, match="not 45"):
        power_for(curves, 1.0, 1.0, JUNE, within=45)
    with pytest.raises(ValueError, match="no bare spectrum"):
        power_for(curves, 1.0, 1.0, JUNE, spectrum="cheese")
    with pytest.raises(ValueError, match="ends before"):
        power_for(curves, 1.0, 1.0, (JUNE[1], JUNE[0]))


def test_an_answer_for_one_kind_of_ground_uses_its_trials_only() -> None:
    trials = [
        trial(i, spectrum=("sand", "mud")[i % 2], confirmed_after=9 if i % 2 else None)
        for i in range(40)
    ]
    curves = curves_of(trials)
    assert power_for(curves, 1.0, 1.0, JUNE, spectrum="mud").power == 1.0
    assert power_for(curves, 1.0, 1.0, JUNE, spectrum="sand").power == 0.0
    assert power_for(curves, 1.0, 1.0, JUNE).power == 0.5


# --- design ---

PLACES = (np.arange(50, dtype=np.int32), np.arange(50, dtype=np.int32) + 3)
NONE = (np.empty(0, np.int32), np.empty(0, np.int32))


def drawn(n: int, seed: int = 1, first: int = 17600, last: int = 18500):
    params = LimitsParams(areas_ha=(0.1, 0.2), implants=n, seed=seed)
    return draw(params, (first, last), {0.1: PLACES, 0.2: PLACES}, ["sand", "mud", "rock"])


def test_the_same_seed_draws_the_same_and_more_begins_with_fewer() -> None:
    assert drawn(100) == drawn(100)
    assert drawn(300)[:100] == drawn(100)
    assert drawn(100) != drawn(100, seed=2)


def test_trials_are_spread_evenly_over_size_contrast_spectrum_and_days() -> None:
    made = drawn(2 * 4 * 60)
    cells: dict[tuple[float, float], list[str]] = {}
    for i in made:
        cells.setdefault((i.area_ha, i.contrast), []).append(i.spectrum)
    assert len(cells) == 8
    assert all(sorted(names) == sorted(["sand", "mud", "rock"] * 20) for names in cells.values())
    assert {i.day for i in made} <= set(range(17600, 18501))
    assert len({i.day for i in made}) > 300
    assert len({i.row for i in made}) > 40
    days = [Season.of(from_day(d)) for d in range(17600, 18501)]
    for cell in cells:
        mine = [Season.of(from_day(i.day)) for i in made if (i.area_ha, i.contrast) == cell]
        for season in Season:
            fair = 60 * days.count(season) / len(days)
            assert abs(mine.count(season) - fair) <= 2.5


def test_a_season_with_few_days_gets_few_trials() -> None:
    """A window of thirty days of June and one of May must not give May half of the trials."""
    params = LimitsParams(areas_ha=(0.1,), contrasts=(1.0,), implants=310)
    span = (to_day(date(2019, 5, 31)), to_day(date(2019, 6, 30)))
    made = draw(params, span, {0.1: PLACES}, ["sand"])
    assert 8 <= sum(i.day == span[0] for i in made) <= 12


def test_sizes_without_room_are_left_out() -> None:
    params = LimitsParams(areas_ha=(0.1, 0.2), implants=40)
    july = (to_day(date(2019, 7, 1)), to_day(date(2019, 7, 31)))
    made = draw(params, july, {0.1: PLACES, 0.2: NONE}, ["sand"])
    assert {i.area_ha for i in made} == {0.1}
    assert len(made) == 40
    with pytest.raises(GossanError, match="room for a patch"):
        draw(params, july, {0.1: NONE, 0.2: NONE}, ["sand"])


def test_a_patch_must_leave_time_to_be_confirmed() -> None:
    params = LimitsParams(areas_ha=(0.1,))
    assert days_of_trials(params, 17000, 17500) == (17000, 17380)
    with pytest.raises(GossanError, match="No day is left"):
        days_of_trials(params, 17000, 17100)
    window = LimitsParams(areas_ha=(0.1,), first=date(2019, 5, 1), last=date(2019, 5, 31))
    span = days_of_trials(window, 17000, 19000)
    assert span == (to_day(date(2019, 5, 1)), to_day(date(2019, 5, 31)))


def test_senseless_parameters_are_named() -> None:
    for wrong in (
        {"areas_ha": (0.2, 0.1)},
        {"areas_ha": (0.1,), "contrasts": (0.5, 1.5)},
        {"areas_ha": (0.1,), "contrasts": (0.0,)},
        {"areas_ha": (0.1,), "implants": 0},
        {"areas_ha": (0.1,), "first": date(2020, 1, 2), "last": date(2020, 1, 1)},
    ):
        with pytest.raises(GossanError, match="limits"):
            LimitsParams(**wrong)
    assert default_areas(0.1) == (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--areas", "big"), "--areas: expected numbers"),
        (("--contrasts", "0.5;1"), "--contrasts: expected numbers"),
        (("--from", "spring"), "--from: expected a date"),
        (("--to", "31.12.2019"), "--to: expected a date"),
    ],
)
def test_options_that_cannot_be_read_are_named(options: tuple[str, str], words: str) -> None:
    command = typer.main.get_command(app)
    with pytest.raises(GossanError, match=words):
        command.main(["limits", "nowhere", *options], standalone_mode=False)


# --- chances of months ---


def test_chances_are_counted_day_by_day() -> None:
    days = np.array([100, 110, 120, 130, 200], np.int32)
    clear = np.ones((5, 2), bool)
    clear[1, 1] = False
    counts = counted(days, clear, 99, 101, (20, 40), 3)
    # 99: looks at 100, 110 within 20 days, and 120, 130 within 40; after the 100th one fewer.
    # The second place lacks the 110th day.
    assert counts == {"1970-04-01": [6, 0, 1 + 1 + 1 + 1]}
    parts = [counts, {"1970-04-01": [4, 4, 4], "1970-05-01": [2, 0, 0]}]
    assert together(parts) == (
        MonthChance(date(1970, 4, 1), (0.4, 0.8)),
        MonthChance(date(1970, 5, 1), (0.0, 0.0)),
    )


# --- keeping ---


def test_trials_survive_the_database() -> None:
    curves = curves_of(many_trials(), (MonthChance(date(2019, 6, 1), (0.0, 0.2, 0.9)),))
    assert restored(json.loads(json.dumps(stored(curves)))) == curves


def test_the_report_is_plain_json_and_holds_every_curve_and_limit() -> None:
    curves = curves_of(many_trials())
    body = json.loads(json.dumps(report(curves), allow_nan=False))
    assert len(body["curves"]) == len(body["limits"]) == len(all_curves(curves))
    assert {x["season"] for x in body["limits"]} == {None, "DJF", "MAM", "JJA", "SON"}
    assert len(body["trials"]) == len(curves.trials)
    assert body["trial_fields"][0] == "index"

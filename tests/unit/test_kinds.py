"""Kinds of site: what a look shows, how seasons are compared, how evidence is added up."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from gossan.case.site_pixels import window_of
from gossan.core.dates import NO_DAY, to_day
from gossan.core.kinds import KindDecision, KindOfSite, Setting, SiteKind
from gossan.core.params import SiteParams
from gossan.core.serialise import from_plain, to_plain
from gossan.core.values import Disturbances, Site, Status
from gossan.cube.season import seasons_shared, shift
from gossan.cube.surfaces import surfaces
from gossan.dossier.chapter import words_of
from gossan.dossier.kind_words import kind_sentences, kind_table
from gossan.observables.kind.classify import PRIOR_UNKNOWN, Scale, classify
from gossan.observables.kind.features import MEASURES, measured
from gossan.observables.kind.likelihood import LINES, NAMED
from gossan.observables.kind.view import view_of
from gossan.sites.build import find_sites

ORDER = ("B02", "B04", "B08", "B11", "B12")
LOOKS = {
    "green": (0.03, 0.03, 0.40, 0.18, 0.09),
    "bare": (0.12, 0.20, 0.26, 0.33, 0.30),
    "water": (0.09, 0.13, 0.05, 0.02, 0.01),
    "snow": (0.70, 0.68, 0.65, 0.10, 0.08),
}
CHAR = (0.04, 0.05, 0.08, 0.16, 0.16)


def bands_of(*spectra: tuple[float, ...]) -> dict[str, np.ndarray]:
    table = np.array(spectra, np.float32)
    return {b: table[:, i] for i, b in enumerate(ORDER)}


def test_a_look_shows_what_it_is_and_nothing_else() -> None:
    shows = surfaces(bands_of(*LOOKS.values()))
    assert shows is not None
    for i, name in enumerate(LOOKS):
        found = [n for n in LOOKS if getattr(shows, n)[i]]
        assert found == [name]


def test_without_red_nothing_is_told_and_without_swir_no_water() -> None:
    bands = bands_of(*LOOKS.values())
    assert surfaces({b: v for b, v in bands.items() if b != "B04"}) is None
    shows = surfaces({b: v for b, v in bands.items() if b not in ("B11", "B12")})
    assert shows is not None
    assert not shows.water.any()
    assert not shows.snow.any()


def test_the_same_season_is_compared_so_a_summer_is_no_change() -> None:
    days = np.arange(to_day_of("2018-01-01"), to_day_of("2020-01-01"), 10, dtype=np.int32)
    season = np.sin(2 * np.pi * days / 365.25).astype(np.float32)[:, None]
    early = (days < to_day_of("2019-01-01"))[:, None]
    # after the change only summers are seen, before it the whole year
    summer = ~early & (season > 0.3)
    moved = shift(season, early, summer, days)
    assert moved == pytest.approx(0, abs=0.12)
    assert shift(season - 0.4 * ~early, early, summer, days) == pytest.approx(-0.4, abs=0.12)
    assert shift(season, early, np.zeros_like(early), days) is None


def test_seasons_are_counted_not_looks() -> None:
    days = np.array(
        [
            to_day_of(d)
            for d in ("2019-02-01", "2019-05-01", "2019-05-03", "2019-05-05", "2019-08-01")
        ],
        np.int32,
    )
    flag = np.array([True, False, False, False, True])[:, None]
    looks = np.ones_like(flag)
    assert seasons_shared(flag, looks, days) == (pytest.approx(2 / 3), 3)
    assert seasons_shared(flag[:1], looks[:1], days[:1]) is None


def to_day_of(text: str) -> int:
    from datetime import date

    return to_day(date.fromisoformat(text))


def test_every_trait_has_its_line_and_every_line_adds_up() -> None:
    assert MEASURES.keys() == LINES.keys()
    for key, line in LINES.items():
        assert line.edges[0] < line.edges[1], key
        assert set(line.chances) == set(NAMED), key
        assert all(sum(c) == 100 and min(c) > 0 for c in line.chances.values()), key


def test_nothing_known_is_unknown() -> None:
    found = classify("S-1", {})
    assert found.probability(SiteKind.UNKNOWN) == pytest.approx(PRIOR_UNKNOWN)
    assert found.likeliest[0] is found.kind is SiteKind.UNKNOWN
    assert all(r.value is None and r.meaning for r in found.reasons)


values = st.one_of(st.none(), st.floats(-3, 30, allow_nan=False))


@given(st.dictionaries(st.sampled_from(sorted(LINES)), values))
def test_probabilities_are_the_sum_of_the_weights_shown(traits: dict[str, float | None]) -> None:
    found = classify("S-1", traits)
    p = dict(found.probabilities)
    assert math.isclose(sum(p.values()), 1, rel_tol=1e-9)
    blank = dict(classify("S-1", {}).probabilities)
    for kind in NAMED:
        shown = sum(dict(r.weights)[kind] for r in found.reasons)
        odds = math.log(p[kind] / p[SiteKind.UNKNOWN])
        prior = math.log(blank[kind] / blank[SiteKind.UNKNOWN])
        assert math.isclose(odds - prior, shown, rel_tol=1e-6, abs_tol=1e-6)


def test_counts_never_outweigh_principle_by_more_than_two_to_one() -> None:
    certain = {"growth": {"MINE": (10_000, 0, 0)}}
    scale = Scale(certain, 1.0)
    assert scale.chance("growth", SiteKind.MINE, 0) < 0.75
    assert scale.chance("growth", SiteKind.MINE, 2) > 0.15
    total = sum(scale.chance("growth", SiteKind.MINE, level) for level in range(3))
    assert total == pytest.approx(1)


MINING = {
    "bare-since": 1.0,
    "green-before": 0.9,
    "green-lost": 0.9,
    "regrowth": 0.0,
    "red": 1.2,
    "light": 0.4,
    "growth": 18.0,
    "outward": 0.8,
    "iron": 2.1,
    "bare-around": 0.4,
    "water": 0.0,
    "yearly": 0.0,
    "char": 0.0,
    "recovered": 0.0,
}


def test_a_decision_goes_first_and_the_machine_stays_visible() -> None:
    found = classify("S-1", MINING)
    assert found.kind is SiteKind.MINE
    made = KindDecision("S-1", SiteKind.RIVERBED, "A. Name", "seen", "2024-01-01T00:00:00+00:00")
    decided = KindOfSite(found.site, found.probabilities, found.reasons, found.method, made)
    assert decided.kind is SiteKind.RIVERBED
    assert decided.by_machine is SiteKind.MINE
    said = " ".join(kind_sentences(decided))
    assert "A. Name decided on 2024-01-01: riverbed, against the evidence" in said
    assert "most probably: mine or quarry" in said
    assert from_plain(KindOfSite, to_plain(decided)) == decided


def test_the_table_of_reasons_names_every_line_and_says_what_is_not_known() -> None:
    table = kind_table(classify("S-1", MINING))
    assert table.head[3] == "mine"
    rows = [[words_of(c) for c in r] for r in table.rows]
    assert all(r[0].startswith(x.name) for r, x in zip(rows, LINES.values(), strict=True))
    nbr = next(r for r in rows if r[0].startswith("Fall of NBR"))
    assert nbr[1] == "not known"
    assert "no B12" in nbr[2]
    assert nbr[3] == ""


def test_short_words_name_every_kind_once() -> None:
    assert len({k.short for k in SiteKind}) == len(SiteKind)
    assert all(SiteKind.called(k.short) is k is SiteKind.called(k.value) for k in SiteKind)
    assert max(len(k.short) for k in SiteKind) <= 9
    assert SiteKind.called("volcano") is None


# A site drawn into a cube of known looks, followed by hand

SIDE, EVERY = 24, 12
GRID = GeoBox.from_bbox((0, 0, SIDE * 10, SIDE * 10), "EPSG:32634", resolution=10)
DAYS = np.arange(to_day_of("2017-01-01"), to_day_of("2021-01-01"), EVERY, dtype=np.int32)


def scene(
    after: tuple[float, ...], grows: bool, back: float
) -> tuple[Site, xr.Dataset, Disturbances]:
    """A patch of 8 x 12 pixels in a wood turns to `after` on 2018-06-01, or column by column over
    a year; `back` is the share of it that is green again by the end."""
    first = np.full((SIDE, SIDE), NO_DAY, np.int32)
    day = to_day_of("2018-06-01")
    for c in range(12):
        first[8:16, 6 + c] = day + (c * 33 if grows else 0)
    hit = first != NO_DAY
    age = DAYS[:, None, None] - np.where(hit, first, DAYS[-1] + 1)[None]
    share = np.where(age >= 0, 1 - back * np.clip(age / 700, 0, 1), 0)[:, None]
    wood, other = (np.array(s)[None, :, None, None] for s in (LOOKS["green"], after))
    noise = np.random.default_rng(1).normal(0, 0.004, (len(DAYS), 5, SIDE, SIDE))
    values = (wood * (1 - share) + other * share + noise).astype(np.float32)
    dims = ("time", "y", "x")
    data = {b: (dims, values[:, i]) for i, b in enumerate(ORDER)}
    data["flags"] = (dims, np.zeros(values[:, 0].shape, np.uint16))
    times = DAYS.astype("datetime64[D]").astype("datetime64[ns]")
    blank = np.full((SIDE, SIDE), NO_DAY, np.int32)
    seen = DAYS[np.searchsorted(DAYS, np.where(hit, first, DAYS[-1]))].astype(np.int32)
    changed = np.where(hit, seen, NO_DAY).astype(np.int32)
    before = np.where(hit, seen - EVERY, DAYS[-1]).astype(np.int32)
    dist = Disturbances(
        GRID,
        np.where(hit, Status.CONFIRMED, Status.STABLE).astype(np.uint8),
        before,
        changed,
        changed,
        blank,
        np.where(hit, 5, 0).astype(np.float32),
        np.full(hit.shape, 40, np.int16),
        np.full(hit.shape, DAYS[-1], np.int32),
        hit.astype(np.uint8),
        blank,
        blank,
    )
    (site,) = find_sites(dist, np.ones(hit.shape, bool), SiteParams(), [])
    return site, xr.Dataset(data, coords={"time": times}), dist


def kind_in(after: tuple[float, ...], grows: bool, back: float) -> KindOfSite:
    site, cube, dist = scene(after, grows, back)
    window = window_of(site, dist.status.shape)
    part = cube.isel(y=window[0], x=window[1])
    return classify(site.id, measured(view_of(site, part, window, dist, Setting())))


@pytest.mark.parametrize(
    ("after", "grows", "back", "kind"),
    [
        (LOOKS["water"], True, 0.0, SiteKind.TAILINGS),
        (LOOKS["bare"], False, 0.9, SiteKind.CLEARING),
        (CHAR, False, 0.9, SiteKind.FIRE),
    ],
)
def test_plain_cases_are_named_rightly(
    after: tuple[float, ...], grows: bool, back: float, kind: SiteKind
) -> None:
    found = kind_in(after, grows, back)
    assert found.likeliest[0] is kind, {r.key: r.value for r in found.reasons}


def test_growth_from_an_edge_speaks_for_a_mine() -> None:
    def odds(grows: bool) -> float:
        found = kind_in(LOOKS["bare"], grows, 0.0)
        others = (SiteKind.LANDSLIDE, SiteKind.CLEARING)
        return found.mining / max(found.probability(k) for k in others)

    assert odds(True) > 2 * odds(False)


def test_traits_measure_what_was_drawn() -> None:
    site, cube, dist = scene(LOOKS["bare"], True, 0.0)
    window = window_of(site, dist.status.shape)
    part = cube.isel(y=window[0], x=window[1])
    t = measured(view_of(site, part, window, dist, Setting(slope_deg=31.0, channel_m=40.0)))
    # ten of twelve columns lie between the first and last tenth, 33 days apart
    assert t["growth"] == pytest.approx(10, abs=1.2)
    assert t["outward"] == pytest.approx(1, abs=0.1)
    assert t["bare-since"] == 1.0
    assert t["bare-before"] == 0.0
    assert t["water"] == 0.0
    assert t["long"] == pytest.approx(12 / 8, abs=0.1)
    assert (t["slope"], t["channel"]) == (31.0, 40.0)
    assert t["nbr-drop"] == pytest.approx(0.63 + 0.07, abs=0.08)


def test_a_gap_without_images_is_no_growth() -> None:
    site, cube, dist = scene(LOOKS["bare"], True, 0.0)
    never = np.where(dist.last_unchanged < dist.first_changed, to_day_of("2018-05-20"), DAYS[-1])
    blind = Disturbances(**{**dist.__dict__, "last_unchanged": never.astype(np.int32)})
    window = window_of(site, dist.status.shape)
    part = cube.isel(y=window[0], x=window[1])
    assert measured(view_of(site, part, window, blind, Setting()))["growth"] == 0.0


def test_a_site_is_described_by_few_pixels_however_large() -> None:
    site, cube, dist = scene(LOOKS["bare"], False, 0.0)
    window = window_of(site, dist.status.shape)
    view = view_of(site, cube.isel(y=window[0], x=window[1]), window, dist, Setting())
    assert len(view.changed) <= 120
    assert view.shape.sum() == len(site.pixels[0]) == 96

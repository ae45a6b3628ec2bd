"""Lists are ordered by what they show; noise in the last bits decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.support.ground import site

from gossan.core.errors import GossanError
from gossan.core.kinds import KindOfSite, SiteKind
from gossan.core.order import as_shown, steady, steady_all
from gossan.core.site_row import sites_hash, sites_hash_by_area
from gossan.core.values import Site
from gossan.run.audit import _sites

NOISE = 1e-9
DAY = date(2020, 5, 1)


def sites(first: float, second: float) -> list[Site]:
    return [site((DAY, first), after=None, name="S-b"), site((DAY, second), after=None, name="S-a")]


def test_noise_in_areas_moves_no_site() -> None:
    one, two = sites(0.13, 0.13 + NOISE), sites(0.13 + NOISE, 0.13)
    assert sites_hash(one) == sites_hash(two)
    assert sites_hash_by_area(one) != sites_hash_by_area(two)


def test_what_an_older_build_recorded_of_the_same_sites_is_still_on_record() -> None:
    found = sites(0.13 + NOISE, 0.13)

    def chain(digest: str) -> list[tuple[dict[str, object], str]]:
        return [({"action": "sites", "outputs": {"n": 2, "hash": digest}}, "")]

    assert sites_hash(found) != sites_hash_by_area(found)
    _sites(found, chain(sites_hash(found)))
    _sites(found, chain(sites_hash_by_area(found)))
    with pytest.raises(GossanError, match="are not those on record"):
        _sites([*found[:1], replace(found[1], magnitude=9.0)], chain(sites_hash_by_area(found)))


def test_the_likeliest_of_two_equal_kinds_is_the_same_everywhere() -> None:
    def kind(mine: float, road: float) -> KindOfSite:
        shares = {SiteKind.MINE: mine, SiteKind.CONSTRUCTION: road}
        return KindOfSite("S-1", tuple((k, shares.get(k, 0.0)) for k in SiteKind), (), "")

    assert kind(0.5, 0.5 + NOISE).likeliest[0] is kind(0.5 + NOISE, 0.5).likeliest[0]
    assert kind(0.4, 0.6).likeliest[0] is SiteKind.CONSTRUCTION


def test_rounding_for_order() -> None:
    assert as_shown(-0.001) == 0.0
    assert str(as_shown(-0.001)) == "0.0"
    assert as_shown(1.005 + NOISE) == as_shown(1.005 + 2 * NOISE)
    assert steady(1234567.04) == steady(1234567.01) != steady(1234569.0)
    assert steady(float("inf")) == float("inf")
    values = np.array([3.0, 3.0 + NOISE, 2.0, np.inf])
    assert np.flatnonzero(steady_all(values) == 3.0).tolist() == [0, 1]
    assert steady_all(np.zeros(2)).tolist() == [0.0, 0.0]

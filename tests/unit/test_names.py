"""Names: shown as short as they may be, found by any beginning, given once."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import numpy as np
import pytest
from affine import Affine
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from gossan.core.dates import DateInterval
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.names import given_name, one_named, shown
from gossan.observables.water.lakes import find_basins
from gossan.observables.water.run import named_basins
from gossan.run.render import blob_files
from gossan.sites.identity import Candidate, KnownSite, assign

EIGHT = "C-12345678"
FEW = st.sets(
    st.builds(
        "C-{}{}".format,
        st.sampled_from(["12345678", "1234567", "12"]),
        st.text("01a", min_size=60, max_size=60),
    ),
    max_size=6,
)
"""Ids as somebody would make them who wants them mistaken for each other."""


def found(ids: set[str], name: str) -> str:
    return one_named(ids, name, "C-", "claim", Code.CLAIM, "None.")


@settings(max_examples=60, deadline=None)
@generated(FEW)
def test_every_name_shown_finds_its_own_and_no_shorter_one_another(ids: set[str]) -> None:
    names = shown(ids)
    assert set(names) == ids
    assert len(set(names.values())) == len(ids)
    for whole, name in names.items():
        assert whole.startswith(name)
        assert len(name) >= len(EIGHT)
        assert found(ids, name) == found(ids, name.removeprefix("C-")) == whole
        if len(name) > len(EIGHT):
            with pytest.raises(GossanError, match=r"found \d+ claims") as caught:
                found(ids, name[:-1])
            assert name in caught.value.problem


def test_an_id_of_an_old_case_stays_a_name_and_the_newcomer_grows() -> None:
    new = f"{EIGHT}{'0' * 56}"
    assert shown({EIGHT, new}) == {EIGHT: EIGHT, new: f"{EIGHT}0"}
    assert found({EIGHT, new}, EIGHT) == EIGHT
    assert found({EIGHT, new}, "12345678") == EIGHT


@pytest.mark.parametrize("name", ["", "C-", "C-9", "c-12345678", "S-12345678"])
def test_what_names_nothing_is_refused_also_where_there_is_only_one(name: str) -> None:
    with pytest.raises(GossanError, match=r"found no claim for .* None\."):
        found({EIGHT}, name)


def test_a_hundred_that_fit_are_not_all_listed() -> None:
    ids = {f"C-{n:064x}" for n in range(100)}
    with pytest.raises(GossanError, match="found 100 claims") as caught:
        found(ids, "C-00")
    assert caught.value.problem.count("C-0000") == 6
    assert caught.value.problem.endswith("and 94 more.")


def six(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def test_a_given_name_is_never_given_for_another_thing() -> None:
    first = given_name("S-", "here", (), {})
    assert first == f"S-{six('here')}"
    assert given_name("S-", "here", (), {first: "here"}) == first
    assert given_name("S-", "here", (), {first: "elsewhere"}) == f"S-{six('here/1')}"
    assert given_name("S-", "here", {first}, {first: "here"}) == f"S-{six('here/1')}"


def test_a_site_never_gets_the_name_of_another_that_is_gone() -> None:
    """Two seeds of one 24-bit name, as whoever chooses the images can choose them."""
    at = np.array([3], np.int32), np.array([4], np.int32)
    seen: dict[str, Candidate] = {}
    for n in range(100_000):
        new = Candidate(at, (46.0 + n // 4000 * 1e-4, 39.0, date(2016, 1, 1) + timedelta(n % 4000)))
        gone = seen.setdefault(six(new.identity), new)
        if gone is not new:
            break
    (name,), _ = assign([gone], [], (9, 9), {})
    assert assign([new], [], (9, 9), {})[0] == [name]
    given = {name: gone.identity}
    assert assign([new], [], (9, 9), given)[0] != [name]
    assert assign([gone], [], (9, 9), given)[0] == [name], "the same one may come back"
    away = np.array([8], np.int32), np.array([8], np.int32)
    known = KnownSite(name, DateInterval(None, gone.seed[2]), away)
    assert assign([new], [known], (9, 9), given)[0] != [name]


def test_ponds_of_one_name_are_two_water_bodies() -> None:
    """Found in a picture of 600 x 600 pixels; one used to take the other's place unsaid."""
    grid = GeoBox((600, 600), Affine(10, 0, 500_000, 0, -10, 4_400_000), "EPSG:32638")
    seen: dict[str, tuple[int, int]] = {}
    for row, col in np.ndindex(199, 199):
        point = 3 * row + 1, 3 * col + 1
        where = f"{grid.crs} {grid.transform * (point[1], point[0])}"
        other = seen.setdefault(six(where), point)
        if max(abs(a - b) for a, b in zip(other, point, strict=True)) > 9:
            break
    standing = np.zeros(grid.shape, bool)
    for r, c in (other, point):
        standing[r - 1 : r + 2, c - 1 : c + 2] = True
    basins = find_basins(standing, np.ones(grid.shape, bool))
    assert {b.point for b in basins} == {other, point}
    named, lie = named_basins(basins, grid, {}, {})
    assert len(named) == len(lie) == 2
    gone = {name: lie[name] for name in named if named[name].point == other}
    assert six(next(iter(gone.values()))) == six(next(lie[n] for n in named if n not in gone))
    standing[other[0] - 1 : other[0] + 2, other[1] - 1 : other[1] + 2] = False
    (left,), _ = named_basins(find_basins(standing, np.ones(grid.shape, bool)), grid, {}, gone)
    assert left not in gone


def test_pictures_that_begin_alike_keep_their_own_files() -> None:
    alike = [f"sha256:{'ab' * 8}{n:048x}" for n in range(2)]
    other = hash_bytes(b"else")
    files = blob_files({alike[0]: b"\x89PNG0", alike[1]: b"\x89PNG1", other: b"else"})
    assert set(files.values()) == {b"\x89PNG0", b"\x89PNG1", b"else"}
    assert f"data/images/{other[7:23]}.bin" in files
    assert f"data/images/{alike[1][7:]}.png" in files

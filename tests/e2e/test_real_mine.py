"""A real quarry: no green band, a grid in degrees, a gap of two years, smaller than a block."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gossan.core.kinds import MINING, SiteKind
from gossan.core.progress import Silent
from gossan.io.case_db import CaseDb
from gossan.observables.kind.run import case_kinds
from gossan.observables.water.run import PART, Asked, measure_water
from tests.support.india import grid_of, make_india_catalogue

from .conftest import gossan
from .test_demo import GOLDEN, around, dated_right, disturbances


@pytest.fixture(scope="module")
def case(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    catalogue = make_india_catalogue(shared, folder / "catalogue").parent
    made = gossan(
        "init",
        folder / "case",
        "--name",
        "Quarry",
        "--area",
        catalogue / "area.geojson",
        "--start",
        "2019-01-01",
        "--end",
        "2024-12-31",
        "--source",
        f"local:{catalogue}",
    )
    assert made.returncode == 0, made.stderr
    updated = gossan("update", folder / "case")
    assert updated.returncode == 0, updated.stderr
    assert "B02 B04 B08 B11 B12" in updated.stderr
    return folder / "case"


def test_changes_seen_by_eye_are_found(case: Path) -> None:
    dist = disturbances(case)
    golden = json.loads((GOLDEN / "india_mine.json").read_text(encoding="utf-8"))
    sure = [c for c in golden["changes"] if c["confidence"] == "high"]
    assert len(sure) >= 2
    found = {c["id"]: int(around(dist, c, c["radius_px"]).sum()) for c in sure}
    assert all(n >= 3 for n in found.values()), found
    # what fell into the two years without an image is dated to that gap, not to a guess
    dump = next(c for c in sure if c["id"] == "dump-east")
    assert dated_right(dist, dump, "last_unchanged", "first_changed") >= 3


class Stopped(Silent):
    """A listener that presses Ctrl-C after some steps of the last task."""

    def __init__(self, after: int) -> None:
        self.left = after

    def task(self, label: str, total: int) -> Stopped:
        self.counts = label == "Measuring water"
        return self

    def advance(self, n: int = 1) -> None:
        self.left -= n if self.counts else 0
        if self.left < 0:
            raise KeyboardInterrupt


def test_its_lakes_are_measured_and_a_stopped_run_goes_on(case: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        measure_water(case, Asked(), Stopped(after=20))
    with CaseDb(case / "case.db") as db:
        done = json.loads(db.get(PART) or "{}")["looks"]
        assert 20 <= len(done) < 30
        assert not db.documents("series")
    went_on = gossan("water", case, "--json")
    assert went_on.returncode == 0, went_on.stderr
    with CaseDb(case / "case.db") as db:
        kept = db.documents("series")
        ledger = len(db.ledger())
        db.put(PART, "{}")  # forgets what is done: everything is worked out anew
    again = gossan("water", case, "--json")
    assert again.stdout == went_on.stdout
    with CaseDb(case / "case.db") as db:
        assert db.documents("series") == kept
        assert len(db.ledger()) == ledger
    areas = [s for s in json.loads(again.stdout)["series"] if s["quantity"] == "water area"]
    assert len(areas) >= 5
    dry = {
        s["place"]: [e["when"] for e in s["events"] if e["change"] == "disappeared"] for s in areas
    }
    spring = [w for when in dry.values() for w in when if w["first_changed"][:4] == "2020"]
    assert spring
    assert all("2020-03" <= w["first_changed"][:7] <= "2020-06" for w in spring)
    assert not dry["lake 1"]
    assert not dry["lake 2"]


def place_of(shared: Path, lake: str) -> tuple[float, float]:
    """Middle of a lake's region as labelled by eye, lon and lat."""
    region = json.loads((GOLDEN / "india_lakes.json").read_text())["lakes"][lake]["region"]
    (west, north), (east, south) = region[0], region[2]
    lon, lat = grid_of(shared).transform * ((west + east) / 2, (north + south) / 2)
    return lon, lat


def test_claims_that_its_lakes_dried_up_are_answered(case: Path, shared: Path) -> None:
    """The middle lake was seen to fall dry in spring 2020, the north lake not, by eye."""
    places = ["id,names,lat,lon,radius_km,kind,source"]
    for lake, name in (("C", "Midlake"), ("N", "Northlake")):
        lon, lat = place_of(shared, lake)
        places.append(f"{lake},{name},{lat},{lon},0.06,site,by eye")
    (case / "places.csv").write_text("\n".join(places) + "\n")
    said = {
        "The pit lake at Midlake dried up between 1 April and 10 June 2020.": "supported",
        "The pit lake at Midlake did not dry up between 1 April and 10 June 2020.": "contradicted",
        "The pit lake at Northlake dried up between 1 April and 10 June 2020.": "inconclusive",
        "The pit lake at Northlake dried up in December 2020.": "contradicted",
        "The pit lake at Midlake dried up in August 2021.": "not observable",
    }
    (case / "said.txt").write_text("From the quarry\n\n" + " ".join(said) + "\n")
    toml = (case / "case.toml").read_text()
    assert "[reports]\n" in toml
    named = toml.replace("[reports]\n", '[reports]\nplaces = "places.csv"\n')
    (case / "case.toml").write_text(named)
    for words in (
        ("report", "add", case, case / "said.txt", "--published", "2024-01-10"),
        ("claims", case, "accept", "all"),
        ("check", case),
    ):
        done = gossan(*words)
        assert done.returncode == 0, done.stderr
    answers = json.loads(gossan("check", case, "--json").stdout)["answers"]
    found = {a["claim"]["text"]: a["verdict"] for a in answers}
    assert {t: v["answer"] for t, v in found.items()} == said, found
    dry = found[next(iter(said))]
    before, after = dry["measurements"]
    assert before["low"] > after["high"]
    assert all(s in dry["scenes"] for m in dry["measurements"] for s in m["scenes"])


def test_its_dossier_opens_with_the_gap_in_it(case: Path) -> None:
    done = gossan("dossier", case)
    assert done.returncode == 0, done.stderr
    page = (case / "dossier" / "index.html").read_text(encoding="utf-8")
    page = page.replace("\u00a0", " ")
    assert "What was not observable" in page
    assert "glint" in page
    rows = (case / "dossier" / "data" / "water.csv").read_text(encoding="utf-8")
    assert "is hidden by sun glint or haze" in rows
    assert "29 December 2020" in page
    assert "8 January 2023" in page
    months = (case / "dossier" / "data" / "observability.csv").read_text(encoding="utf-8")
    assert "2021-06" in months
    sites = json.loads(gossan("sites", case, "--json").stdout)
    assert sites
    # in degrees a pixel of this grid is about 0.0085 ha: areas must not come out in degrees
    assert all(0.05 < s["area_ha"] < 25 for s in sites)


def test_its_ground_is_named_a_mine_and_nothing_else(case: Path) -> None:
    found = case_kinds(case, Silent())
    area = {s.id: s.area.value for s in found.sites}
    named = {i: k.by_machine for i, k in found.kinds.items()}
    mining = sum(area[i] for i, kind in named.items() if kind in MINING)
    other = sum(a for i, a in area.items() if named[i] not in (*MINING, SiteKind.UNKNOWN))
    # a floor: what was reached is in docs/kinds.md
    assert mining > 0.3 * sum(area.values()), named
    assert other < 0.5 * mining, named


def test_samples_of_its_lakes_calibrate_turbidity(case: Path, tmp_path: Path) -> None:
    """Samples at the middle of the lakes, three times the lakes' medians. The middle is clearer of
    the shore's light, so that the images say more there and the factor is less than three."""
    before = json.loads(gossan("water", case, "--json").stdout)["series"]
    lakes = [
        s for s in before if s["quantity"] == "turbidity" and s["place"] in ("lake 1", "lake 2")
    ]
    rows = [
        (r["day"], s["lon"], s["lat"], 3 * r["value"])
        for s in lakes
        for r in s["readings"]
        if r["value"]
    ]
    assert len(rows) >= 8
    table = "".join(f"{','.join(map(str, r))}\n" for r in rows)
    (tmp_path / "samples.csv").write_text(f"date,lon,lat,value\n{table}")
    done = gossan("water", case, "--samples", tmp_path / "samples.csv", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 1.8 < found["calibration"]["factor"] < 3.2
    assert found["calibration"]["left_out"]["n"] == found["calibration"]["samples"] >= 8
    after = {s["id"]: s for s in found["series"]}
    for s in lakes:
        assert after[s["id"]]["method"] == f"{s['method']}.calibrated"
        old, new = ([r["value"] for r in x["readings"] if r["value"]] for x in (s, after[s["id"]]))
        assert new == pytest.approx([v * found["calibration"]["factor"] for v in old])


def test_without_a_green_band_no_vehicles_are_looked_for(case: Path) -> None:
    done = gossan("traffic", case, "--roads", case / "area.geojson")
    assert done.returncode == 2
    assert "the case reads no B03" in done.stderr

"""Kinds and vegetation of a real case: named, recorded once, overruled by a person, drawn."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from gossan.core.kinds import SiteKind
from gossan.core.progress import Silent
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.observables.kind.run import case_kinds
from gossan.run.dossier import write_dossier
from gossan.run.update import update
from tests.support.cases import catalogue, sample_items, small_case

from .conftest import gossan

pytestmark = pytest.mark.slow


def records(case: Path) -> list[dict[str, Any]]:
    with CaseDb(case / "case.db") as db:
        rows = db.ledger()
    assert verify_chain(rows) == len(rows)
    return [r for r, _ in rows]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the sample with clearings, and a land-cover map: trees, except in the far west."""
    folder = tmp_path_factory.mktemp("kinds")
    made = small_case(folder / "case", catalogue(folder / "items", sample_items()))
    with rasterio.open(
        made / "cover.tif",
        "w",
        driver="GTiff",
        height=60,
        width=60,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(22.1, 45.25, 0.002, 0.002),
    ) as out:
        out.write(np.full((60, 60), 10, np.uint8), 1)
    text = (made / "case.toml").read_text(encoding="utf-8")
    (made / "case.toml").write_text(
        text.replace("# land_cover = ", "land_cover = ").replace("worldcover.tif", "cover.tif"),
        encoding="utf-8",
    )
    update(made, Silent())
    write_dossier(made, None, Silent())
    return made


def test_clearings_in_a_wood_are_no_mine(case: Path) -> None:
    found = case_kinds(case, Silent())
    assert found.sites
    assert all(k.mining < 0.5 for k in found.kinds.values())
    area = {s.id: s.area.value for s in found.sites}
    named = sum(area[i] for i, k in found.kinds.items() if k.kind is SiteKind.CLEARING)
    assert named > 0.5 * sum(area.values())


def test_nothing_is_weighed_or_recorded_twice(case: Path) -> None:
    before = records(case)
    assert [r["action"] for r in before].count("kinds") == 1
    assert [r["action"] for r in before].count("vegetation") == 1
    case_kinds(case, Silent())
    write_dossier(case, None, Silent())
    assert records(case) == before


def test_a_person_decides_and_takes_it_back(case: Path) -> None:
    site = case_kinds(case, Silent()).sites[0].id
    done = gossan("kinds", case, site, "--decide", "fire", "--by", "A. Name", "--why", "saw smoke")
    assert done.returncode == 0, done.stderr
    assert "A. Name decided on" in done.stdout
    last = records(case)[-1]
    assert last["action"] == "kind-decision"
    assert (last["outputs"]["site"], last["outputs"]["kind"]) == (site, "FIRE")
    assert last["outputs"]["decision"].startswith("sha256:")
    assert "smoke" not in json.dumps(last), "the ledger holds no words of a person"
    rows = {r["id"]: r for r in json.loads(gossan("sites", case, "--json").stdout)}
    assert rows[site]["kind"] == "fire"
    assert rows[site]["kind_decided_by"] == "A. Name"
    table = gossan("sites", case, watched=True).stdout
    assert "fire*" in table
    assert max(len(x.rstrip()) for x in table.splitlines()) <= 80
    assert "…" not in table
    machine = json.loads(gossan("kinds", case, site, "--json").stdout)[0]
    assert machine["decision"]["kind"] == "fire"
    assert dict(machine["probabilities"])["fire"] < 0.5
    n = len(records(case))
    gossan("kinds", case, site, "--decide", "fire", "--by", "A. Name", "--why", "saw smoke")
    assert len(records(case)) == n
    back = gossan("kinds", case, site, "--decide", "none", "--by", "A. Name", "--why", "a slip")
    assert back.returncode == 0, back.stderr
    assert len(records(case)) == n + 1
    assert case_kinds(case, Silent()).kinds[site].decision is None


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--decide", "fire", "--by", "A. Name"), "--why"),
        (("--decide", "volcano", "--by", "A", "--why", "b"), "volcano"),
        (("--decide", "fire", "--by", "A\nB", "--why", "b"), "--by"),
    ],
)
def test_a_decision_needs_a_kind_a_name_and_a_reason(
    case: Path, args: tuple[str, ...], said: str
) -> None:
    site = case_kinds(case, Silent()).sites[0].id
    done = gossan("kinds", case, site, *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert "no site" in gossan("kinds", case, "S-ffffff").stderr


def test_the_dossier_shows_kind_and_vegetation(case: Path) -> None:
    page = (case / "dossier" / "index.html").read_text(encoding="utf-8")
    assert "Why: the evidence for its kind" in page
    data = case / "dossier" / "data"
    with (data / "vegetation.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    lost = sum(float(r["lost_ha"]) for r in rows)
    assert lost > 0.5
    by_status = {
        s: sum(float(r["lost_ha"]) for r in rows if r["status"] == s)
        for s in ("confirmed", "provisional")
    }
    assert by_status["confirmed"] + by_status["provisional"] == pytest.approx(lost)
    for status, area in by_status.items():  # each with its own figure, nowhere their sum
        if area:
            span = r"\([\d.]+ to [\d.]+\)"
            said = rf"{area:.2f} ha {span} (of vegetation were lost )?at \d+ {status} sites?"
            assert re.search(said, page), said
    for r in rows:
        for what in ("lost", "back"):
            low, mid, high = (float(r[f"{what}{x}_ha"]) for x in ("_low", "", "_high"))
            assert low <= mid <= high
    for name in ("vegetation.geojson", "vegetation.parquet"):
        path = data / name
        frame = geopandas.read_parquet(path) if name.endswith("t") else geopandas.read_file(path)
        assert frame["area_ha"].sum() == pytest.approx(lost, abs=0.02)
        west, south, east, north = frame.total_bounds
        assert 22.1 < west < east < 22.2
        assert 45.1 < south < north < 45.3
    cover = (data / "vegetation_cover.csv").read_text(encoding="utf-8")
    assert "tree cover" in cover
    kinds = (data / "kinds.csv").read_text(encoding="utf-8")
    assert "probability" in kinds
    assert "Grew for at least" in kinds
    sites = geopandas.read_file(data / "sites.geojson")
    assert set(sites["kind"]) <= {k.value for k in SiteKind}


def test_kinds_as_of_a_day_are_shown_and_not_kept(case: Path) -> None:
    n = len(records(case))
    done = gossan("sites", case, "--as-of", "2019-09-30", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert rows
    assert all(r["kind"] for r in rows)
    assert len(records(case)) == n

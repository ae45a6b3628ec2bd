"""Everything computed anew from the same images: identical, or said where not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gossan.core.progress import Silent
from gossan.data import SAMPLE
from gossan.io.case_db import CaseDb
from gossan.run.rerun import Rerun, rerun
from gossan.run.verify import Verified, verify
from tests.support.cases import catalogue, processed_again, sample_items
from tests.support.dossiers import Signed
from tests.support.servers import stac_api

from .conftest import gossan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def case(signed: Signed) -> Path:
    return signed.case


@pytest.fixture(scope="module")
def verified(case: Path) -> Verified:
    return verify(case / "dossier", Silent())


def again(verified: Verified, source: str = "", case: Path | None = None) -> Rerun:
    return rerun(verified.model, verified.chain, Silent(), source=source, case=case)  # type: ignore[arg-type]


def over_http(base: str) -> list[dict[str, Any]]:
    """The sample's items with their assets on a server: a mirror under another address."""
    out = []
    for path in sample_items():
        item = json.loads(path.read_text(encoding="utf-8"))
        for asset in item["assets"].values():
            asset["href"] = f"{base}/items/{path.parent.name}/{Path(asset['href']).name}"
        item["links"] = []
        out.append(item)
    return out


def test_from_the_case_all_is_identical_and_the_command_says_so(case: Path, signed: Signed) -> None:
    done = gossan("verify", case / "dossier", "--rerun", "--case", case, "--key", signed.key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Identical: every image and every figure" in done.stdout


def test_a_mirror_over_http_gives_the_same(verified: Verified) -> None:
    with stac_api(over_http("{URL}"), page=50, folder=SAMPLE) as api:
        found = again(verified, api.url)
    assert found.identical
    assert found.scenes > 90


@pytest.fixture(scope="module")
def watered(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case with a site's kind decided by a person, and its waters measured along a reach
    that a file of its own gives."""
    copy = Path(shutil.copytree(case, tmp_path_factory.mktemp("watered") / "case"))
    shutil.rmtree(copy / "dossier")
    area = json.loads((copy / "area.geojson").read_text(encoding="utf-8"))
    reach = {**area, "properties": {"name": "the brook", "role": "downstream"}}
    (copy / "reaches.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [reach]})
    )
    asked = ("settings", copy, "water.reaches=reaches.geojson", "water.normal_until=2018-01-01")
    with CaseDb(copy / "case.db") as db:
        site = next(iter(db.sites()))
    decide = ("kinds", copy, site, "--decide", "road", "--by", "A. Name", "--why", "seen there")
    for words in (asked, ("water", copy), decide, ("dossier", copy)):
        done = gossan(*words)
        assert done.returncode == 0, done.stderr
    return copy


def test_water_is_measured_again_with_the_files_of_the_case(watered: Path) -> None:
    found = verify(watered / "dossier", Silent())
    assert any(k.decision for k in found.model.kinds.values())  # type: ignore[union-attr]
    assert "water" in {c.key for c in found.model.chapters}  # type: ignore[union-attr]
    same = again(found, case=watered)
    assert same.identical, same.differences[:3]
    assert same.left == ()
    (watered / "reaches.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (other,) = again(found, case=watered).left
    assert "needs the file of reaches" in other
    assert "--case" in other


def used(verified: Verified) -> list[str]:
    """Days of images used, YYYYMMDD."""
    return [
        re.sub("-", "", str(r.time.date()))
        for r in verified.model.scenes  # type: ignore[union-attr]
        if r.outcome.value == "used"
    ]


def test_withdrawn_and_reprocessed_images_are_told_apart(
    verified: Verified, tmp_path: Path
) -> None:
    days = used(verified)
    gone, other = days[-30], days[-20]
    items = [p for p in sample_items() if gone not in p.stem]
    at = next(i for i, p in enumerate(items) if other in p.stem)
    items[at] = processed_again(items[at], tmp_path / "again")
    found = again(verified, f"local:{catalogue(tmp_path / 'mirror', items)}")
    told = {i.scene[:10].replace("-", ""): i.what for i in found.inputs}
    assert set(told) == {gone, other}
    assert "withdrawn" in told[gone]
    assert told[other] == "reprocessed by its provider: other pixels in B08"
    assert not found.identical
    assert any(d.where.startswith("scenes/") for d in found.differences)


def forged(verified: Verified, change: Callable[[Any], Any]) -> Verified:
    model = verified.model
    first = model.sites[0]  # type: ignore[union-attr]
    site = replace(first.site, area=replace(first.site.area, value=change(first.site.area.value)))
    sites = (replace(first, site=site), *model.sites[1:])  # type: ignore[union-attr]
    return replace(verified, model=replace(model, sites=sites))  # type: ignore[arg-type]


def test_a_cooked_area_comes_out_with_its_size(verified: Verified, case: Path) -> None:
    found = again(forged(verified, lambda v: v * 1.25), case=case)
    (one,) = [d for d in found.differences if d.where.endswith("site/area/value")]
    assert one.size == pytest.approx(0.2)
    assert again(forged(verified, lambda v: v * (1 + 1e-7)), case=case).near == 1


def test_pixels_changed_in_the_case_are_seen(
    verified: Verified, case: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(case, tmp_path / "case"))
    tifs = sorted((copy / "scenes").glob("*.tif"))
    shutil.copyfile(tifs[40], tifs[41])
    tifs[60].unlink()
    found = again(verified, case=copy)
    assert {i.scene for i in found.inputs} <= {tifs[41].stem, tifs[60].stem}
    assert len(found.inputs) >= 1

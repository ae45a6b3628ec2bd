"""What the findings hang on: the replay against real updates without an image."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from gossan.case.context import open_case
from gossan.case.sites import find_case_sites
from gossan.case.state import monitored
from gossan.core.progress import Silent
from gossan.core.sensitivity import GONE, Choice, Sensitivity
from gossan.run.sensitivity import measure_sensitivity, sensitivity_of
from gossan.run.sensitivity_chapter import chapter_of, hangs
from gossan.run.update import update
from tests.support.cases import catalogue, sample_items, small_case
from tests.support.dossiers import SQUARE, Signed, sign

from .conftest import gossan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def case(signed: Signed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("sensitivity") / "case"
    return Path(shutil.copytree(signed.case, copy, ignore=shutil.ignore_patterns("dossier")))


@pytest.fixture(scope="module")
def result(case: Path) -> Sensitivity:
    return measure_sensitivity(case, Silent())


def test_every_image_satellite_and_threshold_is_tried_once(case: Path, result: Sensitivity) -> None:
    with open_case(case) as opened:
        state = monitored(opened)
        assert sensitivity_of(opened, state) == result, "kept, and given again without any work"
        ledger = [r["action"] for r, _ in opened.db.ledger()]
    images = [v.what for v in result.variants if v.choice is Choice.IMAGE]
    assert len(images) == len(set(images)) == len(state.looks)
    moved = {v.what for v in result.variants if v.choice is Choice.THRESHOLD}
    assert moved == {"alpha", "provisional_evidence", "confirm_evidence", "min_area_ha"}
    assert ledger.count("sensitivity") == 1


def test_without_an_image_is_what_an_update_without_it_gives(
    case: Path, result: Sensitivity, tmp_path: Path
) -> None:
    """A later image on which something hangs: the real update, which finds anew what the whole
    images are off by, must agree on every site's status."""
    with open_case(case) as opened:
        later = [look.key for look in monitored(opened).looks if look.day > 17380]
    hung = next(
        v
        for v in reversed(result.variants)
        if v.choice is Choice.IMAGE and any(v.what in k for k in later)
    )
    items = [p for p in sample_items() if p.stem != hung.what]
    assert len(items) == len(sample_items()) - 1
    other = small_case(tmp_path / "case", catalogue(tmp_path / "source", items), SQUARE)
    update(other, Silent())
    there = {(round(r["area_ha"], 2), r["status"]) for r in find_case_sites(other).rows}
    replayed = {(round(s.area_ha, 2), s.status) for s in hung.sites if s.status != GONE}
    assert replayed <= there


def test_a_larger_smallest_site_loses_exactly_the_smaller_ones(result: Sensitivity) -> None:
    (double,) = [v for v in result.variants if v.value == "0.2 ha"]
    for then, was in zip(double.sites, result.base.sites, strict=True):
        assert (then.status == GONE) == (was.area_ha < 0.2)


def test_the_dossier_says_what_hangs_on_what(
    case: Path, result: Sensitivity, signed: Signed
) -> None:
    dossier = sign(case, signed.key)
    page = (dossier / "index.html").read_text()
    assert "Do the findings hang on a choice?" in page
    assert "none was left aside by hand" in page
    rows = list(csv.DictReader(io.StringIO((dossier / "data" / "sensitivity.csv").read_text())))
    assert len(rows) == (len(result.variants) + 1) * len(result.base.sites)
    assert gossan("verify", dossier, "--key", signed.key).returncode == 0


def test_the_command_tells_it_as_json(case: Path, result: Sensitivity) -> None:
    done = gossan("sensitivity", case, "--json")
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert len(body["variants"]) == len(result.variants)


def test_words_for_one_image_many_and_none(result: Sensitivity) -> None:
    image = [v for v in result.variants if v.choice is Choice.IMAGE]
    assert hangs([]) == "nothing that was tried"
    assert hangs(image[:1]) == f"one image: {image[0].what}"
    assert hangs(image[:5]).endswith("and 2 more")
    lead = chapter_of(result, []).lead
    assert lead.startswith("Without any one image")

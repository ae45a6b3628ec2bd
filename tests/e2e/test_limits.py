"""`gossan limits` on the shipped images: the real pipeline over implanted looks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gossan.case import monitoring
from gossan.case.context import open_case
from gossan.case.pixels import Pixels
from gossan.case.power import limits_of
from gossan.case.sites import sites_of
from gossan.case.state import monitored
from gossan.core.dates import to_day
from gossan.core.errors import GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.params import LimitsParams
from gossan.core.power.answer import power_for
from gossan.core.power.curves import headline
from gossan.core.power.rows import restored
from gossan.core.progress import Silent, Task
from gossan.core.sensor import flat
from gossan.core.values import Status
from gossan.data import SAMPLE
from gossan.monitor.state import disturbances, from_arrays
from gossan.observables.limits import candidates as ground
from gossan.observables.limits import run as limits
from gossan.observables.limits import trials as implanting
from gossan.observables.limits.run import Asked, measure_limits
from gossan.observables.limits.store import keep
from tests.support.trials import curves_of, trial

from .conftest import gossan
from .test_demo import ledger

GAP = ("2019-02-20", "2019-12-31")


@pytest.fixture
def case(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo's case that a test may change."""
    copy = tmp_path / "case"
    shutil.copytree(demo, copy, ignore=shutil.ignore_patterns("dossier"))
    return copy


def asked(case: Path, *options: str) -> dict[str, Any]:
    done = gossan("limits", case, "--json", *options)
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def test_a_few_implants_give_wide_intervals_and_the_same_again(case: Path) -> None:
    body = asked(case, "--implants", "60")
    assert len(body["trials"]) == 60
    assert body["method"] == "power.implant.v1"
    assert {s["name"] for s in body["spectra"]} >= {"own-changed", "sand", "basalt"}
    assert 0 < body["ground_share"] < 1
    for found in body["limits"]:
        # sixty trials over all cells are too few to be sure of anything
        assert found["high"] is None
    before = ledger(case)
    assert [r["action"] for r, _ in before].count("limits") == 2  # the demo's own, and this one
    assert asked(case, "--implants", "60") == body
    assert ledger(case) == before
    record = next(r for r, _ in reversed(before) if r["action"] == "limits")
    assert record["parameters"]["seed"] == 1
    assert record["outputs"]["n"] == 60
    assert record["outputs"]["hash"].startswith("sha256:")


def test_the_table_fits_eighty_columns(demo: Path) -> None:
    shown = gossan("limits", demo, "--implants", "1920", watched=True)
    assert shown.returncode == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "…" not in shown.stdout
    assert "Mar to May" in shown.stdout


def test_bright_ground_in_spring_is_seen_and_autumn_is_not(demo: Path) -> None:
    """Floors from the nature of the case: four clear looks come in spring, not in autumn."""
    with open_case(demo) as opened:
        curves = limits_of(opened, monitored(opened))
    assert curves is not None
    big = [t for t in curves.trials if t.contrast == 1 and t.area_ha >= 0.4]
    mud = [t for t in big if t.spectrum == "dry-mud"]
    spring = [t.seen_within(120) for t in mud if t.appeared.month in (4, 5, 6)]
    autumn = [t.seen_within(120) for t in mud if t.appeared.month in (10, 11)]
    assert np.mean(spring) >= 0.9
    assert np.mean(autumn) <= 0.2
    assert not any(t.seen_within(120) for t in curves.trials if t.looks[-1] == 0)


def test_the_trials_run_the_case_s_own_monitor(demo: Path) -> None:
    """Without implants, the row of pixels ends just as the stored state of the case does."""
    with open_case(demo) as opened:
        state = monitored(opened)
        dist = state.disturbances()
        until = to_day(opened.config.history_until)
        field = implanting.Field(
            state,
            Pixels.of(state),
            pixel_areas_m2(state.grid),
            until,
            opened.config.sites,
            LimitsParams(areas_ha=(0.4,)),
            {"sand": np.zeros(6)},
        )
        only = [implanting.InjectedTarget(0, 1.6, 1.0, "sand", until, 50, 50)]
        series = implanting.series_of(field, only)
        pixels = implanting._control(field, series)
        for look in np.flatnonzero(series.seen.days > until):
            pixels.take(int(look))
        row = pixels.state
        whole = (slice(0, 100), slice(0, 100))
        stored = flat(from_arrays(state.store.read(whole), state.head.meta))
    rows, cols = np.nonzero(series.at >= 0)
    assert len(rows) > 900
    assert (dist.status[rows, cols] == Status.CONFIRMED).sum() > 50
    for name, array in flat(row).items():
        assert np.array_equal(array[..., 0, :], stored[name][..., rows, cols]), name
    assert (disturbances(row, state.grid).status[0] == dist.status[rows, cols]).all()


def test_any_blocks_give_the_same_trials(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The area in sixteen parts instead of one, a few implants at a time: the demo's own trials
    come out again."""
    monkeypatch.setattr(monitoring, "BLOCK_BYTES", 1)
    monkeypatch.setattr(ground, "MOST_BLOCKS", 1000)
    monkeypatch.setattr(limits, "AT_ONCE", 9)
    with open_case(case) as opened:
        state = monitored(opened)
        whole = limits_of(opened, state)
        assert len(list(state.frame.blocks(1))) == 16
    assert whole is not None
    assert measure_limits(case, Asked(implants=300), Silent()).trials == whole.trials[:300]


class _Stops(Silent):
    """A person who presses Ctrl-C once so many trials are done, or counts them."""

    def __init__(self, after: int | None) -> None:
        self.after, self.done, self.steps = after, 0, []

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:  # type: ignore[override]
        yield self

    def advance(self, n: int = 1) -> None:
        self.done += n
        self.steps.append(n)
        if self.after is not None and self.done >= self.after:
            raise KeyboardInterrupt


def test_stopped_and_called_again_it_goes_on_and_ends_the_same(case: Path, demo: Path) -> None:
    wish = Asked(implants=600)
    with pytest.raises(KeyboardInterrupt):
        measure_limits(case, wish, _Stops(250))
    again = _Stops(None)
    found = measure_limits(case, wish, again)
    assert again.steps[0] >= 250 - max(again.steps[1:])
    assert again.steps[0] > 100
    assert sum(again.steps) == 600
    with open_case(demo) as opened:
        unbroken = limits_of(opened, monitored(opened))
    assert unbroken is not None
    assert found.trials == unbroken.trials[:600]
    assert found.months == measure_limits(case, wish, Silent()).months


def test_limits_hold_only_for_the_looks_and_sites_they_were_computed_for(case: Path) -> None:
    with open_case(case) as opened:
        assert limits_of(opened, monitored(opened)) is not None
    spring = Asked(40, first=date(2019, 4, 1), last=date(2019, 5, 31))
    window = measure_limits(case, spring, Silent())
    assert (window.first, window.last) == (spring.first, spring.last)
    with open_case(case) as opened:
        whole = limits_of(opened, monitored(opened))
        assert whole is not None
        assert len(whole.trials) == 1920, "a run over a window must not replace the whole"
    toml = case / "case.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("# min_area_ha = 0.1", "min_area_ha = 0.2"), encoding="utf-8")
    with open_case(case) as opened:
        assert opened.config.sites.min_area_ha == 0.2
        assert limits_of(opened, monitored(opened)) is None
    assert gossan("dossier", case).returncode == 0
    page = (case / "dossier" / "index.html").read_text(encoding="utf-8")
    assert "It was not computed what would have been seen" in page


def test_sites_say_how_small_one_would_have_been_seen(case: Path) -> None:
    rows = json.loads(gossan("sites", case, "--json").stdout)
    with open_case(case) as opened:
        state = monitored(opened)
        curves = limits_of(opened, state)
        assert curves is not None
        assert {r["detection_limit_ha"] for r in rows} == {headline(curves).area_ha}
        seen = curves_of([trial(i, 0.3) for i in range(50)])
        keep(opened, state, LimitsParams(areas_ha=(0.3,)), "made by hand", seen)
        assert {s.area.detection_limit for s in sites_of(opened).sites} == {0.3}
    rows = json.loads(gossan("sites", case, "--json").stdout)
    assert {r["detection_limit_ha"] for r in rows} == {0.3}


def test_a_wrong_wish_is_one_sentence(demo: Path) -> None:
    done = gossan("limits", demo, "--areas", "big")
    assert done.returncode == 2
    assert "expected numbers with commas" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_cannot_be_tried_is_said(demo: Path) -> None:
    for wish, words in (
        (Asked(areas_ha=(500.0,)), "room for a patch of 500 ha"),
        (Asked(first=date(2020, 12, 1)), "No day is left"),
    ):
        with pytest.raises(GossanError, match=words):
            measure_limits(demo, wish, Silent())


def test_before_the_first_update_it_says_what_to_do(demo: Path, tmp_path: Path) -> None:
    for name in ("case.toml", "area.geojson"):
        shutil.copy(demo / name, tmp_path / name)
    done = gossan("limits", tmp_path)
    assert done.returncode == 2
    assert "gossan update" in " ".join(done.stderr.split())


def with_gap(folder: Path) -> Path:
    """The shipped catalogue without the images of `GAP`."""
    collection = json.loads((SAMPLE / "collection.json").read_text(encoding="utf-8"))
    first, last = (day.replace("-", "") for day in GAP)
    links = []
    for link in collection["links"]:
        name = Path(link["href"]).stem
        if link["rel"] == "item" and not first <= name.rsplit("_", 1)[-1] <= last:
            links.append({**link, "href": str((SAMPLE / link["href"]).resolve())})
    folder.mkdir()
    collection["links"] = links
    (folder / "catalog.json").write_text(json.dumps(collection), encoding="utf-8")
    return folder


def test_a_long_gap_is_blindness_and_no_absence(demo: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    made = gossan(
        "init",
        case,
        "--name",
        "Gap",
        "--area",
        SAMPLE / "area.geojson",
        "--start",
        "2015-08-01",
        "--end",
        "2021-01-31",
        "--source",
        f"local:{with_gap(tmp_path / 'catalogue')}",
    )
    assert made.returncode == 0, made.stderr
    assert gossan("update", case).returncode == 0
    body = asked(case, "--implants", "96", "--from", "2019-04-01", "--to", "2019-08-15")
    months = [f"2019-0{m}-01" for m in (4, 5, 6, 7, 8)]
    assert body["blind_months"]["120"] == months
    assert all(t[body["trial_fields"].index("confirmed_after")] is None for t in body["trials"])
    keys = (
        "trials",
        "spectra",
        "months",
        "first",
        "last",
        "within",
        "needed",
        "power",
        "level",
        "ground_share",
        "no_model_share",
        "smallest_site_ha",
        "dropped_ha",
        "scenes",
        "seed",
        "method",
    )
    curves = restored({k: body[k] for k in keys})
    said = power_for(curves, 5.0, 1.0, (date(2019, 4, 1), date(2019, 7, 31)))
    assert not said.observable
    assert said.reason.startswith("Blind")
    outside = power_for(curves, 5.0, 1.0, (date(2018, 4, 1), date(2018, 7, 31)))
    assert not outside.observable

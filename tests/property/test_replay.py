"""Whatever order scenes come in, the state is the one a run from scratch would give.

Each example is a real case over a few pixels of the shipped images, brought up to date with one
catalogue after the other: scenes come late, are withdrawn, come back, are processed again.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.cases import (
    catalogue,
    check_whole,
    line,
    processed_again,
    sample_items,
    small_case,
)

from gossan.core.params import How
from gossan.core.progress import Silent
from gossan.run.update import UpdateResult, update

SQUARE = (45, 55, 12)
HOW = How(workers=2, block=32)


def pool() -> list[Path]:
    """Scenes of the history, enough for a model, and the first fourteen clear ones after it."""
    items = sample_items()
    early = [p for p in items if p.stem[-8:] < "20170802"]
    late = [p for p in items if p.stem[-8:] > "20180301" and clear(p)]
    return [*early, *late[:14]]


def clear(item: Path) -> bool:
    cloud = json.loads(item.read_text(encoding="utf-8"))["properties"].get("eo:cloud_cover", 100)
    return bool(cloud < 20)


class Cases:
    """Cases that share one folder of scenes already read, so that each starts quickly."""

    def __init__(self, root: Path) -> None:
        self.root, self.n, self.items = root, 0, pool()
        self.again = [processed_again(p, root / "again") for p in self.items[-14::3]]
        everything = catalogue(root / "all", self.items)
        self.scenes = small_case(root / "read", everything, SQUARE) / "scenes"
        self.bring(self.root / "read", self.items)

    def new(self) -> Path:
        self.n += 1
        folder = self.root / f"case{self.n}"
        small_case(folder, catalogue(self.root / f"catalogue{self.n}", self.items), SQUARE)
        shutil.copytree(self.scenes, folder / "scenes")
        return folder

    def bring(self, case: Path, items: list[Path]) -> UpdateResult:
        name = {"read": "all"}.get(case.name, case.name.replace("case", "catalogue"))
        catalogue(self.root / name, items)
        result = update(case, Silent(), how=HOW)
        assert result.failed == 0
        return result

    def scratch(self, items: list[Path]) -> str:
        """The hash of the state that a new case gets from these scenes at once."""
        case = self.new()
        self.bring(case, items)
        return line(case)[-1].state_hash


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    return Cases(tmp_path_factory.mktemp("replay"))


@st.composite
def catalogues(draw: st.DrawFn) -> list[tuple[frozenset[int], frozenset[int]]]:
    """What a provider offers at one time after the other: of the 14 late scenes and the last
    6 of the history those that are missing, and of five late ones those processed again."""
    missing = st.frozensets(st.integers(0, 19), max_size=8)
    again = st.frozensets(st.integers(0, 4), max_size=2)
    return draw(st.lists(st.tuples(missing, again), min_size=2, max_size=3))


def offered(cases: Cases, missing: frozenset[int], again: frozenset[int]) -> list[Path]:
    replaced = {p.name: p for k, p in enumerate(cases.again) if k in again}
    gone = {cases.items[-20 + i].name for i in missing}
    return [replaced.get(p.name, p) for p in cases.items if p.name not in gone]


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(catalogues())
def test_any_order_of_catalogues_ends_where_a_run_from_scratch_does(
    cases: Cases, offers: list[tuple[frozenset[int], frozenset[int]]]
) -> None:
    case = cases.new()
    for offer in offers:
        items = offered(cases, *offer)
        cases.bring(case, items)
        check_whole(case)
    assert line(case)[-1].state_hash == cases.scratch(items)


def test_a_repeated_update_does_nothing(cases: Cases) -> None:
    case = cases.new()
    cases.bring(case, cases.items)
    before = [c.snapshot for c in line(case)]
    assert cases.bring(case, cases.items).brought is None
    assert [c.snapshot for c in line(case)] == before


def test_a_late_scene_takes_back_those_after_it_and_no_more(cases: Cases) -> None:
    case = cases.new()
    cases.bring(case, [*cases.items[:-5], *cases.items[-4:]])
    before = line(case)
    brought = cases.bring(case, cases.items).brought
    assert brought is not None
    assert (brought.fitted, brought.gone_back, brought.stepped) == (False, 4, 5)
    assert [c.snapshot for c in line(case)][: len(before) - 4] == [c.snapshot for c in before[:-4]]
    assert line(case)[-1].state_hash == cases.scratch(cases.items)
    check_whole(case)


def test_a_withdrawn_scene_leaves_no_trace_in_the_state(cases: Cases) -> None:
    case = cases.new()
    cases.bring(case, cases.items)
    rest = [*cases.items[:-5], *cases.items[-4:]]
    brought = cases.bring(case, rest).brought
    assert brought is not None
    assert (brought.gone_back, brought.stepped) == (5, 4)
    assert line(case)[-1].state_hash == cases.scratch(rest)
    check_whole(case)


def test_a_scene_processed_again_is_read_again_and_replayed(cases: Cases) -> None:
    case = cases.new()
    cases.bring(case, cases.items)
    old = line(case)[-1].state_hash
    items = offered(cases, frozenset(), frozenset({2}))
    result = cases.bring(case, items)
    assert result.brought is not None
    assert (result.read, result.brought.gone_back, result.brought.stepped) == (1, 8, 8)
    assert line(case)[-1].state_hash != old
    assert line(case)[-1].state_hash == cases.scratch(items)
    check_whole(case)


def test_a_late_scene_of_the_history_is_learned_anew(cases: Cases) -> None:
    case = cases.new()
    rest = [*cases.items[:3], *cases.items[4:]]
    cases.bring(case, rest)
    brought = cases.bring(case, cases.items).brought
    assert brought is not None
    assert brought.fitted
    assert line(case)[-1].state_hash == cases.scratch(cases.items)
    check_whole(case)

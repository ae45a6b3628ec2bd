"""Broken inputs at every door: read or refused in one sentence. bench/fuzz.py does thousands."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gossan.evidence.timestamp import request_for
from gossan.io.network.tsa import ask
from tests.support.dossiers import Signed
from tests.support.fuzz import Target, finding, mutated, targets
from tests.support.tsa import authority

PLACES = Path(__file__).parents[2] / "examples" / "karabakh-2022" / "places.csv"
INPUTS = 25
CLOSED = ("certificates", "HTML", "model", "STAC catalogue")
"""Their inputs are no real ones, or need files that lie beside them."""
SLOW = {"HTML": 2, "mail, office, web archive": 8, "GeoTIFF": 4, "model": 6, "case.db": 10}
"""Fewer inputs for doors that take long: a process for each, or a large file."""


@pytest.fixture(scope="module")
def doors(signed: Signed, tmp_path_factory: pytest.TempPathFactory) -> list[Target]:
    with authority(tmp_path_factory.mktemp("tsa") / "tsa") as tsa:
        reply = ask(tsa.url, request_for(b"signature").body)
    return targets(signed.dossier, signed.case, reply, PLACES)


@pytest.mark.filterwarnings("ignore")
def test_nothing_broken_gets_further_than_the_door(doors: list[Target], tmp_path: Path) -> None:
    found = []
    for door in doors:
        rng = random.Random(f"11 {door.name}")
        for i in range(SLOW.get(door.name, INPUTS)):
            data = mutated(rng, rng.choice(door.seeds), door.structured)
            what = finding(door, data, tmp_path / f"{i}-{door.name[:4].strip()}")
            found += [f"{door.name}: {what}"] if what else []
    assert not found


def test_real_inputs_come_through(doors: list[Target], tmp_path: Path) -> None:
    """A door that refuses everything would pass the test above."""
    open_doors = [d for d in doors if d.name not in CLOSED]
    for door in open_doors:
        room = tmp_path / door.name.replace(" ", "-").replace(",", "")
        room.mkdir()
        door.read(door.seeds[0], room)

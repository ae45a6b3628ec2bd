"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gossan.io.gazetteer import Sources, SqliteGazetteer, open_gazetteer

EXAMPLE = Path(__file__).parents[1] / "examples" / "karabakh-2022"


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteGazetteer]:
    """The gazetteer of the example case: its own list, its region, and the world's towns."""
    path = tmp_path_factory.mktemp("places") / "places.db"
    with open_gazetteer(path, Sources(46.7, 39.9, EXAMPLE / "places.csv")) as opened:
        yield opened

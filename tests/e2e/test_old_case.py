"""A case made by an earlier build (commit 2d9cade, schema of its day) still opens and goes on."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from tests.support.cases import catalogue, sample_items

from .conftest import gossan
from .test_demo import GOLDEN

SEEN = "S-2c044c"
"""The one site the earlier build found, provisional, by November 2018."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The earlier build's case with 100 scenes, beside a catalogue that now has all of them."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(GOLDEN / "case-2d9cade.tar.xz") as archive:
        # Debian 12's Python 3.11.2 has no filter yet, and from 3.12 on one must be named
        safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(folder, **safe)
    catalogue(folder / "catalogue", sample_items())
    return folder / "case"


def test_it_opens_and_shows_what_it_showed(case: Path) -> None:
    listed = gossan("sites", case, "--json")
    assert listed.returncode == 0, listed.stderr
    assert [site["id"] for site in json.loads(listed.stdout)] == [SEEN]
    claims = json.loads(gossan("claims", case, "--status", "accepted", "--json").stdout)["claims"]
    assert len(claims) == 5
    assert gossan("verify", case).returncode == 0


def test_it_goes_on(case: Path) -> None:
    with CaseDb(case / "case.db") as db:
        before = db.ledger()
    for words in (("update", case), ("sites", case), ("check", case), ("dossier", case)):
        done = gossan(*words)
        assert done.returncode == 0, (words, done.stderr)
    with CaseDb(case / "case.db") as db:
        after = db.ledger()
    assert after[: len(before)] == before
    assert verify_chain(after) == len(after) > len(before)
    checked = gossan("verify", case / "dossier")
    assert checked.returncode == 4, checked.stdout + checked.stderr  # nobody signed it

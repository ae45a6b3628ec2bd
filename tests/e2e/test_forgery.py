"""Forged dossiers fail, and each failure names the part: the attack set of `support.forgeries`."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from gossan.core.errors import GossanError
from gossan.core.progress import Silent
from gossan.observables.limits.run import Asked, measure_limits
from gossan.observables.terrain.run import measure_terrain
from gossan.run.check import check
from gossan.run.known_keys import trust_key
from gossan.run.reports import Said, add_reports
from gossan.run.verify import verify
from tests.e2e.conftest import gossan
from tests.support.dossiers import make_case, make_key, reseal, sign
from tests.support.forgeries import (
    DOCUMENT_FILES,
    DOCUMENTS,
    GROUND,
    GROUND_FILES,
    FileForgery,
    Forgery,
    forge,
    forge_files,
    forge_with_record,
    ledgers,
    public,
    take_off,
)
from tests.support.terrain import glo30_grid, valley, write_dem

EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"
UNCONFIRMED = 4


@dataclass(frozen=True)
class Target:
    """A signed dossier, its owner's key, and the forger's."""

    dossier: Path
    owner: Path
    forger: Path


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A small case with limits, chapters, claims and verdicts."""
    root = tmp_path_factory.mktemp("ground")
    case = make_case(root)
    grid = glo30_grid(22.1, 45.26, (360, 360))
    write_dem(case / "dem.tif", grid, valley(grid, 22.156, fall=2.0, sides=2.0))
    head, _, _ = (case / "case.toml").read_text(encoding="utf-8").partition("\n[terrain]")
    terrain = '\n[terrain]\ndem = "dem.tif"\nmargin_km = 3\nrealisations = 20\n'
    (case / "case.toml").write_text(head + terrain, encoding="utf-8")
    measure_limits(case, Asked(implants=60), Silent())
    measure_terrain(case, Silent())
    return _signed(root, case)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A case of documents alone."""
    root = tmp_path_factory.mktemp("documents")
    return _signed(root, Path(shutil.copytree(EXAMPLE, root / "case")))


def _signed(root: Path, case: Path) -> Target:
    texts = sorted(map(str, (EXAMPLE / "summaries").iterdir()))
    add_reports(case, texts[:2], Said(), Silent())
    check(case, Silent(), draft=True)
    key = make_key(root)
    return Target(sign(case, key), key, make_key(root, "forger.key"))


@pytest.fixture(autouse=True)
def _no_known_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def refused(dossier: Path, key: str = "") -> str:
    """What verification says of a dossier that does not hold."""
    with pytest.raises(GossanError) as error:
        verify(dossier, Silent(), key=key)
    return error.value.problem


def name_of(forgery: Forgery | FileForgery) -> str:
    return forgery.name


@pytest.mark.parametrize("forgery", GROUND, ids=name_of)
def test_what_is_shown_of_the_ground(forgery: Forgery, ground: Target, tmp_path: Path) -> None:
    forged = forge(ground.dossier, tmp_path / "forged", ground.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said
    assert "signed with another key" in refused(forged, public(ground.owner))


@pytest.mark.parametrize("forgery", DOCUMENTS, ids=name_of)
def test_what_is_shown_of_documents(forgery: Forgery, documents: Target, tmp_path: Path) -> None:
    forged = forge(documents.dossier, tmp_path / "forged", documents.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said
    assert "signed with another key" in refused(forged, public(documents.owner))


@pytest.mark.parametrize("forgery", GROUND_FILES, ids=name_of)
def test_files_of_a_dossier_of_the_ground(
    forgery: FileForgery, ground: Target, tmp_path: Path
) -> None:
    forged = forge_files(ground.dossier, tmp_path / "forged", ground.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said


@pytest.mark.parametrize("forgery", DOCUMENT_FILES, ids=name_of)
def test_files_of_a_dossier_of_documents(
    forgery: FileForgery, documents: Target, tmp_path: Path
) -> None:
    forged = forge_files(documents.dossier, tmp_path / "forged", documents.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said


@pytest.mark.parametrize("forgery", GROUND, ids=name_of)
def test_the_owner_cannot_do_it_either(forgery: Forgery, ground: Target, tmp_path: Path) -> None:
    """With the owner's key what contradicts the ledger fails as well."""
    forged = forge(ground.dossier, tmp_path / "forged", ground.owner, forgery.change)
    said = refused(forged, public(ground.owner))
    assert re.search(forgery.named, said), said

"""What commands write over, by the commands themselves on a real case and its signed dossier."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from gossan.case.sites import export_sites, find_case_sites
from gossan.core.errors import GossanError
from gossan.run.publish import public_key
from gossan.run.verify_case import export_custody
from tests.e2e.conftest import gossan
from tests.support.dossiers import Signed, sign
from tests.support.writings import found


@pytest.fixture(scope="module")
def case(signed: Signed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(signed.case, tmp_path_factory.mktemp("outputs") / "case"))


def refused(*args: str | Path) -> str:
    done = gossan(*args)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    error, hint = done.stderr.strip().splitlines()[-2:]
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    return error


def test_a_command_that_names_the_case_or_somebodys_folder_changes_nothing(
    case: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(b"a picture")
    before = found(case)
    for there in (case, tmp_path / "photos"):
        assert "nothing was written" in refused("dossier", case, "-o", there)
    assert list((tmp_path / "photos").iterdir()) == [tmp_path / "photos" / "1.jpg"]
    after = found(case)
    assert before is not None
    assert after is not None
    assert {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)} <= {
        "case.db",
        "case.db-wal",
        "case.db-shm",
        ".lock",
    }


def test_a_signed_dossier_is_set_aside_and_still_verifies(case: Path, signed: Signed) -> None:
    first = found(case / "dossier")
    sign(case, signed.key)
    assert found(case / "dossier") == first
    assert not list(case.glob("dossier-*")), "the same bytes: nothing was replaced"
    done = gossan("dossier", case)
    assert done.returncode == 0, done.stderr
    (aside,) = case.glob("dossier-20*")
    assert str(aside) in done.stderr
    assert found(aside) == first
    assert "signature.json" not in (found(case / "dossier") or {})
    key = public_key(str(signed.key))
    assert gossan("verify", aside, "--key", key).returncode == 0


def test_exports_are_renewed_but_no_other_file_is(case: Path, tmp_path: Path) -> None:
    sites, mine = find_case_sites(case), tmp_path / "mine"
    mine.write_bytes(b"mine")
    for export, name in (
        (partial(export_custody, case), "custody.csv"),
        (partial(export_sites, case, sites, "geojson"), "sites.geojson"),
        (partial(export_sites, case, sites, "parquet"), "sites.parquet"),
    ):
        export(None)
        made = (case / name).read_bytes()
        export(None)
        for taken in (mine, case / "case.toml", case / "dossier" / "index.html"):
            before = taken.read_bytes()
            with pytest.raises(GossanError, match="nothing was written"):
                export(taken)
            assert taken.read_bytes() == before
        export(tmp_path / name)
        assert (tmp_path / name).read_bytes() == made
    edited = json.loads((case / "sites.geojson").read_bytes())
    (case / "sites.geojson").write_text(json.dumps(edited, indent=2))
    with pytest.raises(GossanError, match="nothing was written"):
        export_sites(case, sites, "geojson", None)
    assert json.loads((case / "sites.geojson").read_bytes()) == edited


def test_the_way_out_that_is_named_works(case: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    assert "not an earlier" in refused("custody", case, "-o", tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == b"mine"
    assert gossan("custody", case, "-o", tmp_path / "mine", "--overwrite").returncode == 0
    assert (tmp_path / "mine").read_bytes().startswith(b"record,")

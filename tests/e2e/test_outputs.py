"""What commands write over, by the commands themselves on a real case and its signed dossier."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gossan.core.progress import Silent
from gossan.run.dossier import write_dossier
from gossan.run.publish import public_key
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
    for there in (case, case.parent, case / "scenes", tmp_path / "photos"):
        assert "nothing was written" in refused("dossier", case, "-o", there)
    assert found(tmp_path) is not None
    assert found(tmp_path / "photos") == found(tmp_path / "photos")
    assert (tmp_path / "photos" / "1.jpg").read_bytes() == b"a picture"
    assert found(case) == before


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
    write_dossier(case, None, Silent())
    assert list(case.glob("dossier-*")) == [aside], "an unsigned, unchanged one is not kept"


def test_exports_are_renewed_but_no_other_file_is(case: Path, tmp_path: Path) -> None:
    for command, name in (
        (("custody", case), "custody.csv"),
        (("sites", case, "-f", "geojson"), "sites.geojson"),
        (("sites", case, "-f", "parquet"), "sites.parquet"),
    ):
        for _ in range(2):
            assert gossan(*command).returncode == 0
        export = (case / name).read_bytes()
        assert gossan(*command, "-o", tmp_path / name).returncode == 0
        assert (tmp_path / name).read_bytes() == export
        for mine in (case / "case.toml", tmp_path / f"my {name}"):
            if mine.parent == tmp_path:
                mine.write_bytes(b"mine")
            before = mine.read_bytes()
            refused(*command, "-o", mine)
            assert mine.read_bytes() == before
        assert gossan(*command, "-o", tmp_path / f"my {name}", "--overwrite").returncode == 0
        assert (tmp_path / f"my {name}").read_bytes() == export
        refused(*command, "-o", case / "case.toml", "--overwrite")
    edited = json.loads((case / "sites.geojson").read_bytes())
    (case / "sites.geojson").write_text(json.dumps(edited, indent=2))
    refused("sites", case, "-f", "geojson")
    assert json.loads((case / "sites.geojson").read_bytes()) == edited

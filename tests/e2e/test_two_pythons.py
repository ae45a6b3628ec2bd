"""The same images under two versions of Python: the same dossier but for who made it, and when."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from tests.support.cases import Square, catalogue, sample_items, small_case

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WHOLE: Square = (0, 0, 100)
"""All of the sample: only there some sites have equal shown areas."""
OTHERS = ("python3.13", "python3.12", "python3.14", "python3.11")
MAKER = (
    "manifest.json",
    "ro-crate-metadata.json",
    "stac/item.json",
    "evidence/ledger.jsonl",
    "evidence/custody.csv",
)
"""Files that say who made the dossier, with what and when; all others are compared."""
HASH = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{64}")


def _other_python() -> str:
    """An interpreter of another version than this one, as found on the PATH."""
    mine = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for name in OTHERS:
        path = shutil.which(name)
        if name == mine or path is None:
            continue
        asked = [path, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout.strip() == name:
            return path
    pytest.skip(f"none of {', '.join(OTHERS)} but {mine} runs here")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """gossan and what it needs, as locked, installed for another Python."""
    python, venv = _other_python(), tmp_path_factory.mktemp("other") / "venv"
    near = ROOT / ".uv" / "bin" / "uv"
    uv = str(near) if near.is_file() else shutil.which("uv")
    if uv is None:
        pytest.skip("uv, which installs what is locked, is not here")
    done = subprocess.run(
        [uv, "sync", "--frozen", "--no-dev", "--python", python],
        cwd=ROOT,
        check=False,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(venv)},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.skip(f"gossan cannot be installed for {python}: {done.stderr.strip()[-300:]}")
    return venv / "bin" / "gossan"


def _made_by(gossan: Path, case: Path) -> Path:
    for words in (("update",), ("limits", "--implants", "60", "--areas", "0.1,0.3"), ("dossier",)):
        done = subprocess.run(
            [gossan, words[0], case, *words[1:]], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return case / "dossier"


def _files(dossier: Path) -> dict[str, bytes]:
    return {
        p.relative_to(dossier).as_posix(): p.read_bytes() for p in dossier.rglob("*") if p.is_file()
    }


def _words(pdf: Path) -> str:
    """All text of a PDF without hashes, which may be broken over lines."""
    text = "".join(p.extract_text() for p in pypdf.PdfReader(pdf).pages)
    return HASH.sub("", re.sub(r"\s", "", text))


def test_two_pythons_agree_byte_for_byte_but_for_the_maker(other: Path, tmp_path: Path) -> None:
    source = catalogue(tmp_path / "source", sample_items())
    mine = small_case(tmp_path / "one" / "case", source, WHOLE)
    theirs = Path(shutil.copytree(mine, tmp_path / "two" / "case"))
    one = _made_by(Path(sys.executable).with_name("gossan"), mine)
    two = _made_by(other, theirs)
    a, b = _files(one), _files(two)
    assert a.keys() == b.keys()
    sites = json.loads(a["data/sites.geojson"])["features"]
    areas = [round(s["properties"]["area_ha"], 2) for s in sites]
    assert len(areas) > len(set(areas)), "some sites have equal shown areas"
    differ = [n for n in a if n not in MAKER and a[n] != b[n]]
    assert set(differ) <= {"index.html", "dossier.pdf", "data/dossier.json"}
    for name in ("index.html", "data/dossier.json"):
        assert HASH.sub("", a[name].decode()) == HASH.sub("", b[name].decode()), name
    assert _words(one / "dossier.pdf") == _words(two / "dossier.pdf")
    for dossier, gossan in ((one, other), (two, Path(sys.executable).with_name("gossan"))):
        done = subprocess.run(
            [gossan, "verify", dossier], check=False, capture_output=True, text=True
        )
        assert done.returncode == 4, done.stdout + done.stderr
        assert "say what the data say" in done.stdout

"""A signed dossier, and everything somebody might do to it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from gossan.core.errors import GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Silent
from gossan.core.site_row import sites_hash_by_area
from gossan.dossier.book import book_of
from gossan.dossier.gaps import gaps, show_through
from gossan.dossier.model import DossierModel
from gossan.dossier.page import render_page
from gossan.dossier.pdf import render_pdf
from gossan.dossier.stored import MODEL, from_file
from gossan.evidence import signature
from gossan.evidence.manifest import MANIFEST, SIGNATURE
from gossan.run.publish import public_key
from gossan.run.render import LEDGER, read_ledger
from gossan.run.verify import verify
from tests.support.dossiers import (
    Signed,
    drop_scene,
    edit,
    first_area,
    forge_ledger,
    make_key,
    other_digit,
    reseal,
)

from .conftest import gossan

FLIPS = 60


@pytest.fixture(scope="module")
def key(signed: Signed) -> Path:
    return signed.key


@pytest.fixture(scope="module")
def case(signed: Signed) -> Path:
    return signed.case


@pytest.fixture(scope="module")
def original(signed: Signed) -> Path:
    return signed.dossier


@pytest.fixture
def dossier(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "dossier"))


def said(dossier: Path, key: str = "") -> str:
    with pytest.raises(GossanError) as caught:
        verify(dossier, Silent(), key=key)
    return caught.value.problem


def test_all_holds_and_the_command_says_by_whom(original: Path, key: Path) -> None:
    public = public_key(str(key))
    done = gossan("verify", original, "--key", key, "--charts")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Yes, since it was signed" in done.stdout
    assert f"By the key you gave: {public}." in done.stdout
    assert public in (original / "index.html").read_text()
    assert gossan("verify", original, "--key", public).returncode == 0


def test_nobody_signed_is_not_called_whole(case: Path, tmp_path: Path) -> None:
    mine = shutil.copytree(case, tmp_path / "case")  # who signed last stands in the case's ledger
    assert gossan("dossier", mine, "-o", tmp_path / "unsigned").returncode == 0
    done = gossan("verify", tmp_path / "unsigned")
    assert done.returncode == 4
    assert "Nobody signed it." in done.stdout


def in_page(text: str, dossier: Path) -> str:
    area = first_area(dossier)
    return text.replace(f'<td class="n">{area}</td>', f'<td class="n">{other_digit(area)}</td>', 1)


def page_digit(d: Path) -> None:
    edit(d / "index.html", lambda text: in_page(text, d))


def table_digit(d: Path) -> None:
    area = first_area(d)
    edit(d / "data" / "sites.csv", lambda text: text.replace(area, other_digit(area), 1))


def geojson_digit(d: Path) -> None:
    edit(d / "data" / "sites.geojson", lambda t: t.replace('"n_pixels":', '"n_pixels":1', 1))


def pdf_data(d: Path) -> None:
    """The PDF of a dossier whose data say something else, in place of the true one."""
    files = {p.relative_to(d).as_posix(): p.read_bytes() for p in d.rglob("*") if p.is_file()}
    model, _ = from_file(files[MODEL], {hash_bytes(b): b for b in files.values()})
    book = book_of(model)
    empty = render_page(book, gaps(book))["index.html"].decode()
    drawn = show_through(empty, files["index.html"].decode())
    assert isinstance(model, DossierModel)
    first = model.sites[0]
    area = replace(first.site.area, value=first.site.area.value + 0.1)
    other = replace(first, site=replace(first.site, area=area))
    forged = replace(model, sites=(other, *model.sites[1:]))
    (d / "dossier.pdf").write_bytes(render_pdf(book_of(forged), drawn))


def swap_images(d: Path) -> None:
    one, two = sorted((d / "assets" / "images").glob("site-1-*.png"))[:2]
    a, b = one.read_bytes(), two.read_bytes()
    assert a != b
    one.write_bytes(b)
    two.write_bytes(a)


def other_image(d: Path) -> None:
    path = d / "assets" / "images" / "map.png"
    with Image.open(path) as image:
        image.convert("RGB").point(lambda v: v // 2).save(path)


def remove_scene(d: Path) -> None:
    edit(d / "data" / "dossier.json", drop_scene)


def remove_line(d: Path) -> None:
    edit(d / "data" / "scenes.csv", lambda t: "".join(t.splitlines(keepends=True)[:-1]))


def swap_records(d: Path) -> None:
    path = d / LEDGER
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    path.write_bytes(b"".join(lines))


def forget_record(d: Path) -> None:
    def without_a_reading(records: list[dict[str, object]]) -> None:
        records.remove(next(r for r in records if r["action"] == "read"))

    forge_ledger(d, without_a_reading)


def truncate(d: Path) -> None:
    path = d / "dossier.pdf"
    path.write_bytes(path.read_bytes()[:-1000])


def replace_font(d: Path) -> None:
    fonts = d / "assets" / "fonts"
    shutil.copy(fonts / "DejaVuSansMono.ttf", fonts / "DejaVuSans.ttf")


def add_file(d: Path) -> None:
    (d / "data" / "more.csv").write_text("a,b\n")


def script_in_a_chart(d: Path) -> None:
    def into(page: str) -> str:
        before, marks, chart = page.partition('class="marks"')
        return before + marks + chart.replace("</g></svg>", "<script>1</script></g></svg>", 1)

    edit(d / "index.html", into)


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    # name: what is done, what plain verification says, what it says once all is signed anew
    "digit in the page": (page_digit, 'index.html was changed .* "', 'index.html: it says "'),
    "digit in a table": (table_digit, "sites.csv was changed", "sites.csv: line .* area"),
    "digit in the map": (geojson_digit, "sites.geojson .* more than", "sites.geojson: it says"),
    "the PDF's data": (pdf_data, "dossier.pdf", r"dossier.pdf, page \d+: it says"),
    "swapped images": (swap_images, "site-1", "site-1.*not the file"),
    "another image": (other_image, "map.png", "map.png|no file of the dossier"),
    "removed scene": (remove_scene, "dossier.json was cut", "ledger recorded: images used"),
    "removed line": (remove_line, "scenes.csv was cut short", "scenes.csv: it has"),
    "reordered ledger": (swap_records, "ledger.jsonl was changed", "continue with record 2"),
    "forgotten record": (forget_record, "ledger.jsonl was cut", "rests on record"),
    "truncated file": (truncate, "dossier.pdf was cut short", "dossier.pdf cannot be read|PDF"),
    "replaced font": (replace_font, "DejaVuSans.ttf", "DejaVuSans.ttf is not the file"),
    "added file": (add_file, "more.csv is not listed", "more.csv does not follow"),
    "script in a chart": (script_in_a_chart, "index.html .* more", "chart is missing or is no"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_named_and_the_signer_cannot_do_it_either(
    dossier: Path, key: Path, name: str
) -> None:
    do, plain, resigned = TAMPERINGS[name]
    do(dossier)
    found = said(dossier)
    assert re.search(plain, found), found
    reseal(dossier, key)
    found = said(dossier)
    assert re.search(resigned, found), found


def test_signed_anew_with_another_key(dossier: Path, key: Path, tmp_path: Path) -> None:
    other = make_key(tmp_path, "other.key")
    reseal(dossier, other)
    assert "signed with another key" in said(dossier, public_key(str(key)))
    assert "the signature is by" in said(dossier)
    (dossier / SIGNATURE).unlink()
    assert "nobody" in said(dossier).lower()
    assert "Nobody signed" in said(dossier, public_key(str(key)))


def test_a_manifest_changed_alone(dossier: Path) -> None:
    edit(dossier / MANIFEST, lambda t: t.replace('"case": "Small"', '"case": "Large"'))
    assert "manifest was changed after it was signed" in said(dossier)


def test_random_single_bytes(original: Path, tmp_path: Path) -> None:
    """A fixed choice of single-byte changes over all files; bench/flips.py does a thousand."""
    copy = Path(shutil.copytree(original, tmp_path / "dossier"))
    files = sorted(p for p in copy.rglob("*") if p.is_file())
    rng = random.Random(20)
    beside = [copy / MANIFEST, copy / SIGNATURE, copy / LEDGER]
    for n in range(FLIPS):
        path = rng.choice(beside if n % 2 else files)
        data = path.read_bytes()
        at = rng.randrange(len(data))
        changed = bytes([data[at] ^ rng.randrange(1, 256)])
        path.write_bytes(data[:at] + changed + data[at + 1 :])
        try:
            with pytest.raises(GossanError):
                verify(copy, Silent())
        finally:
            path.write_bytes(data)
    verify(copy, Silent())


def test_the_same_bytes_on_another_day_in_another_folder(
    case: Path, original: Path, key: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(case, tmp_path / "elsewhere" / "another name"))
    shutil.rmtree(moved / "dossier")
    code = (
        "import sys; from pathlib import Path\n"
        "import time_machine\n"
        "from datetime import datetime, timedelta, UTC\n"
        "from gossan.core.progress import Silent\n"
        "from gossan.run.dossier import write_dossier\n"
        "from gossan.run.publish import signing\n"
        "with time_machine.travel(datetime.now(UTC) + timedelta(days=400, hours=7)):\n"
        "    write_dossier(Path(sys.argv[1]), None, Silent(), signing(Path(sys.argv[2])))\n"
    )
    elsewhere = {**os.environ, "TZ": "Asia/Tbilisi", "LC_ALL": "C", "PYTHONHASHSEED": "99"}
    subprocess.run([sys.executable, "-c", code, moved, key], check=True, env=elsewhere)
    names = sorted(p.relative_to(original) for p in original.rglob("*") if p.is_file())
    again = moved / "dossier"
    assert names == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    for name in names:
        assert (original / name).read_bytes() == (again / name).read_bytes(), name


def test_a_file_that_lies_in_wait_is_refused(dossier: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (dossier / "assets" / "images" / "map.png").unlink()
    (dossier / "assets" / "images" / "map.png").symlink_to(tmp_path / "outside")
    assert "is a link" in said(dossier)


LITTER = (
    ".DS_Store",
    "Thumbs.db",
    "thumbs.db",
    "Desktop.ini",
    "desktop.ini",
    "._index.html",
    "ehthumbs.db",
    ".directory",
    ".localized",
    "data/._sites.csv",
    "data/.~lock.sites.csv#",
    "assets/.DS_Store",
    "__MACOSX/._index.html",
    "__MACOSX/data/index.html",
    ".Spotlight-V100/store.db",
    "data/~$sites.csv",
    ".nfs00000000001",
    "Icon\r",
    "@eaDir/x",
    ".hidden",
    ".fseventsd/0",
    "$RECYCLE.BIN/x.csv",
)


def test_what_an_operating_system_leaves_is_named_and_passed_over(dossier: Path, key: Path) -> None:
    for name in LITTER:
        (dossier / name).parent.mkdir(exist_ok=True, parents=True)
        (dossier / name).write_bytes(b"\x00\x05\x16\x07 whatever")
    with (dossier / ".DS_Store").open("wb") as sparse:
        sparse.truncate(2**40)  # more than any memory, and than a dossier may be: it is not read
    done = gossan("verify", dossier, "--key", key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no part of the dossier and not read: $RECYCLE.BIN/x.csv, .DS_Store, " in done.stdout
    assert f"and {len(LITTER) - 5} more" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "x.DS_Store",
        "DS_Store",
        "Thumbs.db.html",
        "data/desktop.ini.csv",
        "_index.html",
        "index.html.directory",
        "MACOSX/._x/y.html",
        "~lock.sites.csv#",
        "data/dossier.json~",
    ],
)
def test_what_only_looks_like_it_is_not_passed_over(dossier: Path, name: str) -> None:
    (dossier / name).parent.mkdir(exist_ok=True, parents=True)
    (dossier / name).write_bytes(b"whatever")
    assert said(dossier) == f"{name} is not listed in the manifest."


def test_litter_that_is_listed_or_a_link_is_refused(dossier: Path, key: Path) -> None:
    (dossier / "data" / "._sites.csv").write_bytes(b"whatever")
    reseal(dossier, key)
    assert (
        said(dossier) == "data/._sites.csv is listed in the manifest; gossan writes no such file."
    )
    (dossier / "data" / "._sites.csv").unlink()
    reseal(dossier, key)
    verify(dossier, Silent())
    (dossier / ".DS_Store").symlink_to("/etc/passwd")
    assert ".DS_Store is a link" in said(dossier)


def test_a_dossier_of_an_older_build_is_not_called_wrong(dossier: Path, key: Path) -> None:
    """Its sites stand in another order among equals, its empty cells hold an apostrophe."""

    def older(records: list[dict[str, object]]) -> None:
        model, _ = from_file((dossier / MODEL).read_bytes(), blobs)
        assert isinstance(model, DossierModel)
        digest = sites_hash_by_area([s.site for s in model.sites])
        records[0]["when"] = "2020-01-01T00:00:00+00:00"
        for r in records:
            r["code"] = "sha256:0"
        next(r for r in records[::-1] if r["action"] == "sites")["outputs"]["hash"] = digest  # type: ignore[index]

    blobs = {hash_bytes(p.read_bytes()): p.read_bytes() for p in dossier.rglob("*") if p.is_file()}
    forge_ledger(dossier, older)
    chain = read_ledger((dossier / LEDGER).read_bytes())
    old = json.loads((dossier / MODEL).read_text())["model"]["ledger_head"]
    edit(dossier / MODEL, lambda t: t.replace(old, chain[-1][1]))
    edit(dossier / "evidence" / "custody.csv", lambda t: t.replace(",,", ",',"))
    reseal(dossier, key)
    manifest = json.loads((dossier / MANIFEST).read_text())
    text = json.dumps(
        {**manifest, "code": "sha256:0"}, ensure_ascii=False, indent=1, sort_keys=True
    )
    (dossier / MANIFEST).write_text(text + "\n")
    secret = signature.load_key(key.read_bytes())
    sealed = signature.seal(secret, (dossier / MANIFEST).read_bytes())
    (dossier / SIGNATURE).write_bytes(sealed.bytes)
    done = gossan("verify", dossier, "--key", key)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "made by gossan 0.1.0 of another build" in done.stdout

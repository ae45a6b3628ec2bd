"""Nothing that is not gossan's is replaced or removed, and what is written is whole."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.full_disk import mount, used_kib
from tests.support.writings import dossier_files, found, new_case, put

from gossan.case.context import open_case
from gossan.core.errors import Code, GossanError
from gossan.core.progress import Silent
from gossan.evidence import manifest
from gossan.evidence.manifest import MANIFEST
from gossan.io import outputs
from gossan.io.outputs import CASE_NAMES, claim, write_file
from gossan.run.demo import demo
from gossan.run.dossier import write_dossier
from gossan.run.dossier_target import target_of
from gossan.run.publish import new_key

ROOT = Path(__file__).parents[2]


def refusal(work: Callable[[], object]) -> str:
    """What is said where nothing is written: one sentence and a way out."""
    with pytest.raises(GossanError) as caught:
        work()
    assert caught.value.code is Code.OUTPUT
    assert caught.value.hint
    assert "\n" not in caught.value.problem
    return caught.value.problem


def everything(root: Path) -> dict[str, Any]:
    """All names below a folder with what they hold, but the case's own database and lock."""

    def held(path: Path) -> Any:
        if path.is_symlink():
            return path.readlink()
        return path.read_bytes() if path.is_file() else None

    kept = [p for p in root.rglob("*") if not p.name.startswith(("case.db", ".lock"))]
    return {p.relative_to(root).as_posix(): held(p) for p in kept}


def test_names_repeated_from_other_rooms_are_theirs() -> None:
    assert outputs.MANIFEST == manifest.MANIFEST
    assert manifest.FORMAT.startswith(outputs.DOSSIER_FORMAT)


def test_what_docs_say_a_case_holds_is_kept_for_it() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## A case is a folder")[1].split("\n## ")[0]
    named = {
        name.strip("`/ ")
        for line in table.splitlines()
        if line.startswith("| `")
        for name in line.split("|")[1].split(",")
    }
    assert len(named) > 8
    assert named <= CASE_NAMES


# A dossier's folder


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return new_case(tmp_path / "home" / "cases" / "case")


def users_folder(out: Path) -> None:
    (out / "photos").mkdir(parents=True)
    (out / "photos" / "1.jpg").write_bytes(b"a picture")


def dossier_of(case: Path, out: Path, *, signed: bool = False) -> dict[str, bytes]:
    files = dossier_files(case, b"old", signed=signed)
    put(case, out, files)
    return files


def with_foreign(case: Path, out: Path) -> None:
    dossier_of(case, out)
    (out / "data" / "my notes.txt").write_text("mine")


def with_foreign_folder(case: Path, out: Path) -> None:
    dossier_of(case, out)
    (out / "mine").mkdir()


def with_link(case: Path, out: Path) -> None:
    dossier_of(case, out)
    (out / "data" / "sites.csv").unlink()
    (out / "data" / "sites.csv").symlink_to(case / "case.toml")


def of_another(case: Path, out: Path) -> None:
    dossier_of(new_case(case.parent / "twin"), out)


def manifest_alone(_: Path, out: Path) -> None:
    out.mkdir()
    (out / MANIFEST).write_text('{"format": "gossan-dossier/1"}')


def without_manifest(case: Path, out: Path) -> None:
    dossier_of(case, out)
    (out / MANIFEST).unlink()


def linked_manifest(case: Path, out: Path) -> None:
    dossier_of(case, out)
    (out / MANIFEST).rename(case.parent / "m.json")
    (out / MANIFEST).symlink_to(case.parent / "m.json")


def link_to_dossier(case: Path, out: Path) -> None:
    dossier_of(case, out.with_name("real"))
    out.symlink_to(out.with_name("real"))


FOREIGN: dict[str, Callable[[Path, Path], object]] = {
    "somebody's folder": lambda _, out: users_folder(out),
    "a file": lambda _, out: out.write_bytes(b"mine"),
    "an empty file": lambda _, out: out.touch(),
    "a pipe": lambda _, out: os.mkfifo(out),
    "a link to a dossier": link_to_dossier,
    "a link to nothing": lambda _, out: out.symlink_to("nowhere"),
    "a link to itself": lambda _, out: out.symlink_to(out.name),
    "a link to a folder": lambda case, out: out.symlink_to(case),
    "a link named like Finder's": lambda case, out: (
        out.mkdir(),
        (out / "._x").symlink_to(case / "case.toml"),
    ),
    "a folder named like Finder's": lambda _, out: (out / ".DS_Store").mkdir(parents=True),
    "an empty folder in it": lambda _, out: (out / "mine").mkdir(parents=True),
    "a dossier and a file": with_foreign,
    "a dossier and a folder": with_foreign_folder,
    "a dossier with a link": with_link,
    "a dossier of a case of the same name": of_another,
    "a manifest alone": manifest_alone,
    "a dossier without manifest": without_manifest,
    "a dossier whose manifest is a link": linked_manifest,
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_a_dossier_is_not_written_over(
    make: Callable[[Path, Path], object], case: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    make(case, out)
    before = everything(tmp_path)
    refusal(lambda: write_dossier(case, out, Silent()))
    assert everything(tmp_path) == before


PLACES = (
    ".",
    "..",
    "../..",
    "../../..",
    "reports",
    "reports/x",
    "scenes",
    "state.icechunk",
    "case.db",
    "case.toml",
    "terrain",
    "roads/dossier",
    "Reports",
    "dossier/data",
    "../twin",
    "../twin/dossier",
    "../twin/scenes/x",
    "../case",
    "../../cases",
    "reports/../../case",
)
"""From the case."""


@pytest.mark.parametrize("there", PLACES)
def test_a_dossier_has_no_place_in_or_above_what_a_case_keeps(
    there: str, case: Path, tmp_path: Path
) -> None:
    new_case(case.parent / "twin")
    dossier_of(case, case / "dossier")
    before = everything(tmp_path)
    refusal(lambda: write_dossier(case, case / there, Silent()))
    assert everything(tmp_path) == before


def test_nor_in_the_root_or_the_home(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "empty home"))
    for there in (Path("/"), Path.home(), Path("/proc")):
        refusal(lambda there=there: write_dossier(case, there, Silent()))
    assert not list((tmp_path / "empty home").iterdir())


def test_it_may_be_absent_empty_or_its_own(case: Path, tmp_path: Path) -> None:
    new = dossier_files(case, b"new")
    (tmp_path / "empty").mkdir(mode=0o750)
    (tmp_path / "finder").mkdir()
    (tmp_path / "finder" / ".DS_Store").write_bytes(b"view")
    dossier_of(case, tmp_path / "own")
    for name in ("absent/at/depth", "empty", "finder", "own", "own"):
        assert put(case, tmp_path / name, new) == []
        left = {p: d for p, d in everything(tmp_path / name).items() if d is not None}
        assert left.pop(".DS_Store", b"view") == b"view"
        assert left == new
    assert (tmp_path / "finder" / ".DS_Store").exists()
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o750
    assert not list(tmp_path.glob("**/*gossan-part*"))


def test_a_signed_one_or_one_somebody_worked_in_is_set_aside_under_its_date(
    case: Path, tmp_path: Path
) -> None:
    out = tmp_path / "dossier"
    old = dossier_of(case, out, signed=True)
    os.utime(out / MANIFEST, (1_714_564_800, 1_714_564_800))
    assert put(case, out, old) == [], "the same bytes again: nothing is done"
    said = put(case, out, dossier_files(case, b"new"))
    aside = tmp_path / "dossier-2024-05-01T120000Z"
    assert str(aside) in said[0]
    assert {n: d for n, d in everything(aside).items() if d is not None} == old
    (out / "data" / "sites.csv").write_text("id\nmy own column\n")
    os.utime(out / MANIFEST, (1_714_564_800, 1_714_564_800))
    said = put(case, out, dossier_files(case, b"newer"))
    assert str(aside) + "-2" in said[0]
    assert (tmp_path / f"{aside.name}-2" / "data" / "sites.csv").read_text().startswith("id\nmy")
    assert {n: d for n, d in everything(aside).items() if d is not None} == old


def test_what_comes_into_the_old_one_at_the_last_moment_is_kept(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gossan.io import dossier_write

    out = tmp_path / "dossier"
    dossier_of(case, out)
    real = dossier_write.exchange

    def late(one: Path, two: Path) -> bool:
        (out / "data" / "late.txt").write_text("mine")
        return real(one, two)

    monkeypatch.setattr(dossier_write, "exchange", late)
    said = put(case, out, dossier_files(case, b"new"))
    assert (tmp_path / "dossier-old" / "data" / "late.txt").read_text() == "mine"
    assert "dossier-old" in said[0]


def test_a_workplace_of_somebody_else_is_left_alone(case: Path, tmp_path: Path) -> None:
    work = tmp_path / ".dossier.gossan-part"
    for make in (
        lambda: (work / "new").mkdir(parents=True),
        lambda: (work.mkdir(), (work / "journal").write_text("my diary"), (work / "new").mkdir()),
        lambda: (work.mkdir(), (work / "journal").touch(), (work / "photos").mkdir()),
        lambda: work.symlink_to(case),
    ):
        make()
        before = everything(tmp_path)
        refusal(lambda: put(case, tmp_path / "dossier", dossier_files(case, b"new")))
        assert everything(tmp_path) == before
        work.unlink() if work.is_symlink() else shutil.rmtree(work)


@pytest.mark.parametrize("names", [["../../mine"], ["/mine"], ["a/../../../mine"], ["link/mine"]])
def test_a_journal_from_somebody_else_removes_nothing_outside(
    names: list[str], case: Path, tmp_path: Path
) -> None:
    work = tmp_path / ".dossier.gossan-part"
    (work / "new").mkdir(parents=True)
    (work / "new" / "link").symlink_to(tmp_path)
    (tmp_path / "mine").write_bytes(b"mine")
    absolute = [str(tmp_path / "mine") if n == "/mine" else n for n in names]
    plan = {"names": absolute, "aside": "", "digest": ""}
    (work / "journal").write_text(json.dumps(plan))
    with contextlib.suppress(GossanError):
        put(case, tmp_path / "dossier", dossier_files(case, b"new"))
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_nor_does_a_part_that_is_another_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    for make in (os.link, os.symlink):
        make(tmp_path / "mine", tmp_path / ".x.csv.gossan-part")
        with pytest.raises(GossanError):
            export(tmp_path / "x.csv")
        assert (tmp_path / "mine").read_bytes() == b"mine"
        (tmp_path / ".x.csv.gossan-part").unlink()


def test_two_at_once_and_the_second_waits_its_turn(case: Path, tmp_path: Path) -> None:
    (tmp_path / ".dossier.gossan-part").mkdir()
    handle = claim(tmp_path / ".dossier.gossan-part" / "journal", tmp_path)
    said = refusal(lambda: put(case, tmp_path / "dossier", dossier_files(case, b"new")))
    assert "Another gossan" in said
    os.close(handle)
    put(case, tmp_path / "dossier", dossier_files(case, b"new"))
    assert not list(tmp_path.glob(".*"))


def test_a_dossier_of_a_case_that_could_not_be_written_to_is_its_own(
    case: Path, tmp_path: Path
) -> None:
    """Its ledger goes on where the case's ends, and the case never learns of it."""
    copy = Path(shutil.copytree(case, tmp_path / "copy"))
    with open_case(copy) as opened:
        opened.db.append(lambda *_: ({"action": "sites", "outputs": {}}, "sha256:1"))
        chain = opened.db.ledger()
    lines = "".join(json.dumps({"record": r, "hash": h}) + "\n" for r, h in chain).encode()
    made = manifest.read_manifest(dossier_files(case, b"x")[MANIFEST])
    data = manifest.Manifest(
        **{f: getattr(made, f) for f in made.__dataclass_fields__}
        | {
            "ledger": "sha256:1",
            "files": {
                "evidence/ledger.jsonl": manifest.Listed(manifest.hash_bytes(lines), len(lines))
            },
        }
    ).bytes
    put(copy, tmp_path / "out", {"evidence/ledger.jsonl": lines, MANIFEST: data})
    with open_case(case) as opened:
        assert target_of(opened, tmp_path / "out") == tmp_path / "out"
    twin = new_case(case.parent / "twin")
    refusal(lambda: write_dossier(twin, tmp_path / "out", Silent()))


# Files


OLD, NEW = b"a\n1\n", b"a\n1\n2\n"


def export(path: Path, *, overwrite: bool = False) -> None:
    write_file(path, NEW, NEW.startswith, overwrite=overwrite)


def test_an_earlier_export_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "x.csv"
    for before in (None, b"", OLD, NEW):
        if before is not None:
            path.write_bytes(before)
            path.chmod(0o640)
        export(path)
        assert path.read_bytes() == NEW
    assert path.stat().st_mode & 0o777 == 0o640
    path.write_bytes(b"mine")
    assert "not an earlier" in refusal(lambda: export(path))
    assert path.read_bytes() == b"mine"
    export(path, overwrite=True)
    assert path.read_bytes() == NEW
    assert [p.name for p in path.parent.iterdir()] == ["x.csv"]


def test_no_link_is_followed_and_no_folder_or_protected_file_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(OLD)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "kept").write_bytes(OLD)
    (tmp_path / "kept").chmod(0o444)
    before = sorted(p.name for p in tmp_path.iterdir())
    for name in ("link", "dangling", "folder", "pipe"):
        refusal(lambda name=name: export(tmp_path / name))
        refusal(lambda name=name: export(tmp_path / name, overwrite=True))
    refusal(lambda: export(tmp_path / "kept"))
    assert (tmp_path / "real").read_bytes() == OLD
    assert (tmp_path / "kept").read_bytes() == OLD
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "there", ["case.toml", "case.db", "reports/R-1.txt", "scenes/x.json", "dossier/data/sites.csv"]
)
def test_no_export_goes_where_a_case_or_a_dossier_keeps_its_own(there: str, case: Path) -> None:
    dossier_of(case, case / "dossier")
    before = everything(case)
    refusal(lambda: export(case / there, overwrite=True))
    refusal(lambda: new_key(case / there))
    assert everything(case) == before


def test_nor_into_a_dossier_that_was_moved_elsewhere(case: Path, tmp_path: Path) -> None:
    dossier_of(case, tmp_path / "out")
    before = everything(tmp_path)
    for there in ("index.html", "data/x.csv", "new/x.csv"):
        refusal(lambda there=there: export(tmp_path / "out" / there, overwrite=True))
    refusal(lambda: write_dossier(case, tmp_path / "out" / "new", Silent()))
    assert everything(tmp_path) == before


def test_a_linked_name_does_not_change_its_other_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(OLD)
    os.link(tmp_path / "a", tmp_path / "b")
    export(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == OLD


# New cases


@pytest.mark.parametrize("name", sorted(CASE_NAMES - {"area.geojson"}))
def test_init_takes_no_name_that_somebody_has(name: str, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / name).symlink_to("nowhere")
    with pytest.raises(GossanError, match="nothing was written"):
        new_case(tmp_path / "case")
    assert [p.name for p in (tmp_path / "case").iterdir()] == [name]


def test_init_leaves_what_lies_there_and_does_not_go_home(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users_folder(tmp_path / "work")
    new_case(tmp_path / "work")
    assert (tmp_path / "work" / "photos" / "1.jpg").read_bytes() == b"a picture"
    monkeypatch.setenv("HOME", str(tmp_path))
    dossier_of(case, tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    before = everything(tmp_path)
    for there in (tmp_path, tmp_path / "out", tmp_path / "out" / "x", tmp_path / "link", Path("/")):
        refusal(lambda there=there: new_case(there))
    assert everything(tmp_path) == before


def test_demo_goes_into_nobodys_folder(case: Path, tmp_path: Path) -> None:
    users_folder(tmp_path / "work")
    before = everything(tmp_path)
    assert "photos" in refusal(lambda: demo(tmp_path / "work", Silent()))
    assert "another case" in refusal(lambda: demo(case, Silent()))
    assert everything(tmp_path) == before


# Killed, full, write-protected


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[dict[str, Any]]]:
    def run(scenario: str) -> list[dict[str, Any]]:
        root = tmp_path_factory.mktemp(scenario)
        command = [sys.executable, "-m", "tests.support.writings", root, scenario]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs: list[dict[str, Any]] = json.loads(done.stdout)
        assert {r["status"] for r in runs} == {-9, 0}
        return runs

    return run


def parts(end: dict[str, str]) -> dict[str, dict[str, str]]:
    """Files by the first folder above them."""
    out: dict[str, dict[str, str]] = {}
    for name, digest in end.items():
        first, _, rest = name.partition("/")
        out.setdefault(first, {})[rest] = digest
    return out


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("first", "plain-aside")]


@pytest.mark.parametrize("scenario", ["replace", "aside", "plain-replace", *SLOW])
def test_killed_at_any_step_there_is_a_whole_dossier(
    scenario: str, killed: Callable[[str], list[dict[str, Any]]], tmp_path: Path
) -> None:
    runs = killed(scenario)
    assert len(runs) > 25
    case = new_case(tmp_path / "case")  # another ledger: hashes of the pages are the same
    pages = {
        mark: {n for n in dossier_files(case, mark) if n != MANIFEST} for mark in (b"old", b"new")
    }
    new = runs[-1]["left"]
    old = runs[0]["left"]
    assert (old is None) == (scenario == "first")
    for run in runs:
        if run["left"] is None and scenario.startswith("plain-"):
            assert run["kept"] == old, "it lies whole beside, and is put back"
        else:
            assert run["left"] in (old, new)
        end = parts(run["end"])
        assert end.pop("dossier") == new
        assert end.pop(".dossier.part").keys() == {"mine.txt"}
        assert end.pop("dossier-old").keys() == {"a"}
        assert end.pop("notes.txt")
        if scenario.endswith("aside"):
            (name,) = end
            assert name.startswith("dossier-20")
            assert end.pop(name) == old
        assert not end
    assert pages[b"new"] < set(new)
    gone = sum(r["left"] is None for r in runs)
    assert gone == {"first": gone, "plain-replace": 1, "plain-aside": 1}.get(scenario, 0)


def test_killed_at_any_step_an_export_is_the_old_one_or_the_new_one(
    killed: Callable[[str], list[dict[str, Any]]],
) -> None:
    runs = killed("export")
    assert len(runs) >= 8
    assert {r["left"] for r in runs} == {"old\n", "old\nnew\n"}
    assert all(r["end"] == ["custody.csv"] for r in runs)


def test_on_a_full_or_write_protected_disk_the_old_one_stays(case: Path, tmp_path: Path) -> None:
    """With room for the journal, for some files, for all: a disk of its own, in a namespace."""
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.test_outputs import fill\n"
        "fill(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    (tmp_path / "disk").mkdir()
    own = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        possible = subprocess.run([*own, "mount", "-t", "tmpfs", "none", tmp_path / "disk"])
    except FileNotFoundError:
        pytest.skip("unshare is not here: no full disk can be made")
    if possible.returncode != 0:
        pytest.skip("no mount namespace may be made here: no full disk can be made")
    command = [*own, sys.executable, "-c", code, case, tmp_path / "disk"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert re.search(r"full ([3-9]|\d\d)", done.stdout), done.stdout


def fill(case: Path, disk: Path) -> None:
    """Inside the namespace: the same dossier with a little more room each time."""
    mount(disk, "size=64m")
    put(case, disk / "dossier", dossier_files(case, b"old" * 9_000))
    old, new, room, full = found(disk), dossier_files(case, b"new" * 9_000), used_kib(disk), 0
    mount(disk, f"remount,size={room}k")
    while (said := refused(case, disk, new)) is not None:
        assert "No space left on device" in said
        full += 1
        assert found(disk) == old
        room += 40
        mount(disk, f"remount,size={room}k")
    assert {n: d for n, d in everything(disk / "dossier").items() if d is not None} == new
    mount(disk, "remount,ro")
    assert "Read-only file system" in str(refused(case, disk, dossier_files(case, b"newer")))
    with pytest.raises(GossanError, match="Read-only file system"):
        export(disk / "x.csv")
    assert {n: d for n, d in everything(disk / "dossier").items() if d is not None} == new
    print(f"full {full} times")


def refused(case: Path, disk: Path, files: dict[str, bytes]) -> str | None:
    try:
        put(case, disk / "dossier", files)
    except GossanError as error:
        return error.problem
    return None

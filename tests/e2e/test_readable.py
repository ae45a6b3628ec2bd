"""What a case says can be read while an update runs, without permission, on a sealed disk."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import typer

from gossan.case.context import read_case_folder
from gossan.case.state import monitored
from gossan.cli.app import app
from gossan.core.hashing import hash_file
from gossan.core.progress import Silent
from gossan.io.case_db import CaseDb
from gossan.io.state.store import StateStore
from gossan.run.claims import accept_claims
from gossan.run.render import LEDGER, read_ledger
from gossan.run.reports import Reported, add_reports
from gossan.run.update import update
from tests.support.cases import catalogue, check_whole, sample_items, small_case
from tests.support.commands import BOUND, OWN_MOUNTS, Done, possible, read_only, run
from tests.support.dossiers import SQUARE
from tests.support.killer import can_trace
from tests.support.terrain import glo30_grid, valley, write_dem
from tests.support.traffic import write_roads

from .conftest import gossan

GOSSAN = Path(sys.executable).with_name("gossan")
TEXT = (
    "Clearings in the mountains\n\nOn 4 June 2018 the company felled 3 hectares of forest near "
    "Petrosani, residents said."
)
ELSEWHERE = "ELSEWHERE"
"""A folder that can be written to, in the words of a command."""

LOOKS: dict[str, tuple[str, ...]] = {
    "sites": (),
    "kinds": (),
    "check": ("--draft",),
    "water": (),
    "limits": ("--implants", "16", "--areas", "0.2", "--contrasts", "1"),
}
LONGER: dict[str, tuple[str, ...]] = {
    "sensitivity": (),
    "terrain": ("--dem", f"{ELSEWHERE}/dem.tif"),
    "traffic": ("--roads", f"{ELSEWHERE}/r.geojson"),
    "dossier": ("-o", f"{ELSEWHERE}/dossier"),
}
"""Commands that work something out and keep it where they can; those that take longer."""

READS: tuple[tuple[str, ...], ...] = (
    ("sites", "-f", "geojson", "-o", f"{ELSEWHERE}/s.geojson"),
    ("sites", "-f", "parquet", "-o", f"{ELSEWHERE}/s.parquet"),
    ("sites", "--as-of", "2018-12-31"),
    ("history",),
    ("history", "--json"),
    ("claims",),
    ("claims", "--json"),
    ("claims", "bods"),
    ("verify",),
    ("custody", "-o", f"{ELSEWHERE}/custody.csv"),
    ("update", "--dry-run"),
    ("settings",),
)

DECIDES: dict[str, tuple[str, ...]] = {
    "init": ("--name", "x", "--around", "45.3,23.3", "--radius", "1", "--start", "2019-01-01"),
    "update": (),
    "demo": (),
    "report": (),
    "claims": ("accept", "all"),
    "kinds": ("S-", "--decide", "mine", "--by", "A", "--why", "b"),
    "key": (),
    "settings": ("sites.min_area_ha=0.2",),
}
"""Commands that write or fail: one of each, and for three that also read."""


def words(case: Path, elsewhere: Path, command: str, *rest: str) -> list[str]:
    """A command line on a case."""
    fixed = {"report": ["add", str(case), f"{elsewhere}/other.txt"], "key": ["new", f"{case}/k"]}
    here = fixed.get(command, [str(case)])
    return [command, *here, *(r.replace(ELSEWHERE, str(elsewhere)) for r in rest)]


def folder(root: Path) -> Path:
    """A place to write to, with the files that some commands are given."""
    root.mkdir()
    write_roads(root / "r.geojson")
    grid = glo30_grid(22.1, 45.26, (360, 360))
    write_dem(root / "dem.tif", grid, valley(grid, 22.156, fall=2.0, sides=2.0))
    (root / "other.txt").write_text(f"{TEXT} More was felled on 5 May 2018.", encoding="utf-8")
    return root


def scenes(before: str) -> list[Path]:
    """The items of the sample from before a day."""
    return [item for item in sample_items() if item.stem[-8:] < before]


def tree(root: Path) -> dict[str, tuple[float, str]]:
    """Every file with its time of change and hash, every folder with its time."""
    return {
        str(p.relative_to(root)): (p.stat().st_mtime_ns, hash_file(p) if p.is_file() else "")
        for p in [root, *root.rglob("*")]
        if not p.name.endswith("-shm")  # holds who reads now, no content
    }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with images and documents, before any command looked at it."""
    root = tmp_path_factory.mktemp("readable")
    case = small_case(root / "case", catalogue(root / "source", scenes("20190601")), SQUARE)
    text = (case / "case.toml").read_text(encoding="utf-8")
    for name, value in (("realisations", 20), ("margin_km", 3)):
        text = text.replace(f"# {name} = ", f"{name} = {value} # ")
    (case / "case.toml").write_text(text, encoding="utf-8")
    update(case, Silent())
    (root / "text.txt").write_text(TEXT, encoding="utf-8")
    add_reports(case, [str(root / "text.txt")], Reported(), Silent())
    accept_claims(case, ["all"], "")
    return case


@contextmanager
def held(case: Path) -> Iterator[None]:
    """Another process works on the case."""
    with (case / ".lock").open("w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


@contextmanager
def forbidden(case: Path) -> Iterator[None]:
    """Nobody may write to the case."""
    paths = [case, *case.rglob("*")]
    modes = [p.stat().st_mode for p in paths]
    for p, mode in zip(paths, modes, strict=True):
        p.chmod(mode & 0o555)
    try:
        yield
    finally:
        for p, mode in zip(paths, modes, strict=True):
            p.chmod(mode)


SITUATIONS: dict[str, tuple[Callable[[Path], object], Callable[[Path], list[str]], str]] = {
    "an update runs": (held, lambda _: [], "Another gossan is working on the case"),
    "no permission": (forbidden, lambda _: BOUND, "cannot be written to: Permission denied"),
    "a sealed disk": (nullcontext, read_only, "cannot be written to: Read-only file system"),
}


def tried(situation: str, kept: Path, root: Path, asked: list[list[str]]) -> list[Done]:
    """The ends of commands on a copy of the case in a situation; nothing in it has changed."""
    hold, within, _ = SITUATIONS[situation]
    case = root / kept.name
    if not possible(within(kept)):
        pytest.skip(f"{within(case)[0]} is not allowed here: {situation} was not tried")
    shutil.copytree(kept, case)
    folder(root / "elsewhere")
    with hold(case):  # type: ignore[attr-defined]
        before = tree(case)
        done = run(asked, within(case))
        assert tree(case) == before
    assert not [d.err for d in done if "Traceback" in d.err]
    return done


def says_so(done: Done, situation: str) -> bool:
    """That what was worked out is not kept, once, and why."""
    told = [x for x in done.err.splitlines() if "is not kept" in x]
    return len(told) == 1 and SITUATIONS[situation][2] in told[0]


@pytest.mark.parametrize(
    "situation",
    [w if w == "no permission" else pytest.param(w, marks=pytest.mark.slow) for w in SITUATIONS],
)
def test_every_command_that_looks_works_and_any_that_decides_says_why_not(
    situation: str, kept: Path, tmp_path: Path
) -> None:
    case, elsewhere = tmp_path / kept.name, tmp_path / "elsewhere"
    looks = [words(case, elsewhere, c, *rest) for c, rest in LOOKS.items()]
    reads = [words(case, elsewhere, *c) for c in READS]
    decides = [words(case, elsewhere, c, *rest) for c, rest in DECIDES.items()]
    if situation == "an update runs":  # a key in the folder is no part of the case
        decides = [d for d in decides if d[0] != "key"]
    asked = [*looks, *reads, *decides, words(case, elsewhere, "dossier")]
    done = dict(zip(map(tuple, asked), tried(situation, kept, tmp_path, asked), strict=True))
    for command in (*looks, *reads):
        assert done[tuple(command)].status == 0, (command, done[tuple(command)].err)
    for command in looks:
        assert says_so(done[tuple(command)], situation), (command, done[tuple(command)].err)
    for command in reads:
        shown = "sites" in command and "--as-of" not in command
        assert says_so(done[tuple(command)], situation) == shown, command
    for command in (*decides, asked[-1]):
        assert done[tuple(command)].status == 2, (command, done[tuple(command)].err)
        assert done[tuple(command)].err.count("error: ") == 1
    assert "Write it elsewhere with -o FOLDER" in done[tuple(asked[-1])].err
    assert "C-" in done["claims", str(case)].out
    assert "S-" in done["sites", str(case)].out
    assert (elsewhere / "custody.csv").read_text(encoding="utf-8").count("\n") > 100


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_takes_longer_works_too_and_says_the_same(
    situation: str, kept: Path, tmp_path: Path
) -> None:
    case, elsewhere = tmp_path / kept.name, tmp_path / "elsewhere"
    asked = [words(case, elsewhere, c, *rest) for c, rest in LONGER.items()]
    check = ["verify", f"{elsewhere}/dossier"]
    *looked, checked = tried(situation, kept, tmp_path, [*asked, check])
    assert [d.status for d in looked] == [0] * len(asked), [d.err for d in looked]
    assert all(says_so(d, situation) for d in looked)
    assert checked.status == 4, checked.err  # nobody signed it
    assert "records of the dossier's ledger stand in it alone" in looked[-1].err
    with CaseDb(case / "case.db", private=True) as db:
        chain = db.ledger()
    shown = read_ledger((elsewhere / "dossier" / LEDGER).read_bytes())
    assert shown[: len(chain)] == chain, "the dossier's chain goes on from the case's"
    assert len(shown) > len(chain)


def test_every_command_is_one_or_the_other() -> None:
    group = typer.main.get_command(app)
    assert set(group.commands) == {*LOOKS, *LONGER, *(c[0] for c in READS), *DECIDES}  # type: ignore[attr-defined]


def test_what_a_killed_writer_left_in_the_log_is_read_without_writing(tmp_path: Path) -> None:
    """Written but not yet in the file itself; sealed with and without the log's index."""
    path = tmp_path / "case" / "case.db"
    path.parent.mkdir()
    code = (
        "import os, sys; from pathlib import Path; from gossan.io.case_db import CaseDb\n"
        "db = CaseDb(Path(sys.argv[1])); db.put('grid', 'written')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name("case.db-wal").stat().st_size > 0
    read = (
        "from pathlib import Path; from gossan.io.case_db import CaseDb; import sys\n"
        "with CaseDb(Path(sys.argv[1]), private=True) as db: print(db.get('grid'))"
    )
    for gone in ("", "case.db-shm"):
        path.with_name(gone).unlink() if gone else None
        before = tree(path.parent)
        places = [[], read_only(path.parent)] if possible(OWN_MOUNTS) else [[]]
        for within in places:
            done = subprocess.run(
                [*within, sys.executable, "-c", read, path],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert done.stdout == "written\n", (gone, within)
        assert tree(path.parent) == before


def test_reading_an_ordinary_case_leaves_nothing_beside_it(kept: Path) -> None:
    before = tree(kept)
    for command in ("history", "claims", "verify"):
        assert gossan(command, kept).returncode == 0
    assert tree(kept) == before
    assert not list(kept.glob("case.db-*"))


def test_reading_goes_on_while_an_update_goes_back(kept: Path, tmp_path: Path) -> None:
    """An update has taken note of other scenes than the state has followed yet."""
    case = Path(shutil.copytree(kept, tmp_path / "case"))
    with CaseDb(case / "case.db") as db:
        looks = json.loads(db.get("looks") or "")
        db.put("looks", json.dumps([*looks[:-4], *looks[-3:]]))
    with held(case):
        done = gossan("sites", case)
        assert done.returncode == 0, done.stderr
        assert "is not kept" in done.stderr
        assert done.stdout == gossan("sites", kept).stdout
    done = gossan("sites", case)
    assert done.returncode == 2, "which nobody does: so it was broken off"
    assert "broken off" in done.stderr


def test_an_image_not_yet_on_record_is_wrong_only_when_no_update_runs(
    kept: Path, tmp_path: Path
) -> None:
    case = Path(shutil.copytree(kept, tmp_path / "case"))
    with sqlite3.connect(case / "case.db") as db:
        db.execute("DELETE FROM ledger WHERE seq >= 5")
    db.close()
    with held(case):
        done = gossan("verify", case)
    assert done.returncode == 0, done.stderr
    assert "an update has not yet recorded" in done.stdout
    done = gossan("verify", case)
    assert done.returncode == 2
    assert "are not those on record" in done.stderr


def test_all_parts_of_a_command_speak_of_one_moment(kept: Path, tmp_path: Path) -> None:
    """The state goes on between two questions to it: an update followed another scene."""
    case = Path(shutil.copytree(kept, tmp_path / "case"))
    with read_case_folder(case) as seen:
        first = monitored(seen)
        store = StateStore(case / "state.icechunk")
        *_, fit = store.line()
        store.go_back(fit)
        assert monitored(seen) is first
    with read_case_folder(case) as later:
        assert monitored(later).head.snapshot == fit.snapshot


def test_a_full_output_is_one_sentence(kept: Path) -> None:
    for command in ("history", "claims"):
        with open("/dev/full", "w") as full:  # noqa: PTH123
            done = subprocess.run(
                [GOSSAN, command, kept], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert done.returncode == 2
        assert done.stderr.count("error: ") == 1
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def on_disk(left_kib: int) -> list[str]:
    """A start within which "$CASE" is copied to a disk at "$DISK" that has so much left."""
    script = (
        'mount -t tmpfs -o size=900m none "$DISK" && cp -a "$CASE" "$DISK/case" && '
        'used=$(df -k --output=used "$DISK" | tail -1) && '
        f'mount -o "remount,size=$((used + {left_kib}))k" "$DISK" && exec "$@"'
    )
    return [*OWN_MOUNTS, "sh", "-c", script, "sh"]


@pytest.mark.parametrize("left_kib", [pytest.param(0, marks=pytest.mark.slow), 40])
def test_on_a_full_disk_reading_works_and_the_rest_is_one_sentence(
    left_kib: int, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not possible([*OWN_MOUNTS, "true"]):
        pytest.skip("no mount namespace may be made here: no full disk was tried")
    (tmp_path / "disk").mkdir()
    monkeypatch.setenv("DISK", str(tmp_path / "disk"))
    monkeypatch.setenv("CASE", str(kept))
    case, elsewhere = tmp_path / "disk" / "case", folder(tmp_path / "elsewhere")
    reads = [words(case, elsewhere, c) for c in ("sites", "kinds", "history", "claims", "verify")]
    writes = [words(case, elsewhere, c, *rest) for c, rest in DECIDES.items()]
    writes += [["sites", str(case), "-f", f] for f in ("geojson", "parquet")]
    writes += [["custody", str(case)], ["init", f"{case}/new", *DECIDES["init"]]]
    done = run([*reads, *writes], on_disk(left_kib))
    assert not [d.err for d in done if "Traceback" in d.err]
    for command, d in zip(reads, done, strict=False):
        assert d.status == 0, (command, d.err)
        assert ("KiB left; what this command works out is not kept" in d.err) == (
            command[0] in LOOKS
        )
    refused = 0
    for command, d in zip(writes, done[len(reads) :], strict=True):
        assert d.status in (0, 2), (command, d.err)
        assert d.err.count("error: ") == (d.status == 2), (command, d.err)
        refused += d.status == 2
    assert refused > (0 if left_kib else len(writes) / 2)  # what is small fits


def without(call: str, path: Path | None = None) -> list[str]:
    """A start in which the system answers a call (on a file) that there are no locks."""
    only = [] if path is None else ["-P", str(path), "-P", f"{path}-shm"]
    return [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        *only,
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error=ENOLCK",
    ]


def test_on_a_file_system_without_locks_one_reads_and_does_not_write(
    kept: Path, tmp_path: Path
) -> None:
    if not can_trace():
        pytest.skip("strace is not here: no file system without locks was tried")
    case = Path(shutil.copytree(kept, tmp_path / "case"))
    before = tree(case)
    reads = [["sites", str(case)], ["claims", str(case)], ["history", str(case)]]
    writes = [["update", str(case)], ["claims", str(case), "accept", "all"]]
    done = run([*reads, *writes], without("flock"))
    assert [d.status for d in done] == [0, 0, 0, 2, 2], [d.err for d in done]
    assert "keeps no locks" in done[0].err
    assert "is not kept" in done[0].err
    for d in done[3:]:
        assert d.err.count("error: ") == 1
        assert "keeps no locks" in d.err
        assert "Copy the case to a local disk" in d.err
    assert tree(case) == before


def test_where_sqlite_gets_no_lock_it_is_read_from_a_copy(kept: Path, tmp_path: Path) -> None:
    if not can_trace():
        pytest.skip("strace is not here: no file system without locks was tried")
    path = Path(shutil.copy(kept / "case.db", tmp_path / "case.db"))
    with CaseDb(path) as writer:  # so that there is an index, and others must ask for locks
        writer.put("grid", "just now")
        code = (
            "from pathlib import Path; from gossan.io.case_db import CaseDb; import sys\n"
            "with CaseDb(Path(sys.argv[1]), private=True) as db: print(db.get('grid'))"
        )
        done = subprocess.run(
            [*without("fcntl", path), sys.executable, "-c", code, path],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert done.stdout == "just now\n"


SHIFTED = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec *t) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(which, t);
  if (which == CLOCK_REALTIME) t->tv_sec += atol(getenv("SET_BACK"));
  return done;
}
"""


def test_a_clock_set_back_is_named_and_breaks_nothing(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler is here: no clock can be set back")
    (tmp_path / "back.c").write_text(SHIFTED)
    lib = tmp_path / "back.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", lib, tmp_path / "back.c", "-ldl"], check=True)
    case = Path(shutil.copytree(kept, tmp_path / "case"))
    back = ["env", f"LD_PRELOAD={lib}", f"SET_BACK={-400 * 86400}"]
    catalogue(kept.parent / "source", scenes("20190901"))  # more than before
    (listed,) = run([["sites", str(case), "--json"]])
    site = json.loads(listed.out)[0]["id"]
    decide = ["kinds", str(case), site, "--decide", "mine", "--by", "A", "--why", "b"]
    update_ = ["update", str(case)]
    done = run([decide, update_], back)
    assert done[0].status == 0, done[0].err
    assert done[1].status == 2
    assert done[1].err.count("error: ") == 1
    assert "error: The clock was set back" in done[1].err
    assert "Traceback" not in done[1].err
    with CaseDb(case / "case.db", private=True) as db:
        times = [r["when"] for r, _ in db.ledger()]
    assert times != sorted(times), "the record says what the clock said"
    on = run([["verify", str(case)], ["custody", str(case)], update_, ["verify", str(case)]])
    assert [d.status for d in on] == [0] * 4, [d.err for d in on]
    assert "the clock was set back before record" in on[0].out
    assert "(the clock was set back: the record before says" in (case / "custody.csv").read_text()
    check_whole(case)

"""Put a dossier in the place of another one, killed before each step it takes on the disk.

    python -m tests.support.writings ROOT SCENARIO

Python tells an audit hook of every file that is opened, renamed, made or removed; in a forked
child the hook kills the process at the n-th. For n = 1, 2, ... until one child ends by itself,
prints one JSON object: what stood there after the kill, and what after the command was run again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import gossan.io.rename as rename
from gossan.case.context import open_case
from gossan.core.agent import Agent
from gossan.core.hashing import hash_bytes
from gossan.evidence.ledger import Step
from gossan.evidence.manifest import MANIFEST, SIGNATURE, manifest_of
from gossan.io.outputs import write_file
from gossan.run.dossier_target import put_dossier, target_of
from gossan.run.init import AreaChoice, create_case

EVENTS = (
    "open",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.remove",
    "os.link",
    "os.chmod",
    "os.listdir",
    "os.scandir",
    "os.truncate",
    "fcntl.flock",
)
PAGES = {"index.html": b"<p>", "data/sites.csv": b"id\n", "data/images/1.png": b"\x89PNG"}
USERS = {".dossier.part/mine.txt": b"mine", "notes.txt": b"mine too", "dossier-old/a": b"a"}


def new_case(folder: Path, name: str = "Same name") -> Path:
    """A case with one record in its ledger."""
    create_case(
        folder,
        name=name,
        area=AreaChoice(bbox="25.5,47.6,25.6,47.7"),
        start="2018-01-01",
        end="2021-01-01",
        source="earth-search",
    )
    with open_case(folder) as case:
        case.db.append(Step("search", {"folder": str(folder)}, {}, {}).seal)
    return folder


def dossier_files(case: Path, mark: bytes, *, signed: bool = False) -> dict[str, bytes]:
    """Files of a dossier of a case, which `mark` tells from others of it."""
    with open_case(case) as opened:
        head = opened.db.ledger()[0][1]
    files = {name: data + mark for name, data in PAGES.items()}
    maker = Agent("a", "gossan", "sha256:0", "sha256:0")
    made = manifest_of("Same name", "2020-01-01", maker, head, files).bytes
    return {**files, MANIFEST: made, **({SIGNATURE: b"signed"} if signed else {})}


def put(case: Path, target: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the dossier as the command does; returns what was said."""
    said: list[str] = []
    with open_case(case) as opened:
        put_dossier(opened, target_of(opened, target), files, said.append)
    return said


def found(folder: Path) -> dict[str, str] | None:
    """Hashes of all files of a folder by path, None where there is none."""
    if not folder.is_dir():
        return None
    return {
        p.relative_to(folder).as_posix(): hash_bytes(p.read_bytes())
        for p in folder.rglob("*")
        if p.is_file()
    }


def killed_at(n: int, work: Callable[[], object]) -> int:
    """Do the work in a child that is killed before its n-th event; returns its exit status."""
    child = os.fork()
    if child == 0:
        left = [n]

        def hook(event: str, _: object) -> None:
            if event in EVENTS:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            sys.addaudithook(hook)
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dossiers(root: Path, scenario: str) -> list[dict[str, object]]:
    """What came of each kill. Scenarios: first, replace, aside; `plain-` before the last two
    stands for a system where two folders cannot change places."""
    if scenario.startswith("plain-"):
        rename.RENAMEAT2 = None
    case = new_case(root / "case")
    old = dossier_files(case, b"old", signed=scenario.endswith("aside"))
    new = dossier_files(case, b"new", signed=scenario.endswith("aside"))
    out, runs = root / "out", []
    target = out / "dossier"
    while not runs or runs[-1]["status"] != 0:
        shutil.rmtree(out, ignore_errors=True)
        for name, data in USERS.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
        if scenario != "first":
            put(case, target, old)
            (target / "data" / ".DS_Store").write_bytes(b"view")
        status = killed_at(len(runs) + 1, lambda: put(case, target, new))
        left, kept = found(target), found(out / ".dossier.gossan-part" / "old")
        put(case, target, new)
        runs.append({"status": status, "left": left, "kept": kept, "end": found(out)})
    return runs


def exports(root: Path) -> list[dict[str, object]]:
    """The same of a file that is exported over an older one."""
    path, new, runs = root / "custody.csv", b"old\nnew\n", []

    def work() -> None:
        write_file(path, new, new.startswith)

    while not runs or runs[-1]["status"] != 0:
        path.write_bytes(b"old\n")
        status = killed_at(len(runs) + 1, work)
        left = path.read_text()
        work()
        names = sorted(p.name for p in root.iterdir())
        runs.append({"status": status, "left": left, "end": names})
    return runs


def main() -> None:
    root, scenario = Path(sys.argv[1]), sys.argv[2]
    runs = exports(root) if scenario == "export" else dossiers(root, scenario)
    json.dump(runs, sys.stdout)


if __name__ == "__main__":
    main()

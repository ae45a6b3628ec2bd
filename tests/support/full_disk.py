"""Run an update on a disk that is really full, again and again with a little more room.

    unshare --user --map-root-user --mount python -m tests.support.full_disk CASE OUT STEP_KIB

In a mount namespace of its own a tmpfs of limited size holds a copy of CASE. Each run has
STEP_KIB more room than the last one, until one succeeds; then the case is copied to OUT.
Prints one JSON object: exit statuses and what was said on standard error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.forker import Forker

MOST_RUNS = 100


def main() -> None:
    case, out, step_kib = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    disk = Path(tempfile.mkdtemp())
    mount(disk, "size=64m")
    shutil.copytree(case, disk / "case")
    runs: list[dict[str, object]] = []
    room = used_kib(disk)
    with tempfile.TemporaryFile("w+") as said, Forker(said) as forker:
        for _ in range(MOST_RUNS):
            room += step_kib
            mount(disk, f"remount,size={room}k")
            said.seek(0)
            said.truncate()
            forker.start(disk / "case")
            status = forker.wait()
            said.seek(0)
            runs.append({"status": status, "said": said.read(), "kib": room})
            if status == 0:
                break
    shutil.copytree(disk / "case", out)
    json.dump(runs, sys.stdout)


def mount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk], check=True)


def used_kib(disk: Path) -> int:
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize // 1024


if __name__ == "__main__":
    main()

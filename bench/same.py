"""Do two versions of gossan give the same figures? Run both on the same inputs, then compare.

    python -m bench.same inputs FOLDER             the inputs, once
    python -m bench.same run GOSSAN FOLDER OUT [NAME ...]   scenarios with one version's command
    python -m bench.same compare OLD NEW [LIST]    what differs; ends with 1 where anything does

GOSSAN is the path of a `gossan` command, so each version keeps its own environment. Compared are:
every ledger record's action and outputs in order (they hold the hash of the state after each
scene), every file below `dossier/data` field by field, what each command printed, and the words of
the PDF. LIST names the differences that are wanted, a line each: a regular expression that the
difference's line must match, then ` # ` and the reason. A scenario whose data are absent is left
out and said; so is one that has been run already, which makes `run` resumable.
"""

from __future__ import annotations

import csv
import difflib
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pypdf

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "karabakh-2022"
SHARED = ROOT.parent / "shared" / "data"
MOST = 25
"""Differences listed of one file; the rest is counted."""

Command = tuple[str, ...]


def inputs(folder: Path) -> None:
    """The case folders that the scenarios start from, their images beside them."""
    # only here: the two versions that are compared need nothing of this checkout
    from tests.support.cases import small_case
    from tests.support.india import make_india_catalogue
    from tests.support.radar_case import write_case, write_optical, write_radar
    from tests.support.radar_items import write_local_catalogue
    from tests.support.terrain import glo30_grid, valley, write_dem, write_points
    from tests.support.traffic import busy_catalogue, write_roads

    from gossan.data import SAMPLE

    folder.mkdir(parents=True)
    folder = folder.resolve()
    shutil.copytree(SAMPLE, folder / "sample")
    small_case(folder / "small", folder / "sample")
    shutil.copytree(EXAMPLE, folder / "documents")
    shutil.copytree(folder / "small", folder / "both")
    for name in ("summaries", "claims.json", "places.csv"):
        source = EXAMPLE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / "both" / name)
    optical = write_optical(folder / "optical")
    radar = folder / "radar-images"
    made = write_local_catalogue(radar, write_radar(radar, radar.as_uri()))
    write_case(folder / "radar", optical, f"local:{made}")
    shutil.copytree(folder / "small", folder / "terrain")
    grid = glo30_grid(22.1, 45.26, (360, 360))
    write_dem(folder / "terrain" / "dem.tif", grid, valley(grid, 22.156, fall=2.0, sides=2.0))
    write_points(folder / "terrain" / "villages.geojson", {"Lower": (22.156, 45.185)})
    case = folder / "terrain" / "case.toml"
    head, _, _ = case.read_text(encoding="utf-8").partition("\n[terrain]")
    asked = '[terrain]\ndem = "dem.tif"\nmargin_km = 3\nrealisations = 20\n'
    case.write_text(f'{head}\n{asked}[places]\nsettlements = "villages.geojson"\n', "utf-8")
    busy_catalogue(folder / "busy", date(2019, 6, 1), 2.0)
    write_roads(folder / "roads.geojson")
    small_case(folder / "traffic", folder / "busy", (0, 0, 100))
    if SHARED.is_dir():
        make_india_catalogue(SHARED, folder / "india")


def scenarios(folder: Path) -> dict[str, list[Command]]:
    """The commands of each scenario, run in a copy of its case."""
    seen: list[Command] = [("sites", ".", "--json"), ("history", "."), ("kinds", ".")]
    end: list[Command] = [("dossier", "."), ("verify", "dossier")]
    lines = (EXAMPLE / "README.md").read_text(encoding="utf-8").splitlines()
    adds = [shlex.split(line)[1:] for line in lines if line.startswith("gossan report add")]
    told: list[Command] = [tuple(words) for words in adds]
    told += [("claims", ".", "--in", "claims.json", "--note", "reviewed"), ("check", ".")]
    again = ("verify", "dossier", "--rerun", "--case", ".")
    few = ("limits", ".", "--implants", "120")
    out: dict[str, list[Command]] = {
        "demo": [("demo", "."), *seen, ("water", ".", "--json"), ("sensitivity", "."), *end, again],
        "documents": [*told, ("claims", ".", "--json"), ("custody", "."), ("dossier", ".")],
        "both": [("update", "."), few, *told, *seen, *end],
        "radar": [("update", "."), few, *seen, *end, again],
        "terrain": [("update", "."), ("terrain", "."), *seen, *end],
        "traffic": [
            ("update", "."),
            (
                "traffic",
                ".",
                "--roads",
                str(folder / "roads.geojson"),
                "--split",
                "2019-06-01",
                "--json",
            ),
            *end,
        ],
    }
    if (folder / "india").is_dir():
        area = str(folder / "india" / "area.geojson")
        made = (
            "init",
            ".",
            "--name",
            "Quarry",
            "--area",
            area,
            "--start",
            "2019-01-01",
            "--end",
            "2024-12-31",
            "--source",
            f"local:{folder / 'india'}",
        )
        out["mine"] = [made, ("update", "."), few, *seen, ("water", ".", "--json"), *end]
    return out


def run(command: Path, folder: Path, out: Path, names: list[str]) -> None:
    """Run each scenario, or those of `names`, in `out/NAME`; what was printed is `out/NAME.txt`."""
    out.mkdir(parents=True, exist_ok=True)
    todo = {k: v for k, v in scenarios(folder.resolve()).items() if not names or k in names}
    for n, (name, commands) in enumerate(todo.items(), 1):
        printed, case = out / f"{name}.txt", out / name
        if printed.is_file():
            continue
        print(f"[{n}/{len(todo)}] {name}: {len(commands)} commands", flush=True)
        shutil.rmtree(case, ignore_errors=True)
        if (folder / name).is_dir():
            shutil.copytree(folder / name, case)
        else:
            case.mkdir()
        said = [_said(command, words, case) for words in commands]
        printed.write_text("".join(said), encoding="utf-8")
    if not names and "mine" not in todo:
        print("../shared/data is not here: the real mine was left out")


def _said(command: Path, words: Command, case: Path) -> str:
    env = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [command, *words], cwd=case, env=env, capture_output=True, text=True, check=False
    )
    failed = f"\n{done.stderr[-600:]}" if done.returncode else ""
    return f"$ gossan {' '.join(words)}\n{done.stdout}exit {done.returncode}{failed}\n"


def compare(old: Path, new: Path, wanted: Path | None) -> int:
    """Print what differs, 0 where nothing does but what `wanted` lists."""
    allowed = _allowed(wanted)
    unused, bad, listed = set(allowed), 0, 0
    both = sorted({p.stem for p in old.glob("*.txt")} & {p.stem for p in new.glob("*.txt")})
    if not both:
        print(f"nothing to compare: {old} and {new} share no scenario that was run to its end")
        return 2
    for name in both:
        found = list(_differences(old, new, name))
        for where, lines in found:
            for k, line in enumerate(lines):
                text = f"{name}: {where}: {line}"
                why = next((r for r in allowed if r.search(text)), None)
                if why is None:
                    bad += 1
                    if k < MOST:
                        print(text[:400])
                else:
                    listed += 1
                    unused.discard(why)
            if len(lines) > MOST:
                print(f"{name}: {where}: {len(lines)} differences in all")
        print(f"== {name}: {sum(len(lines) for _, lines in found)} differences")
    for rule in unused:
        print(f"listed, but nothing differs so: {rule.pattern}")
    print(f"{bad} differences that nobody asked for, {listed} that are listed")
    return int(bad > 0)


def _allowed(path: Path | None) -> dict[re.Pattern[str], str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path else []
    parted = [line.partition(" # ") for line in lines if line and not line.startswith("#")]
    return {re.compile(rule.strip()): why for rule, _, why in parted}


def _differences(old: Path, new: Path, name: str) -> Iterator[tuple[str, list[str]]]:
    yield "printed", _lines(_text(old / f"{name}.txt"), _text(new / f"{name}.txt"))
    yield "ledger", list(_values(_ledger(old / name), _ledger(new / name), ""))
    pages = [p / name / "dossier" for p in (old, new)]
    yield "pdf", _paper(*(_words(p / "dossier.pdf") for p in pages))
    files = sorted({p.relative_to(r).as_posix() for r in pages for p in (r / "data").rglob("*")})
    for file in files:
        one, two = (p / file for p in pages)
        if one.is_dir() and two.is_dir():
            continue
        if not (one.is_file() and two.is_file()):
            yield file, [f"only in the {'old' if one.exists() else 'new'} one"]
        elif one.read_bytes() != two.read_bytes():
            yield file, _inside(one, two)


def _inside(one: Path, two: Path) -> list[str]:
    readers: dict[str, Callable[[Path], Any]] = {
        ".json": lambda p: json.loads(p.read_text("utf-8")),
        ".geojson": lambda p: json.loads(p.read_text("utf-8")),
        ".csv": lambda p: list(csv.reader(p.read_text("utf-8").splitlines())),
    }
    reader = readers.get(one.suffix)
    if reader is None:
        return ["other bytes"]
    return list(_values(reader(one), reader(two), "")) or ["other bytes, the same values"]


def _values(one: Any, two: Any, where: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted({*one, *two}, key=str):
            yield from _values(one.get(key, "absent"), two.get(key, "absent"), f"{where}/{key}")
    elif isinstance(one, list) and isinstance(two, list):
        for k, (a, b) in enumerate(zip_longest(one, two, fillvalue="absent")):
            yield from _values(a, b, f"{where}/{k}")
    elif one != two or type(one) is not type(two):
        yield f"{where}: {one!r:.120} -> {two!r:.120}"


def _lines(one: str, two: str) -> list[str]:
    """Lines that differ, those that follow an added one not among them."""
    out = []
    for i, a, b in _changed(one.splitlines(), two.splitlines()):
        pairs = zip_longest(a, b, fillvalue="absent")
        out += [f"line {n}: {x!r:.120} -> {y!r:.120}" for n, (x, y) in enumerate(pairs, i + 1)]
    return out


def _changed(one: list[str], two: list[str]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Pieces that differ: where in `one`, what stood there, what stands there now."""
    match = difflib.SequenceMatcher(a=one, b=two, autojunk=False)
    for kind, i, j, k, end in match.get_opcodes():
        if kind != "equal":
            yield i, one[i:j], two[k:end]


def _paper(one: str, two: str) -> list[str]:
    """Words of a PDF that differ, wherever lines and pages break."""
    return [
        f"word {i}: {' '.join(a)!r:.200} -> {' '.join(b)!r:.200}"
        for i, a, b in _changed(one.split(), two.split())
    ]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _words(path: Path) -> str:
    if not path.is_file():
        return ""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def _ledger(case: Path) -> list[Any]:
    """Action and outputs of each record: what a version made, not when, by whom or after what."""
    if not (case / "case.db").is_file():
        return []
    with sqlite3.connect(case / "case.db") as db:
        rows = db.execute("SELECT record FROM ledger ORDER BY seq").fetchall()
    records = [json.loads(body) for (body,) in rows]
    # a snapshot's id is drawn by the store; the hash of the state beside it says what it holds
    return [
        [r["action"], {k: v for k, v in r["outputs"].items() if k != "snapshot"}]
        for r in records
        if r["action"] != "shown"  # hashes of what is compared itself
    ]


def main() -> int:
    """See the module's words."""
    match sys.argv[1:]:
        case ["inputs", folder]:
            inputs(Path(folder))
        case ["run", command, folder, out, *names]:
            run(Path(command).absolute(), Path(folder), Path(out), names)
        case ["compare", old, new, *wanted]:
            return compare(Path(old), Path(new), Path(wanted[0]) if wanted else None)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

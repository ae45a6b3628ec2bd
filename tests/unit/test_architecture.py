"""The house rules that no linter holds. The layers themselves: `lint-imports`, in make lint."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = sorted((ROOT / "src" / "gossan").rglob("*.py"))
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
LONGER = {
    "core/params.py": 420,
    "core/settings.py": 454,
    "dossier/chapter.py": 402,
    "dossier/chapter_charts.py": 461,
    "dossier/sentences.py": 434,
    "io/areas.py": 401,
    "io/case_file.py": 458,
    "io/dem.py": 411,
    "io/network/guard.py": 428,
    "io/network/web.py": 448,
    "kernels/history.py": 441,
    "kernels/track.py": 425,
    "monitor/radar_scene.py": 406,
    "observables/terrain/chapter.py": 464,
    "observables/traffic/chapter.py": 415,
    "observables/water/lake_claims.py": 404,
    "observables/water/run.py": 452,
    "run/reports.py": 409,
    "run/verify.py": 482,
}
"""Modules that grew when formatted without exceptions and worded for translation, each one
story from top to bottom: they may become shorter, and none joins them."""

# Written in pieces, so that this file does not name what it looks for.
MACHINE_PATHS = re.compile(
    "|".join(("/" + "work/", "/" + "farm", "/" + "root/", "bash" + "_jobs", r"/home/[a-z]+/"))
)
TEXT = {".py", ".md", ".toml", ".json", ".yml", ".html", ".js", ".css", ".typ", ".geojson", ""}


def tracked() -> list[Path]:
    git = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listed = subprocess.run(git, check=True, capture_output=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: no list of the project's files")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("path", SOURCE, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT / "src" / "gossan").as_posix()
    assert len(text.splitlines()) <= LONGER.get(name, MAX_LINES)
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno
        if node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert not long


def test_no_file_names_a_machine() -> None:
    for path in tracked():
        if path.suffix in TEXT and path.is_file() and path.stat().st_size < 2_000_000:
            found = MACHINE_PATHS.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{path.relative_to(ROOT)}: {found and found[0]}"


READING = (
    "rasterio",
    "pystac_client",
    "requests",
    "urllib3",
    "icechunk",
    "pyogrio",
    "planetary_computer",
    "odc.stac",
    "sqlite3",
    "socket",
    "httpx",
)
PURE = ("rasterio.features",)  # arrays in, arrays out


def imported(tree: ast.AST) -> set[str]:
    """Full names of everything a module imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_io_touches_files_and_network() -> None:
    """Libraries that read and write; import-linter could not spare their pure parts."""
    for path in SOURCE:
        if path.relative_to(ROOT / "src" / "gossan").parts[0] == "io":
            continue
        names = imported(ast.parse(path.read_text(encoding="utf-8")))
        used = {n for n in names if f"{n}.".startswith(tuple(f"{r}." for r in READING))}
        used = {n for n in used if not n.startswith(PURE)}
        assert not used, f"{path.relative_to(ROOT)} imports {used}"

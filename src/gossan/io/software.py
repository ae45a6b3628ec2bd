"""The program as it is installed here: hashes that tell one version from another."""

from __future__ import annotations

import platform
import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from gossan.core.hashing import hash_file, hash_json


@cache
def code_hash() -> str:
    """Hash of all files of the package, by their names: one changed letter makes another."""
    root = Path(str(files("gossan")))
    every = sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    sample = root / "data" / "sample"
    mine = [p for p in every if sample not in p.parents]
    return hash_json({p.relative_to(root).as_posix(): hash_file(p) for p in mine})


@cache
def installed() -> str:
    """What lies beside the program, quickly: a key under which `packages` may be remembered."""
    found: set[str] = set()
    for folder in map(Path, sys.path):
        if folder.is_dir():
            found |= {p.name for p in folder.glob("*.dist-info")}
    return hash_json({"found": sorted(found), "python": platform.python_version()})


def packages() -> dict[str, str]:
    """Names and versions of all packages gossan needs, as installed, "python" among them.

    Found by following each package's own list of what it needs.
    """
    out = {"python": platform.python_version()}
    waiting = ["gossan"]
    while waiting:
        name = _plain(waiting.pop())
        if name in out:
            continue
        try:
            told = distribution(name).metadata  # read and parsed each time it is asked for
        except PackageNotFoundError:
            continue
        if name != "gossan":
            out[name] = told["Version"]
        needed = map(_needed, told.get_all("Requires-Dist", []))
        waiting += [r for r in needed if r and _plain(r) not in out]
    return dict(sorted(out.items()))


def _needed(line: str) -> str:
    """The name in a line of requirements, empty where it does not hold here."""
    try:
        wanted = Requirement(line)
    except InvalidRequirement:
        return ""
    here = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
    return wanted.name if here else ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

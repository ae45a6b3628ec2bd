"""A small signed dossier, and what an opponent may do to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.progress import Silent
from gossan.evidence import signature
from gossan.evidence.ledger import GENESIS
from gossan.evidence.manifest import BESIDE, MANIFEST, SIGNATURE, Listed, Manifest, read_manifest
from gossan.run.dossier import write_dossier
from gossan.run.publish import new_key, signing
from gossan.run.render import LEDGER, ledger_bytes, read_ledger
from gossan.run.update import update
from tests.support.cases import Square, catalogue, sample_items, small_case

SQUARE: Square = (50, 40, 24)
"""Part of the sample with clearings, small enough to be quick."""


@dataclass(frozen=True)
class Signed:
    """A case, the key its dossier is signed with, and the dossier."""

    case: Path
    key: Path
    dossier: Path


def make_case(root: Path, name: str = "case") -> Path:
    """An updated case over a few pixels, with all scenes."""
    case = small_case(root / name, catalogue(root / f"{name}-source", sample_items()), SQUARE)
    update(case, Silent())
    return case


def make_key(root: Path, name: str = "desk.key") -> Path:
    """A new key's file."""
    new_key(root / name)
    return root / name


def sign(case: Path, key: Path, output: Path | None = None) -> Path:
    """The signed dossier of a case."""
    return write_dossier(case, output, Silent(), signing(key))


def reseal(dossier: Path, key: Path) -> None:
    """What somebody with another key, or the signer himself, does after changing files."""
    files = {
        p.relative_to(dossier).as_posix(): p.read_bytes() for p in dossier.rglob("*") if p.is_file()
    }
    old = read_manifest(files[MANIFEST])
    listed = {n: Listed(hash_bytes(d), len(d)) for n, d in sorted(files.items()) if n not in BESIDE}
    ledger = read_ledger(files[LEDGER])[-1][1]
    fields = {f: getattr(old, f) for f in old.__dataclass_fields__} | {
        "files": listed,
        "ledger": ledger,
    }
    manifest = Manifest(**fields).bytes
    (dossier / MANIFEST).write_bytes(manifest)
    secret = signature.load_key(key.read_bytes())
    (dossier / SIGNATURE).write_bytes(signature.seal(secret, manifest).bytes)


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change a text file; it must become another."""
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def forge_ledger(dossier: Path, change: Callable[[list[dict[str, object]]], None]) -> None:
    """Change records and hash the whole chain anew, as somebody would who knows how."""
    records = [dict(r) for r, _ in read_ledger((dossier / LEDGER).read_bytes())]
    change(records)
    chain, previous = [], GENESIS
    for n, record in enumerate(records):
        record |= {"seq": n, "previous": previous}
        previous = hash_json(record)
        chain.append((record, previous))
    (dossier / LEDGER).write_bytes(ledger_bytes(chain))


def first_area(dossier: Path) -> str:
    """The area of the first site as the page's table shows it."""
    page = (dossier / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<tbody>\s*<tr>.*?<td class="n">(\d+\.\d+)</td>', page, re.S)
    assert found is not None
    return found[1]


def other_digit(number: str) -> str:
    """The number with its last digit changed."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def drop_scene(text: str) -> str:
    """The model's JSON without its first used scene."""
    body = json.loads(text)
    scenes = body["model"]["scenes"]
    scenes.remove(next(s for s in scenes if s["outcome"] == "used"))
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=0) + "\n"

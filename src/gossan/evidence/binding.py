"""What a dossier shows, bound to its ledger part by part.

Before a dossier is written, a record of the ledger takes the salted hash of each part of it: every
site's figures, outline, series, pictures and kind, every block of a chapter, the lists of images,
every statement, document and answer, names, period, settings and charts. Verification makes the
parts anew from the dossier's own data. All of a model belongs to one part or another: what is not
named here is a part by the name of its field.

The salt is random and lies in the dossier beside what is shown, because documents are among it:
where something is struck from a case, the old hashes say nothing of it to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.words import tr
from gossan.evidence.ledger import Record, Step

ACTION = "shown"
"""Action of the record that holds the hashes; a dossier's ledger ends with it."""
NOBODY = "nobody"
"""What the record says of the signer where a dossier is not signed."""
APART = ("ledger_head", "signer", "salt")
"""Fields of a model that are held against the ledger and the signature themselves."""

_NAMES = {
    "case_name": "name of the case",
    "as_of": "date of the dossier",
    "grid": "working grid",
    "area": "outline of the area",
    "area_ha": "size of the area",
    "parameters": "parameters",
    "summary": "headline figures",
    "observability": "what could not be seen",
    "power": "detection limits",
    "commands": "commands",
    "recipe": "settings of the case",
}
_PICTURES = ("strip", "before", "after")
_OUTLINE = ("geometry", "geometry_grid", "pixels")
Part = tuple[str, Any]
"""Name of a part, and its content as plain JSON."""


def parts_of(model: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, str]:
    """Salted hash of every part of a dossier, by the part's name.

    `model` is the plain model as `data/dossier.json` holds it, pictures and files by their hash;
    `charts` the SVG of each chart by name.
    """
    salt = str(model.get("salt", ""))
    found = [
        ("salt", ""),
        *_parts(model),
        *((f"chart {name}", svg) for name, svg in charts.items()),
    ]
    return {name: hash_json({"salt": salt, "part": name, "content": c}) for name, c in found}


def shown_step(parts: Mapping[str, str], signer: str) -> Step:
    """The record of a dossier with these parts, to be signed with the public key `signer`, "" by
    nobody."""
    return Step(ACTION, {}, {"signed_by": signer or NOBODY}, {"parts": dict(parts)})


def bound_in(chain: Sequence[Record]) -> dict[str, Any] | None:
    """The record that binds the dossier which rests on a chain, None in one of an older gossan."""
    return dict(chain[-1][0]) if chain and chain[-1][0]["action"] == ACTION else None


def require_parts(record: Mapping[str, Any], found: Mapping[str, str], *, charts: bool) -> int:
    """That the parts of a dossier are those of its record; returns their number.

    With `charts` only charts are compared, without it all others. Raises GossanError (LEDGER)
    naming the first part that is not.
    """
    held = record["outputs"].get("parts")
    if not isinstance(held, dict):
        raise GossanError(
            Code.LEDGER, tr("The record {action!r} of the ledger names no parts.", action=ACTION)
        )
    wanted, found = (
        {n: h for n, h in parts.items() if n.startswith("chart ") == charts}
        for parts in (held, found)
    )
    for name in sorted({*wanted, *found}, key=lambda n: (n != "salt", _in_order(n))):
        if name not in found:
            raise _wrong(
                tr(
                    "The ledger says that the dossier shows this, and it is gone: {name}.",
                    name=name,
                )
            )
        if name not in wanted:
            raise _wrong(
                tr("This is shown, but the ledger has no record of it: {name}.", name=name)
            )
        if wanted[name] != found[name]:
            raise _wrong(tr("This is not what the ledger recorded: {name}.", name=name))
    return len(wanted)


def _in_order(name: str) -> list[tuple[int, str]]:
    """Numbers in a name by their size."""
    pieces = re.findall(r"\d+|\D+", name)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces]


def _wrong(problem: str) -> GossanError:
    return GossanError(
        Code.LEDGER,
        problem,
        tr(
            "The dossier was changed after it was made, and its ledger was not. Ask its maker for "
            "it."
        ),
    )


def _parts(model: Mapping[str, Any]) -> Iterator[Part]:
    for name, value in model.items():
        if name in APART or value is None:
            continue
        split = _SPLIT.get(name)
        if split is None:
            yield _NAMES.get(name, name.replace("_", " ")), value
        else:
            yield from split(value)


def _images(scenes: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    """The list of all images by what became of them."""
    yield "images used", [s for s in scenes if s["outcome"] == "used"]
    yield "images not used", [s for s in scenes if s["outcome"] != "used"]


def _map(pictures: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    for n, picture in enumerate(pictures, 1):
        yield f"map picture {n}", picture


def _sites(sections: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    for section in sections:
        site = section["site"]
        name = f"site {site['id']}"
        apart = {"site", "series", "kind", *_PICTURES}
        yield (
            f"{name}, figures",
            {
                "section": {k: v for k, v in section.items() if k not in apart},
                "site": {k: v for k, v in site.items() if k not in _OUTLINE},
            },
        )
        yield f"{name}, outline", [site[k] for k in _OUTLINE]
        yield from ((f"{name}, {k}", section[k]) for k in ("series", "kind") if section.get(k))
        for at in _PICTURES:
            crop = section.get(at)
            for n, picture in enumerate(crop if isinstance(crop, list) else [crop] * bool(crop), 1):
                yield f"{name}, picture {f'{n} of its row' if at == 'strip' else at}", picture


def _chapters(chapters: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    yield "order of the chapters", [c["key"] for c in chapters]
    for chapter in chapters:
        name = f"chapter {chapter['key']}"
        apart = ("blocks", "files")
        yield f"{name}, title and finding", {k: v for k, v in chapter.items() if k not in apart}
        for n, block in enumerate(chapter["blocks"], 1):
            yield f"{name}, block {n}", block
        for file, data in chapter.get("files", ()):
            yield f"{name}, file {file}", data


def _chronicle(chronicle: Mapping[str, Any]) -> Iterator[Part]:
    """By position: ids of documents and claims stand in no record of the ledger."""
    lists = {"entries": "statement", "documents": "document", "answers": "answer"}
    yield "chronicle", {k: v for k, v in chronicle.items() if k not in lists}
    for key, name in lists.items():
        for n, value in enumerate(chronicle[key], 1):
            yield f"{name} {n}", value


def _recipe(recipe: Mapping[str, Any]) -> Iterator[Part]:
    yield _NAMES["recipe"], {k: v for k, v in recipe.items() if k != "held"}
    for n, held in enumerate(recipe.get("held", ()), 1):
        yield from ((f"{key} {n} held against the ground", value) for key, value in held.items())


_SPLIT: Mapping[str, Callable[[Any], Iterator[Part]]] = {
    "scenes": _images,
    "images": _map,
    "sites": _sites,
    "chapters": _chapters,
    "chronicle": _chronicle,
    "recipe": _recipe,
}

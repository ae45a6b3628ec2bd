"""A static catalogue on this machine: which of its links and files may be followed.

Whoever wrote a catalogue is not whoever reads it: a link or an asset may name any file. So only
regular files below the catalogue's own folder are opened, with symbolic links resolved, and those
below folders the case names (`local_folders` in case.toml).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gossan.core.errors import Code, GossanError
from gossan.core.visible import one_line
from gossan.core.words import tr
from gossan.data import SAMPLE

MAX_JSON_BYTES = 20_000_000
"""Of one catalogue or item: a catalogue of 100,000 links has half of it."""
MAX_FILES = 200_000
MAX_LEVELS = 20
"""Catalogues inside each other."""


def local_path(href: str) -> Path | None:
    """The path a link or asset means: written out, or as file:// address; None for anything else,
    also for a share of another machine (`//host/share`)."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if parts.netloc not in ("", "localhost") or parts.scheme not in ("", "file") or "\x00" in href:
        return None
    return Path(unquote(parts.path) if parts.scheme else href)


def outside(href: str, folders: tuple[Path, ...]) -> str:
    """Why a file may not be read, in words that follow its name; empty where it may.

    `folders` resolved, the catalogue's own first. What ships with gossan may be named by all.
    """
    path = local_path(href)
    if path is None or not path.is_absolute():
        return tr("is no path of this machine: {href}", href=one_line(href)[:120])
    try:
        path = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return tr("cannot be followed: {href}", href=one_line(href)[:120])
    if any(path.is_relative_to(folder) for folder in (*folders, SAMPLE.resolve())):
        return ""
    return tr(
        "lies outside the catalogue's folder {folder}: {path}; if that is meant, name its folder "
        "in local_folders of case.toml",
        folder=folders[0],
        path=one_line(str(path))[:200],
    )


def load_json(path: Path) -> dict[str, Any]:
    """A catalogue's or item's object. Raises GossanError (CATALOGUE)."""
    try:
        if not path.is_file():
            raise _broken(path, tr("it is no file"))
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise _broken(
                path,
                tr(
                    "it has {size:,} bytes, expected at most {most_json_bytes:,}",
                    size=size,
                    most_json_bytes=MAX_JSON_BYTES,
                ),
            )
        data = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(data, ensure_ascii=False).encode()  # half a character is no text for anybody
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(data, dict):
        raise GossanError(
            Code.CATALOGUE,
            tr("{path} is not a STAC object.", path=path),
            tr("Repair the catalogue."),
        )
    return data


def walk(root: Path, folders: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Files of all items below a catalogue in the order of its links, each once, with why it is
    not followed, empty where it is.

    Raises GossanError (CATALOGUE) where the catalogue itself is broken or has no end.
    """
    seen = {root}
    levels = [_links(root)]
    while levels:
        link = next(levels[-1], None)
        if link is None:
            levels.pop()
            continue
        rel, href = link
        target = local_path(href)
        if target is None:
            yield Path(one_line(href)[:120]), tr("it is no file on this machine")
            continue
        wrong = outside(str(target), folders)
        target = target if wrong else target.resolve()
        if target in seen:
            continue
        seen.add(target)
        if len(seen) > MAX_FILES:
            raise GossanError(
                Code.CATALOGUE,
                tr(
                    "The catalogue {root} names more than {most_files:,} files.",
                    root=root,
                    most_files=MAX_FILES,
                ),
                tr("Give the part of it that holds the area, e.g. the collection's own file."),
            )
        if not wrong and rel == "child":
            if len(levels) >= MAX_LEVELS:
                wrong = tr("it lies in more than {most} catalogues", most=MAX_LEVELS)
            else:
                try:
                    levels.append(_links(target))
                except GossanError as error:
                    wrong = error.problem
        if wrong or rel == "item":
            yield target, wrong


def _links(path: Path) -> Iterator[tuple[str, str]]:
    """(rel, href) of the links to children and items, hrefs that are relative made absolute."""
    links = load_json(path).get("links", [])
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise GossanError(
            Code.CATALOGUE,
            tr("The links of {path} are no list of objects.", path=path),
            tr("Repair the catalogue."),
        )
    chosen = [(str(x.get("rel")), str(x.get("href", ""))) for x in links]
    return iter(
        (rel, _absolute(path.parent, href))
        for rel, href in chosen
        if rel in ("item", "child") and "\x00" not in href
    )


def _absolute(folder: Path, href: str) -> str:
    path = local_path(href)
    return href if path is None or href.startswith("file:") else str(folder / path)


def _broken(path: Path, why: str) -> GossanError:
    return GossanError(
        Code.CATALOGUE,
        tr("{path} cannot be read as JSON: {reason}.", path=path, reason=why),
        tr("Repair the catalogue."),
    )

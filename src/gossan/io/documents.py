"""Text and what a document says of itself, taken out in a process of its own with limits.

Parsers are where hostile documents do their harm. The child process has bounded memory, time
and output; whatever goes wrong in it is one sentence here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import NoReturn

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.archive import Original

TIMEOUT_S = 60
"""Longest time for one document, seconds of the clock."""


@dataclass(frozen=True)
class Extracted:
    """What a document holds.

    Attributes
    ----------
    text : readable text, lines ended by a line feed
    title, author, outlet : "" where not stated
    dates : what the document states as its dates: name of the field -> text as stated
    warnings : one sentence each
    meta : what the file says of itself beside its text
    personal : what in that names a person, by kind and number; it is no part of the other fields
    """

    text: str
    title: str = ""
    author: str = ""
    outlet: str = ""
    dates: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    personal: dict[str, int] = field(default_factory=dict)


def extract_text(original: Original) -> Extracted:
    """Take the text out of a document.

    Raises GossanError (REPORT) where it cannot be read within the limits.
    """
    try:
        done = subprocess.run(  # noqa: S603  (our own module, no shell)
            [sys.executable, "-m", "gossan.io.extract_child", original.media, original.origin],
            input=original.data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        _fail(original, tr("took longer than {seconds} s to read", seconds=TIMEOUT_S))
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        _fail(original, lines[-1][:200] if lines else tr("needs more memory or time than allowed"))
    found = json.loads(done.stdout)
    return Extracted(
        text=found["text"],
        title=found["title"],
        author=found["author"],
        outlet=found["outlet"],
        dates=found["dates"],
        warnings=tuple(found["warnings"]),
        meta=tuple(found["meta"]),
        personal=found["personal"],
    )


def _fail(original: Original, what: str) -> NoReturn:
    raise GossanError(
        Code.REPORT,
        tr(
            "{origin} could not be read as {media}: {what}.",
            origin=original.origin,
            media=original.media,
            what=what,
        ),
        tr("Save its text as a .txt file and add that."),
    )

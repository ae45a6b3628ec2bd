"""Text and what a document says of itself, taken out in a process of its own with limits.

Parsers are where hostile documents do their harm. The child process has bounded memory, time
and output; whatever goes wrong in it is one sentence here.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from gossan.core.errors import Code, GossanError
from gossan.core.statements import StatedDate
from gossan.core.words import tr
from gossan.io.documents.archive import Original
from gossan.io.documents.child import NO_TEXT
from gossan.io.documents.media import media_of

TIMEOUT_S = 60
"""Longest time for one document, seconds of the clock."""
OCR_TIMEOUT_S = 900
"""Longest time for the pictures of one document, seconds of the clock."""
OCR = "The text was read from pictures by ocrmypdf: letters and figures may be wrong."


@dataclass(frozen=True)
class Extracted:
    """What a document holds.

    Attributes
    ----------
    text : readable text, lines ended by a line feed
    title, author, outlet : "" where not stated
    dates : what the document states as its dates, the surest first
    warnings : one sentence each
    meta : what the file says of itself beside its text
    personal : what in that names a person, by kind and number; it is no part of the other fields
    attached : what came with it, to be read by itself; a kind that is not read has its name there
    """

    text: str
    title: str = ""
    author: str = ""
    outlet: str = ""
    dates: tuple[StatedDate, ...] = ()
    warnings: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    personal: dict[str, int] = field(default_factory=dict)
    attached: tuple[Original, ...] = ()


def extract_text(original: Original) -> Extracted:
    """Take the text out of a document.

    A PDF without any is read again after `ocrmypdf` has looked at its pictures, where that is
    installed. Raises GossanError (REPORT) where it cannot be read within the limits.
    """
    found = _parsed(original)
    if original.media == "pdf" and not found.text.strip() and shutil.which("ocrmypdf"):
        return _from_pictures(original, found)
    return found


def _parsed(original: Original) -> Extracted:
    try:
        done = subprocess.run(  # noqa: S603  (our own module, no shell)
            [
                sys.executable,
                "-m",
                "gossan.io.documents.child",
                original.media,
                original.origin,
                original.content_type[:200],
            ],
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
        dates=tuple(StatedDate(**d) for d in found["dates"]),
        warnings=(*original.warnings, *found["warnings"]),
        meta=tuple(found["meta"]),
        personal=found["personal"],
        attached=tuple(_attached(original, a) for a in found["attached"]),
    )


def _attached(mail: Original, part: dict[str, str]) -> Original:
    data = base64.b64decode(part["data"])
    media = media_of(data, part["type"], part["name"]) if data else "empty"
    return Original(data, media, f"{mail.origin}: {part['name']}", content_type=part["type"])


def _from_pictures(original: Original, blank: Extracted) -> Extracted:
    """What a PDF of pictures says, as far as OCR makes letters out of them."""
    with tempfile.TemporaryDirectory(prefix="gossan-") as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(original.data)
        for languages in ("eng+rus", "eng"):
            asked = ["ocrmypdf", "--skip-text", "--output-type", "pdf", "-l", languages]
            try:
                done = subprocess.run(  # noqa: S603  (a fixed command, no shell)
                    [*asked, str(source), str(target)],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=OCR_TIMEOUT_S,
                    check=False,
                )
            except (subprocess.TimeoutExpired, OSError):
                break
            if done.returncode == 0 and target.is_file():
                read = _parsed(replace(original, data=target.read_bytes()))
                told = (w for w in read.warnings if w != NO_TEXT)
                warnings = (OCR, *told) if read.text.strip() else blank.warnings
                return replace(read, meta=blank.meta, warnings=warnings)
    failed = "ocrmypdf could not read the pictures either."
    return replace(blank, warnings=(*blank.warnings, failed))


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

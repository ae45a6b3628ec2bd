"""The one writer of CSV: every table of a dossier and every export goes through it."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence

from gossan.core.visible import visible

_FORMULA = re.compile(
    r"[\s\x00-\x1f\ufeff\u200b-\u200f\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20].*\S", re.S
)
"""What a spreadsheet runs or reckons with: a sign, also a full-width one, and something after it,
behind nothing but blanks."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV: UTF-8, LF, a line break inside a cell is LF too.

    None and a float that is not finite are empty cells; other floats have six significant digits
    (format them yourself for more), dates are ISO 8601. A text that a spreadsheet would run as a
    formula gets an apostrophe before it; numbers, also as text, and empty cells never do. What no
    reader should obey (`core.visible`) is replaced.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(c) for c in row] for row in rows)
    return buffer.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    # a lone CR is quoted by some versions of Python and not by others
    text = visible(str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text

"""Which language a text is in, so that what is not read is said to be not read."""

from __future__ import annotations

import re

import py3langid

ENOUGH = 4000
"""Characters that decide."""


def language_of(text: str) -> str:
    """ISO 639-1 code by py3langid, "und" for a text without letters."""
    letters = re.findall(r"[^\W\d_]", text[:ENOUGH])
    if len(letters) < 8:
        return "und"
    code, _ = py3langid.classify(text[:ENOUGH])
    return str(code)

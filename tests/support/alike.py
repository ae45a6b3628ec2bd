"""Texts made to be mistaken for each other: their hashes begin alike.

Found by a birthday search over the numbers of notes (2^18 hashes of each text, a second).
"""

from __future__ import annotations

import hashlib

EXPANDED = (
    "Works go on near Shusha\n\nDecember 12, 2022\n\nThe quarry near Shusha was expanded by 12 "
    "hectares in November 2022, residents said. Note {:06d} of the desk.\n"
)
DENIED = (
    "No works near Shusha\n\nDecember 13, 2022\n\nThe ministry denied that the quarry near Shusha "
    "was expanded in November 2022. Note {:06d} of the desk.\n"
)
SAME_REPORT = EXPANDED.format(171700), DENIED.format(413)
"""Two texts whose SHA-256 begin with the same 32 bits."""
SAME_CLAIM = EXPANDED.format(240729), DENIED.format(24188)
"""Two texts whose claims were given the same id when ids had 32 bits; the texts' own differ."""


def sha256(text: str) -> str:
    """Hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()

"""Text from others made harmless for whoever looks at it: no control, no turned direction.

A terminal obeys what stands in a name (move the cursor, set the title, wipe a line), and signs
that turn the direction of writing make `exe.gpj` read `jpg.exe`. Letters of every script stay as
they are, and so do the marks that right-to-left text needs (U+200E, U+200F, U+061C, joiners).
"""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u2028\u2029"  # separators of lines and paragraphs
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates
    "\ud800-\udfff]"  # half a character: no encoding takes it
)
"""What is never shown."""

SHOWN = "\ufffd"
"""What stands in its place, so that it is seen that something did."""


def visible(text: str) -> str:
    """The text with every unsafe character replaced; lines stay lines."""
    return UNSAFE.sub(SHOWN, text)


def one_line(text: str) -> str:
    """The same for a name, which has no lines and no tabs."""
    return re.sub(r"[\t\n]", SHOWN, visible(text))


def unsafe(text: str) -> bool:
    """Whether a name holds anything that `one_line` replaces."""
    return one_line(text) != text

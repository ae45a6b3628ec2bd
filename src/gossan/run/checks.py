"""One finding of a verification."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, whether it could be checked in full, and the finding."""

    what: str
    whole: bool
    words: str

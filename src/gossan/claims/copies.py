"""Near copies of one text count as one source; what changed on the way is pointed out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from gossan.core.statements import Claim, Report

WORDS = 5
"""Words of a shingle."""
SAME = 0.5
"""Share of the shorter text's shingles found in the other from which it is a copy."""
SAME_SENTENCE = 80.0
"""Likeness of two sentences, 0..100, from which they are the same one."""
FEWEST = 20
"""Shingles under which a text is too short to be called a copy."""


def cluster_of(body: str, earlier: Sequence[Report]) -> str:
    """Id of the cluster that a text belongs to, "" where it copies nothing."""
    mine = _shingles(body)
    if len(mine) < FEWEST:
        return next((r.cluster or r.id for r in earlier if r.body.strip() == body.strip()), "")
    for report in earlier:
        theirs = _shingles(report.body)
        if len(theirs) >= FEWEST and len(mine & theirs) / min(len(mine), len(theirs)) >= SAME:
            return report.cluster or report.id
    return ""


def changed_dates(claim: Claim, copies: Mapping[str, Sequence[Claim]]) -> list[tuple[str, str]]:
    """Claims of copies that say the same with another date: (id, what differs)."""
    mine = _dates(claim)
    out = []
    for claims in copies.values():
        for other in claims:
            if fuzz.ratio(claim.text, other.text) < SAME_SENTENCE:
                continue
            theirs = _dates(other)
            if mine and theirs and mine != theirs:
                what = f"{' '.join(sorted(theirs))} there, {' '.join(sorted(mine))} here"
                out.append((other.id, what))
    return out


def _dates(claim: Claim) -> set[str]:
    return {d.reading.edtf for d in claim.dates if d.reading is not None}


def _shingles(text: str) -> set[int]:
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + WORDS])) for i in range(len(words) - WORDS + 1)}

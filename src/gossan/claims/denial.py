"""Whether a claim says that something did not happen: by its own words, by who denies it, or by
both, which is to affirm it."""

from __future__ import annotations

import re

from gossan.claims.cues import DENY
from gossan.core.statements import Claim, Modality

_DENIES = re.compile(rf"\b(?:{DENY})\b|опроверг|отрица|отверг", re.IGNORECASE)


def says_not(claim: Claim, *, words: bool) -> bool:
    """True where the claim says that it did not happen. `words` is what was found in its words
    ("no lorry passed"); a verb of denying turns that round."""
    denied = claim.modality is Modality.DENIAL
    verb = denied and _DENIES.search(claim.source.cue) is not None
    return (words or (denied and not verb)) != verb

"""Who signed a dossier, on the first screen of the page and the PDF: words, and the key as a
picture that a telephone reads.

A page cannot vouch for itself: whoever changes it can change these words too. So they say what
the signature proves and what it does not, and where to look.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno

from gossan.evidence.fingerprint import words_of

UNSIGNED = (
    "Nobody signed this dossier. Whoever had it in hand could have changed anything in it, and "
    "nothing in it says who made it."
)
SIGNED = (
    "This page says that the dossier was signed with the key below. It cannot prove that itself: "
    "somebody who changes a page can change these words too. `gossan verify` checks it.",
    "If the signature holds, nothing was changed since the owner of the key signed. It does not "
    "say that what is written is true: the owner of the key could have written anything.",
    "So find out whose key it is. Ask whoever you have the dossier from for these twelve words, by "
    "telephone or from a page of theirs, and not from this dossier.",
)


@dataclass(frozen=True, slots=True)
class MakerView:
    """What is shown of the signer.

    Attributes
    ----------
    sentences : in plain English
    key : public key, "" where nobody signed
    words : the key as twelve words, numbered as they are read aloud
    qr : the key as a QR code, SVG; "" where nobody signed
    """

    sentences: tuple[str, ...]
    key: str
    words: tuple[str, ...]
    qr: str


def maker_view(signer: str) -> MakerView:
    """What is shown of a signer's public key, "" where nobody signs."""
    if not signer:
        return MakerView((UNSIGNED,), "", (), "")
    code = segno.make_qr(signer, error="m", boost_error=False)
    qr = code.svg_inline(scale=3, border=4, svgclass="qr", lineclass=None, light="#fff")
    return MakerView(SIGNED, signer, words_of(signer), qr)

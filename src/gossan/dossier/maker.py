"""Who signed a dossier, on the first screen of the page and the PDF: words, and the key as a
picture that a telephone reads.

A page cannot vouch for itself: whoever changes it can change these words too. So they say what
the signature proves and what it does not, and where to look.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import segno
from markupsafe import Markup

from gossan.core.words import tr_later, tr_now
from gossan.evidence.fingerprint import words_of

UNSIGNED = tr_later(
    "Nobody signed this dossier. Whoever had it in hand could have changed anything in it, and "
    "nothing in it proves who made it."
)
SIGNED = (
    tr_later(
        "The dossier says that it was signed with the key below. A page cannot prove that: whoever "
        "changes it can change these words too. The command gossan verify checks it."
    ),
    tr_later(
        "A signature that holds proves that nothing was changed since the owner of the key "
        "signed. It "
        "does not prove that what is written is true: the owner could have written anything."
    ),
    tr_later(
        "So find out whose key it is. Ask the maker for these twelve words by telephone, or look "
        "for "
        "them where the maker publishes them, and not in this dossier."
    ),
)


@dataclass(frozen=True, slots=True)
class MakerView:
    """What is shown of the signer.

    Attributes
    ----------
    sentences : in plain English
    key : public key, "" where nobody signed
    words : the key as twelve words, numbered as they are read aloud
    qr : the key as a QR code, SVG text; "" where nobody signed
    """

    sentences: tuple[str, ...]
    key: str
    words: tuple[str, ...]
    qr: Markup


@cache
def maker_view(signer: str) -> MakerView:
    """What is shown of a signer's public key, "" where nobody signs."""
    if not signer:
        return MakerView((tr_now(UNSIGNED),), "", (), Markup())
    code = segno.make_qr(signer, error="m", boost_error=False)
    out = io.BytesIO()
    look = {"scale": 3, "border": 4, "svgclass": "qr", "lineclass": None, "light": "#fff"}
    code.save(out, kind="svg", xmldecl=False, nl=False, **look)
    qr = out.getvalue().decode()
    return MakerView(tuple(map(tr_now, SIGNED)), signer, words_of(signer), Markup(qr))  # noqa: S704  (of hex digits)

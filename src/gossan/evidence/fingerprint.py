"""A public key as words that two people can compare by voice or on paper."""

from __future__ import annotations

import hashlib
from functools import cache

from mnemonic import Mnemonic

from gossan.evidence.signature import raw_key

BYTES = 16
"""128 bits of the key's SHA-256: nobody finds another key with the same words."""


@cache
def words_of(key: str) -> tuple[str, ...]:
    """Twelve words of the BIP39 list for a public key "ed25519:<64 hex digits>".

    The last one holds a checksum, so that a word heard wrongly is found out.
    """
    digest = hashlib.sha256(raw_key(key)).digest()
    return tuple(Mnemonic("english").to_mnemonic(digest[:BYTES]).split())

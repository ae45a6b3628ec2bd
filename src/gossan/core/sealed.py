"""Content of which the ledger holds a salted hash and nothing else.

The salt is random and lies beside the content, in the case and in what a dossier shows. Without
both, the hash says nothing: whoever has the content alone cannot tell that it was meant.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from gossan.core.hashing import canonical_json, hash_json

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """One thing a record of the ledger is about.

    Attributes
    ----------
    mark : what stands in the ledger: SHA-256 of salt, kind and content
    salt : random, hex
    kind : "report", "claim", "question", "verdict", "note" or another word
    content : canonical JSON
    """

    mark: str
    salt: str
    kind: str
    content: str

    @property
    def holds(self) -> bool:
        """True where the mark is that of salt, kind and content."""
        return self.mark == mark_of(self.salt, self.kind, self.content)


def seal(kind: str, value: Any) -> Sealed:
    """Seal plain JSON under a new salt."""
    content = canonical_json(value).decode()
    salt = secrets.token_hex(SALT_BYTES)
    return Sealed(mark_of(salt, kind, content), salt, kind, content)


def mark_of(salt: str, kind: str, content: str) -> str:
    """The salted hash."""
    return hash_json({"salt": salt, "kind": kind, "content": content})

"""`gossan key trust`, `list`, `forget`: keys that their owners confirmed to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.evidence.fingerprint import words_of
from gossan.io.known_keys import changing_known_keys, known_keys_file, read_known_keys
from gossan.run.publish import public_key

LONGEST = 100
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key, the name the reader gave it, and its words."""

    key: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a dossier, as far as its reader knows.

    Attributes
    ----------
    key : the public key, "" where nobody signed
    name : the name under which the reader knows it, "" none
    given : True where the reader named this very key with `--key`
    """

    key: str
    name: str
    given: bool

    @property
    def confirmed(self) -> bool:
        """True where the reader said, now or before, that this key is the maker's."""
        return bool(self.key) and (self.given or bool(self.name))

    @property
    def words(self) -> tuple[str, ...]:
        """The key's words; none where nobody signed."""
        return words_of(self.key) if self.key else ()


def signer_of(key: str, expected: str) -> Signer:
    """The signer with this key; `expected` is the one the reader named, "" none."""
    return Signer(key, read_known_keys().get(key, "") if key else "", bool(expected))


def trust_key(given: str, name: str) -> tuple[KnownKey, Path]:
    """Keep a key (text, or a file that holds it) under a name; returns it, and where it is kept.

    Raises GossanError (SIGNATURE) where the name is taken by another key, or is no name.
    """
    key, name = public_key(given), name.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "Expected a name of 1 to {n} characters in one line, found {name}.",
                n=LONGEST,
                name=repr(name[:40]),
            ),
            tr('Give whose key it is, e.g. --name "Desk of the Example".'),
        )
    with changing_known_keys() as known:
        other = next((k for k, n in known.items() if n == name and k != key), None)
        if other is not None:
            raise GossanError(
                Code.SIGNATURE,
                tr('You know another key as "{name}": {key}.', name=name, key=other),
                tr(
                    "Give another name; or, where its owner told you of the new key, forget the "
                    "old one first with `gossan key forget`."
                ),
            )
        known[key] = name
    return KnownKey(key, name, words_of(key)), known_keys_file()


def known_keys() -> list[KnownKey]:
    """All of them by name."""
    return [KnownKey(k, n, words_of(k)) for k, n in sorted(read_known_keys().items(), key=_name)]


def forget_key(given: str) -> KnownKey:
    """Forget the key of this name, or this key. Raises GossanError (SIGNATURE) where unknown."""
    with changing_known_keys() as known:
        key = next((k for k, n in known.items() if n == given.strip()), None) or public_key(given)
        if key not in known:
            raise GossanError(
                Code.SIGNATURE,
                tr("You do not know {key}.", key=key),
                tr("`gossan key list` shows those you know."),
            )
        name = known.pop(key)
    return KnownKey(key, name, words_of(key))


def _name(entry: tuple[str, str]) -> tuple[str, str]:
    return entry[1].casefold(), entry[0]

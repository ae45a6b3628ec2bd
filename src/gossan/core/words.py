"""Every word that a person reads comes through here: English in the code, the rest from catalogues.

The English text is the key of the catalogue (gettext's msgid) and carries named fields, so a
translation may turn their order: `tr("{n_days} days without a usable image", n_days=12)`. English
needs no catalogue. `make words` collects the texts into `locale/gossan.pot`; docs/translating.md
says how a language is added.

Records, tables for machines and the ledger stay English, the same whoever works:
what was put through here is kept as `english(text)`.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from gossan.core.errors import Code, GossanError

ENGLISH = "en"
VARIABLE = "GOSSAN_LANG"
"""Names the language of the terminal: a code such as `ru`, or the path of a `.mo` to try."""

DOMAIN = "gossan"
LOCALE = Path(__file__).parents[1] / "locale"
"""Catalogues, LANGUAGE/LC_MESSAGES/gossan.mo: data of this package, as the templates are."""

_CODE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")


@dataclass(frozen=True)
class Language:
    """A language and its words.

    Attributes
    ----------
    code : `ru`, `pt_BR`; of a catalogue given by path, the file's name without its suffix
    words : the catalogue; a text it does not have stays English
    """

    code: str
    words: NullTranslations


class Translated(str):
    """A text in another language that knows its English."""

    __slots__ = ("english",)
    english: str


def english(text: str) -> str:
    """The text as it is kept: in English, whatever language it was made in."""
    return text.english if isinstance(text, Translated) else text


def tr(text: str, /, **fields: object) -> str:
    """A text in the language of now, its `{named}` fields filled in.

    Raises KeyError where a field is missing. Braces that are shown are written twice.
    """
    return _filled(text, _language.get().words.gettext(text), fields)


def trn(one: str, many: str, n: int, /, **fields: object) -> str:
    """The same for what is counted: `one` for 1 in English, `many` for other numbers.

    Other languages have more forms, chosen by n; `{n}` is a field of every text.
    """
    found = _language.get().words.ngettext(one, many, n)
    return _filled(one if n == 1 else many, found, {"n": n, **fields})


def trc(context: str, text: str, /, **fields: object) -> str:
    """The same for a short text that means several things; the context tells them apart."""
    return _filled(text, _language.get().words.pgettext(context, text), fields)


def tr_later(text: str) -> str:
    """The text unchanged, put into the catalogue: for constants that `tr_now` shows."""
    return text


def tr_now(text: str, /, **fields: object) -> str:
    """Translate a text that is written in a constant, where `tr_later` marks it."""
    return tr(text, **fields) if text else ""  # gettext answers "" with the catalogue's head


def _filled(text: str, found: str, fields: dict[str, object]) -> str:
    """Numbers and dates are written by the text's own format specs, the same in every language."""
    if found is text and not any(isinstance(f, Translated) for f in fields.values()):
        return text.format(**fields)
    translated = Translated(found.format(**fields))
    known = {k: english(f) if isinstance(f, str) else f for k, f in fields.items()}
    translated.english = text.format(**known)
    return translated


def language() -> Language:
    """The language of now."""
    return _language.get()


@contextmanager
def use_language(name: str) -> Iterator[Language]:
    """Speak another language in this context; a thread begins with that of the process.

    Raises GossanError (SYSTEM) where it has no catalogue.
    """
    spoken = open_language(name)
    token = _language.set(spoken)
    try:
        yield spoken
    finally:
        _language.reset(token)


def open_language(name: str) -> Language:
    """A language by its code, or the catalogue at a path that ends with `.mo`.

    Raises GossanError (SYSTEM) where there is none or it cannot be read.
    """
    if name == ENGLISH:
        return Language(ENGLISH, NullTranslations())
    path = Path(name)
    if path.suffix != ".mo":
        path = LOCALE / name / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if not _CODE.fullmatch(name) or not path.is_file():
            raise GossanError(  # in English: whoever reads this has no other words yet
                Code.SYSTEM,
                f"No words for the language {name!r}, expected one of {', '.join(languages())}.",
                f"Set {VARIABLE} to one of them, or to the path of a catalogue (.mo).",
            )
    code = path.stem if name.endswith(".mo") else name
    try:
        with path.open("rb") as file:
            return Language(code, GNUTranslations(file))
    except (OSError, ValueError, LookupError, struct.error) as error:
        raise GossanError(
            Code.SYSTEM,
            f"The catalogue of words {path} cannot be read: {error}.",
            f"Set {VARIABLE} to {ENGLISH}, or make the catalogue again.",
        ) from error


def languages() -> tuple[str, ...]:
    """Codes of the languages that gossan speaks, English first."""
    return (ENGLISH, *sorted(p.parts[-3] for p in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def chosen() -> Language:
    """The language that the environment asks for, of the terminal and of `--help`.

    Only `GOSSAN_LANG` is read. LANG is not: with the first language that follows, people who run
    scripts would find their output changed. Raises GossanError as `open_language` does.
    """
    return open_language(os.environ.get(VARIABLE) or ENGLISH)


def _at_start() -> Language:
    """Before anything can be said of it; `main` asks `chosen` again and says what is wrong."""
    try:
        return chosen()
    except GossanError:
        return open_language(ENGLISH)


_START = _at_start()
_language: ContextVar[Language] = ContextVar("language", default=_START)

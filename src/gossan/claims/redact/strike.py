"""Find and blot out what a person names: words, or a pattern, however they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from gossan.claims.folded import fold
from gossan.claims.redact.rules import BLOCK, blot, redact
from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

Spans = Callable[[str], list[tuple[int, int]]]
"""A text -> where in it stands what is to go."""
_SHORTEST = 3
_BLOCKS = re.compile(f"{BLOCK}+")


def by_text(text: str) -> Spans:
    """Words as given, whatever their case and what parts them, encoded or not."""
    words = fold(text).text.split()
    if sum(map(len, words)) < _SHORTEST:
        _fail(
            tr(
                "Expected {shortest} letters or more to strike, found {text!r:.20}.",
                shortest=_SHORTEST,
                text=text,
            )
        )
    return _by(re.compile(r"[\s_.,+-]{1,9}".join(map(re.escape, words)), re.IGNORECASE))


def by_pattern(pattern: str) -> Spans:
    """A regular expression of Python's, whatever the case of letters."""
    try:
        made = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        _fail(tr("The pattern cannot be read: {reason}.", reason=error))
    if made.search(""):
        _fail(tr("The pattern fits the empty text, so that everything would go."))
    return _by(made)


def by_rules(countries: tuple[str, ...]) -> Spans:
    """Whatever the rules of today find: for what an older gossan let in."""

    def spans(text: str) -> list[tuple[int, int]]:
        out, _ = redact(text, countries)
        return [m.span() for m in _BLOCKS.finditer(out) if text[slice(*m.span())] != m[0]]

    return spans


def _by(pattern: re.Pattern[str]) -> Spans:
    def spans(text: str) -> list[tuple[int, int]]:
        found = [m.span() for m in pattern.finditer(text) if m.end() > m.start()]
        folded = fold(text)
        if folded.text != text:
            found += [
                folded.span(*m.span()) for m in pattern.finditer(folded.text) if m.end() > m.start()
            ]
        return found

    return spans


def struck(text: str, find: Spans) -> str:
    """The text with blocks, as long as it was."""
    found = find(text)
    return blot(text, found) if found else text


def struck_plain(value: Any, find: Spans, bodies: tuple[str, str] | None = None) -> Any:
    """Plain JSON with blocks in its texts; ids, hashes and dates are looked through like all.

    `bodies` are the text that spans count into, as it was and as it becomes: what stands
    verbatim at a span follows it, also where a passage reaches beyond its ends.
    """
    if isinstance(value, str):
        return struck(value, find)
    if isinstance(value, list):
        return [struck_plain(v, find, bodies) for v in value]
    if not isinstance(value, Mapping):
        return value
    out = {k: struck_plain(v, find, bodies) for k, v in value.items()}
    span = value.get("span")
    if bodies is not None and isinstance(span, list) and len(span) == 2:
        old, new = (body[slice(*span)] for body in bodies)
        out |= {k: new for k, v in value.items() if old and v == old}
    return out


def _fail(problem: str) -> NoReturn:
    raise GossanError(
        Code.REPORT, problem, tr("Give --text WORDS, --pattern EXPRESSION or --document ID.")
    )

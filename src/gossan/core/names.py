"""Names of things known by a hash: how they are shown, found again and given.

Documents and claims are identified by a whole SHA-256; people see and type its first digits, as
many as tell it from all others of the case. Sites and water bodies change through time and have
no hash of their own: their case gives each a short name, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

DIGITS = 8
"""Hexadecimal digits that are shown of an id where they suffice."""
GIVEN_DIGITS = 6
"""Hexadecimal digits of a name that a case gives."""
LISTED = 6
"""Most things that fit a name that are listed."""


def shown(ids: Iterable[str]) -> dict[str, str]:
    """Each id ("C-" and hexadecimal digits) -> the shortest beginning of it, of at least `DIGITS`
    digits, that begins no other. An id that begins another one stays whole."""
    order = sorted(ids)
    out = {}
    for before, name, after in zip(["", *order], order, [*order[1:], ""], strict=False):
        shared = max(_shared(before, name), _shared(name, after))
        out[name] = name[: max(shared + 1, len("C-") + DIGITS)]
    return out


def _shared(a: str, b: str) -> int:
    """Characters that two texts have in common at their beginning."""
    ends = (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    return next(ends, min(len(a), len(b)))


def one_named(ids: Collection[str], name: str, mark: str, what: str, code: Code, hint: str) -> str:
    """The id that `name` is, or is the beginning of; `mark` ("C-") may be left out.

    Raises GossanError (`code`) where several fit, naming them, and with `hint` where none does.
    """
    wanted = name if name.startswith(mark) else mark + name
    if wanted in ids:
        return wanted
    found = sorted(i for i in ids if i.startswith(wanted)) if wanted != mark else []
    if len(found) == 1:
        return found[0]
    if not found:
        problem = tr(
            'Expected the id of one {what}, found no {what} for "{name}".',
            what=what,
            name=name[:80],
        )
        raise GossanError(code, problem, hint)
    names = shown(ids)
    listed = ", ".join(names[i] for i in found[:LISTED])
    if len(found) > LISTED:
        listed = tr("{listed} and {more} more", listed=listed, more=len(found) - LISTED)
    problem = tr(
        'Expected the id of one {what}, found {n} {what}s for "{name}": {listed}.',
        what=what,
        n=len(found),
        name=name[:80],
        listed=listed,
    )
    raise GossanError(code, problem, tr("Type more of its digits."))


def given_name(mark: str, identity: str, taken: Collection[str], given: Mapping[str, str]) -> str:
    """A name for something new: `mark` and `GIVEN_DIGITS` digits of the SHA-256 of `identity`.

    It is none of `taken`, and none of `given` (name -> what it was given for) unless it was given
    for this very identity. Where the first name is not free, that of "identity/1" is tried,
    and so on.
    """
    for again in range(len(taken) + len(given) + 1):
        salted = identity if again == 0 else f"{identity}/{again}"
        made = mark + hashlib.sha256(salted.encode()).hexdigest()[:GIVEN_DIGITS]
        if made not in taken and given.get(made, identity) == identity:
            return made
    raise AssertionError("more names taken than there are things")

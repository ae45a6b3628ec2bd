"""What came of a verification, as three answers to three questions that are easily taken for one.

Whether anything was changed, who made it, and whether it comes out again when computed anew: a
dossier may be unchanged and by a stranger who invented it. So none of the answers is "nothing is
wrong".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from gossan.run.verify import Verified

if TYPE_CHECKING:  # it loads slowly, and most verifications compute nothing
    from gossan.run.rerun import Rerun


class Status(IntEnum):
    """How `gossan verify` ends. 2 is also every error: what is wrong is said, and nothing else."""

    HOLDS = 0
    DIFFERS = 2
    NOT_WHOLE = 3
    UNCONFIRMED = 4


@dataclass(frozen=True)
class Answer:
    """One of the three.

    Attributes
    ----------
    key : stable name for machines: "unchanged", "maker" or "computed_anew"
    holds : True yes, False no, None it cannot be said
    question : the heading
    sentences : the answer in plain words, first the finding
    """

    key: str
    holds: bool | None
    question: str
    sentences: tuple[str, ...]


def answers(found: Verified, again: Rerun | None) -> tuple[Answer, Answer, Answer]:
    """The three answers. `again` is None where nothing was computed anew."""
    return _unchanged(found), _maker(found), _computed(again)


def status(found: Verified, again: Rerun | None) -> Status:
    """How the command ends: the gravest of what was found."""
    if again is not None and not again.identical and (again.inputs or again.differences):
        return Status.DIFFERS
    if not found.signer.confirmed:
        return Status.UNCONFIRMED
    if not found.whole or (again is not None and again.left):
        return Status.NOT_WHOLE
    return Status.HOLDS


def _unchanged(found: Verified) -> Answer:
    since = "since it was signed" if found.signer.key else "as far as the dossier itself can tell"
    lacking = tuple(f"Not compared: {c.what}: {c.words}." for c in found.checks if not c.whole)
    told = f"Yes, {since}: all that is shown agrees with the record of it."
    if lacking:
        told = f"Not everything could be compared. What could be is unchanged {since}."
    if not found.signer.key:
        lacking += ("Without a signature, somebody may have made all of it anew.",)
    whole = found.whole and bool(found.signer.key)
    return Answer("unchanged", whole or None, "Unchanged since it was made?", (told, *lacking))


def _maker(found: Verified) -> Answer:
    signer, told = found.signer, []
    if not signer.key:
        told.append(
            "Nobody signed it. Whoever had it in hand could have written anything in it, and "
            "nothing in it says who that was."
        )
    elif signer.name:
        told.append(f'By the key you know as "{signer.name}": {signer.key}.')
    elif signer.given:
        told.append(f"By the key you gave: {signer.key}.")
    else:
        told += [
            f"By a key that you have not confirmed: {signer.key}.",
            "Whoever holds it could have written anything in this dossier, and signed it.",
            f"Its words: {' '.join(signer.words)}.",
            "Ask the maker for these words by telephone, or compare the key with what the maker "
            "publishes, but not with this dossier. If they agree: "
            f'`gossan key trust {signer.key} --name "WHO IT IS"`.',
        ]
    told += [
        f"The ledger says that {other} signed an earlier dossier of this case."
        for other in found.others
    ]
    return Answer(
        "maker", signer.confirmed or None, "Who made it, and when?", (*told, *_when(found))
    )


def _when(found: Verified) -> list[str]:
    """When at the latest it existed."""
    if not found.stamps:
        return ["When it was made nobody else attests: it bears no time-stamp."]
    return [
        f"It existed at the latest on {s.time:%Y-%m-%d %H:%M:%S} UTC, says {s.authority}; its "
        f"certificates end at {s.root}, "
        + ("which you trust." if s.trusted else "which you have not said you trust (--tsa-root).")
        for s in found.stamps
    ]


def _computed(again: Rerun | None) -> Answer:
    question = "Computed anew and the same?"
    if again is None:
        told = "Not tried. `--rerun` fetches the images again and computes every figure."
        return Answer("computed_anew", None, question, (told,))
    if not again.scenes:
        return Answer(
            "computed_anew", None, question, tuple(f"No: {x.rstrip('.')}." for x in again.left)
        )
    from gossan.run.compare import TOLERANCE

    n = f"Computed again from {again.scenes} images."
    left = tuple(f"Not all of it: {x.rstrip('.')}." for x in again.left)
    if again.identical and not left:
        told = "Identical: every image and every figure, to the last bit."
        return Answer("computed_anew", True, question, (f"Yes. {n} {told}",))
    if again.inputs or again.differences:
        told = (
            f"No. {n} Images that are no longer as they were: {len(again.inputs)}; figures that "
            f"came out otherwise: {len(again.differences)}."
        )
        return Answer("computed_anew", False, question, (told, *left))
    near = ""
    if again.near:
        near = f" {again.near} numbers differ by less than {TOLERANCE:g} of themselves."
    told = "Yes, what could be." if left else "Yes, but for rounding."
    return Answer("computed_anew", None if left else True, question, (f"{told} {n}{near}", *left))

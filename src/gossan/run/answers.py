"""What came of a verification, as three answers to three questions that are easily taken for one.

Whether anything was changed, who made it, and whether it comes out again when computed anew: a
dossier may be unchanged and by a stranger who invented it. So none of the answers is "nothing is
wrong".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from gossan.core.words import tr, trn
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
    question = tr("Unchanged since it was made?")
    lacking = tuple(
        tr("Not sure of {what}: {words}.", what=c.what, words=c.words)
        for c in found.checks
        if not c.whole
    )
    if not found.signer.key:
        told = tr("All that is shown agrees with the record of it.")
        but = tr("Without a signature, somebody may have made all of it anew.")
        return Answer("unchanged", None, question, (told, *lacking, but))
    told = tr("Yes, since it was signed: all that is shown agrees with the record of it.")
    if lacking:
        told = tr(
            "Not everything could be compared. What could be is unchanged since it was signed."
        )
    return Answer("unchanged", None if lacking else True, question, (told, *lacking))


def _maker(found: Verified) -> Answer:
    signer = found.signer
    if not signer.key:
        told = [
            tr(
                "Nobody signed it. Whoever had it in hand could have written anything in it, and "
                "nothing in it says who that was."
            )
        ]
    elif signer.name:
        told = [tr('By the key you know as "{name}": {key}.', name=signer.name, key=signer.key)]
    elif signer.given:
        told = [tr("By the key you gave: {key}.", key=signer.key)]
    else:
        told = [
            tr("By a key that you have not confirmed: {key}.", key=signer.key),
            tr("Whoever holds it could have written anything in this dossier, and signed it."),
            tr("Its words: {words}.", words=" ".join(signer.words)),
            tr(
                "Ask the maker for these words by telephone, or compare the key with what the "
                "maker publishes, but not with this dossier. If they agree: `{command}`.",
                command=f'gossan key trust {signer.key} --name "WHO IT IS"',
            ),
        ]
    told += [
        tr("The ledger says that {key} signed an earlier dossier of this case.", key=other)
        for other in found.others
    ]
    question = tr("Who made it, and when?")
    return Answer("maker", signer.confirmed or None, question, (*told, *_when(found)))


def _when(found: Verified) -> list[str]:
    """When at the latest it existed."""
    if not found.stamps:
        return [tr("When it was made nobody else attests: it bears no time-stamp.")]
    return [
        tr(
            "It existed at the latest on {time:%Y-%m-%d %H:%M:%S} UTC, says {authority}; its "
            "certificates end at {root}, {trust}.",
            time=s.time,
            authority=s.authority,
            root=s.root,
            trust=tr("which you trust")
            if s.trusted
            else tr("which you have not said you trust (--tsa-root)"),
        )
        for s in found.stamps
    ]


def _computed(again: Rerun | None) -> Answer:
    question = tr("Computed anew and the same?")
    if again is None:
        told = tr("Not tried. `--rerun` fetches the images again and computes every figure.")
        return Answer("computed_anew", None, question, (told,))
    if not again.scenes:
        none = tuple(tr("No: {why}.", why=x.rstrip(".")) for x in again.left)
        return Answer("computed_anew", None, question, none)
    from gossan.run.compare import TOLERANCE

    left = tuple(tr("Not all of it: {why}.", why=x.rstrip(".")) for x in again.left)
    told = trn("Computed again from {n} image.", "Computed again from {n} images.", again.scenes)
    if again.inputs or again.differences:
        found = tr(
            "No: {images} images are no longer as they were, {figures} figures came out otherwise.",
            images=len(again.inputs),
            figures=len(again.differences),
        )
        return Answer("computed_anew", False, question, (told, found, *left))
    if again.near:
        found = trn(
            "Yes, but for rounding: {n} number differs by less than {share:g} of itself.",
            "Yes, but for rounding: {n} numbers differ by less than {share:g} of themselves.",
            again.near,
            share=TOLERANCE,
        )
    else:
        found = tr("Identical: every image and every figure, to the last bit.")
    return Answer("computed_anew", None if left else True, question, (told, found, *left))

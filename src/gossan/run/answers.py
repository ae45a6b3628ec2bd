"""What came of a verification, as three answers to three questions that are easily taken for one.

Whether anything was changed, who made it, and whether it comes out again when computed anew: a
dossier may be unchanged and by a stranger who invented it. So none of the answers is "nothing is
wrong".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from gossan.core.words import tr
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
    since = (
        tr("since it was signed")
        if found.signer.key
        else tr("as far as the dossier itself can tell")
    )
    lacking = tuple(
        tr("Not compared: {what}: {words}.", what=c.what, words=c.words)
        for c in found.checks
        if not c.whole
    )
    told = tr("Yes, {since}: all that is shown agrees with the record of it.", since=since)
    if lacking:
        told = tr(
            "Not everything could be compared. What could be is unchanged {since}.", since=since
        )
    if not found.signer.key:
        lacking += (tr("Without a signature, somebody may have made all of it anew."),)
    whole = found.whole and bool(found.signer.key)
    return Answer("unchanged", whole or None, tr("Unchanged since it was made?"), (told, *lacking))


def _maker(found: Verified) -> Answer:
    signer, told = found.signer, []
    if not signer.key:
        told.append(
            tr(
                "Nobody signed it. Whoever had it in hand could have written anything in it, and "
                "nothing in it says who that was."
            )
        )
    elif signer.name:
        told.append(tr('By the key you know as "{name}": {key}.', name=signer.name, key=signer.key))
    elif signer.given:
        told.append(tr("By the key you gave: {key}.", key=signer.key))
    else:
        told += [
            tr("By a key that you have not confirmed: {key}.", key=signer.key),
            tr("Whoever holds it could have written anything in this dossier, and signed it."),
            tr("Its words: {words}.", words=" ".join(signer.words)),
            tr(
                "Ask the maker for these words by telephone, or compare the key with what the "
                "maker "
                "publishes, but not with this dossier. If they agree: "
                '`gossan key trust {key} --name "WHO IT IS"`.',
                key=signer.key,
            ),
        ]
    told += [
        tr("The ledger says that {other} signed an earlier dossier of this case.", other=other)
        for other in found.others
    ]
    return Answer(
        "maker", signer.confirmed or None, tr("Who made it, and when?"), (*told, *_when(found))
    )


def _when(found: Verified) -> list[str]:
    """When at the latest it existed."""
    if not found.stamps:
        return [tr("When it was made nobody else attests: it bears no time-stamp.")]
    return [
        tr(
            "It existed at the latest on {time:%Y-%m-%d %H:%M:%S} UTC, says {authority}; its "
            "certificates end at {root}, ",
            time=s.time,
            authority=s.authority,
            root=s.root,
        )
        + (
            tr("which you trust.")
            if s.trusted
            else tr("which you have not said you trust (--tsa-root).")
        )
        for s in found.stamps
    ]


def _computed(again: Rerun | None) -> Answer:
    question = tr("Computed anew and the same?")
    if again is None:
        told = tr("Not tried. `--rerun` fetches the images again and computes every figure.")
        return Answer("computed_anew", None, question, (told,))
    if not again.scenes:
        return Answer(
            "computed_anew",
            None,
            question,
            tuple(tr("No: {reason}.", reason=x.rstrip(".")) for x in again.left),
        )
    from gossan.run.compare import TOLERANCE

    n = tr("Computed again from {scenes} images.", scenes=again.scenes)
    left = tuple(tr("Not all of it: {reason}.", reason=x.rstrip(".")) for x in again.left)
    if again.identical and not left:
        told = tr("Identical: every image and every figure, to the last bit.")
        return Answer("computed_anew", True, question, (tr("Yes. {n} {told}", n=n, told=told),))
    if again.inputs or again.differences:
        told = tr(
            "No. {n} Images that are no longer as they were: {n_inputs}; figures that came out "
            "otherwise: {n_differences}.",
            n=n,
            n_inputs=len(again.inputs),
            n_differences=len(again.differences),
        )
        return Answer("computed_anew", False, question, (told, *left))
    near = ""
    if again.near:
        near = tr(
            " {near} numbers differ by less than {tolerance:g} of themselves.",
            near=again.near,
            tolerance=TOLERANCE,
        )
    told = tr("Yes, what could be.") if left else tr("Yes, but for rounding.")
    return Answer("computed_anew", None if left else True, question, (f"{told} {n}{near}", *left))

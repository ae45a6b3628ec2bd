"""Every observable there is: gossan's own, and those that other packages bring.

A package brings one by an entry point of the group `gossan.observables` whose name is the
observable's key and whose object is the observable.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gossan.core.errors import Code, GossanError
from gossan.core.others import others
from gossan.core.statements import ClaimType
from gossan.core.words import tr
from gossan.observables.observable import Observable

if TYPE_CHECKING:
    from gossan.core.verdicts import Question

BUILT_IN = ("limits", "water", "terrain", "traffic", "kind", "vegetation", "ground")
"""Rooms of gossan, each with a module `observable` that holds OBSERVABLE, in the order in which
they measure and are asked: the first one that answers a claim has it."""


@cache
def observables() -> tuple[Observable[Any], ...]:
    """All of them: gossan's own, then those of other packages by key.

    Raises GossanError (CASE) naming a package whose observable cannot be loaded or has a key that
    is taken.
    """
    own = [import_module(f"gossan.observables.{room}.observable").OBSERVABLE for room in BUILT_IN]
    found = {o.key: o for o in own}
    for entry in others():
        package = entry.dist.name if entry.dist else entry.value
        if entry.name in found:
            raise _refused(package, tr("the key {entry} is taken", entry=entry.name))
        try:
            made = entry.load()
        except Exception as error:  # whatever another package does wrong
            raise _refused(package, str(error) or type(error).__name__) from error
        if made.key != entry.name:
            raise _refused(
                package,
                tr("its key is {key}, its entry point {entry}", key=made.key, entry=entry.name),
            )
        found[made.key] = made
    return tuple(found.values())


def answering(question: Question) -> Observable[Any] | None:
    """Who judges what a question asks for, None where nobody here does."""
    return next((o for o in observables() if question.observable in o.measures), None)


def claim_types() -> tuple[str, ...]:
    """Every type a claim may have."""
    return (*(t.value for t in ClaimType), *(t for o in observables() for t in o.claim_types))


def _refused(package: str, why: str) -> GossanError:
    return GossanError(
        Code.CASE,
        tr(
            "The package {package} brings no observable that gossan can use: {reason}.",
            package=package,
            reason=why,
        ),
        tr("Take another version of {package}, or uninstall it.", package=package),
    )

"""What an observable is: one thing measured of a case, asked about, shown and measured again.

A room of `observables`, or another package, makes one by a subclass of `Observable` that gives
what it has; `observables.registry` finds it. Whoever drives (`run`, `cli`) knows this and no
observable by name. How to add one: docs/observables.md.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gossan.core.words import tr

if TYPE_CHECKING:  # the command line loads every observable for its name, and none of its work
    from datetime import date
    from pathlib import Path

    from gossan.case.context import OpenCase
    from gossan.case.pixels import Pixels
    from gossan.case.sites import CaseSites
    from gossan.case.state import Monitored
    from gossan.claims.measurements import Measurements
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim, ClaimType, Report
    from gossan.core.values import Site
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.chapter import Block, Chapter
    from gossan.dossier.model import DossierModel
    from gossan.evidence.ledger import Record
    from gossan.io.case_db import Document

M = TypeVar("M")

Asker = Callable[["Claim", "Report"], "Question | None"]
"""(claim, its report) -> the question for it, None where it asks for something else."""


@dataclass(frozen=True)
class Updated:
    """An opened case with its state and its sites, with their kinds where they were weighed."""

    case: OpenCase
    state: Monitored
    sites: CaseSites

    @cached_property
    def pixels(self) -> Pixels:
        """All looks; read when they are first wanted."""
        from gossan.case.pixels import Pixels

        return Pixels.of(self.state)


@dataclass(frozen=True)
class Again:
    """A dossier that is computed anew.

    Attributes
    ----------
    folder : of the new case
    model, chain : of the dossier, and its ledger
    case : folder of the case that still holds what is no part of a dossier, None not named
    """

    folder: Path
    model: DossierModel
    chain: Sequence[Record]
    case: Path | None
    progress: Progress

    def last(self, action: str) -> Mapping[str, Any] | None:
        """The last record of an action, None where the ledger has none."""
        return next((body for body, _ in reversed(self.chain) if body["action"] == action), None)


@dataclass(frozen=True)
class Told:
    """What a command says: plain values for machines, blocks for the terminal."""

    plain: Any
    blocks: tuple[Block, ...]


class Observable(Protocol[M]):
    """One thing that is measured; `M` is what it has measured of a case.

    Attributes
    ----------
    key : "water": name of its section of case.toml, of its chapter and of the ledger action that
        records its measurements
    measures : what its questions ask for, in words: `Question.observable`
    claim_types : types of claim it brings beside gossan's own
    place : its chapter stands after those with a smaller one
    settings : dataclass of its section of case.toml where another package brings it, declared as
        in `core.settings`; `settings_in` there reads it
    by_images : True where a command measures it from the images known by then, so that a re-run
        measures it with just those; False where it rests on sites, and is measured last
    varies : True where its answers can be tried with other images and thresholds, as
        `gossan sensitivity` does
    """

    key: str
    measures: tuple[str, ...] = ()
    claim_types: tuple[str, ...] = ()
    place: int = 50
    settings: type[Any] | None = None
    by_images: bool = True
    varies: bool = False

    def command(self) -> Callable[..., Told] | None:
        """What its command calls, named as the function is: options by typer's annotations, and
        a `progress` that the command line gives."""
        return None

    @abstractmethod
    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> M:
        """What the case holds of it; measured now where that takes no command. `now` is None
        before the first update. Raises GossanError as the measurement does."""

    def chapter(self, now: Updated) -> Chapter | None:
        """Its chapter of the dossier, None where the case has nothing of it."""
        return None

    def claim_type(self, text: str, kind: ClaimType) -> str | None:
        """The type of a sentence that by gossan's own words were a `kind`; None leaves it so."""
        return None

    def asks(self, case: OpenCase) -> Asker:
        """What makes questions of claims, before anything that was measured is read. What of the
        case a question fixes (names of what is followed) is read here, once."""
        return lambda _claim, _report: None

    def judge(
        self, question: Question, claim: Claim, found: M, ground: Measurements | None
    ) -> Verdict:
        """The verdict on a claim whose question asks for one of `measures`. `ground` is None
        before the first update."""
        from gossan.claims.judge import undecided

        return replace(
            undecided(question, claim), reason=tr("{key} answers no question.", key=self.key)
        )

    def explains(
        self, found: M, question: Question, ground: Measurements, near: Sequence[Site]
    ) -> str | None:
        """Another explanation of changed ground at the `near` sites, tested: one sentence."""
        return None

    def doubts(self, found: M, verdict: Verdict, claim: Claim) -> Verdict:
        """A verdict on changed ground, left open where what was found speaks against it."""
        return verdict

    def with_images(self, found: M, looks: Sequence[date]) -> M:
        """The same as if only images of the days `looks` had been there; asked where it `varies`."""
        return found

    def decided(self, model: DossierModel) -> Sequence[Document]:
        """What persons decided of it by a dossier, for the database of the case of a re-run."""
        return ()

    def again(self, rerun: Again) -> tuple[str, ...]:
        """Measure it in the case of a re-run as the ledger says it was measured. Returns, in
        words, why it was not done; nothing where it was, or never had been."""
        return ()

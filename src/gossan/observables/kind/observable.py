"""The kind of change of each site as an observable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gossan.observables.observable import Asker, Observable, Told, Updated

if TYPE_CHECKING:
    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements
    from gossan.core.kinds import KindOfSite
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim
    from gossan.core.values import Site
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.model import DossierModel
    from gossan.io.case_db import Document


TAILINGS = "new ground of tailings"
"""What is asked: `Question.observable`."""


class Kind(Observable["Mapping[str, KindOfSite]"]):
    """The kind of each site by its id, weighed whenever a site is new."""

    key = "kind"
    measures = (TAILINGS,)

    def command(self) -> Callable[..., Told]:
        """`gossan kinds`."""
        from gossan.observables.kind.command import kinds

        return kinds

    def found(
        self, case: OpenCase, now: Updated | None, progress: Progress
    ) -> Mapping[str, KindOfSite]:
        """Weighed now where a site is new."""
        if now is None:
            return {}
        from gossan.observables.kind.run import kinds_of

        return kinds_of(now, progress)

    def asks(self, case: OpenCase) -> Asker:
        """Whether tailings or their dam took new ground."""
        from gossan.observables.kind.claims import tailings_question

        minimum = case.config.sites.min_area_ha
        return lambda claim, report: tailings_question(claim, report, minimum)

    def judge(
        self,
        question: Question,
        claim: Claim,
        found: Mapping[str, KindOfSite],
        ground: Measurements | None,
    ) -> Verdict:
        """By the kinds of the sites that changed."""
        from gossan.observables.kind.claims import judge_tailings

        return judge_tailings(question, claim, found, ground)

    def explains(
        self,
        found: Mapping[str, KindOfSite],
        question: Question,
        ground: Measurements,
        near: Sequence[Site],
    ) -> str | None:
        """Another kind of change than works."""
        from gossan.observables.kind.claims import another_kind

        return another_kind(found, question, ground, near)

    def doubts(self, found: Mapping[str, KindOfSite], verdict: Verdict, claim: Claim) -> Verdict:
        """Ground that by its kind is no works supports no claim of works."""
        from gossan.observables.kind.claims import held_to_kind

        return held_to_kind(verdict, claim, found)

    def decided(self, model: DossierModel) -> Sequence[Document]:
        """The kinds that a person gave."""
        from gossan.case.documents import document
        from gossan.observables.kind.run import DECIDED

        return [document(DECIDED, i, k.decision) for i, k in model.kinds.items() if k.decision]


OBSERVABLE = Kind()

"""Disturbed ground as an observable: what claims ask of the sites themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gossan.core.verdicts import ON_GROUND
from gossan.observables.observable import Asker, Observable, Updated

if TYPE_CHECKING:
    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements as Measured
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim
    from gossan.core.verdicts import Question, Verdict


class Measurements(Observable[None]):
    """Sites, which `case.sites` finds and every check is given."""

    key = "ground"
    measures = ON_GROUND
    varies = True

    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> None:
        """Nothing beside the sites."""

    def asks(self, case: OpenCase) -> Asker:
        """Whether ground was newly broken, or none was, and how much there is."""
        from gossan.claims.questions import ground_question

        minimum = case.config.sites.min_area_ha
        return lambda claim, report: ground_question(claim, report, minimum)

    def judge(
        self, question: Question, claim: Claim, found: None, ground: Measured | None
    ) -> Verdict:
        """By the steps in which sites near the place grew."""
        from gossan.claims.judge import judge

        return judge(question, claim, ground)


OBSERVABLE = Measurements()

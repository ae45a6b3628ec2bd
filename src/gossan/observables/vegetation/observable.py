"""Vegetation lost and recovered at the sites, as an observable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gossan.observables.observable import Asker, Observable, Updated

if TYPE_CHECKING:
    from datetime import date

    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim
    from gossan.core.vegetation import SiteVegetation
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.chapter import Chapter


VEGETATION_LOST = "area of vegetation lost"
"""What is asked: `Question.observable`."""


class Vegetation(Observable["Mapping[str, SiteVegetation]"]):
    """The loss at each site by its id, measured whenever a site is new."""

    key = "vegetation"
    measures = (VEGETATION_LOST,)
    place = 10
    varies = True

    def found(
        self, case: OpenCase, now: Updated | None, progress: Progress
    ) -> Mapping[str, SiteVegetation]:
        """Measured now where a site is new."""
        if now is None:
            return {}
        from gossan.observables.vegetation.run import vegetation_of

        return {i: loss.figures for i, loss in vegetation_of(now, progress).items()}

    def chapter(self, now: Updated) -> Chapter | None:
        """The chapter "Vegetation"."""
        from gossan.observables.vegetation.chapter import vegetation_chapter

        return vegetation_chapter(now)

    def asks(self, case: OpenCase) -> Asker:
        """How large an area of plants was lost."""
        from gossan.observables.vegetation.claims import vegetation_question

        minimum = case.config.sites.min_area_ha
        return lambda claim, report: vegetation_question(claim, report, minimum)

    def judge(
        self,
        question: Question,
        claim: Claim,
        found: Mapping[str, SiteVegetation],
        ground: Measurements | None,
    ) -> Verdict:
        """By the loss at the sites near the place named."""
        from gossan.observables.vegetation.claims import judge_vegetation

        return judge_vegetation(question, claim, found, ground)

    def with_images(
        self, found: Mapping[str, SiteVegetation], looks: Sequence[date]
    ) -> Mapping[str, SiteVegetation]:
        """Nothing: it is not measured at other sites, whose area is compared instead."""
        return {}


OBSERVABLE = Vegetation()

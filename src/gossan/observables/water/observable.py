"""Waters as an observable: standing water and turbidity through time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gossan.core.statements import Claim, ClaimType, Report
from gossan.observables.observable import Again, Asker, Observable, Told, Updated

if TYPE_CHECKING:
    from datetime import date

    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements
    from gossan.core.measured import Series
    from gossan.core.progress import Progress
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.chapter import Chapter
    from gossan.observables.water.lake_claims import LakePlace
    from gossan.observables.water.turbidity_claims import WaterPlace


WATER_STATE = "turbidity of water"
WATER_AREA = "area of standing water"
"""What is asked: `Question.observable`."""


class Water(Observable["Mapping[str, Series]"]):
    """Every series of the case by id."""

    key = "water"
    measures = (WATER_STATE, WATER_AREA)
    place = 20
    varies = True

    def command(self) -> Callable[..., Told]:
        """`gossan water`."""
        from gossan.observables.water.command import water

        return water

    def found(
        self, case: OpenCase, now: Updated | None, progress: Progress
    ) -> Mapping[str, Series]:
        """What `gossan water` measured."""
        from gossan.case.documents import series_of

        return series_of(case.db)

    def chapter(self, now: Updated) -> Chapter | None:
        """The chapter "Water"."""
        from gossan.observables.water.chapter import water_chapter

        return water_chapter(now)

    def claim_type(self, text: str, kind: ClaimType) -> str | None:
        """A lake that appeared or grew is a claim of water, not of works."""
        from gossan.observables.water.lake_claims import lake_change

        if kind in (ClaimType.FIRST_APPEARANCE, ClaimType.EXPANSION) and lake_change(text):
            return ClaimType.WATER
        return None

    def asks(self, case: OpenCase) -> Asker:
        """For a state of a water, for what became of a lake, and for what colours no water."""
        from gossan.observables.water.run import waters_followed

        return asker(*waters_followed(case))

    def judge(
        self,
        question: Question,
        claim: Claim,
        found: Mapping[str, Series],
        ground: Measurements | None,
    ) -> Verdict:
        """By the readings of the series asked for."""
        from gossan.observables.water.lake_claims import judge_lakes
        from gossan.observables.water.turbidity_claims import judge_water

        judged_by = judge_lakes if question.water is None else judge_water
        return judged_by(question, claim, found)

    def with_images(
        self, found: Mapping[str, Series], looks: Sequence[date]
    ) -> Mapping[str, Series]:
        """Series without the readings of other images."""
        from gossan.observables.water.series import seen_on

        return {i: seen_on(s, looks) for i, s in found.items()}

    def again(self, rerun: Again) -> tuple[str, ...]:
        """With the files that the case named still holds."""
        from gossan.observables.water.run import water_again

        return water_again(rerun)


def asker(
    waters: Sequence[WaterPlace], lakes: Sequence[LakePlace], normal_until: date | None
) -> Asker:
    """Asks of the waters whose turbidity is followed and of those whose area is; they are as
    usual until a day, None not said."""
    from gossan.observables.water.lake_claims import lake_change, lake_question
    from gossan.observables.water.turbidity_claims import says_a_state, water_question

    def ask(claim: Claim, report: Report) -> Question | None:
        if claim.type not in (ClaimType.WATER, ClaimType.TAILINGS):
            return None
        if says_a_state(claim):
            return water_question(claim, waters, normal_until)
        if lake_change(claim.text) is not None:
            return lake_question(claim, lakes, report.published.day)
        coloured = claim.type == ClaimType.WATER
        return water_question(claim, waters, normal_until) if coloured else None

    return ask


OBSERVABLE = Water()

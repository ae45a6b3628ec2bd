"""Traffic as an observable: moving bright large vehicles on roads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gossan.observables.observable import Again, Asker, Observable, Told, Updated

if TYPE_CHECKING:
    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim
    from gossan.core.traffic import TrafficRun
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.chapter import Chapter


TRAFFIC = "moving bright large vehicles"
"""What is asked: `Question.observable`."""


class Traffic(Observable["TrafficRun | None"]):
    """What overpasses showed, None where no roads are followed."""

    key = "traffic"
    measures = (TRAFFIC,)
    place = 40

    def command(self) -> Callable[..., Told]:
        """`gossan traffic`."""
        from gossan.observables.traffic.command import traffic

        return traffic

    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> TrafficRun | None:
        """What `gossan traffic` found."""
        from gossan.observables.traffic.run import traffic_of

        return traffic_of(case)

    def chapter(self, now: Updated) -> Chapter | None:
        """The chapter "Traffic"."""
        from gossan.observables.traffic.chapter import traffic_chapter

        return traffic_chapter(now)

    def asks(self, case: OpenCase) -> Asker:
        """How many vehicles drove, where roads are followed."""
        from gossan.observables.traffic.claims import traffic_question
        from gossan.observables.traffic.run import roads_followed

        roads, minimum = roads_followed(case), case.config.sites.min_area_ha
        return lambda claim, report: traffic_question(claim, report, minimum, roads)

    def judge(
        self,
        question: Question,
        claim: Claim,
        found: TrafficRun | None,
        ground: Measurements | None,
    ) -> Verdict:
        """By the overpasses of the window."""
        from gossan.observables.traffic.claims import judge_traffic

        return judge_traffic(question, claim, found)

    def again(self, rerun: Again) -> tuple[str, ...]:
        """With the file of roads that the case named still holds."""
        from gossan.observables.traffic.run import traffic_again

        return traffic_again(rerun)


OBSERVABLE = Traffic()

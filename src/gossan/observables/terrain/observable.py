"""Terrain as an observable: the way that water takes from the sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gossan.observables.observable import Again, Asker, Observable, Told, Updated

if TYPE_CHECKING:
    from gossan.case.context import OpenCase
    from gossan.claims.measurements import Measurements
    from gossan.core.progress import Progress
    from gossan.core.statements import Claim
    from gossan.core.verdicts import Question, Verdict
    from gossan.dossier.chapter import Chapter
    from gossan.observables.terrain.claims import Ways


WAY_OF_WATER = "way that water takes over the ground"
"""What is asked: `Question.observable`."""


class Terrain(Observable["Ways"]):
    """Ways of the water from each site, and the places that it could reach."""

    key = "terrain"
    measures = (WAY_OF_WATER,)
    place = 30
    by_images = False

    def command(self) -> Callable[..., Told]:
        """`gossan terrain`."""
        from gossan.observables.terrain.command import terrain

        return terrain

    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> Ways:
        """What `gossan terrain` worked out."""
        from gossan.case.documents import terrain_of
        from gossan.observables.terrain.claims import Ways
        from gossan.observables.terrain.store import places_below

        return Ways(terrain_of(case.db), places_below(case))

    def chapter(self, now: Updated) -> Chapter | None:
        """The chapter "Where the water goes"."""
        from gossan.observables.terrain.chapter import terrain_chapter

        return terrain_chapter(now)

    def asks(self, case: OpenCase) -> Asker:
        """Whether water, or what it carries, goes to one of the places given."""
        from gossan.observables.terrain.claims import way_question
        from gossan.observables.terrain.store import places_below

        targets = tuple(places_below(case))
        return lambda claim, _report: way_question(claim, targets)

    def judge(
        self, question: Question, claim: Claim, found: Ways, ground: Measurements | None
    ) -> Verdict:
        """By the ways from the sites near the place named."""
        from gossan.observables.terrain.claims import judge_way

        return judge_way(question, claim, found, ground)

    def again(self, rerun: Again) -> tuple[str, ...]:
        """With the elevation model that the case named still keeps."""
        from gossan.observables.terrain.run import terrain_again

        return terrain_again(rerun)


OBSERVABLE = Terrain()

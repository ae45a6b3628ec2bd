"""Questions as a check fixes them, for tests without a case; ground whose kinds are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from gossan.claims.measurements import Measurements
from gossan.claims.questions import ground_question, judged
from gossan.core.kinds import KindOfSite
from gossan.core.statements import Claim, Report
from gossan.core.verdicts import Question
from gossan.observables.kind.claims import tailings_question
from gossan.observables.kind.observable import OBSERVABLE as KIND
from gossan.observables.terrain.claims import way_question
from gossan.observables.traffic.claims import traffic_question
from gossan.observables.vegetation.claims import vegetation_question
from gossan.observables.water.lake_claims import LakePlace
from gossan.observables.water.observable import asker
from gossan.observables.water.turbidity_claims import WaterPlace
from gossan.run.check import first_asked

MINIMUM_HA = 0.1


def asked(
    claim: Claim,
    report: Report,
    *,
    waters: Sequence[WaterPlace] = (),
    lakes: Sequence[LakePlace] = (),
    targets: Sequence[str] = (),
    roads: Sequence[str] | None = None,
    normal_until: date | None = None,
) -> Question | None:
    """The question for a claim in a case that follows these, None where nothing is ever judged."""
    if not judged(claim):
        return None
    askers = (
        asker(waters, lakes, normal_until),
        lambda c, _r: way_question(c, targets),
        lambda c, r: traffic_question(c, r, MINIMUM_HA, roads),
        lambda c, r: tailings_question(c, r, MINIMUM_HA),
        lambda c, r: vegetation_question(c, r, MINIMUM_HA),
        lambda c, r: ground_question(c, r, MINIMUM_HA),
    )
    return first_asked(askers, MINIMUM_HA)(claim, report)


def of_kinds(ground: Measurements, kinds: Mapping[str, KindOfSite]) -> Measurements:
    """The ground where the kinds of its sites were weighed."""
    tests = (partial(KIND.explains, kinds),), (partial(KIND.doubts, kinds),)
    return replace(ground, explanations=tests[0], doubts=tests[1])

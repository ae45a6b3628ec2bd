"""How sites and verdicts change when an image is left out or a threshold moved, one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import fsum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.case.context import OpenCase, consult_case
from gossan.case.pixels import Pixels
from gossan.case.power import state_key
from gossan.case.sites import CaseSites, sites_of
from gossan.case.state import Monitored, monitored
from gossan.core.dates import from_day, to_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.params import MonitorParams
from gossan.core.progress import Progress
from gossan.core.sensitivity import GONE, Choice, Sensitivity, SiteThen, Variant
from gossan.core.serialise import from_plain, to_plain
from gossan.core.values import Disturbances, Site
from gossan.core.words import tr
from gossan.dossier.recipe import Held
from gossan.evidence.ledger import Step
from gossan.monitor.state import MonitorState
from gossan.run.check import held_claims, verdicts_on
from gossan.run.replay import Replay, Row, copied, put, rows_of
from gossan.sites.build import find_sites
from gossan.sites.identity import KnownSite

KIND, NAME = "sensitivity", "latest"
WHOLE_PIXELS = 40_000
"""Areas up to this size have their thresholds tried everywhere, larger ones on their sites."""


Again = Callable[[Replay], MonitorState]


@dataclass(frozen=True)
class _Asked:
    """One other choice and how to make it."""

    choice: Choice
    what: str
    value: str
    again: Again | None
    smallest_ha: float


def measure_sensitivity(folder: Path, progress: Progress) -> Sensitivity:
    """Try every other choice for the case in `folder`, keep and record the result.

    Asked again, the same result is given without any work as long as nothing changed. Raises
    GossanError (STATE) before the first update.
    """
    with consult_case(folder, progress) as case:
        state = monitored(case)
        found = sites_of(case)
        known = sensitivity_of(case, state)
        if known is not None:
            return known
        if not found.sites:
            raise GossanError(
                Code.STATE,
                tr("There is no site whose dependence on choices could be tried."),
                tr("See `gossan sites`; what could not be seen stands in the dossier."),
            )
        result = _tried(case, state, found, progress)
        body = {"state": _key(case, state), "result": to_plain(result)}
        step = Step(
            KIND,
            {"state": state.head.snapshot, "key": body["state"]},
            {"method": result.method, "pixels": result.pixels},
            {"n": len(result.variants), "hash": hash_json(body)},
        )
        case.db.append(step.seal, [(KIND, NAME, body)])
        return result


def sensitivity_of(case: OpenCase, state: Monitored) -> Sensitivity | None:
    """What was found for just these looks, thresholds and claims; None where it was not tried."""
    body = case.db.documents(KIND).get(NAME)
    if body is None or body["state"] != _key(case, state):
        return None
    return from_plain(Sensitivity, body["result"])


def _key(case: OpenCase, state: Monitored) -> str:
    held = [to_plain(h.question) for h in held_claims(case)]
    return hash_json({"state": state_key(case, state), "held": held})


def _tried(case: OpenCase, state: Monitored, found: CaseSites, progress: Progress) -> Sensitivity:
    pixels, inside = Pixels.of(state), state.frame.inside
    until = to_day(case.config.history_until)
    near = _near(found.sites, inside, case.config.sites.join_distance)
    whole = int(inside.sum()) <= WHOLE_PIXELS
    asked = list(_choices(case, state))
    held = held_claims(case)
    base = state.optical()
    made: dict[int, Variant] = {}
    scenes = [i for i, a in enumerate(asked) if a.again and a.choice is not Choice.THRESHOLD]
    moved = [i for i, a in enumerate(asked) if i not in scenes]
    with progress.task(tr("Trying other choices"), len(asked)) as task:
        for which, wanted in ((scenes, near), (moved, inside if whole else near)):
            replays = [(row, Replay(state, row, until)) for row in rows_of(state, pixels, wanted)]
            _agrees(base, replays)
            for i in which:
                again, dist = asked[i].again, copied(base)
                if again is not None:
                    for row, replay in replays:
                        put(dist, row, again(replay))
                made[i] = _variant(case, state, dist, asked[i], found.sites, held)
                task.advance()
    as_chosen = _Asked(Choice.NOTHING, "", "", None, case.config.sites.min_area_ha)
    return Sensitivity(
        _variant(case, state, base, as_chosen, found.sites, held),
        tuple(made[i] for i in range(len(asked))),
        int(near.sum()),
        whole,
        state.radar is not None,
    )


def _near(sites: Sequence[Site], inside: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """The sites' pixels and those that could join them."""
    on = np.zeros(inside.shape, dtype=bool)
    for site in sites:
        on[site.pixels] = True
    grown = ndimage.binary_dilation(on, np.ones((3, 3)), iterations=reach + 1)
    out: NDArray[np.bool_] = grown & inside
    return out


def _agrees(base: Disturbances, replays: Sequence[tuple[Row, Replay]]) -> None:
    """The replay must give what the case says before it may say anything else."""
    again = copied(base)
    for row, replay in replays:
        put(again, row, replay.chosen())
    if not (
        np.array_equal(again.status, base.status)
        and np.array_equal(again.first_changed, base.first_changed)
    ):
        raise GossanError(
            Code.STATE,
            tr("Following the sites' pixels again gave another state than the case has."),
            tr("Run `gossan update`, then try again; if it stays so, please report it."),
        )


def _choices(case: OpenCase, state: Monitored) -> Iterator[_Asked]:
    smallest = case.config.sites.min_area_ha
    names = [state.frame.scenes.get(look.key).items[0] for look in state.looks]
    for i, name in enumerate(names):
        yield _Asked(Choice.IMAGE, name, "", partial(Replay.without, look=i), smallest)
    history = sum(look.day <= to_day(case.config.history_until) for look in state.looks)
    for sensor in sorted({s for n in names if (s := _sensor(n))}):
        kept = [i for i, n in enumerate(names) if _sensor(n) != sensor]
        if sum(i < history for i in kept) >= state.params.min_observations:
            yield _Asked(
                Choice.SENSOR, sensor, "", partial(Replay.with_acquisitions, looks=kept), smallest
            )
    for name, value, params in _moved(state.params):
        yield _Asked(
            Choice.THRESHOLD, name, value, partial(Replay.with_params, params=params), smallest
        )
    for factor in (0.5, 2.0):
        area = smallest * factor
        yield _Asked(Choice.THRESHOLD, "min_area_ha", f"{area:g} ha", None, area)


RANGES = {
    "alpha": (0.005, 0.05),
    "provisional_evidence": (3.0, 7.0),
    "confirm_evidence": (7.0, 13.0),
}
"""Least and greatest value tried of each main threshold: what a careful person might choose."""


def _moved(params: MonitorParams) -> Iterator[tuple[str, str, MonitorParams]]:
    """Every threshold at both ends of its range, as it would be set in case.toml."""
    for alpha in RANGES["alpha"]:
        yield "alpha", f"{alpha:g}", replace(params, alpha=alpha)
    for nats in RANGES["provisional_evidence"]:
        least = max(nats, params.confirm_evidence)
        yield (
            "provisional_evidence",
            f"{nats:g} nats",
            replace(params, provisional_evidence=nats, confirm_evidence=least),
        )
    for nats in RANGES["confirm_evidence"]:
        most = min(nats, params.provisional_evidence)
        yield (
            "confirm_evidence",
            f"{nats:g} nats",
            replace(params, confirm_evidence=nats, provisional_evidence=most),
        )


def _sensor(item: str) -> str:
    """The satellite in an item's id, such as "S2A"; empty where none is named."""
    found = re.search(r"S2[A-D]", item)
    return found[0] if found else ""


def _variant(
    case: OpenCase,
    state: Monitored,
    dist: Disturbances,
    asked: _Asked,
    sites: Sequence[Site],
    held: Sequence[Held],
) -> Variant:
    params = replace(case.config.sites, min_area_ha=asked.smallest_ha)
    known = [KnownSite(s.id, s.began, s.pixels) for s in sites]
    found = find_sites(dist, state.frame.inside, params, known)
    there = {s.id: s for s in found}
    new = [s for s in found if s.id not in {k.id for k in known}]
    left_out = asked.what if asked.choice is Choice.IMAGE else ""
    looks = tuple(
        from_day(look.day)
        for look in state.looks
        if not left_out or state.frame.scenes.get(look.key).items[0] != left_out
    )
    verdicts = verdicts_on(case, held, found, looks, state)
    return Variant(
        asked.choice,
        asked.what,
        asked.value,
        tuple(_then(s, there.get(s.id)) for s in sites),
        len(new),
        fsum(s.area.value for s in new),
        verdicts,
    )


def _then(site: Site, found: Site | None) -> SiteThen:
    if found is None:
        return SiteThen(site.id, GONE, 0.0, None)
    return SiteThen(site.id, found.status.value, found.area.value, found.began.first_changed)

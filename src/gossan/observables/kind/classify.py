"""From traits to probabilities: documented weights are added up, cooled, and made to sum to one.

For each line the weight of a kind is ln P(level | kind) - ln P(level | unknown), in nats; of what
is unknown nothing is expected, so each level has a third. P(level | kind) is what principle
expects (`lines`, worth ten sites) and what was counted on implanted changes (`counted`), which
never count for more than twenty sites. Lines overlap (ground that stays bare does not regrow), so
the sum is divided by a temperature, found on the same implants, before it becomes a probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

import numpy as np

from gossan.core.hashing import hash_json
from gossan.core.kinds import KindOfSite, Reason, Shares, SiteKind
from gossan.observables.kind.counted import COUNTED, TEMPERATURE
from gossan.observables.kind.likelihood import LINES, NAMED

METHOD = "kind.weights.v1"
PRIOR_UNKNOWN = 0.3
"""Chance of "unknown" before looking; the named kinds share the rest evenly, since nobody knows
how often each occurs in the areas people ask about."""
PRINCIPLE_SITES, MOST_SITES = 10.0, 20.0
"""What principle is worth, and what counts are worth at most, in sites."""

Counts = Mapping[str, Mapping[str, Sequence[int]]]
Traits = Mapping[str, float | None]


@dataclass(frozen=True)
class Scale:
    """How evidence is weighed.

    Attributes
    ----------
    counts : trait key -> name of a kind -> implanted sites with the trait low, middling, high
    temperature : by which the sum of weights is divided; 1 takes all lines as independent
    """

    counts: Counts = field(default_factory=lambda: COUNTED)
    temperature: float = TEMPERATURE

    def chance(self, key: str, kind: SiteKind, level: int) -> float:
        """P(level | kind), 0..1."""
        if kind is SiteKind.UNKNOWN:
            return 1 / 3
        expected = LINES[key].chances[kind]
        prior = expected[level] / fsum(expected)
        seen = self.counts.get(key, {}).get(kind.name, (0, 0, 0))
        n = sum(seen)
        worth = min(float(n), MOST_SITES)
        share = seen[level] / n if n else 0.0
        return (PRINCIPLE_SITES * prior + worth * share) / (PRINCIPLE_SITES + worth)

    def weights(self, key: str, value: float | None) -> Shares:
        """Nats for each kind, cooled; zeros where the value is not known."""
        if value is None or not math.isfinite(value):
            return tuple((kind, 0.0) for kind in SiteKind)
        level = LINES[key].level(value)
        return tuple(
            (kind, math.log(3 * self.chance(key, kind, level)) / self.temperature)
            for kind in SiteKind
        )


def classify(site: str, traits: Traits, scale: Scale | None = None) -> KindOfSite:
    """The kind of a site from its traits, by key; a key that is absent is not known."""
    scale = scale or Scale()
    reasons = tuple(_reason(key, traits.get(key), scale) for key in LINES)
    total = np.log([prior(kind) for kind in SiteKind])
    for reason in reasons:
        total += [w for _, w in reason.weights]
    p = np.exp(total - total.max())
    p /= p.sum()
    shares = tuple((kind, float(x)) for kind, x in zip(SiteKind, p, strict=True))
    return KindOfSite(site, shares, reasons, METHOD)


def prior(kind: SiteKind) -> float:
    """Chance of a kind before looking."""
    return PRIOR_UNKNOWN if kind is SiteKind.UNKNOWN else (1 - PRIOR_UNKNOWN) / len(NAMED)


def fingerprint() -> str:
    """Hash of the method and every weight: kinds weighed with others are weighed anew."""
    lines = {
        key: [list(line.edges), {k.name: list(c) for k, c in line.chances.items()}]
        for key, line in LINES.items()
    }
    counts = {k: {kind: list(n) for kind, n in v.items()} for k, v in COUNTED.items()}
    return hash_json(
        {"method": METHOD, "lines": lines, "counted": counts, "temperature": TEMPERATURE}
    )


def _reason(key: str, value: float | None, scale: Scale) -> Reason:
    line = LINES[key]
    known = value is not None and math.isfinite(value)
    says = line.says[line.level(value)] if known and value is not None else line.missing
    return Reason(
        key, line.name, value if known else None, line.unit, says, scale.weights(key, value)
    )

"""Many passes: which are set aside, sums of sections, and what changed after a day.

A pass sees a single second. So intervals rest on how passes differ from one another, not only on
how many vehicles were counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import fsum

import numpy as np
from scipy import stats

from gossan.core.traffic import Pass
from gossan.core.values import Measurement

LEVEL = 0.95
ABNORMAL = 1e-3
"""A scene whose null is as high by chance in less than this share of cases is set aside."""
OVER = 2.0
"""By how much the nulls of scenes differ more than by chance where nothing is wrong."""
LEAST_PASSES = 3
"""On each side of a day before a change is told."""
RATE = "traffic.rate.v1"
CHANGE = "traffic.change.v1"


def set_aside(passes: Sequence[Pass]) -> tuple[Pass, ...]:
    """The passes; set aside are those whose null is far above that of the others, by usable km."""
    used = [p for p in passes if not p.aside]
    rates = sorted(fsum(p.null) / len(p.null) / p.usable_km for p in used)
    usual = rates[len(rates) // 2] if rates else 0.0
    pooled = fsum(fsum(p.null) / len(p.null) for p in used) / max(
        fsum(p.usable_km for p in used), 1e-9
    )
    usual = max(usual, min(pooled, 0.1))
    out = []
    for p in passes:
        if not p.aside:
            total, want = round(sum(p.null)), usual * p.usable_km * len(p.null)
            if total > 3 and float(stats.poisson.sf(total - 1, want * OVER)) < ABNORMAL:
                here = total / len(p.null) / p.usable_km
                p = replace(
                    p,
                    aside=(
                        f"Its null is abnormal: {here:.2f} detections a km under orders of bands "
                        f"that no motion makes, where {usual:.2f} are usual: thin cloud or noise."
                    ),
                )
        out.append(p)
    return tuple(out)


def rate(passes: Sequence[Pass]) -> Measurement | None:
    """Excess per usable km over several passes, None without any.

    The interval is the wider of what counting and what the passes' differences give (Student's t
    on means weighted by km).
    """
    used = [p for p in passes if not p.aside and p.excess is not None]
    km = np.array([p.usable_km for p in used])
    if not used or km.sum() <= 0:
        return None
    value = np.array([p.excess.value if p.excess else 0.0 for p in used])
    mean = float(value.sum() / km.sum())
    counted = fsum(((p.excess.high - p.excess.low) / 2) ** 2 for p in used if p.excess)
    half = math.sqrt(counted) / float(km.sum())
    if len(used) >= LEAST_PASSES:
        weight = km / km.sum()
        variance = float((weight**2 * (value / km - mean) ** 2).sum()) * len(used) / (len(used) - 1)
        half = max(half, float(stats.t.ppf((1 + LEVEL) / 2, len(used) - 1)) * math.sqrt(variance))
    return Measurement(
        "moving bright large vehicles in excess of the null",
        mean,
        "1/km",
        mean - half,
        mean + half,
        LEVEL,
        RATE,
        tuple(p.scene for p in used),
    )


def change(passes: Sequence[Pass], split: date) -> Measurement | None:
    """Excess per km after `split` (its day included) less that before; None with fewer than
    LEAST_PASSES usable passes on either side."""
    used = [p for p in passes if not p.aside]
    before = [p for p in used if p.day < split]
    after = [p for p in used if p.day >= split]
    if min(len(before), len(after)) < LEAST_PASSES:
        return None
    a, b = rate(after), rate(before)
    if a is None or b is None:
        return None
    value = a.value - b.value
    return Measurement(
        "change of the excess per km",
        value,
        "1/km",
        value - math.hypot(a.value - a.low, b.high - b.value),
        value + math.hypot(a.high - a.value, b.value - b.low),
        LEVEL,
        CHANGE,
        (*b.scenes, *a.scenes),
    )


def passes_needed(per_pass: float, null_per_pass: float) -> int | None:
    """Clear passes after which a mean of `per_pass` vehicles stands three standard errors above
    nothing, with `null_per_pass` false ones each; None where none would do."""
    if per_pass <= 0:
        return None
    return math.ceil(9 * (per_pass + 2 * null_per_pass) / per_pass**2)

"""Limits and curves for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gossan.core.power.curves import all_curves, limit
from gossan.core.power.rows import TRIAL, stored
from gossan.core.power.trials import DetectionLimit, PowerCurve, PowerCurves


def report(curves: PowerCurves) -> dict[str, Any]:
    """For machines: the limits and the curves with all they rest on, and every trial."""
    drawn = all_curves(curves)
    return {
        **stored(curves),
        "trial_fields": list(TRIAL),
        "limits": [_limit(limit(curves, c)) for c in drawn],
        "curves": [_curve(c) for c in drawn],
        "blind_months": {
            str(days): [m.isoformat() for m in curves.blind(days)] for days in curves.within
        },
    }


def _curve(c: PowerCurve) -> dict[str, Any]:
    return {**asdict(c), "season": c.season and c.season.value}


def _limit(of: DetectionLimit) -> dict[str, Any]:
    body = {**asdict(of), "season": of.season and of.season.value}
    del body["scenes"]  # once for all of them, beside the trials
    return body

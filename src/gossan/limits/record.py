"""Trials as JSON, for the case's database, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from gossan.core.power import DetectionLimit, MonthChance, PowerCurve, PowerCurves, Spectrum, Trial
from gossan.limits.curves import all_curves, limit

_TRIAL = tuple(f.name for f in fields(Trial))


def trial_row(trial: Trial) -> list[Any]:
    """A trial as a short list, in the order of its fields."""
    row = [getattr(trial, name) for name in _TRIAL]
    row[_TRIAL.index("appeared")] = trial.appeared.isoformat()
    row[_TRIAL.index("looks")] = list(trial.looks)
    return row


def trial_of(row: Sequence[Any]) -> Trial:
    """The trial of `trial_row`."""
    values = dict(zip(_TRIAL, row, strict=True))
    values["appeared"] = date.fromisoformat(values["appeared"])
    values["looks"] = tuple(values["looks"])
    return Trial(**values)


def stored(curves: PowerCurves) -> dict[str, Any]:
    """Everything that cannot be counted again, as JSON values."""
    body = asdict(curves)
    body["trials"] = [trial_row(t) for t in curves.trials]
    body["months"] = [[m.month.isoformat(), list(m.chances)] for m in curves.months]
    body["first"], body["last"] = curves.first.isoformat(), curves.last.isoformat()
    return body


def restored(body: Mapping[str, Any]) -> PowerCurves:
    """The value of `stored`."""
    values = dict(body)
    values["trials"] = tuple(trial_of(row) for row in body["trials"])
    values["spectra"] = tuple(
        Spectrum(**{**s, "values": tuple((b, v) for b, v in s["values"])}) for s in body["spectra"]
    )
    values["months"] = tuple(
        MonthChance(date.fromisoformat(day), tuple(chances)) for day, chances in body["months"]
    )
    values["first"], values["last"] = (date.fromisoformat(body[k]) for k in ("first", "last"))
    for name in ("within", "dropped_ha", "scenes"):
        values[name] = tuple(body[name])
    return PowerCurves(**values)


def report(curves: PowerCurves) -> dict[str, Any]:
    """For machines: the limits and the curves with all they rest on, and every trial."""
    drawn = all_curves(curves)
    return {
        **stored(curves),
        "trial_fields": list(_TRIAL),
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

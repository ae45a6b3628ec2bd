"""Trials as JSON, for the case's database, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from gossan.core.power.trials import MonthChance, PowerCurves, Spectrum, Trial

TRIAL = tuple(f.name for f in fields(Trial))


def trial_row(trial: Trial) -> list[Any]:
    """A trial as a short list, in the order of its fields."""
    row = [getattr(trial, name) for name in TRIAL]
    row[TRIAL.index("appeared")] = trial.appeared.isoformat()
    row[TRIAL.index("looks")] = list(trial.looks)
    return row


def trial_of(row: Sequence[Any]) -> Trial:
    """The trial of `trial_row`."""
    values = dict(zip(TRIAL, row, strict=True))
    values["appeared"] = date.fromisoformat(values["appeared"])
    values["looks"] = tuple(values["looks"])
    return Trial(**values)


def stored(curves: PowerCurves) -> dict[str, Any]:
    """Everything that cannot be counted again, as JSON values."""
    body = asdict(replace(curves, trials=()))  # a copy of every trial would only be thrown away
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

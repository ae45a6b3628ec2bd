"""What `gossan water` prints."""

from __future__ import annotations

from typing import Any

from gossan.core.measured import Reading, Series
from gossan.core.serialise import to_plain
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.water.run import Watered


def as_plain(found: Watered) -> dict[str, Any]:
    """The result as JSON: every series, and what else was found."""
    series = [to_plain(s) for s in found.series.values()]
    return {"series": series, **to_plain(found.found)}


def water_blocks(found: Watered) -> list[Block]:
    """A line a series with its last value and its range; then notes."""
    blocks: list[Block] = []
    if found.series:
        head = ("Water", "Quantity", "Seen", "Last", "Lowest", "Highest")
        rows = tuple(_row(s) for s in found.series.values())
        blocks.append(Grid("", head, rows, frozenset({3, 4, 5})))
    for s in found.series.values():
        for e in s.events:
            after = f"after {e.when.last_unchanged} and " if e.when.last_unchanged else ""
            blocks.append(Words(f"{s.place} {e.change.value} {after}by {e.when.first_changed}."))
    for name, m in found.found.changes.items():
        blocks.append(
            Words(
                f"{found.series[name].place}: the ratio became {m.value:.2f} times what it was "
                f"({m.low:.2f} to {m.high:.2f}) after {found.found.normal_until}."
            )
        )
    c = found.found.calibration
    if c is not None:
        blocks.append(
            Words(
                f"Calibrated by {c.samples} samples of {c.dates} dates: factor {c.factor:.2f}; on "
                f"dates left out the median error is {c.left_out.error:.0%}, without it "
                f"{c.before.error:.0%}."
            )
        )
    return [*blocks, *(Words(note) for note in found.found.notes), Words(found.sentence)]


def _row(s: Series) -> tuple[str, ...]:
    seen = s.seen
    shares = f"{len(seen)} of {len(s.readings)}"
    if not seen:
        return s.place, s.quantity, shares, "not observable", "", ""
    least, most = (f(seen, key=lambda r: r.value or 0.0) for f in (min, max))
    return (
        s.place,
        f"{s.quantity}, {s.unit}" if s.unit != "1" else s.quantity,
        shares,
        *(_said(r) for r in (seen[-1], least, most)),
    )


def _said(r: Reading) -> str:
    return f"{r.value:.3g}\n{r.day}"

"""What happened to something measured: dated by the last look before and the first after."""

from __future__ import annotations

from collections.abc import Sequence

from gossan.core.dates import DateInterval
from gossan.core.measured import Change, Event, Reading

GONE = 0.1
"""Share of its largest value below which a thing counts as gone."""
STEP = 0.2
"""Least change that counts as growing or shrinking, share of the larger value."""
LOOKS = 2
"""Looks in a row that must agree: one scene with an error in its mask is no event."""


def events_of(readings: Sequence[Reading], smallest: float) -> tuple[Event, ...]:
    """Appearance, growth, shrinking and disappearance, ascending.

    smallest: value below which nothing is there, in the readings' unit. A step counts where the
    intervals before and after do not touch, at LOOKS looks in a row.
    """
    seen = [r for r in readings if r.value is not None]
    if len(seen) < LOOKS:
        return ()
    limit = max(smallest, GONE * max(_value(r) for r in seen))
    out: list[Event] = []
    base = seen[0]  # what the present level was measured by
    for i in range(1, len(seen)):
        ahead = seen[i : i + LOOKS]
        changes = {_change(base, r, limit) for r in ahead}
        if len(ahead) == LOOKS and len(changes) == 1 and None not in changes:
            (change,) = changes
            assert change is not None
            # the look before does not show it, or this would have been found there
            out.append(Event(change, DateInterval(seen[i - 1].day, seen[i].day)))
            base = seen[i]
    return tuple(out)


def _value(r: Reading) -> float:
    assert r.value is not None
    return r.value


def _change(before: Reading, after: Reading, limit: float) -> Change | None:
    """What lies between two readings, None where they may show the same."""
    assert before.low is not None
    assert before.high is not None
    assert after.low is not None
    assert after.high is not None
    was, now = _value(before), _value(after)
    if was < limit <= now and after.low > before.high:
        return Change.APPEARED
    if now < limit <= was and after.high < before.low:
        return Change.DISAPPEARED
    if abs(now - was) < STEP * max(was, now) or max(was, now) < limit:
        return None
    if after.low > before.high:
        return Change.GREW
    return Change.SHRANK if after.high < before.low else None

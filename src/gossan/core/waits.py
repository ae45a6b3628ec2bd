"""Who is being waited for, told to a person before they wonder.

Whatever asks something of the network says so here with `waiting`, and calls `Wait.heard` when a
sign of life comes. A listener, which the command line sets, is told of silences.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gossan.core.words import tr

FIRST_S, NEXT_S = 2.0, 15.0
"""A silence is told of after the first, and then again and again after the second, seconds."""


class Wait:
    """A wait for `whom`, at most `limit` seconds in all, told of after `first` seconds."""

    def __init__(self, whom: str, limit: float, first: float) -> None:
        self.whom, self.limit, self.first = whom, limit, first
        self.since = self.heard_at = time.monotonic()
        self.told_at: float | None = None

    def heard(self) -> None:
        """There was a sign of life."""
        self.heard_at, self.told_at = time.monotonic(), None

    def due(self, now: float) -> str:
        """What a person should read now, or nothing."""
        if now < (self.heard_at + self.first if self.told_at is None else self.told_at + NEXT_S):
            return ""
        self.told_at = now
        return tr(
            "Waiting for {whom}: no answer for {silent:.0f} s, at most {limit:.0f} s in all.",
            whom=self.whom,
            silent=now - self.heard_at,
            limit=self.limit,
        )


_lock = threading.Lock()
_waits: list[Wait] = []
_listener: Callable[[str], None] | None = None


def listen(listener: Callable[[str], None]) -> None:
    """Have silences told to `listener`, from a thread of its own, as long as the process lives."""
    global _listener
    if _listener is None:
        threading.Thread(target=_tell, name="gossan-waits", daemon=True).start()
    _listener = listener


@contextmanager
def waiting(whom: str, limit: float, first: float | None = None) -> Iterator[Wait]:
    """Say that `whom` is being waited for, at most `limit` seconds, while the context lasts; told
    of after `first` seconds of silence, by default FIRST_S."""
    wait = Wait(whom, limit, FIRST_S if first is None else first)
    with _lock:
        _waits.append(wait)
    try:
        yield wait
    finally:
        with _lock:
            _waits.remove(wait)


def heard(whom: str) -> None:
    """There was a sign of life from `whom`, whoever is waiting."""
    with _lock:
        for wait in _waits:
            if wait.whom == whom:
                wait.heard()


def _tell() -> None:
    while True:
        time.sleep(0.5)
        now = time.monotonic()
        with _lock:
            said = {text: None for wait in _waits if (text := wait.due(now))}
        for text in said:
            if _listener is not None:
                _listener(text)

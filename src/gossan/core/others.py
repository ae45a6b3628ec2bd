"""What other packages bring: observables, by an entry point each. Loads nothing of them."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUP = "gossan.observables"
"""Group of the entry points; the name of each is the observable's key, and that of its section in
case.toml."""


def others() -> tuple[EntryPoint, ...]:
    """The entry points of all packages installed, by name."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value)))

"""Sites as a flat table."""

from __future__ import annotations

from collections.abc import Iterable

from gossan.core.site_row import site_row
from gossan.core.values import Site


def rows(sites: Iterable[Site]) -> list[dict[str, str | int | float | None]]:
    """One flat row per site, in the order given; columns as in `core.site_row.COLUMNS`."""
    return [site_row(site) for site in sites]

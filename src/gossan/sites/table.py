"""Sites as a flat table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gossan.core.kinds import KindOfSite
from gossan.core.site_row import site_row
from gossan.core.values import Site


def rows(
    sites: Iterable[Site], kinds: Mapping[str, KindOfSite] | None = None
) -> list[dict[str, str | int | float | None]]:
    """One flat row per site, in the order given; columns as in `core.site_row.COLUMNS`."""
    return [site_row(site, (kinds or {}).get(site.id)) for site in sites]

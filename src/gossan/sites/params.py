"""What counts as a site."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.errors import Code, GossanError


@dataclass(frozen=True)
class SiteParams:
    """Sizes below which changed pixels are not called a site, and how pixels belong together.

    Attributes
    ----------
    min_area_ha : smallest site, hectares of changed pixels
    min_pixels : smallest site, pixels; both limits hold
    speck_pixels : 8-connected groups smaller than this are dropped before anything is
        joined, so that single false alarms cannot link two sites; 1 keeps all
    join_distance : pixels whose centres lie at most this many pixels apart in row and in
        column belong to one site: 1 is touching (corners included), 2 bridges one
        unchanged pixel. The bridged pixels themselves are never counted as changed
    odd_share : share of a site's area, 0..0.5, that may be odd: its beginning is the date
        by which more than this share had changed, its end the date by which all but this
        share had
    """

    min_area_ha: float = 0.1
    min_pixels: int = 5
    speck_pixels: int = 2
    join_distance: int = 2
    odd_share: float = 0.05

    def __post_init__(self) -> None:
        wrong = [
            (self.min_area_ha < 0, "min_area_ha", "0 or more hectares", self.min_area_ha),
            (self.min_pixels < 1, "min_pixels", "1 or more", self.min_pixels),
            (self.speck_pixels < 1, "speck_pixels", "1 or more", self.speck_pixels),
            (self.join_distance < 1, "join_distance", "1 or more pixels", self.join_distance),
            (not 0 <= self.odd_share < 0.5, "odd_share", "from 0 to below 0.5", self.odd_share),
        ]
        for bad, name, expected, found in wrong:
            if bad:
                raise GossanError(
                    Code.CASE, f"sites.{name} must be {expected}; it is {found}.", "Correct it."
                )

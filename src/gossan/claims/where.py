"""The circle of ground that a claim is about, from the places it names."""

from __future__ import annotations

from gossan.core.statements import Claim, PlaceCandidate, PlaceMention
from gossan.core.transliterate import strict_keys
from gossan.core.verdicts import Circle
from gossan.core.words import tr

NEAR_KM = 5.0
"""Added to a settlement's own radius: works lie near a village, not in it."""
WIDEST_KM = 30.0
"""A place that lies within no smaller circle is too vague to hold a claim against the ground."""
LINES = ("highway", "road", "corridor", "route", "street", "river", "pass")
WIDE = ("region", "district", "province", "county", "municipality", "oblast", "raion", "rayon")
"""What may be named after a place without being it: no circle around the place holds them."""


def circle_of(claim: Claim) -> tuple[Circle | None, str]:
    """The place the claim is about, or why there is none to look at."""
    named = [p for p in claim.places if p.place is None or p.place.kind != "country"]
    named = [p for p in named if p.feature != "source"]
    if not named:
        return None, tr("The claim names no place smaller than a country.")
    exact = [p for p in named if p.feature not in (*LINES, *WIDE)]
    if not exact:
        first = named[0]
        return None, tr(
            "{text} {feature} is no single place to look at.",
            text=first.text,
            feature=first.feature,
        )
    first = exact[0]  # texts name the finest place first: "the village of X of the Y region"
    if first.place is None:
        return None, tr("Which place {text} is has to be decided.", text=first.text)
    circle = _circle(first)
    if circle is None:
        return None, tr(
            "No coordinates are known for {text}: add them to the case's list.", text=first.text
        )
    if circle.radius_km > WIDEST_KM:
        return None, tr("{text} is too wide to look for one place of work in it.", text=first.text)
    return circle, ""


def _circle(mention: PlaceMention) -> Circle | None:
    p = mention.place
    if p is None or p.lon is None or p.lat is None:
        return None
    near = NEAR_KM if p.kind == "settlement" else 0.0
    return Circle(p.lon, p.lat, (p.radius_km or NEAR_KM) + near, _called(mention.text, p))


def _called(text: str, place: PlaceCandidate) -> str:
    """The source's own wording, unless a person said that another place is meant."""
    keys = {k for name in place.names for k in strict_keys(name)}
    return text if keys & set(strict_keys(text)) else place.name

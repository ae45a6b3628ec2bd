"""The lines of evidence: what each trait is called, its three levels, and what principle expects.

`chances` is what we expect before looking at any data: of a hundred sites of a kind, how many
show the trait low, middling and high. Where the literature gives a limit it is named; the rest
is judgement, written down so that it can be argued with.
"""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.kinds import SiteKind

K = SiteKind
NAMED = tuple(kind for kind in SiteKind if kind is not SiteKind.UNKNOWN)
Chances = dict[SiteKind, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence.

    Attributes
    ----------
    name, unit : for the table
    edges : below the first is low, from the second on high
    says : what low, middling and high say, in plain words
    missing : why it may not be known
    chances : of each kind, percent low, middling and high
    """

    name: str
    unit: str
    edges: tuple[float, float]
    says: tuple[str, str, str]
    missing: str
    chances: Chances

    def level(self, value: float) -> int:
        """0 low, 1 middling, 2 high."""
        return int(value >= self.edges[0]) + int(value >= self.edges[1])


def _chances(*rows: tuple[int, int, int]) -> Chances:
    return dict(zip(NAMED, rows, strict=True))


# Rows: mine, tailings, clearing, crops, fire, landslide, construction, riverbed, snow.
LINES: dict[str, Line] = {
    "bare-since": Line(
        "Bare or water since", "share of seasons", (0.3, 0.75),
        ("plants came back, or stayed", "bare for part of the time", "stayed bare or under water"),
        "fewer than two seasons were seen since",
        _chances((5, 20, 75), (5, 15, 80), (50, 40, 10), (25, 70, 5), (40, 45, 15),
                 (15, 40, 45), (10, 20, 70), (15, 35, 50), (85, 13, 2)),
    ),
    "bare-before": Line(
        "Bare ground before", "share of seasons", (0.1, 0.6),
        ("never bare before", "bare in a part of each year before", "mostly bare before"),
        "fewer than two seasons were seen before",
        _chances((40, 25, 35), (35, 30, 35), (92, 7, 1), (10, 80, 10), (70, 25, 5),
                 (70, 20, 10), (55, 30, 15), (25, 40, 35), (70, 20, 10)),
    ),
    "green-before": Line(
        "Greenest NDVI before", "NDVI", (0.4, 0.75),
        ("thin or no plants before", "grass, scrub or open wood before", "closed plants before"),
        "too few looks before",
        _chances((35, 35, 30), (35, 35, 30), (2, 18, 80), (5, 40, 55), (15, 40, 45),
                 (20, 35, 45), (20, 45, 35), (45, 40, 15), (20, 35, 45)),
    ),
    "green-lost": Line(
        "Green lost in the first year", "share", (0.2, 0.5),
        ("about as green as before", "part of the green was gone", "most of the green was gone"),
        "too few looks, or no plants before",
        _chances((15, 25, 60), (15, 20, 65), (25, 50, 25), (55, 30, 15), (20, 45, 35),
                 (10, 35, 55), (10, 30, 60), (30, 30, 40), (65, 20, 15)),
    ),
    "regrowth": Line(
        "Of that, back in the last year seen", "share", (0.25, 0.7),
        ("hardly any plants came back", "plants are coming back", "the green is back"),
        "less than 18 months since, or no green was lost",
        _chances((80, 15, 5), (80, 15, 5), (15, 45, 40), (20, 30, 50), (20, 40, 40),
                 (50, 35, 15), (75, 20, 5), (60, 25, 15), (10, 15, 75)),
    ),
    "canopy-drop": Line(
        "Fall of NDMI, same season", "dNDMI", (0.08, 0.3),
        ("canopy and its water stayed", "canopy thinned or drier", "canopy gone"),
        "no B11, or no look in the same season",
        _chances((20, 35, 45), (35, 35, 30), (15, 50, 35), (50, 40, 10), (10, 40, 50),
                 (15, 35, 50), (20, 40, 40), (50, 35, 15), (70, 20, 10)),
    ),
    "nbr-drop": Line(
        "Fall of NBR, same season", "dNBR", (0.1, 0.44),  # Key & Benson 2006, FIREMON
        ("not as after a fire", "as after a light fire, or any loss of plants",
         "as after a severe fire, or wholly opened ground"),
        "no B12, or no look in the same season",
        _chances((25, 45, 30), (35, 45, 20), (10, 60, 30), (50, 45, 5), (3, 42, 55),
                 (10, 55, 35), (15, 60, 25), (40, 50, 10), (75, 20, 5)),
    ),
    "red": Line(
        "Red light, same season", "ln of after to before", (0.1, 0.7),
        ("not brighter", "somewhat brighter", "much brighter, as opened soil or rock"),
        "no look in the same season",
        _chances((10, 35, 55), (35, 35, 30), (10, 55, 35), (45, 45, 10), (40, 50, 10),
                 (10, 35, 55), (10, 35, 55), (20, 45, 35), (60, 15, 25)),
    ),
    "light": Line(
        "All bands together, same season", "ln of after to before", (-0.15, 0.15),
        ("darker: char, water or shadow", "about as bright", "brighter: opened ground or snow"),
        "no look in the same season",
        _chances((15, 35, 50), (60, 20, 20), (20, 50, 30), (25, 50, 25), (75, 20, 5),
                 (15, 40, 45), (15, 35, 50), (40, 30, 30), (50, 10, 40)),
    ),
    "growth": Line(
        "Grew for at least", "months", (1.0, 6.0),
        ("may have come at once", "came within months", "grew for half a year or longer"),
        "it may still be growing",
        _chances((10, 20, 70), (20, 35, 45), (55, 25, 20), (50, 30, 20), (80, 12, 8),
                 (80, 12, 8), (35, 40, 25), (40, 30, 30), (75, 20, 5)),
    ),
    "outward": Line(
        "Growth outward from an edge", "rank correlation", (0.2, 0.6),
        ("not from an edge", "partly from an edge", "step by step from an edge"),
        "it may have come at once",
        _chances((20, 40, 40), (20, 40, 40), (35, 40, 25), (50, 35, 15), (45, 35, 20),
                 (45, 35, 20), (30, 40, 30), (45, 35, 20), (55, 35, 10)),
    ),
    "water": Line(
        "New standing water inside", "share of its pixels", (0.05, 0.4),
        ("no new water", "some new water", "mostly new water"),
        "no B11",
        _chances((70, 25, 5), (5, 20, 75), (97, 2, 1), (90, 8, 2), (96, 3, 1),
                 (88, 10, 2), (94, 5, 1), (40, 30, 30), (90, 6, 4)),
    ),
    "water-colour": Line(
        "Colour of that water", "red / blue", (0.9, 1.3),
        ("clear or green water", "somewhat turbid water", "brown or red water"),
        "no new water",
        _chances((30, 35, 35), (30, 35, 35), (34, 33, 33), (25, 35, 40), (34, 33, 33),
                 (20, 35, 45), (34, 33, 33), (25, 40, 35), (45, 35, 20)),
    ),
    "iron": Line(
        "Red to blue of its bare ground", "red / blue", (1.3, 1.9),
        ("grey or white ground, char or concrete", "ordinary soil or rock",
         "reddish ground, rich in iron oxide"),
        "hardly any bare ground was seen",
        _chances((20, 45, 35), (35, 40, 25), (20, 55, 25), (15, 55, 30), (55, 35, 10),
                 (20, 50, 30), (40, 45, 15), (35, 50, 15), (40, 40, 20)),
    ),
    "yearly": Line(
        "Years both green and bare", "share of years", (0.3, 0.7),
        ("not green and bare by turns", "green and bare in some years",
         "green and bare in most years, as fields are"),
        "no year was seen in three seasons",
        _chances((75, 20, 5), (80, 17, 3), (75, 20, 5), (5, 30, 65), (55, 35, 10),
                 (80, 15, 5), (80, 15, 5), (70, 20, 10), (75, 15, 10)),
    ),
    "char": Line(
        "First looks like char", "share of looks", (0.15, 0.5),
        ("not as burnt ground looks", "partly as burnt ground looks", "as burnt ground looks"),
        "no B11, or no look in the first three months",
        _chances((90, 7, 3), (80, 12, 8), (80, 15, 5), (92, 6, 2), (15, 30, 55),
                 (85, 11, 4), (92, 6, 2), (88, 9, 3), (75, 15, 10)),
    ),
    "snow": Line(
        "First looks like snow", "share of looks", (0.1, 0.4),
        ("no snow", "some snow", "mostly snow"),
        "no B11",
        _chances((96, 3, 1), (95, 4, 1), (95, 4, 1), (95, 4, 1), (98, 1, 1),
                 (95, 4, 1), (96, 3, 1), (93, 5, 2), (50, 20, 30)),
    ),
    "long": Line(
        "Length to width", "times", (2.0, 4.0),
        ("compact", "longish", "long and thin"),
        "fewer than five pixels",
        _chances((65, 28, 7), (70, 25, 5), (60, 32, 8), (65, 30, 5), (65, 28, 7),
                 (25, 45, 30), (35, 20, 45), (15, 35, 50), (50, 35, 15)),
    ),
    "bare-around": Line(
        "Always bare ground around it", "share of ground around", (0.05, 0.3),
        ("no worked or bare ground beside it", "some bare ground beside it",
         "beside ground that was bare already"),
        "the ground around was not seen",
        _chances((35, 25, 40), (30, 25, 45), (90, 8, 2), (85, 12, 3), (85, 12, 3),
                 (80, 14, 6), (55, 30, 15), (35, 30, 35), (70, 20, 10)),
    ),
    "water-around": Line(
        "Water around it before", "share of ground around", (0.03, 0.15),
        ("no water beside it", "some water beside it", "beside water"),
        "the ground around was not seen",
        _chances((75, 15, 10), (60, 20, 20), (94, 4, 2), (92, 6, 2), (94, 4, 2),
                 (88, 9, 3), (92, 6, 2), (20, 30, 50), (88, 8, 4)),
    ),
    "recovered": Line(
        "Follows its old course again", "share of its pixels", (0.2, 0.6),
        ("has not recovered", "partly recovered", "recovered"),
        "less than a year was seen since",
        _chances((93, 5, 2), (88, 9, 3), (75, 18, 7), (45, 30, 25), (60, 25, 15),
                 (88, 9, 3), (93, 5, 2), (65, 22, 13), (20, 20, 60)),
    ),
    "slope": Line(
        "Slope", "degrees", (8.0, 20.0),
        ("flat", "sloping", "steep"),
        "run gossan terrain to know it",
        _chances((40, 40, 20), (65, 25, 10), (30, 40, 30), (75, 23, 2), (35, 35, 30),
                 (3, 27, 70), (65, 30, 5), (85, 12, 3), (35, 35, 30)),
    ),
    "channel": Line(
        "Along the flow to a channel", "m", (60.0, 250.0),
        ("at a channel", "near a channel", "away from channels"),
        "run gossan terrain to know it",
        _chances((15, 35, 50), (25, 40, 35), (15, 35, 50), (15, 35, 50), (15, 35, 50),
                 (25, 40, 35), (15, 35, 50), (85, 12, 3), (15, 35, 50)),
    ),
}  # fmt: skip
"""Every line, by the key of its trait in `traits.MEASURES`."""

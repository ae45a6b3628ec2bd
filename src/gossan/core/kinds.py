"""What kind of change a site is, with the reasons, and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from gossan.core.order import steady
from gossan.core.words import tr_later


class SiteKind(StrEnum):
    """Kinds of change that are told apart; UNKNOWN is a kind like the others."""

    MINE = tr_later("mine or quarry")
    TAILINGS = tr_later("tailings or pit lake")
    CLEARING = tr_later("forest clearing")
    CROPS = tr_later("crop cycle")
    FIRE = tr_later("fire")
    LANDSLIDE = tr_later("landslide")
    CONSTRUCTION = tr_later("construction or road")
    RIVERBED = tr_later("riverbed")
    SNOW = tr_later("snow or shadow")
    UNKNOWN = tr_later("unknown")

    @property
    def short(self) -> str:
        """One word for narrow tables and the command line."""
        return _SHORT.get(self, self.name.lower())

    @classmethod
    def called(cls, word: str) -> SiteKind | None:
        """The kind of a short word or a whole name, None where there is none."""
        return next((k for k in cls if word.strip().lower() in (k.short, k.value)), None)


_SHORT = {SiteKind.CONSTRUCTION: "road"}

MINING = (SiteKind.MINE, SiteKind.TAILINGS)
"""Kinds that are parts of a mine."""

SURE = 0.5
"""A kind less probable than this is not named: the site is then called unknown."""

Shares = tuple[tuple[SiteKind, float], ...]
"""A number for each kind, in the order of `SiteKind`."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of evidence.

    Attributes
    ----------
    key : stable name, e.g. "bare-after"
    name : e.g. "Bare ground since"
    value : None where it is not known
    unit : e.g. "share of seasons"
    meaning : what this value says, in plain words; where it is not known, why
    weights : for each kind, how much the line speaks for it rather than for `UNKNOWN`: nats, the
        logarithm of a likelihood ratio; 0 for all where the value is not known
    """

    key: str
    name: str
    value: float | None
    unit: str
    meaning: str
    weights: Shares


@dataclass(frozen=True, slots=True)
class KindDecision:
    """What a person decided about a site: `kind`, `by` whom, `why`, `when` (UTC, ISO 8601)."""

    site: str
    kind: SiteKind
    by: str
    why: str
    when: str


@dataclass(frozen=True)
class KindOfSite:
    """The kind of one site.

    Attributes
    ----------
    site : its id
    probabilities : for each kind, 0..1, sum 1; the machine's view, whatever a person decided
    reasons : every line of evidence, known or not
    method : id of the method, explained in docs/kinds.md
    decision : a person's, None where there is none
    """

    site: str
    probabilities: Shares
    reasons: tuple[Reason, ...]
    method: str
    decision: KindDecision | None = None

    @property
    def likeliest(self) -> tuple[SiteKind, float]:
        """The most probable kind and its probability, however low."""
        return max(self.probabilities, key=lambda pair: steady(pair[1]))

    @property
    def by_machine(self) -> SiteKind:
        """The kind the evidence names, UNKNOWN where none is at least `SURE`.

        A mine and its ponds are parts of one works: where both together are `SURE`, the likelier
        of the two is named.
        """
        kind, p = self.likeliest
        if p < SURE and self.mining >= SURE:
            return max(MINING, key=lambda kind: steady(self.probability(kind)))
        return kind if p >= SURE else SiteKind.UNKNOWN

    @property
    def mining(self) -> float:
        """Probability that it belongs to a mine: pit, dump, tailings or pit lake."""
        return fsum(self.probability(kind) for kind in MINING)

    @property
    def kind(self) -> SiteKind:
        """The kind to go by: a person's where one decided."""
        return self.by_machine if self.decision is None else self.decision.kind

    def probability(self, kind: SiteKind) -> float:
        """The machine's probability of a kind."""
        return dict(self.probabilities)[kind]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a site lies, as far as terrain is known; None where it is not.

    Attributes
    ----------
    slope_deg : median slope of the ground before, degrees
    channel_m : distance along the flow to the first channel, metres
    """

    slope_deg: float | None = None
    channel_m: float | None = None

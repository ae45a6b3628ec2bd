"""What documents say: reports, claims, and the parts a claim is made of. All frozen.

Offsets are counts of characters (Unicode code points) into the body of the report, start
inclusive, end exclusive, so that `body[start:end]` is the verbatim text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gossan.core.words import tr_later

Span = tuple[int, int]
"""Start (inclusive) and end (exclusive), characters into a report's body."""


class Precision(StrEnum):
    """How finely a text states a date. `RANGE` where it names both ends itself."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class DateReading:
    """One way to read a date: first and last day it may lie on, both inclusive.

    Attributes
    ----------
    edtf : Extended Date/Time Format (ISO 8601-2), e.g. "2022-11-10/2022-11-14"
    first, last : None at an open end ("since 2020" has no last)
    precision : of what the text states
    rule : name of the rule that read it, e.g. "weekday-before-publication"
    """

    edtf: str
    first: date | None
    last: date | None
    precision: Precision
    rule: str


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as a text states it.

    Attributes
    ----------
    span : where it stands; for an inherited date where the earlier sentence states it
    text : verbatim
    reading : what gossan takes it for; None where only a person can say
    alternatives : other readings; not empty means: a person must choose
    why_review : why a person must look, one sentence, or empty
    inherited : True where an earlier sentence states it and this one points back to it
    """

    span: Span
    text: str
    reading: DateReading | None
    alternatives: tuple[DateReading, ...] = ()
    why_review: str = ""
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place a name may mean.

    Attributes
    ----------
    id : "case:gulyatagh" or "geonames:586523"
    name : main name in that gazetteer
    names : all names, each as its source writes it, main name first
    lon, lat : degrees, EPSG:4326; None where no coordinates are known
    radius_km : the place lies within this of the point; None unknown
    kind : "settlement", "region", "road", "water", "site", "country"
    source : where name and coordinates come from
    country : ISO code or ""
    score : likeness of the spelling, 0..100; 100 for an exact match after folding
    """

    id: str
    name: str
    names: tuple[str, ...]
    lon: float | None
    lat: float | None
    radius_km: float | None
    kind: str
    source: str
    country: str = ""
    score: float = 100.0


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A name of a place as the source writes it.

    Attributes
    ----------
    span, text : where it stands, and the name, verbatim
    place : the one place it means, exact after folding; None where a person must say
    candidates : places it may mean, likeliest first; only proposed
    why_review : why a person must look, or empty
    feature : what is named after the place where it is not the place itself ("highway",
        "region"), "source" where the name is part of who says it, else ""
    """

    span: Span
    text: str
    place: PlaceCandidate | None
    candidates: tuple[PlaceCandidate, ...] = ()
    why_review: str = ""
    feature: str = ""


class SourceKind(StrEnum):
    """Who stands behind a statement."""

    OUTLET = "outlet"  # the document's own publisher, in its own voice
    NAMED = "named"  # somebody the text names or describes
    UNNAMED = "unnamed"  # "sources", "operational data", "it is said"


@dataclass(frozen=True, slots=True)
class SourceLink:
    """One link in the chain from the reader to whoever knows.

    Attributes
    ----------
    name : as written; the outlet's name for OUTLET, "unnamed" where nobody is named
    kind : see SourceKind
    span : where it stands, None for the outlet
    cue : the words that make it a source, e.g. "has recently reported", or ""
    inherited : True where an earlier sentence of the paragraph names it
    """

    name: str
    kind: SourceKind
    span: Span | None = None
    cue: str = ""
    inherited: bool = False


class Modality(StrEnum):
    """How the source puts it."""

    ASSERTED = tr_later("asserted")
    HEARSAY = tr_later("hearsay")
    DEMAND = tr_later("demand")
    DENIAL = tr_later("denial")
    PLAN = tr_later("plan")


class ClaimType(StrEnum):
    """What a claim is about, as far as gossan itself tells types apart; an observable of another
    package may bring one more word. EVENT and OTHER stand in the chronicle and are never judged."""

    ACTIVITY = "activity"  # works running, halted, resumed
    EXPANSION = "expansion"
    FIRST_APPEARANCE = "first-appearance"
    AREA = "area"  # so much land or forest
    WATER = "water"
    TAILINGS = "tailings"
    TRAFFIC = "traffic"
    EVENT = "event"  # talks, blockade, protest
    OWNERSHIP = "ownership"
    OTHER = "other"


class Direction(StrEnum):
    """What an ACTIVITY claim says of the works; NONE for every other claim."""

    RUNNING = tr_later("running")
    HALTED = tr_later("halted")
    RESUMED = tr_later("resumed")
    NONE = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, as the text states it.

    Attributes
    ----------
    span, text : where it stands, verbatim
    value : the number
    low, high : range it may have ("3-4 hectares", "at least 17"); None open
    unit : "ha", "km2", "m", "km", "t", "m3", "percent", "vehicles", or the counted noun
    """

    span: Span
    text: str
    value: float
    low: float | None
    high: float | None
    unit: str


class ActorKind(StrEnum):
    """Companies, authorities, and persons in a public role. Private persons are no actors."""

    COMPANY = "company"
    AUTHORITY = "authority"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody a claim is about. `role` is the public role for a person, else ""."""

    span: Span
    name: str
    kind: ActorKind
    role: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns or controls whom, or where somebody is seated, as one source says it.

    Attributes
    ----------
    subject : the company spoken of
    relation : "subsidiary-of", "owned-by", "acquired-by" or "seated-in"
    object : owner, or place of the seat
    share_percent : stated share, percent, None not stated
    """

    subject: str
    relation: str
    object: str
    share_percent: float | None = None


class ReviewStatus(StrEnum):
    """What a person made of a claim."""

    UNREVIEWED = tr_later("unreviewed")
    ACCEPTED = tr_later("accepted")
    CORRECTED = tr_later("corrected")
    REJECTED = tr_later("rejected")


class RelationKind(StrEnum):
    """How one claim stands to an earlier one."""

    REPEATS = tr_later("repeats")
    CONTRADICTS = tr_later("contradicts")
    REFINES = tr_later("refines")


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` towards the claim `other`, and why, one sentence."""

    kind: RelationKind
    other: str
    reason: str


@dataclass(frozen=True)
class Claim:
    """One attributed statement.

    Attributes
    ----------
    id : "C-" and 64 hexadecimal digits, see `claims.extract.claim_id`; ten characters in cases
        made before
    report : id of the report
    span, text : verbatim words and where they stand
    type : a `ClaimType`, or the word of another package's observable
    direction, modality : see there
    attribution : chain, outermost (the outlet) first; the last one says it
    dates : when, as stated; the first is the one the claim is held against
    places : where, as stated
    quantities : how much
    actors, ownership : of whom
    extractor : name and version of what proposed it, "person" where one wrote it
    status : see ReviewStatus
    relations : towards other claims
    notes : what a person must look at, or wrote, one sentence each
    """

    id: str
    report: str
    span: Span
    text: str
    type: str
    modality: Modality
    attribution: tuple[SourceLink, ...]
    extractor: str
    direction: Direction = Direction.NONE
    dates: tuple[DateMention, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    actors: tuple[Actor, ...] = ()
    ownership: tuple[Ownership, ...] = ()
    status: ReviewStatus = ReviewStatus.UNREVIEWED
    relations: tuple[Relation, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reviewed(self) -> bool:
        """True where a person accepted or corrected it."""
        return self.status in (ReviewStatus.ACCEPTED, ReviewStatus.CORRECTED)

    @property
    def source(self) -> SourceLink:
        """Who says it: the innermost link."""
        return self.attribution[-1]


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date that a document states of itself outside its text.

    Attributes
    ----------
    kind : "published", "modified", "created" (of a file, by whoever made it), "other" for that of
        another story, or "line" for words beside the headline
    text : as stated, with its time and zone
    field : what states it, e.g. "meta article:published_time"
    own : True where it is sure to be the document's own, not that of a story or comment beside it
    """

    kind: str
    text: str
    field: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """When a document was published, and how that is known.

    Attributes
    ----------
    day : None where nothing in it can be trusted
    method : "given", "metadata", "byline" or "none"
    checks : what agrees or disagrees with it, one sentence each
    overridden : the day found in the document where a person gave another one
    """

    day: date | None
    method: str
    checks: tuple[str, ...] = ()
    overridden: date | None = None


@dataclass(frozen=True)
class Report:
    """A document as archived.

    Attributes
    ----------
    id : "R-" and the 64 digits of `sha256`; the first eight alone in cases made before, and an id
        drawn at random once something was struck from it
    sha256 : hash of the original bytes, "sha256:..."; "" once something was struck from it, for
        guesses could be tried against it
    captured : when gossan took it, UTC, ISO 8601
    origin : URL, or name of the file without its folder
    media : kind of file, one of `io.documents.media.SUFFIX`
    title, outlet, author : as extracted, "" where unknown
    side : whose voice the outlet is, as the person who added it says, "" not said
    published : see there
    language : ISO 639-1 code
    body : text that offsets count into, redacted
    redactions : what was removed at the door or struck later, by kind and number
    kept : name of the archived file in the case's `reports` folder, "" where the original
        was not kept
    cluster : id of the first report this one is a near copy of, its own id otherwise
    warnings : what a reader must know, one sentence each
    """

    id: str
    sha256: str
    captured: str
    origin: str
    media: str
    title: str
    outlet: str
    author: str
    published: PublicationDate
    language: str
    body: str
    redactions: dict[str, int] = field(default_factory=dict)
    kept: str = ""
    cluster: str = ""
    side: str = ""
    warnings: tuple[str, ...] = ()

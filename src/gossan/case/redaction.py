"""Identifiers are blotted out of everything that enters a case, with the case's countries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gossan.claims.redact.rules import AROUND, redact, redact_name, redact_plain
from gossan.claims.review import Correction
from gossan.core.case import CaseConfig
from gossan.core.serialise import from_plain, to_plain
from gossan.core.statements import Claim, Report
from gossan.io.gazetteer import countries_around

T = TypeVar("T")
_STANDS = (
    "id", "report", "span", "text", "sha256", "captured", "body", "kept", "cluster", "media",
    "language", "edtf", "first", "last", "other", "day", "extractor",
)  # fmt: skip
"""Keys under which no free text stands, or text that was blotted out with its document."""


@dataclass(frozen=True)
class Redactor:
    """`countries` are ISO codes whose numbers of phones are known without a country's code."""

    countries: tuple[str, ...] = AROUND

    def text(self, text: str) -> str:
        """A text without identifiers."""
        return redact(text, self.countries)[0]

    def name(self, name: str) -> str:
        """A file's name or an address without identifiers."""
        return redact_name(name, self.countries)[0]

    def counted(self, texts: Iterable[str], names: Iterable[str] = ()) -> Counter[str]:
        """How many identifiers of each kind stand in texts, and in names and addresses."""
        found: Counter[str] = Counter()
        for text in texts:
            found.update(redact(text, self.countries)[1])
        for name in names:
            found.update(redact_name(name, self.countries)[1])
        return found

    def claims(self, claims: Sequence[Claim]) -> list[Claim]:
        """Claims whose free words (notes, names typed, places' sources) hold no identifier."""
        return [self._value(Claim, c) for c in claims]

    def report(self, report: Report) -> Report:
        """A report of which everything but the text, which was done before, holds none."""
        clean = replace(report, origin=self.name(report.origin))
        return self._value(Report, clean)

    def correction(self, change: Correction) -> Correction:
        """What a person typed, without identifiers."""
        return replace(
            change,
            note=self.text(change.note),
            source=None if change.source is None else self.text(change.source),
        )

    def _value(self, kind: type[T], value: T) -> T:
        return from_plain(kind, redact_plain(to_plain(value), self.countries, _STANDS))


def redactor_of(config: CaseConfig) -> Redactor:
    """That of a case: the countries it names, else those around its area."""
    if config.reports.countries:
        return Redactor(config.reports.countries)
    centre = config.geometry.centroid
    return Redactor(countries_around(round(centre.x, 3), round(centre.y, 3)) or AROUND)

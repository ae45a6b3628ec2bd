"""The kind of a site in words, and the table of its reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gossan.core.kinds import SURE, KindOfSite, Reason, SiteKind
from gossan.core.order import as_shown, steady
from gossan.core.words import tr, tr_now
from gossan.dossier.chapter import Grid
from gossan.dossier.model import SiteSection

CsvCell = str | float | None
LEAST = 0.05
"""Kinds less probable are not listed in the sentence."""


def kind_sentences(kind: KindOfSite) -> list[str]:
    """What it is called, how probable that is, and who decided."""
    ranked = sorted(kind.probabilities, key=lambda pair: -as_shown(pair[1]))
    listed = ", ".join(f"{tr_now(k.value)} {_percent(p)}" for k, p in ranked if p >= LEAST)
    if kind.by_machine is SiteKind.UNKNOWN:
        said = tr(
            "What kind of change this is, the evidence does not say: {listed}.", listed=listed
        )
    else:
        said = tr(
            "By the evidence below this is most probably: {by_machine} ({listed}).",
            by_machine=tr_now(kind.by_machine.value),
            listed=listed,
        )
    d = kind.decision
    if d is None:
        return [said]
    agrees = (
        tr("as the evidence has it") if d.kind is kind.by_machine else tr("against the evidence")
    )
    return [
        tr(
            '{by} decided on {when}: {kind}, {agrees} ("{why}").',
            by=d.by,
            when=d.when[:10],
            kind=tr_now(d.kind.value),
            agrees=agrees,
            why=d.why,
        ),
        said,
    ]


def kind_table(kind: KindOfSite) -> Grid:
    """Every line of evidence, with its weight for the two most probable named kinds."""
    ranked = sorted(kind.probabilities, key=lambda pair: -steady(pair[1]))
    first, second = [k for k, _ in ranked if k is not SiteKind.UNKNOWN][:2]
    rows = tuple(
        (label_of(r), value_of(r), tr_now(r.meaning), _signed(r, first), _signed(r, second))
        for r in kind.reasons
    )
    return Grid(
        tr(
            "Weights in nats: how much a line speaks for a kind (above 0) or against it, beside "
            "not knowing. A kind is named from a probability of {sure:g} on.",
            sure=SURE,
        ),
        (tr("Evidence"), tr("Value"), tr("What it says"), first.short, second.short),
        rows,
        frozenset({3, 4}),
        folded=tr("Why: the evidence for its kind"),
    )


def label_of(reason: Reason) -> str:
    """Name of the line, with what its value is a share or a ratio of."""
    what = reason.unit.removeprefix("share").strip()
    name = tr_now(reason.name)
    return name if what in ("", *_SAID) else f"{name} ({tr_now(what)})"


_SAID = ("months", "degrees", "m")
"""Units that stand with the value."""


def value_of(reason: Reason) -> str:
    """The value, or "not known"."""
    if reason.value is None:
        return tr("not known")
    if reason.unit.startswith("share"):
        return f"{100 * reason.value:.0f} %".replace("-", "\u2212")
    digits = 0 if reason.unit in _SAID and abs(reason.value) >= 10 else 2
    unit = f" {reason.unit}" if reason.unit in _SAID else ""
    return f"{reason.value:.{digits}f}{unit}".replace("-", "\u2212")


def kind_cell(section: SiteSection) -> str:
    """The kind for the table of sites; empty where it was not weighed."""
    kind = section.kind
    if kind is None:
        return ""
    if kind.decision is not None:
        return tr("{kind} (decided)", kind=tr_now(kind.kind.value))
    if kind.kind is SiteKind.UNKNOWN:
        return tr_now(kind.kind.value)
    return f"{tr_now(kind.kind.value)} ({_percent(kind.probability(kind.kind))})"


KIND_HEAD = (
    "site",
    "status",
    "kind",
    "decided_by",
    "evidence",
    "value",
    "unit",
    "says",
    *(k.short for k in SiteKind),
)


def kind_lines(sections: Iterable[SiteSection]) -> list[list[CsvCell]]:
    """Rows of data/kinds.csv: the probabilities of a site, then each line with its weights."""
    out: list[list[CsvCell]] = []
    for s in sections:
        if s.kind is None:
            continue
        by = s.kind.decision.by if s.kind.decision else ""
        head: list[CsvCell] = [s.site.id, s.site.status.value, s.kind.kind.value, by]
        out.append([*head, "probability", None, "", "", *(p for _, p in s.kind.probabilities)])
        out += [
            [*head, r.name, r.value, r.unit, r.meaning, *(w for _, w in r.weights)]
            for r in s.kind.reasons
        ]
    return out


def _signed(reason: Reason, kind: SiteKind) -> str:
    weight = dict(reason.weights)[kind]
    return "" if reason.value is None or not math.isfinite(weight) else f"{weight:+.1f}"


def _percent(p: float) -> str:
    return tr("over 99 %") if p > 0.995 else f"{100 * p:.0f} %"

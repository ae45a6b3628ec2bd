"""Precision and recall of reading claims, by kind, against gold written by hand beforehand.

`python bench/claims.py` prints the tables of docs/limits.md. The sentences are our own, so the
figures say how general the rules are, not how a text by others fares.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from gossan.claims.attribution import attribute
from gossan.claims.dates.calendar import Partial, single
from gossan.claims.dates.find import find_dates
from gossan.claims.extract import extract
from gossan.claims.kinds import kind_of
from gossan.claims.places import find_places, plain_words
from gossan.claims.review import parse_edtf
from gossan.claims.sentences import split
from gossan.claims.windows import of_dates
from gossan.core.gazetteer import Gazetteer
from gossan.core.statements import DateMention, DateReading, PublicationDate, Report
from gossan.io.gazetteer import Sources, open_gazetteer

SETS = ("claim_sentences", "claim_sentences_unseen", "claim_sentences_third")
WINDOWS = ("claim_windows", "claim_windows_unseen", "claim_windows_third")
ROOT = Path(__file__).parents[1]
CENTRE = {
    "PE": (-76, -11),
    "ZM": (28, -13),
    "CD": (26, -11),
    "KZ": (72, 48),
    "GH": (-2, 6),
    "ID": (122, -3),
    "BR": (-50, -12),
    "AM": (45, 40),
    "AZ": (46.7, 39.9),
    "GE": (44, 42),
    "GB": (-1, 51.5),
    "RO": (25, 46),
    "LI": (9.5, 47.1),
    "TZ": (33, -3),
}
"""Middle (lon, lat) of an imagined case in each country of the sentences."""


@dataclass
class Score:
    """Counts of one kind: `right`, `missed`, `false` (found, but not in the gold), dates left
    to a person (`asked`), and dates accepted without one that are wrong (`wrong_accepted`)."""

    right: int = 0
    missed: int = 0
    false: int = 0
    asked: int = 0
    wrong_accepted: int = 0

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.false + self.wrong_accepted)


@dataclass
class Scores:
    """By (what, style)."""

    by: dict[tuple[str, str], Score] = field(default_factory=lambda: defaultdict(Score))

    def total(self, what: str) -> Score:
        parts = [s for (w, _), s in self.by.items() if w == what]
        return Score(*(sum(getattr(p, f) for p in parts) for f in Score.__dataclass_fields__))


def score_sentences(
    rows: Sequence[Mapping[str, Any]],
    gazetteer_of: Callable[[str], Gazetteer],
    *,
    places: bool = True,
) -> Scores:
    """Scores of all kinds over sentences as tests/golden/claim_sentences.json holds them."""
    scores = Scores()
    for row in rows:
        key = f"{row['style']}{' (ru)' if row['lang'] == 'ru' else ''}"
        _dates(row, scores.by["dates", key])
        if places:
            _places(row, gazetteer_of(row["country"]), scores.by["places", key])
        sentences = split(row["text"], row["lang"])
        at = row.get("sentence", 0)
        said = attribute(sentences, row["lang"])[at]
        names = [(k.kind.value, k.name) for k in said.links]
        outlet = row["source_kind"] == "outlet"
        source = (
            not names
            if outlet
            else any(
                kind == row["source_kind"] and (row["source"] or "") in name for kind, name in names
            )
        )
        _count(scores.by["sources", key], source)
        _count(scores.by["modality", key], said.modality.value == row["modality"])
        if row["type"]:
            kind = kind_of(sentences[at].text if at else row["text"])[0].value
            _count(scores.by["type", key], kind == row["type"].replace(" ", "-"))
    return scores


def score_windows(rows: Sequence[Mapping[str, Any]]) -> Scores:
    """Scores of the times that a question asks about, over tests/golden/claim_windows*.json."""
    scores = Scores()
    for row in rows:
        at = row.get("sentence", 0)
        sentences = split(row["text"], row["lang"])
        dates = find_dates(sentences, date.fromisoformat(row["published"]), row["lang"])[at]
        s = sentences[at]
        _window(row, dates, of_dates(dates, s.text, s.start), scores.by["windows", row["style"]])
    return scores


def _window(
    row: Mapping[str, Any],
    dates: Sequence[DateMention],
    got: tuple[DateReading, ...] | None,
    score: Score,
) -> None:
    """Right where the times are the gold's, or where a person is asked and is offered them."""
    wanted = [w for w in (row["windows"], *row.get("also", ())) if w]
    found = None if got is None else [f"{r.first or '..'}/{r.last or '..'}" for r in got]
    if found is None:
        score.asked += 1
        offered = {f"{a.first or '..'}/{a.last or '..'}" for d in dates for a in d.alternatives}
        right = row.get("ask") or any(set(w) <= offered for w in wanted)
        score.right += bool(right)
        score.missed += not right
    elif found in wanted or (row.get("ask") and not found):
        score.right += 1
    else:
        score.missed += 1
        score.wrong_accepted += bool(found)


def _count(score: Score, right: bool) -> None:
    score.right += right
    score.missed += not right
    score.false += not right


def _dates(row: Mapping[str, Any], score: Score) -> None:
    published = date.fromisoformat(row["published"])
    sentences = split(row["text"], row["lang"])
    found = [d for s in find_dates(sentences, published, row["lang"]) for d in s]
    for g in row["dates"]:
        start = row["text"].index(g["text"])
        end = start + len(g["text"])
        mine = [d for d in found if d.span[0] < end and start < d.span[1]]
        found = [d for d in found if d not in mine]
        wanted = [_reading(e) for e in g["edtf"].split("|") if e != "?"]
        also = [_reading(e) for e in g.get("also", ()) if "|" not in e]
        if not mine:
            unread = g["edtf"] == "?"
            score.right += unread
            score.missed += not unread
            continue
        got = mine[0]
        if got.reading is None and not wanted:
            score.asked += 1
            score.right += 1
        elif got.reading is None:
            offered = [(a.first, a.last) for a in got.alternatives]
            score.asked += 1
            good = all((w.first, w.last) in offered for w in wanted)
            score.right += good
            score.missed += not good
        elif any(_same(got.reading, w) for w in (*(wanted if len(wanted) == 1 else ()), *also)):
            score.right += 1
        else:
            score.wrong_accepted += 1
            score.missed += 1
    score.false += sum(d.reading is not None for d in found)


def _same(mine: DateReading, gold: DateReading) -> bool:
    bare = mine.edtf.replace("~", "") == gold.edtf.replace("~", "")
    return bare or (mine.first, mine.last) == (gold.first, gold.last)


def _reading(edtf: str) -> DateReading:
    made = parse_edtf(edtf)
    if made is not None and "X" not in edtf:
        return made
    base = single(Partial(1000), "gold")  # seasons, quarters, decades and sets match by text
    return DateReading(edtf, None, None, base.precision, "gold")


def _places(row: Mapping[str, Any], gazetteer: Gazetteer, score: Score) -> None:
    mentions = find_places(row["text"], 0, gazetteer, plain_words(row["text"]), row["lang"])
    got = {m.text for m in mentions if m.place and m.place.kind != "country"}
    wanted = set(row["places"])
    score.right += len(got & wanted)
    score.missed += len(wanted - got)
    score.false += len(got - wanted)
    score.asked += sum(m.place is None for m in mentions)


def _print(scores: Scores) -> None:
    print("| what | of | precision | recall | asked | wrong, accepted |\n|---|---|---|---|---|---|")
    for what in ("dates", "places", "sources", "modality", "type", "windows"):
        keys = sorted(k for w, k in scores.by if w == what)
        rows = [(f"{what}: {k}", scores.by[what, k]) for k in keys]
        for name, s in [*rows, (f"**{what}, all**", scores.total(what))] if keys else ():
            n = s.right + s.missed
            print(
                f"| {name} | {n} | {s.precision:.2f} | {s.recall:.2f} | {s.asked} | "
                f"{s.wrong_accepted} |"
            )


def _sentences(name: str) -> list[dict[str, Any]]:
    loaded = json.loads((ROOT / f"tests/golden/{name}.json").read_text("utf-8"))
    return list(loaded["sentences"])


def main() -> None:
    """Print the tables and the time an article takes."""
    sets = {name: _sentences(name) for name in SETS}
    rows = sets["claim_sentences"]
    with tempfile.TemporaryDirectory() as folder:
        opened: dict[str, Gazetteer] = {}

        def gazetteer_of(country: str) -> Gazetteer:
            if country not in opened:
                own = ROOT / "examples/karabakh-2022/places.csv" if country == "AZ" else None
                path = Path(folder) / f"{country}.db"
                opened[country] = open_gazetteer(path, Sources(*CENTRE[country], own))
            return opened[country]

        for name, some in sets.items():
            print(f"\n{name}: {len(some)} sentences\n")
            _print(score_sentences(some, gazetteer_of))
        for name in WINDOWS:
            windows = _sentences(name)
            print(f"\n{name}: {len(windows)} sentences\n")
            _print(score_windows(windows))
        body = "\n\n".join(r["text"] for r in rows if r["lang"] == "en")
        words = len(body.split())
        published = PublicationDate(date(2023, 1, 1), "given")
        report = Report("R-1", "", "", "bench", "text", "", "", "", published, "en", body)
        times = []
        for _ in range(6):
            begin = time.process_time()
            extract(report, gazetteer_of("AM"))
            times.append(time.process_time() - begin)
        per_thousand = statistics.median(times[1:]) / words * 1000
        print(
            f"\n{words} words; {per_thousand:.2f} s of processor time for 1,000 words "
            f"(first time, with loading: {times[0]:.2f} s)"
        )


if __name__ == "__main__":
    main()

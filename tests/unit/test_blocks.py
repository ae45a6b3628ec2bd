"""The plain form of blocks: one for each content, with a key for each block, and read back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from shapely.geometry import box

from gossan.core.dates import DateInterval
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.power.trials import PowerPoint
from gossan.core.serialise import from_plain, to_plain
from gossan.dossier.chapter import (
    KINDS,
    AreaMap,
    Badge,
    Block,
    Chapter,
    Choice,
    Commands,
    CropImage,
    Fact,
    Facts,
    Figure,
    Figures,
    Grid,
    Heading,
    Link,
    Listing,
    MapImage,
    MapLine,
    MapPoint,
    MapSite,
    Noted,
    Picture,
    PicturePair,
    Strip,
    Words,
    keyed,
    plain,
    words_of,
)
from gossan.dossier.plots import (
    Bar,
    BarPlot,
    Curve,
    Line,
    Month,
    MonthPlot,
    Point,
    RecallPlot,
    SeriesPlot,
    SiteSeries,
    Span,
    SpanPlot,
    StepPlot,
    TimePlot,
)

DAY = date(2020, 5, 3)
ONES = np.ones(1, np.float32)
CROP = CropImage(DAY, "S2A", b"png", (8, 8), (((0.0, 0.0), (1.0, 1.0)),), "changed", False)
CORNERS = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
SERIES = SiteSeries("NDVI", (DAY,), ONES * np.nan, ONES, (DAY,), ONES, ONES, None)

EVERY: tuple[Block, ...] = (
    Words("one"),
    Words("two", small=True),
    Heading("three"),
    Grid("of", ("a", "b"), (("1", Noted("x", "y")), (Link("s", "site-1"), "2")), frozenset({0})),
    Grid("choose", ("a",), (("1",),), choice=Choice("by", ("me",), ((0,),))),
    Figures((Figure("3 ha", "2 to 4", "changed"),)),
    Facts((Fact("Asked", ("this", "that"), "2 lines"),)),
    Listing(("a", "b")),
    Commands(("gossan update CASE",)),
    TimePlot("t", "FNU", (Line("below", (Point(DAY, 1.0),)),)),
    BarPlot("b", "ha", (Bar("2019", "lost", 3.0),)),
    StepPlot("g", "ha", DAY, DAY, (Point(DAY, 1.0, 0.5, 2.0),)),
    SeriesPlot("s", SERIES, DateInterval(None, DAY)),
    MonthPlot("m", "seen", (Month(DAY, 0.5, "seen"),), (("seen", "#fff"),)),
    RecallPlot("r", 0.9, (Curve("all", "#12304d", (PowerPoint(0.1, 9, 8, 0.9, 0.6, 1.0),)),)),
    SpanPlot("w", (Span("1", "A", None, DAY, True),), ("A",)),
    Picture(b"png", "lake", "The lake"),
    PicturePair("Site 1", CROP, replace(CROP, caption="before")),
    Strip("Site 1", (CROP,)),
    AreaMap(
        (MapImage(DAY, "S2A", b"png", None, 0.9, CORNERS),),
        (0.0, 0.0, 1.0, 1.0),
        {"type": "Point", "coordinates": [0.5, 0.5]},
        "Natural",
        "",
        (MapSite(1, "abc", box(0, 0, 1, 1), DAY, "#35a7ff", False),),
        (MapLine("stream", ((0.0, 0.0), (1.0, 1.0))),),
        (MapPoint("village", (0.5, 0.5)),),
        (("2020", "#35a7ff"),),
    ),
)
CHAPTER = Chapter("all", "All", "Lead", EVERY, (("a.csv", b"1"),), badge=Badge("1", "#fff"))


def test_every_kind_of_block_is_here() -> None:
    assert {type(b) for b in EVERY} == set(KINDS)


def test_a_chapter_comes_back_from_its_stored_form() -> None:
    back = from_plain(Chapter, to_plain(CHAPTER))
    assert plain(back) == plain(CHAPTER)
    assert [type(b) for b in back.blocks] == [type(b) for b in EVERY]


def test_the_plain_form_is_json_and_names_bytes_by_their_hash() -> None:
    text = json.dumps(plain(CHAPTER), allow_nan=False, sort_keys=True)
    assert hash_bytes(b"png") in text
    assert json.loads(text) == plain(CHAPTER)


def test_keys_name_each_block_by_kind_and_number() -> None:
    keys = [k for k, _ in keyed(CHAPTER)]
    assert len(set(keys)) == len(EVERY)
    assert keys[:4] == ["all/words-1", "all/words-2", "all/heading-1", "all/table-1"]
    more = replace(CHAPTER, blocks=(Listing(("new",)), *EVERY))
    assert [k for k, _ in keyed(more)][1:5] == keys[:4]


def _changes(block: Any) -> list[Any]:
    """The block with each of its texts, numbers and flags changed, one at a time."""
    out = []
    for f in fields(block):
        value = getattr(block, f.name)
        if isinstance(value, bool):
            out.append(replace(block, **{f.name: not value}))
        elif isinstance(value, str):
            out.append(replace(block, **{f.name: value + "x"}))
        elif isinstance(value, bytes):
            out.append(replace(block, **{f.name: value + b"x"}))
    return out


@pytest.mark.parametrize("block", EVERY, ids=lambda b: type(b).__name__)
def test_whatever_is_changed_changes_the_hash(block: Block) -> None:
    was = hash_json(plain(block))
    assert all(hash_json(plain(b)) != was for b in _changes(block))
    assert hash_json(plain(replace(block))) == was


def test_blocks_of_unlike_types_never_share_a_hash() -> None:
    assert len({hash_json(plain(b)) for b in EVERY}) == len(EVERY)


def test_a_table_of_an_older_gossan_is_read() -> None:
    old = {"caption": "Lakes", "head": ["Lake"], "rows": [["A"]], "numeric": []}
    body = {"key": "water", "title": "Water", "lead": "", "blocks": [old, {"text": "H"}]}
    found = from_plain(Chapter, body)
    assert found.blocks == (Grid("Lakes", ("Lake",), (("A",),)), Heading("H"))


def test_a_block_with_a_field_that_is_not_its_own_is_refused() -> None:
    body = {"key": "w", "title": "W", "lead": "", "blocks": [{"text": "H", "colour": "red"}]}
    with pytest.raises(ValueError, match="expected one of"):
        from_plain(Chapter, body)


def test_a_cell_as_words() -> None:
    assert [words_of(c) for c in ("a", Noted("b", "n"), Noted("c", ""), Link("d", "k"))] == [
        "a",
        "b (n)",
        "c",
        "d",
    ]

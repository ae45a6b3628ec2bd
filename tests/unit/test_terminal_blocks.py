"""Blocks on the terminal: whole at 80 columns, safe, and one way for all commands."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from tests.support.dossier_model import make_model

from gossan.cli.blocks import print_blocks
from gossan.cli.console import SafeConsole
from gossan.cli.tables import sites_blocks
from gossan.core.site_row import site_row
from gossan.dossier.chapter import (
    Block,
    Fact,
    Facts,
    Grid,
    Heading,
    Link,
    Listing,
    Noted,
    Picture,
    Words,
)

SRC = Path(__file__).parents[2] / "src" / "gossan"


def printed(*blocks: Block, width: int = 80) -> str:
    console = SafeConsole()
    console.file = io.StringIO()
    console.width = width
    print_blocks(blocks, console)
    return console.file.getvalue()


def test_sites_fit_80_columns_with_a_place_beside_each() -> None:
    sites = [s.site for s in make_model().sites]
    rows = [site_row(s) | {"lon": -179.12345, "lat": -45.54321} for s in sites]
    *table, _ = sites_blocks(rows)
    text = printed(*table)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert text.count("-179.12345, -45.54321") == 3
    for site in sites:
        (line,) = [x for x in lines if site.id in x]
        assert f"{site.area.value:.2f} (" in line
        assert site.began.first_changed.isoformat() in line


def test_words_stay_on_one_line_where_nobody_watches() -> None:
    sentence = "word " * 40 + "end."
    assert sentence in printed(Words(sentence))


def test_every_cell_item_and_fact_is_printed() -> None:
    grid = Grid("Lakes", ("Lake", "ha"), ((Noted("A", "deep"), "3.1"), (Link("B", "b"), "0.4")))
    text = printed(Heading("H"), grid, Listing(("one", "two")), Facts((Fact("Asked", ("x", "y")),)))
    for part in ("H", "Lakes", "Lake", "A", "deep", "3.1", "B", "- two", "Asked", "x", "y"):
        assert part in text


def test_long_cells_are_wrapped_and_lose_nothing() -> None:
    name = "x" * 200
    text = printed(Grid("", ("Name", "n"), ((name, "1"),), frozenset({1})))
    assert text.count("x") == 200
    assert max(map(len, text.splitlines())) <= 80


def test_markup_and_control_signs_of_names_do_nothing() -> None:
    text = printed(Grid("[red]c", ("[b]h",), (("[i]a\x1b[2J",),)), Words("[link]w\x1b]0;t\x07"))
    assert "\x1b" not in text
    for part in ("[red]c", "[b]h", "[i]a", "[link]w"):
        assert part in text


def test_a_picture_is_no_block_for_a_terminal() -> None:
    with pytest.raises(TypeError, match="Picture"):
        printed(Picture(b"", "alt", "caption"))


def test_one_place_draws_tables_and_one_writes_csv() -> None:
    """Whoever imports rich's tables or Python's CSV writer goes another way."""
    tables, writers = set(), set()
    for path in SRC.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "rich.table":
                tables.add(path.stem)
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and (node.value.id, node.attr) in (("csv", "writer"), ("csv", "DictWriter"))
            ):
                writers.add(path.stem)
    assert tables == {"blocks"}
    assert writers == {"csv_text"}

"""One writer of CSV: what a spreadsheet would run is disarmed, and nothing else is touched."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from gossan.core.csv_text import csv_bytes


def cell(value: object) -> str:
    (row,) = list(csv.reader(io.StringIO(csv_bytes(("a", "b"), [(value, "end")]).decode())))[1:]
    assert row[1] == "end"
    return row[0]


@pytest.mark.parametrize(
    "evil",
    [
        "=1+1",
        "=cmd|' /C calc'!A1",
        "+1+1",
        "-2+3+cmd|' /C calc'!D2",
        "@SUM(A1:A2)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "\ufeff=1+1",
        "\u200b=1+1",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠SUM(A1)",
        "+374 91 123456",
        "- said so",
        '="a"\n&"b"',
        "+1 2",
        "-1e5x",
        "+1=-",
    ],
)
def test_what_would_run_gets_an_apostrophe(evil: str) -> None:
    assert cell(evil) == "'" + evil.replace("\r", "\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (-0.5, "-0.5"),
        (-3, "-3"),
        ("-0.5", "-0.5"),
        ("+1.5e-3", "+1.5e-3"),
        (".5", ".5"),
        ("-", "-"),
        ("=", "="),
        ("@", "@"),
        ("a=b", "a=b"),
        ("it's", "it's"),
        ("'", "'"),
        (0.1 + 0.2, "0.3"),
        (1234567.0, "1.23457e+06"),
        (date(2020, 1, 2), "2020-01-02"),
        (True, "True"),
        ("2019-01/..", "2019-01/.."),
        (" a", " a"),
        ("S-1 = 2", "S-1 = 2"),
        ("\x00=1", "\ufffd=1"),
        ("-12345678.90123", "-12345678.90123"),
    ],
)
def test_everything_else_stands_as_it_is(value: object, text: str) -> None:
    assert cell(value) == text


def test_line_breaks_are_written_alike_by_every_python() -> None:
    """A lone CR is quoted from 3.13 on and was not before."""
    assert csv_bytes(("a",), [("x\ry",), ("x\r\ny",), ("x\ny",)]) == b'a\n"x\ny"\n"x\ny"\n"x\ny"\n'

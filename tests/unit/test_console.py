"""What reaches a terminal: nothing that it obeys, whatever the way it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gossan.core.visible import one_line, unsafe, visible

HOSTILE = {
    "title": "\x1b]0;taken\x07",
    "clear": "\x1b[2J",
    "colour": "\x1b[31m",
    "c1": "\x9b31m",
    "osc8": "\x1b]8;;http://a\x1b\\b\x1b]8;;\x1b\\",
    "bell": "\x07",
    "back": "a\x08\x08b",
    "return": "good\rbad",
    "delete": "\x7f",
    "null": "\x00",
    "override": "\u202egpj.exe",
    "isolate": "\u2066a\u2069",
    "line": "\u2028",
    "half": "\udc9b",
}
HONEST = [
    "Ağdam, Füzuli",
    "Չորաթան",
    "أقدام 12",
    "אבג",
    "می‌خواهم",
    "नमस्ते",
    "👩‍🌾",
    "中文",
    "a\tb\nc",
]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_terminal_obeys_is_shown_as_a_sign(text: str) -> None:
    assert unsafe(text)
    assert not unsafe(one_line(text))


@pytest.mark.parametrize("text", HONEST)
def test_honest_letters_stay(text: str) -> None:
    assert visible(text) == text


WAYS = {
    "line": "Terminal().say(T)",
    "print": "out.print(T)",
    "table": "t = Table(); t.add_column(T); t.add_row(T); out.print(t)",
    "text": "out.print(Text(T))",
    "bar": "import contextlib\nwith Terminal().task(T, 1) as b: b.advance()",
    "json": "print_json({'name': T})",
    "warning": "take_over(); import warnings; warnings.warn(T)",
    "log": "take_over(); import logging; logging.getLogger('rasterio').warning(T)",
    "traceback": "take_over(); raise ValueError(T)",
    "thread": "take_over(); import threading\ndef f(): raise ValueError(T)\n"
    "t = threading.Thread(target=f); t.start(); t.join()",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_way_to_the_terminal_is_clean(way: str, tmp_path: Path) -> None:
    text = "[red]x[/red][link=http://evil]y[/link]:bomb:" + "".join(HOSTILE.values())
    head = (
        "from gossan.cli.console import *\nfrom gossan.cli.console import take_over\n"
        "from rich.table import Table\nfrom rich.text import Text\nimport json, sys\n"
        f"T = json.loads({json.dumps(text)!r})\n"
    )
    for forced in ("", "1"):  # to a file, and as to a terminal that takes colours
        env = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "300", "TERM": "xterm"}
        env |= {"FORCE_COLOR": forced} if forced else {}
        done = subprocess.run([sys.executable, "-c", head + way], capture_output=True, env=env)
        shown = (done.stdout + done.stderr).decode()
        assert "taken" in shown
        for bad in ("\x1b]", "\x1b[2J", "\x1b[31m", "\x9b", "\x07", "\x08", "\u202e", "\u2066"):
            assert bad not in shown, (way, bad)
        assert "[red]" in shown
        assert "link=http" in shown

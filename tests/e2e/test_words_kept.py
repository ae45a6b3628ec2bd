"""What is kept and bound is English, whatever language the person at the terminal reads."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.alike import EXPANDED
from tests.support.cases import catalogue, sample_items, small_case
from tests.support.commands import Done, run
from tests.support.dossiers import SQUARE, edit
from tests.support.pseudo import ACCENTED, pseudo, write_pseudo

OTHER = re.compile(f"[{ACCENTED}]{{4,}}")
"""A word of the other language; names of places hold some of its letters."""
HASH = re.compile(r"[0-9a-f]{16,}|[0-9A-Z]{16,}")
STEPS = ("update", "check", "dossier", "verify")


@dataclass(frozen=True)
class Worked:
    """A case worked on in one language, and what each command said."""

    case: Path
    done: dict[str, Done]


def worked(root: Path, lang: str, monkeypatch: pytest.MonkeyPatch) -> Worked:
    """The same work, on documents and images, in a language."""
    case = small_case(root / "case", catalogue(root / "source", sample_items()), SQUARE)
    note = root / "note.txt"
    note.write_text(EXPANDED.format(1))
    monkeypatch.setenv("GOSSAN_LANG", lang)
    commands = (
        ["update", case],
        ["report", "add", case, note],
        ["check", case, "--draft"],
        ["dossier", case],
        ["verify", case / "dossier"],
    )
    return Worked(case, {str(c[0]): d for c, d in zip(commands, run(commands), strict=True)})


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Worked, Worked]]:
    """In English, and in the language whose every letter has an accent."""
    accented = str(write_pseudo(tmp_path_factory.mktemp("locale")))
    with pytest.MonkeyPatch.context() as patch:
        yield (
            worked(tmp_path_factory.mktemp("english"), "", patch),
            worked(tmp_path_factory.mktemp("other"), accented, patch),
        )


def kept(case: Path) -> dict[str, str]:
    """All texts of the case's store, by where they stand."""
    found = {}
    with closing(sqlite3.connect(case / "case.db")) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            for n, row in enumerate(db.execute(f"SELECT * FROM {table}")):
                found[f"{table} {n}"] = "\n".join(str(v) for v in row)
    return found


def words_of(case: Path) -> list[tuple[object, ...]]:
    """What the ledger says, without what differs with time and chance."""
    with closing(sqlite3.connect(case / "case.db")) as db:
        records = [json.loads(r) for (r,) in db.execute("SELECT record FROM ledger ORDER BY seq")]
    return [
        tuple(
            HASH.sub("#", json.dumps(r[k])) for k in ("action", "inputs", "parameters", "outputs")
        )
        for r in records
    ]


def test_the_terminal_speaks_the_language_asked_for(both: tuple[Worked, Worked]) -> None:
    english, other = both
    for step in STEPS:
        was, now = english.done[step], other.done[step]
        assert was.status == now.status, (was.err, now.err)
        assert OTHER.search(now.out + now.err), step
        assert not OTHER.search(was.out + was.err), step
    assert pseudo("Unchanged since it was made?") in other.done["verify"].out


def test_what_is_kept_is_english(both: tuple[Worked, Worked]) -> None:
    english, other = both
    foreign = {k: v[:200] for k, v in kept(other.case).items() if OTHER.search(v)}
    assert foreign == {}
    assert words_of(other.case) == words_of(english.case)


def test_a_dossier_is_written_in_english(both: tuple[Worked, Worked]) -> None:
    english, other = both
    for name in ("index.html", "data/dossier.json", "evidence/custody.csv"):
        assert not OTHER.search((other.case / "dossier" / name).read_text("utf-8")), name
    tables = sorted(p.name for p in (english.case / "dossier" / "data").glob("*.csv"))
    assert len(tables) > 5
    for name in tables:
        was, now = (w.case / "dossier" / "data" / name for w in both)
        assert was.read_bytes() == now.read_bytes(), name


def test_a_dossier_is_verified_in_any_language(
    both: tuple[Worked, Worked], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    english, other = both
    monkeypatch.setenv("GOSSAN_LANG", "")
    (done,) = run([["verify", other.case / "dossier", "--charts"]])
    assert done.status == english.done["verify"].status, done.err
    monkeypatch.setenv("GOSSAN_LANG", str(write_pseudo(tmp_path)))
    edit(english.case / "dossier" / "index.html", lambda page: page.replace("Map", "Mop", 1))
    whole, changed = run(
        [["verify", other.case / "dossier", "--charts"], ["verify", english.case / "dossier"]]
    )
    assert whole.status == english.done["verify"].status, whole.err
    assert changed.status == 2, changed.out
    assert "index.html" in changed.err

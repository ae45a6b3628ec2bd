"""The hash chain in a real SQLite file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gossan.core.errors import GossanError
from gossan.core.values import Outcome, SceneRecord
from gossan.evidence.ledger import GENESIS, Step, verify_chain
from gossan.io.case_db import CaseDb


def _fill(path: Path, n: int = 3) -> None:
    with CaseDb(path) as db:
        for i in range(n):
            db.append(Step("read", {"scene": f"s{i}"}, {}, {"hash": f"h{i}"}).seal)


def test_chain_holds_and_starts_at_genesis(tmp_path: Path) -> None:
    _fill(tmp_path / "case.db")
    with CaseDb(tmp_path / "case.db") as db:
        rows = db.ledger()
    assert verify_chain(rows) == 3
    assert rows[0][0]["previous"] == GENESIS
    assert rows[2][0]["previous"] == rows[1][1]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE ledger SET record=replace(record,'h1','hX') WHERE seq=1", "1 .read. was changed"),
        ("DELETE FROM ledger WHERE seq=1", "continue with record 1, found 2"),
        ("DELETE FROM ledger WHERE seq=0", "continue with record 0, found 1"),
    ],
)
def test_tampering_is_named(tmp_path: Path, sql: str, words: str) -> None:
    path = tmp_path / "case.db"
    _fill(path)
    raw = sqlite3.connect(path)
    raw.execute(sql)
    raw.commit()
    raw.close()
    with CaseDb(path) as db, pytest.raises(GossanError, match=words):
        verify_chain(db.ledger())


def test_two_processes_at_once_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "case.db"
    CaseDb(path).__exit__()
    code = (
        "import sys; from pathlib import Path\n"
        "from gossan.evidence.ledger import Step; from gossan.io.case_db import CaseDb\n"
        "with CaseDb(Path(sys.argv[1])) as db:\n"
        "    for i in range(20): db.append(Step('read', {'i': i}, {}, {}).seal)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(2)]
    assert [p.wait() for p in both] == [0, 0]
    with CaseDb(path) as db:
        assert verify_chain(db.ledger()) == 40


def test_scene_records_and_sites_come_back(tmp_path: Path) -> None:
    record = SceneRecord(
        "a", datetime(2020, 1, 2, 9, 30, 5, tzinfo=UTC), Outcome.CLOUDY, "95 %", None, "", None
    )
    with CaseDb(tmp_path / "case.db") as db:
        db.put_scenes([record])
        db.put_sites({"S-1": {"x": 1}})
        db.put("grid", "g")
    with CaseDb(tmp_path / "case.db") as db:
        assert db.scenes() == [record]
        assert db.sites() == {"S-1": {"x": 1}}
        assert (db.get("grid"), db.get("none")) == ("g", None)


def test_a_file_that_is_no_database_gets_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "case.db").write_text("this is not a database, certainly not one")
    with pytest.raises(GossanError, match="SQLite"):
        CaseDb(tmp_path / "case.db")

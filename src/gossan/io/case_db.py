"""`case.db`: what a case knows, in SQLite (WAL), with the ledger as its spine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gossan import __version__
from gossan.core.agent import ANONYMOUS, Agent
from gossan.core.errors import Code, GossanError, NotWritableError
from gossan.core.hashing import canonical_json, hash_json
from gossan.core.values import Outcome, SceneRecord
from gossan.core.words import english, tr
from gossan.io.snapshot import snapshot
from gossan.io.software import code_hash, installed, packages

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
  seq INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS scene (
  id TEXT PRIMARY KEY, time TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
  usable_share REAL, offset_rule TEXT NOT NULL, checksum TEXT) STRICT;
CREATE TABLE IF NOT EXISTS site (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS document (
  kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT;
"""
VERSION = 1

Document = tuple[str, str, Mapping[str, Any] | None]
"""Kind, id and body of something kept as JSON; body None removes it."""

Seal = Callable[[int, str | None, str, Agent], tuple[dict[str, Any], str]]
"""(position, hash of the record before or None, UTC time, who) -> (record as JSON, its hash)."""


class CaseDb:
    """One open case database; `who` stands in the records it appends. A context manager.

    With `private` the file is only read: a copy in memory takes what is written, and goes with
    the process. Raises NotWritableError (CASE) where the file cannot be written, GossanError
    (CASE) where it is no case's database.
    """

    def __init__(self, path: Path, who: str = ANONYMOUS, *, private: bool = False) -> None:
        self._path = path
        self._who = who
        self.private = private
        try:
            if private:
                self._db = snapshot(path)
            else:
                self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
        except sqlite3.OperationalError as err:
            raise _unwritable(path, err) from err
        except sqlite3.DatabaseError as err:
            raise GossanError(
                Code.CASE,
                tr(
                    "{file} should be the case's SQLite database, but: {err}.",
                    file=path.name,
                    err=err,
                ),
                tr("Restore it from a copy, or remove it to build the case anew from its scenes."),
            ) from err

    def _prepare(self) -> None:
        """Make the tables where there are none, all or nothing; see that it can be written."""
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA secure_delete=ON")  # what is struck is overwritten
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if found not in (0, VERSION):
            raise GossanError(
                Code.CASE,
                tr(
                    "{file} has schema version {found}, this gossan reads {expected}.",
                    file=self._path.name,
                    found=found,
                    expected=VERSION,
                ),
                tr("Use the gossan that wrote it, or a newer one."),
            )
        make = "" if found == VERSION else f"{SCHEMA} PRAGMA user_version={VERSION};"
        self._db.executescript(f"BEGIN IMMEDIATE; {make} COMMIT;")

    def __enter__(self) -> CaseDb:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def _write(self) -> Iterator[None]:
        """One transaction that holds the write lock from its start, so readers-then-writers
        (the ledger) cannot interleave with another process."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as err:
            raise _unwritable(self._path, err) from err
        except sqlite3.DatabaseError as err:
            raise _damaged(self._path, err) from err
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def get(self, key: str) -> str | None:
        """A value of the case, or None."""
        rows = self._rows("SELECT value FROM meta WHERE key=?", key)
        return str(rows[0][0]) if rows else None

    def put(self, key: str, value: str) -> None:
        """Set a value of the case."""
        with self._write():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (key, value))

    def drop(self, key: str) -> None:
        """Remove a value of the case."""
        with self._write():
            self._db.execute("DELETE FROM meta WHERE key=?", (key,))

    def values(self) -> dict[str, str]:
        """Every value of the case, by key."""
        return {str(k): str(v) for k, v in self._rows("SELECT key, value FROM meta")}

    def everything(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, id and body of every document."""
        rows = self._rows("SELECT kind, id, body FROM document ORDER BY kind, id")
        return [(str(k), str(i), self._json(b)) for k, i, b in rows]

    def forget(self) -> None:
        """Leave no trace of what was removed in the file or its log.

        Raises GossanError (CASE) while another process reads the case.
        """
        try:
            self._truncate_log()
            self._db.execute("VACUUM")
            self._truncate_log()
        except sqlite3.OperationalError as err:
            raise _unwritable(self._path, err) from err

    def _truncate_log(self) -> None:
        busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise sqlite3.OperationalError("another process reads it, so its log stays")

    def append(
        self,
        seal: Seal,
        documents: Sequence[Document] = (),
        values: Mapping[str, str] | None = None,
    ) -> str:
        """Append one record to the ledger, and in the same transaction put `documents` and
        `values`.

        Returns the record's hash. A document whose body is None is removed.

        `seal` builds and hashes the record under the write lock, so that two processes cannot
        both follow the same record (it lives in `evidence`, which this room does not import).
        """
        return self.append_all((seal,), documents, values)

    def append_all(
        self,
        seals: Sequence[Seal],
        documents: Sequence[Document] = (),
        values: Mapping[str, str] | None = None,
    ) -> str:
        """Append several records in one transaction, which costs one wait for the disk and not
        one for each; returns the last one's hash. All are written, or none."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        maker, digest = self.maker(), ""
        with self._write():
            row = self._db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")
            last = row.fetchone()
            seq, previous = (0, None) if last is None else (int(last[0]) + 1, str(last[1]))
            for n, seal in enumerate(seals, start=seq):
                body, digest = seal(n, previous, when, maker)
                previous = digest
                self._db.execute("INSERT INTO ledger VALUES (?,?,?)", (n, json.dumps(body), digest))
            for kind, name, value in documents:
                self._put_document(kind, name, value)
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?,?)", (values or {}).items())
        return digest

    def maker(self) -> Agent:
        """Who works and with what. The list of packages is kept once, as document "packages"."""
        key = f"installed:{installed()}"
        digest = self.get(key)
        if digest is None:
            found = packages()
            digest = hash_json(found)
            with self._write():
                self._put_document("packages", digest, found)
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (key, digest))
        return Agent(self._who, f"gossan {__version__}", code_hash(), digest)

    def _put_document(self, kind: str, name: str, value: Mapping[str, Any] | None) -> None:
        if value is None:
            self._db.execute("DELETE FROM document WHERE kind=? AND id=?", (kind, name))
            return
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        self._db.execute("INSERT OR REPLACE INTO document VALUES (?,?,?)", (kind, name, text))

    def documents(self, kind: str) -> dict[str, dict[str, Any]]:
        """Everything of one kind ("report", "claim", "question", "verdict", "series"), by id."""
        rows = self._rows("SELECT id, body FROM document WHERE kind=? ORDER BY id", kind)
        return {str(name): self._json(body) for name, body in rows}

    def ids(self, kind: str) -> list[str]:
        """Ids of everything of one kind, ascending; no body is read."""
        return [
            str(i) for (i,) in self._rows("SELECT id FROM document WHERE kind=? ORDER BY id", kind)
        ]

    def ledger(self) -> list[tuple[dict[str, Any], str]]:
        """All ledger records in order, each with the hash stored beside it.

        Their keys are sorted, as in a dossier's copy: what is drawn from either is the same.
        """
        rows = self._rows("SELECT record, hash FROM ledger ORDER BY seq")
        return [(json.loads(canonical_json(self._json(r))), str(h)) for r, h in rows]

    def put_scenes(self, records: list[SceneRecord]) -> None:
        """Replace the list of all scenes in the window."""
        with self._write():
            self._db.execute("DELETE FROM scene")
            self._db.executemany(
                "INSERT INTO scene VALUES (?,?,?,?,?,?,?)",
                [
                    (
                        r.id,
                        r.time.isoformat(),
                        r.outcome.value,
                        english(r.reason),
                        r.usable_share,
                        r.offset_rule,
                        r.checksum,
                    )
                    for r in records
                ],
            )

    def scenes(self) -> list[SceneRecord]:
        """All scenes in the window by time, used or not."""
        rows = self._rows("SELECT * FROM scene ORDER BY time, id")
        try:
            return [
                SceneRecord(i, datetime.fromisoformat(t), Outcome(o), why, share, rule, check)
                for i, t, o, why, share, rule, check in rows
            ]
        except (ValueError, TypeError) as err:
            raise _damaged(self._path, err) from err

    def put_sites(self, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the sites; each body is JSON that a later run needs to keep ids stable."""
        with self._write():
            self._db.execute("DELETE FROM site")
            self._db.executemany(
                "INSERT INTO site VALUES (?,?)",
                [(k, json.dumps(v, sort_keys=True)) for k, v in bodies.items()],
            )

    def sites(self) -> dict[str, dict[str, Any]]:
        """The sites as last stored, by id."""
        rows = self._rows("SELECT * FROM site ORDER BY id")
        return {str(k): self._json(v) for k, v in rows}

    def _rows(self, sql: str, *given: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, given).fetchall()
        except sqlite3.DatabaseError as err:
            raise _damaged(self._path, err) from err

    def _json(self, text: str) -> dict[str, Any]:
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError, RecursionError) as err:
            raise _damaged(self._path, err) from err


def _damaged(path: Path, err: Exception) -> GossanError:
    return GossanError(
        Code.CASE,
        tr("{file} is damaged: {reason}.", file=path.name, reason=str(err).splitlines()[0][:160]),
        tr("Restore it from a copy, or remove it to build the case anew from its scenes."),
    )


def _unwritable(path: Path, err: sqlite3.OperationalError) -> NotWritableError:
    return NotWritableError(
        Code.CASE,
        tr("{file} could not be read or written: {err}.", file=path.name, err=err),
        tr("Check free space and permissions of the case folder, then run the command again."),
    )

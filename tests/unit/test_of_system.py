"""What the system refuses, in one sentence."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
import requests

from gossan.core.clock import in_words, set_back
from gossan.io.system import of_system
from gossan.io.whole import copy, put, put_new


def test_it_names_the_path_and_what_was_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "none").read_bytes()
    assert of_system(caught.value).problem == f"{tmp_path / 'none'}: No such file or directory."
    assert of_system(OSError(errno.ENOSPC, "No space left on device")).problem == (
        "No space left on device."
    )
    assert "disk is full" in of_system(sqlite3.OperationalError("database or disk is full")).problem
    assert of_system(TimeoutError()).problem == "TimeoutError."


def test_it_lets_out_no_key_of_an_address() -> None:
    error = requests.ConnectionError("no way to https://me:pw@example.org/x?sig=secret today\nmore")
    assert of_system(error).problem == "no way to https://example.org/x today."


def test_a_file_is_written_whole_or_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "f"
    put(path, b"old")
    put(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(FileExistsError) as caught:
        put_new(path, b"other")
    assert caught.value.filename == str(path)
    with pytest.raises(FileNotFoundError):
        copy(tmp_path / "none", path)
    assert path.read_bytes() == b"new"
    (tmp_path / ".g.part").write_bytes(b"left by one that was killed")
    put_new(tmp_path / "g", b"whole", 0o600)
    assert (tmp_path / "g").read_bytes() == b"whole"
    assert (tmp_path / "g").stat().st_mode & 0o777 == 0o600
    assert {p.name for p in tmp_path.iterdir()} == {"f", "g"}


def test_a_clock_set_back_is_found_where_it_happened() -> None:
    times = [
        "2026-01-01T10:00:00",
        "2026-01-01T10:00:00",
        "2025-12-31T09:00:00",
        "2026-01-01T11:00:00",
    ]
    assert set_back(times) == [(2, "2025-12-31T09:00:00", "2026-01-01T10:00:00")]
    assert "before record 2 (from 2026" in in_words(set_back(times), "record")
    assert in_words([], "record") == ""
    assert in_words(set_back([*times, "2020"]), "record").endswith(", and 1 more")

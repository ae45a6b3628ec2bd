"""Keys a reader knows: several commands at once lose none, a folder that refuses is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gossan.core.errors import GossanError
from gossan.io.known_keys import known_keys_file, read_known_keys
from gossan.run.known_keys import forget_key, trust_key

KEYS = [f"ed25519:{n:064x}" for n in range(1, 9)]


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def test_commands_at_once_undo_nothing_of_each_other() -> None:
    code = "import sys; from gossan.run.known_keys import trust_key; trust_key(*sys.argv[1:])"
    every = [
        subprocess.Popen([sys.executable, "-c", code, key, f"Desk {n}"], env=os.environ)
        for n, key in enumerate(KEYS)
    ]
    assert [p.wait() for p in every] == [0] * len(KEYS)
    assert read_known_keys() == {key: f"Desk {n}" for n, key in enumerate(KEYS)}


def test_what_goes_wrong_changes_nothing() -> None:
    trust_key(KEYS[0], "Desk")
    before = known_keys_file().read_bytes()
    with pytest.raises(GossanError, match="You know another key"):
        trust_key(KEYS[1], "Desk")
    with pytest.raises(GossanError, match="You do not know"):
        forget_key(KEYS[1])
    assert known_keys_file().read_bytes() == before


def test_a_place_that_cannot_be_written_is_said(config: Path) -> None:
    config.write_text("a file where the folder should be")
    with pytest.raises(GossanError, match=r"cannot be written: Not a directory|File exists"):
        trust_key(KEYS[0], "Desk")
    assert read_known_keys() == {}

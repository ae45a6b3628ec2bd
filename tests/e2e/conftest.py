"""The real command in its own process, as a person calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dossiers import Signed, make_case, make_key, sign

SHARED = Path(__file__).parents[2].parent / "shared" / "data"

Run = Callable[..., subprocess.CompletedProcess[str]]


def gossan(*args: str | Path, watched: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `gossan` at 80 columns; never raises for its exit status. `watched`: as on a terminal,
    where sentences are wrapped; elsewhere each stays on one line for other programs."""
    terminal = {"TTY_COMPATIBLE": "1", "TERM": "dumb"} if watched else {}
    return subprocess.run(
        [Path(sys.executable).with_name("gossan"), *args],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80", **terminal},
    )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo case with its dossier, made once for all tests that only read it."""
    folder = tmp_path_factory.mktemp("demo") / "case"
    done = gossan("demo", folder)
    assert done.returncode == 0, done.stderr
    assert "index.html" in done.stdout
    return folder


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    """A small case and its signed dossier, for tests that only read them."""
    root = tmp_path_factory.mktemp("signed")
    case, key = make_case(root), make_key(root)
    return Signed(case, key, sign(case, key))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data that are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here: the real mine is not tested")
    return SHARED

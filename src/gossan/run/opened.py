"""An opened case: its configuration and its stores, all under one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gossan.claims.redact import AROUND, redact
from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError
from gossan.core.maker import ANONYMOUS
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case
from gossan.io.lock import case_lock

FORGET = "forget"
"""A value of the case while a striking is not ended: the archived files that must go."""


@dataclass(frozen=True)
class OpenCase:
    """`folder` of the case, its checked `config` and its open database."""

    folder: Path
    config: CaseConfig
    db: CaseDb

    @property
    def scenes(self) -> Path:
        """Folder of what was read."""
        return self.folder / "scenes"

    @property
    def state(self) -> Path:
        """The monitor's state."""
        return self.folder / "state.icechunk"

    @property
    def radar_scenes(self) -> Path:
        """Folder of the radar images that were read."""
        return self.folder / "scenes-radar"

    @property
    def radar_state(self) -> Path:
        """The radar monitor's state."""
        return self.folder / "state-radar.icechunk"


@contextmanager
def open_case(folder: Path) -> Iterator[OpenCase]:
    """Open a case for writing; one process at a time.

    Raises GossanError (CASE) where the folder is no case or another process works on it.
    """
    config = _clean(read_case(folder))
    with case_lock(folder), CaseDb(folder / "case.db", config.by or ANONYMOUS) as db:
        case = OpenCase(folder, config, db)
        if db.get(FORGET) is not None:
            from gossan.run.strike import finish  # it opens cases itself

            finish(case)
        yield case


@contextmanager
def read_case_folder(folder: Path) -> Iterator[OpenCase]:
    """Open a case to read it, also while another process works on it.

    Raises GossanError (CASE) where the folder is no case, (STATE) before its first update.
    """
    config = _clean(read_case(folder))
    path = folder / "case.db"
    if not path.is_file():
        raise not_updated(folder)
    with CaseDb(path) as db:
        yield OpenCase(folder, config, db)


def _clean(config: CaseConfig) -> CaseConfig:
    """The configuration; what it calls case and worker is shown, so it holds no identifier."""
    countries = config.reports.countries or AROUND
    return replace(
        config, name=redact(config.name, countries)[0], by=redact(config.by, countries)[0]
    )


def not_updated(folder: Path) -> GossanError:
    """What to say of a case without a state."""
    return GossanError(
        Code.STATE,
        f"The case {folder} has not been updated yet.",
        f"Run `gossan update {folder}` first.",
    )

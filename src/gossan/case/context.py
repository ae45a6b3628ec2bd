"""An opened case: its configuration and its stores, all under one folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from gossan.claims.redact.rules import AROUND, redact
from gossan.core.agent import ANONYMOUS
from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError, NotWritableError
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case
from gossan.io.lock import case_lock

DATABASE = "case.db"
FORGET = "forget"
"""A value of the case while a striking is not ended: the archived files that must go."""

ROOM = 8 * 2**20
"""Free bytes with which a command begins to keep what it works out; findings are smaller."""


@dataclass(frozen=True)
class OpenCase:
    """`folder` of the case, its checked `config` and its open database; where that is private,
    nothing may be written to the folder, and `seen` keeps what was found of its state, so that
    all parts of a command speak of one moment while another process goes on."""

    folder: Path
    config: CaseConfig
    db: CaseDb
    seen: dict[date | None, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def scenes(self) -> Path:
        """Folder of what was read."""
        return self.folder / "scenes"

    @property
    def state(self) -> Path:
        """The monitor's state."""
        return self.folder / "state.icechunk"


@contextmanager
def open_case(folder: Path) -> Iterator[OpenCase]:
    """Open a case for writing; one process at a time.

    Raises GossanError (CASE) where the folder is no case, NotWritableError (CASE) where another
    process works on it or it cannot be written to.
    """
    with _for_writing(folder, _clean(read_case(folder))) as case:
        yield case


@contextmanager
def _for_writing(folder: Path, config: CaseConfig) -> Iterator[OpenCase]:
    with case_lock(folder), CaseDb(folder / DATABASE, config.by or ANONYMOUS) as db:
        case = OpenCase(folder, config, db)
        if db.get(FORGET) is not None:
            from gossan.case.forget import finish  # it takes an opened case

            finish(case)
        yield case


@contextmanager
def consult_case(folder: Path, progress: Progress) -> Iterator[OpenCase]:
    """Open a case to work something out, and keep it where the case can be written to.

    Where it cannot (another process works on it, no permission, a write-protected or full disk),
    `progress` is told so, and a private copy of the database takes what would be kept. Raises
    GossanError (CASE) where the folder is no case.
    """
    config = _clean(read_case(folder))
    with ExitStack() as stack:
        try:
            _require_room(folder)
            case = stack.enter_context(_for_writing(folder, config))
        except NotWritableError as error:
            progress.say(
                tr(
                    "{problem}; what this command works out is not kept.",
                    problem=error.problem[:-1],
                )
            )
            case = stack.enter_context(_private(folder, config))
        yield case


@contextmanager
def read_case_folder(folder: Path) -> Iterator[OpenCase]:
    """Open a case to read it, also while another process works on it; nothing is written.

    Raises GossanError (CASE) where the folder is no case.
    """
    with _private(folder, _clean(read_case(folder))) as case:
        yield case


@contextmanager
def _private(folder: Path, config: CaseConfig) -> Iterator[OpenCase]:
    with CaseDb(folder / DATABASE, config.by or ANONYMOUS, private=True) as db:
        yield OpenCase(folder, config, db)


def _require_room(folder: Path) -> None:
    disk = shutil.disk_usage(folder)
    if disk.total and disk.free < ROOM:  # some file systems do not say
        raise NotWritableError(
            Code.CASE,
            tr(
                "The disk of the case {folder} has {free_kb} KiB left.",
                folder=folder.name,
                free_kb=disk.free // 1024,
            ),
            tr("Make room, then run the command again."),
        )


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
        tr("The case {folder} has not been updated yet.", folder=folder),
        tr("Run `gossan update {folder}` first.", folder=folder),
    )

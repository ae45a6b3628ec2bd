"""The commits of a case's state, one line each: what became known with which scene, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gossan.case.context import not_updated, read_case_folder
from gossan.io.state.store import Commit, StateStore


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One commit.

    Attributes
    ----------
    day : acquisition of its scene; of the fit, of the last scene of the history
    scene : key of the acquisition, None for the fit
    scenes : acquisitions behind the commit: those of the history, or 1
    processed : UTC, when it was computed
    usable_share : pixels of the area that the scene showed, 0..1; None for the fit
    provisional, confirmed, recovered : pixels that became so with it; None for the fit
    modelled, early : pixels with a model, and changed within the history; None for a scene
    snapshot : icechunk's id
    state_hash : of the state after it: the same scenes give the same
    """

    day: date
    scene: str | None
    scenes: int
    processed: datetime
    usable_share: float | None
    provisional: int | None
    confirmed: int | None
    recovered: int | None
    modelled: int | None
    early: int | None
    snapshot: str
    state_hash: str

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "processed": self.processed.isoformat()}


def history(folder: Path) -> list[HistoryLine]:
    """From the fit to the newest scene. May be read while an update runs.

    Raises GossanError (STATE) before the first update.
    """
    with read_case_folder(folder) as case:
        if not case.state.is_dir():
            raise not_updated(folder)
        lines = [_line(commit) for commit in StateStore(case.state).line()]
    if not lines:
        raise not_updated(folder)
    return lines[::-1]


def _line(commit: Commit) -> HistoryLine:
    note = commit.note
    return HistoryLine(
        day=date.fromisoformat(note["day"]),
        scene=note.get("scene"),
        scenes=len(note["history"]) if commit.n == 0 else 1,
        processed=datetime.fromisoformat(note["processed"]),
        usable_share=note.get("usable_share"),
        provisional=note.get("provisional"),
        confirmed=note.get("confirmed"),
        recovered=note.get("recovered"),
        modelled=note.get("modelled"),
        early=note.get("early"),
        snapshot=commit.snapshot,
        state_hash=commit.state_hash,
    )

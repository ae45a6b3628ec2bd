"""One root error. A message says what was expected, what was found and what to do."""

from __future__ import annotations

import re
import sqlite3
from enum import StrEnum

from gossan.core.addresses import public

_ADDRESS = re.compile(r"https?://\S+")


class Code(StrEnum):
    """Stable error codes: scripts may rely on them, so a code is never renamed."""

    AREA = "area"
    CASE = "case"
    CATALOGUE = "catalogue"
    CLAIM = "claim"
    CUBE = "cube"
    DASK = "dask"
    DEM = "dem"
    DOSSIER = "dossier"
    LEDGER = "ledger"
    LIMITS = "limits"
    PERIOD = "period"
    PLACES = "places"
    READ = "read"
    REFLECTANCE = "reflectance"
    REPORT = "report"
    SIGNATURE = "signature"
    SOURCE = "source"
    STATE = "state"
    SYSTEM = "system"
    TIMESTAMP = "timestamp"
    TRAFFIC = "traffic"
    WATER = "water"


class GossanError(Exception):
    """Every error a user can meet.

    Attributes
    ----------
    code : which part of the work failed
    problem : what was expected and what was found, one sentence
    hint : what to do about it, one sentence, or empty
    """

    def __init__(self, code: Code, problem: str, hint: str = "") -> None:
        super().__init__(f"{problem} {hint}".strip())
        self.code = code
        self.problem = problem
        self.hint = hint

    def __reduce__(self) -> tuple[type[GossanError], tuple[Code, str, str]]:
        """Whole on the other side when it comes from another process."""
        return type(self), (self.code, self.problem, self.hint)


class NotWritableError(GossanError):
    """A case cannot be written to now: another process works on it, or the system refuses."""


def of_system(error: OSError | sqlite3.Error) -> GossanError:
    """What the system refused, in one sentence: the only place that words its errors."""
    if isinstance(error, sqlite3.Error):
        return GossanError(Code.SYSTEM, f"The case's database could not be used: {error}.", _ROOM)
    said = error.strerror or str(error).strip() or type(error).__name__
    what = _ADDRESS.sub(lambda m: public(m[0]), said.splitlines()[0][:300]).rstrip(".")
    named = f"{error.filename}: " if isinstance(error.filename, str) else ""
    return GossanError(Code.SYSTEM, f"{named}{what}.", _ROOM)


_ROOM = "Check the path, its permissions and the free space, then run the command again."

"""One root error. A message says what was expected, what was found and what to do."""

from __future__ import annotations

from enum import StrEnum


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
    OUTPUT = "output"
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

"""What is needed to compute a dossier anew, beside the images themselves."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.case import CaseConfig
from gossan.core.statements import Claim
from gossan.core.verdicts import Question, Verdict


@dataclass(frozen=True)
class Held:
    """A claim held against the ground, with the question that was fixed and the verdict."""

    claim: Claim
    question: Question
    verdict: Verdict


@dataclass(frozen=True)
class Recipe:
    """The case as asked for.

    Attributes
    ----------
    config : its settings; the source without secrets and without folders of this machine
    crs, shape, transform : of the working grid; shape (rows, columns), affine transform
    bands : names of the bands read
    held : claims with questions and verdicts, by id
    """

    config: CaseConfig
    crs: str
    shape: tuple[int, int]
    transform: tuple[float, ...]
    bands: tuple[str, ...]
    held: tuple[Held, ...] = ()

"""Who made something, and with what program."""

from __future__ import annotations

from dataclasses import dataclass

ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who works and with what.

    Attributes
    ----------
    who : the name given in case.toml (`by`), or `ANONYMOUS`
    software : e.g. "gossan 0.1.0"
    code : hash of every file of the program itself
    packages : hash of the names and versions of all packages it needs, as installed, and of the
        version of Python
    """

    who: str
    software: str
    code: str
    packages: str

"""How long work reports itself, whoever is listening."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Task(Protocol):
    """One piece of work of known size."""

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""


class Progress(Protocol):
    """Implemented by the command line; a run without a listener uses `Silent`."""

    def say(self, text: str) -> None:
        """One line a person should read."""

    def task(self, label: str, total: int) -> AbstractContextManager[Task]:
        """Work of `total` units begins; it ends with the context."""


class Silent:
    """A listener that does not listen."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def advance(self, n: int = 1) -> None:
        """Count nothing."""

    def task(self, label: str, total: int) -> AbstractContextManager[Task]:  # noqa: ARG002
        """Itself, as a context."""
        return self

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

"""Reports and claims for tests."""

from __future__ import annotations

from datetime import date

from gossan.core.statements import PublicationDate, Report

MONDAY = date(2022, 12, 12)


def report(
    body: str,
    published: date | None = MONDAY,
    *,
    name: str = "R-1",
    language: str = "en",
    outlet: str = "Outlet",
) -> Report:
    """A report with this body."""
    return Report(
        id=name,
        sha256="sha256:0",
        captured="2022-12-13T00:00:00+00:00",
        origin=f"{name}.txt",
        media="text",
        title="",
        outlet=outlet,
        author="",
        published=PublicationDate(published, "given"),
        language=language,
        body=body,
        cluster=name,
    )

"""What `gossan report redact` says. The words that are struck are never printed."""

from __future__ import annotations

from rich.console import Console

from gossan.core.words import tr
from gossan.run.strike import Struck


def print_struck(found: Struck, *, dry_run: bool, out: Console) -> None:
    """What went, or would go, and where it still stands."""
    for line in _lines(found, dry_run=dry_run):
        out.print(line, markup=False, soft_wrap=True)


def _lines(found: Struck, *, dry_run: bool) -> list[str]:
    lines = []
    if found.nothing:
        lines.append(tr("The case holds nothing of it; nothing was changed."))
    else:
        told = ", ".join(f"{n} {kind}" for kind, n in sorted(found.changed.items()))
        told = told or tr("nothing")
        lines.append(
            tr("In the case would be changed or removed: {told}.", told=told)
            if dry_run
            else tr("In the case were changed or removed: {told}.", told=told)
        )
        n = len(found.marks)
        lines.append(
            tr("Salts would be removed: {n}; the ledger keeps their hashes.", n=n)
            if dry_run
            else tr("Salts were removed: {n}; the ledger keeps their hashes.", n=n)
        )
    if found.files:
        files = ", ".join(found.files)
        lines.append(
            tr("Archived files would be removed: {files}.", files=files)
            if dry_run
            else tr("Archived files were removed: {files}.", files=files)
        )
    if found.renamed and not dry_run:
        pairs = ", ".join(tr("{old} is now {new}", old=a, new=b) for a, b in found.renamed.items())
        lines.append(
            tr("New ids, for the old ones follow from what was struck: {pairs}.", pairs=pairs)
        )
    if found.old_records:
        numbers = ", ".join(map(str, found.old_records[:20]))
        lines.append(
            tr(
                "NOT struck: {n} records of the ledger ({numbers}) were written by an older gossan "
                "with content in them. They cannot be changed without breaking the chain: only a "
                "new case is free of it.",
                n=len(found.old_records),
                numbers=numbers,
            )
        )
    if found.dossiers:
        lines.append(
            tr(
                "NOT struck: older dossiers hold it: {dossiers}. Write them anew or delete them, "
                "and ask for copies that were handed on.",
                dossiers=", ".join(found.dossiers),
            )
        )
    if found.user_files:
        lines.append(
            tr(
                "NOT struck: your own files hold it: {files}. Edit or delete them.",
                files=", ".join(found.user_files),
            )
        )
    return lines

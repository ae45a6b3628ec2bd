"""What `gossan report redact` says. The words that are struck are never printed."""

from __future__ import annotations

from rich.console import Console

from gossan.run.strike import Struck


def print_struck(found: Struck, *, dry_run: bool, out: Console) -> None:
    """What went, or would go, and where it still stands."""
    for line in _lines(found, dry_run=dry_run):
        out.print(line, markup=False, soft_wrap=True)


def _lines(found: Struck, *, dry_run: bool) -> list[str]:
    verb = "would be" if dry_run else "were"
    lines = []
    if found.nothing:
        lines.append("The case holds nothing of it; nothing was changed.")
    else:
        told = ", ".join(f"{n} {kind}" for kind, n in sorted(found.changed.items())) or "nothing"
        lines.append(f"In the case {verb} changed or removed: {told}.")
        lines.append(f"Salts {verb} removed: {len(found.marks)}; the ledger keeps their hashes.")
    if found.files:
        lines.append(f"Archived files {verb} removed: {', '.join(found.files)}.")
    if found.renamed and not dry_run:
        pairs = ", ".join(f"{a} is now {b}" for a, b in found.renamed.items())
        lines.append(f"New ids, for the old ones follow from what was struck: {pairs}.")
    if found.old_records:
        numbers = ", ".join(map(str, found.old_records[:20]))
        lines.append(
            f"NOT struck: {len(found.old_records)} records of the ledger ({numbers}) were written "
            "by an older gossan with content in them. They cannot be changed without breaking the "
            "chain: only a new case is free of it."
        )
    if found.dossiers:
        lines.append(
            f"NOT struck: older dossiers hold it: {', '.join(found.dossiers)}. Write them anew or "
            "delete them, and ask for copies that were handed on."
        )
    if found.user_files:
        lines.append(
            f"NOT struck: your own files hold it: {', '.join(found.user_files)}. Edit or delete "
            "them."
        )
    return lines

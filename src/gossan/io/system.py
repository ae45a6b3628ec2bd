"""What the system refuses, in one sentence: the only place that words it."""

from __future__ import annotations

import re
import sqlite3

from gossan.core.addresses import public
from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

REFUSED = (OSError, sqlite3.Error)
"""What nobody nearer to the cause has worded: no room, no permission, a device that fails."""

_ADDRESS = re.compile(r"https?://\S+")


def of_system(error: OSError | sqlite3.Error) -> GossanError:
    """The same as an error a user can read; addresses in it lose what lets somebody in."""
    hint = tr("Check the path, its permissions and the free space, then run the command again.")
    if isinstance(error, sqlite3.Error):
        return GossanError(
            Code.SYSTEM, tr("The case's database could not be used: {reason}.", reason=error), hint
        )
    said = error.strerror or str(error).strip() or type(error).__name__
    what = _ADDRESS.sub(lambda m: public(m[0]), said.splitlines()[0][:300]).rstrip(".")
    named = f"{error.filename}: " if isinstance(error.filename, str) else ""
    return GossanError(Code.SYSTEM, f"{named}{what}.", hint)

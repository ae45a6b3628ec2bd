"""Short-lived access tokens of the Planetary Computer.

Its own package asks for them without a time limit and past any guard of ours; what it does is
little: a token per container of Azure's storage, put behind the address.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from datetime import datetime
from urllib.parse import urlsplit

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.network.web import Asking, Bounds, ask

TOKENS = "https://planetarycomputer.microsoft.com/api/sas/v1/token"
KEY = "PC_SDK_SUBSCRIPTION_KEY"
"""Environment variable that holds a subscription key, for those who have one."""
SPARE_S = 120.0
"""A token is asked for anew when it is good for less than this, seconds."""
_STORAGE = re.compile(r"([a-z0-9]{3,24})\.blob\.core\.windows\.net")
_CONTAINER = re.compile(r"[$a-z0-9-]{1,63}")
_OPEN = "ai4edatasetspublicassets"
"""An account that needs no token."""

_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()


def signed(href: str, tokens: str = TOKENS) -> str:
    """The address with a token, if it is one of Azure's storage over https; else itself.

    Raises GossanError (READ) where no token can be had.
    """
    parts = urlsplit(href)
    account = _STORAGE.fullmatch(parts.netloc)
    container = parts.path.lstrip("/").split("/", 1)[0]
    if parts.scheme != "https" or account is None or account[1] == _OPEN or parts.query:
        return href
    if not _CONTAINER.fullmatch(container):
        return href
    with _lock:
        token, until = _tokens.get((account[1], container), ("", 0.0))
        if until - time.time() < SPARE_S:
            token, until = _token(f"{tokens}/{account[1]}/{container}")
            _tokens[account[1], container] = token, until
    return f"{href}?{token}"


def _token(url: str) -> tuple[str, float]:
    """Token, and when it ends (seconds since 1970)."""
    key = os.environ.get(KEY)
    asking = Asking(
        Code.READ,
        bounds=Bounds(total_s=90.0, size=100_000, retries=3),
        redirects=0,
        headers={"Ocp-Apim-Subscription-Key": key} if key else {},
    )
    try:
        got = ask(url, asking)[-1]
        if got.code != 200:
            raise ValueError(f"status {got.code}")
        data = json.loads(got.body)
        token = str(data["token"])
        if not token.isprintable() or not token.isascii() or " " in token or "#" in token:
            raise ValueError("no token")
        return token, datetime.fromisoformat(str(data["msft:expiry"])).timestamp()
    except (GossanError, ValueError, KeyError, TypeError, RecursionError) as error:
        said = error.problem if isinstance(error, GossanError) else str(error)
        raise GossanError(
            Code.READ,
            tr(
                "Planetary Computer gave no access token for {path}: {said}.",
                path=urlsplit(url).path[:100],
                said=said[:200].removesuffix("."),
            ),
            tr("Run the same command again later; what was read is kept."),
        ) from None

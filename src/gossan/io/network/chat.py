"""A language model behind an OpenAI-compatible endpoint that the user names.

It is asked with a document as data and answers JSON. Nothing it says is believed here.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.network import web
from gossan.io.network.guard import RefusedError, reach_of

BOUNDS = web.Bounds(silence_s=120.0, total_s=300.0, size=2_000_000)
KEY = "GOSSAN_MODEL_KEY"
"""Environment variable that holds the endpoint's key, where it needs one."""


def ask(
    endpoint: str, model: str, system: str, document: str, private_hosts: tuple[str, ...] = ()
) -> Any:
    """The JSON a model answers. Raises GossanError (CLAIM) where it cannot be had."""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise GossanError(
            Code.CLAIM,
            tr(
                'Expected an endpoint and a model, found "{endpoint}" and "{model}".',
                endpoint=endpoint,
                model=model,
            ),
            tr("Give e.g. --endpoint http://127.0.0.1:11434/v1 --model NAME."),
        )
    key = os.environ.get(KEY)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = {
        "model": model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": document}],
    }
    url = endpoint.rstrip("/") + "/chat/completions"
    try:
        asking = web.Asking(
            Code.CLAIM,
            reach_of(url, private_hosts),
            BOUNDS,
            "POST",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **headers},
            redirects=0,
        )
        got = web.ask(url, asking)[-1]
        if got.code != 200:
            raise ValueError(tr("status {code}", code=got.code))
        raw = web.unpacked(got.body, got.header("content-encoding"), BOUNDS.size)
        return json.loads(json.loads(raw)["choices"][0]["message"]["content"])
    except RefusedError as refused:
        raise GossanError(
            Code.CLAIM, tr("{url} is not asked: {refused}", url=url, refused=refused)
        ) from None
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise GossanError(
            Code.CLAIM,
            tr("{url} gave no usable answer: {reason}.", url=url, reason=error),
            tr("The model must answer with one JSON object."),
        ) from error

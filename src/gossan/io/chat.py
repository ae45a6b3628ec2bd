"""A language model behind an OpenAI-compatible endpoint that the user names.

It is asked with a document as data and answers JSON. Nothing it says is believed here.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

import requests

from gossan.core.errors import Code, GossanError

TIMEOUT_S = 120.0
MAX_ANSWER = 2_000_000
KEY = "GOSSAN_MODEL_KEY"
"""Environment variable that holds the endpoint's key, where it needs one."""


def ask(endpoint: str, model: str, system: str, document: str) -> Any:
    """The JSON a model answers. Raises GossanError (CLAIM) where it cannot be had."""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise GossanError(
            Code.CLAIM, "Expected an endpoint and a model, "
            f'found "{endpoint}" and "{model}".',
            "Give e.g. --endpoint http://127.0.0.1:11434/v1 --model NAME.",
        )  # fmt: skip
    key = os.environ.get(KEY)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = {
        "model": model, "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": system}, {"role": "user", "content": document},
        ],
    }  # fmt: skip
    url = endpoint.rstrip("/") + "/chat/completions"
    try:
        with requests.post(url, json=body, headers=headers, timeout=TIMEOUT_S, stream=True,
                           allow_redirects=False) as response:  # fmt: skip
            raw = response.raw.read(MAX_ANSWER + 1, decode_content=True)
        if response.status_code != 200 or len(raw) > MAX_ANSWER:
            raise ValueError(f"status {response.status_code}, {len(raw):,} bytes")
        return json.loads(json.loads(raw)["choices"][0]["message"]["content"])
    except (requests.RequestException, OSError) as error:
        raise GossanError(Code.CLAIM, f"{url} did not answer: {error}.",
                          "Check that the model's server runs.") from error  # fmt: skip
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise GossanError(Code.CLAIM, f"{url} gave no usable answer: {error}.",
                          "The model must answer with one JSON object.") from error  # fmt: skip

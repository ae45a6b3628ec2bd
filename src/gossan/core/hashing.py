"""Hashes as the evidence uses them: SHA-256, written `sha256:<hex>`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def hash_bytes(data: bytes) -> str:
    """SHA-256 of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in blocks. Raises OSError."""
    with path.open("rb") as f:
        return "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()


def hash_json(value: Mapping[str, Any]) -> str:
    """Hash of the canonical JSON (sorted keys, no spaces, UTF-8) of a mapping."""
    return hash_bytes(canonical_json(value))


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_array(array: NDArray[Any]) -> str:
    """Hash of dtype, shape and C-order little-endian bytes of an array."""
    a = np.ascontiguousarray(array)
    a = a.astype(a.dtype.newbyteorder("<"), copy=False)
    head = f"{a.dtype.str}{a.shape}".encode()
    return hash_bytes(head + a.tobytes())

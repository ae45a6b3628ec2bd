"""Counted on implanted changes by `python -m bench.kinds --learn`; do not edit by hand."""

from __future__ import annotations

COUNTED: dict[str, dict[str, tuple[int, int, int]]] = {}
TEMPERATURE = 1.0

"""Every leaf of what a dossier shows belongs to a part that the ledger holds."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.dossier_model import make_model

from gossan.core.errors import GossanError
from gossan.dossier.stored import plain_of
from gossan.evidence import binding
from gossan.evidence.binding import ACTION, NOBODY, bound_in, parts_of, require_parts, shown_step

Path = tuple[str | int, ...]
CHARTS = {"site-1:1": "<svg>1</svg>", "unseen:1": "<svg>2</svg>"}


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return {**plain_of(make_model())[0], "salt": "ab" * 16}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where each value stands that is no list and no object; of a list the first and the last."""
    if isinstance(value, dict) and value:
        for key, v in value.items():
            yield from leaves(v, (*path, key))
    elif isinstance(value, list) and value:
        for at in dict.fromkeys((0, len(value) - 1)):
            yield from leaves(value[at], (*path, at))
    elif not isinstance(value, dict | list):
        yield path


def changed(model: dict[str, Any], path: Path) -> dict[str, Any]:
    """The model with another value at `path`."""
    other = copy.copy(model)
    at: Any = other
    for step in path[:-1]:
        at[step] = copy.copy(at[step])
        at = at[step]
    old = at[path[-1]]
    at[path[-1]] = f"{old} and more" if isinstance(old, str) else [old, "more"]
    return other


def record_of(parts: dict[str, str]) -> dict[str, Any]:
    step = shown_step(parts, "")
    return {"action": step.action, "parameters": step.parameters, "outputs": step.outputs}


def test_no_leaf_can_be_changed(plain: dict[str, Any]) -> None:
    parts = parts_of(plain, CHARTS)
    record, tried = record_of(parts), 0
    for path in leaves(plain):
        if path[0] in binding.APART or path in (("chronicle",), ("recipe",)):
            continue  # held against ledger and signature; not there in this model
        tried += 1
        with pytest.raises(GossanError):
            require_parts(record, parts_of(changed(plain, path), CHARTS), charts=False)
    assert tried > 400


def test_no_entry_of_a_list_can_be_left_out(plain: dict[str, Any]) -> None:
    record = record_of(parts_of(plain, CHARTS))
    for name, value in plain.items():
        if isinstance(value, list) and value:
            less = {**plain, name: value[:-1]}
            with pytest.raises(GossanError):
                require_parts(record, parts_of(less, CHARTS), charts=False)


def test_parts_are_named_and_charts_are_theirs(plain: dict[str, Any]) -> None:
    parts = parts_of(plain, CHARTS)
    record = record_of(parts)
    assert require_parts(record, parts, charts=True) == len(CHARTS)
    other = parts_of(plain, {**CHARTS, "unseen:1": "<svg>3</svg>"})
    with pytest.raises(GossanError, match="recorded: chart unseen:1"):
        require_parts(record, other, charts=True)
    with pytest.raises(GossanError, match="gone: chart site-1:1"):
        require_parts(record, parts_of(plain, {"unseen:1": "<svg>2</svg>"}), charts=True)
    with pytest.raises(GossanError, match="no record of it: chart more"):
        require_parts(record, parts_of(plain, {**CHARTS, "more": ""}), charts=True)
    with pytest.raises(GossanError, match="recorded: salt"):
        require_parts(record, parts_of({**plain, "salt": ""}, CHARTS), charts=False)


def test_the_salt_tells_nobody_what_was_hashed(plain: dict[str, Any]) -> None:
    one, other = parts_of(plain, {}), parts_of({**plain, "salt": "cd" * 16}, {})
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_a_ledger_is_bound_by_its_last_record_alone() -> None:
    shown = {"action": ACTION, "parameters": {"signed_by": NOBODY}, "outputs": {"parts": {}}}
    assert bound_in([({"action": "sites"}, "h"), (shown, "h2")]) == shown
    assert bound_in([(shown, "h"), ({"action": "sites"}, "h2")]) is None
    assert bound_in([]) is None

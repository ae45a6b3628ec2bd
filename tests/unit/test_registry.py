"""The registry: who answers what, and what an observable of another package may not do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tests.support.asked import asked
from tests.support.claims import report

from gossan.claims.extract import extract
from gossan.core.errors import GossanError
from gossan.core.others import GROUP
from gossan.core.serialise import from_plain, to_plain
from gossan.core.statements import Claim
from gossan.core.verdicts import NOTHING, Question
from gossan.io.gazetteer import SqliteGazetteer
from gossan.observables import registry
from gossan.observables.registry import BUILT_IN, answering, observables

SAID = {
    "The quarry near Shusha expanded in June 2022.": "ground",
    "Operations at the quarry near Shusha were halted on 5 June 2022.": "ground",
    "1 hectare of forest near Shusha was felled by June 2022.": "vegetation",
    "The tailings dam near Shusha was extended in June 2022.": "kind",
    "The pit lake near Shusha dried up in May 2022.": "water",
    "The river near Shusha was turbid in June 2022.": "water",
    "Water from the mine near Shusha drains to Intake 7.": "terrain",
}


def question(text: str, gazetteer: SqliteGazetteer) -> Question:
    readers = [o.claim_type for o in observables()]
    claims: tuple[Claim, ...] = extract(report(text), gazetteer, readers)
    made = asked(claims[0], report(text), targets=("Intake 7",), roads=("Lachin road",))
    assert made is not None
    return made


@pytest.mark.parametrize(("text", "key"), SAID.items())
def test_each_claim_is_answered_by_who_measures_it(
    text: str, key: str, gazetteer: SqliteGazetteer
) -> None:
    judge = answering(question(text, gazetteer))
    assert judge is not None
    assert judge.key == key


def test_no_two_measure_the_same() -> None:
    counted = Counter(m for o in observables() for m in o.measures)
    assert max(counted.values()) == 1
    assert NOTHING not in counted
    assert [o.key for o in observables()][: len(BUILT_IN)] == list(BUILT_IN)


def test_what_is_asked_of_no_package_leaves_the_plain_form_as_it_was(
    gazetteer: SqliteGazetteer,
) -> None:
    made = question(next(iter(SAID)), gazetteer)
    assert "asked" not in to_plain(made)
    other = replace(made, asked={"denied": False, "least": 2.5})
    assert from_plain(Question, to_plain(other)) == other


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("water", "OBSERVABLE = 1", "the key water is taken"),
        ("wind", "raise OSError('no wind')", "no wind"),
        ("wind", "class W:\n    key = 'storm'\nOBSERVABLE = W()", "its key is storm"),
    ],
)
def test_what_another_package_does_wrong_is_said_with_its_name(
    name: str, code: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "others_module.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "others_module", raising=False)
    facts = EntryPoint(name, "others_module:OBSERVABLE", GROUP)
    monkeypatch.setattr(registry, "others", lambda: (facts,))
    observables.cache_clear()
    try:
        with pytest.raises(GossanError, match=says) as caught:
            observables()
        assert "others_module" in str(caught.value)
    finally:
        observables.cache_clear()

"""Whole commands in any order: every dossier verifies and every re-run agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sequences import (
    DOCUMENTS,
    Ground,
    Said,
    Sequence,
    command,
    make_templates,
    run_sequences,
)

FEW = 2


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_templates(tmp_path_factory.mktemp("sequences"))


@pytest.mark.parametrize("machine", [pytest.param(Ground, marks=pytest.mark.slow), Said])
def test_a_handful(machine: type[Sequence], templates: Path) -> None:
    run_sequences(machine, templates, FEW, seed=11)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Ground, Said])
def test_thirty(machine: type[Sequence], templates: Path) -> None:
    run_sequences(machine, templates, 15, seed=7)


@pytest.mark.parametrize("kind", ["ground", "said"])
def test_all_claims_at_once_then_a_signed_dossier(
    kind: str, templates: Path, tmp_path: Path
) -> None:
    """The ids of one decision stand in custody.csv in the order of the file, not of the text."""
    case = Sequence.copy(templates, kind, tmp_path)
    for name in DOCUMENTS:
        assert command("report", "add", case, templates / "documents" / name)[0] == 0
    code, told = command("claims", case, "reject", "all")
    assert code == 0, told
    for signed in (False, True):
        sign = ["--sign", templates / "desk.key"] if signed else []
        assert command("dossier", case, *sign)[0] == 0
        for more in ([], ["--charts"]):
            code, told = command("verify", case / "dossier", *more)
            assert code == 4, told  # nobody signed it, or a key that is not confirmed
    code, told = command("verify", case / "dossier", "--rerun", "--case", case)
    if kind == "said":
        assert code == 4, told
        assert "a dossier of documents alone holds nothing to compute" in told
    else:
        assert code == 4, told
        assert "Identical: every image and every figure" in told

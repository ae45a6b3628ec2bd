"""No document, claim or site can take another's place, whoever made it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gossan.case.context import open_case, read_case_folder
from gossan.case.documents import claims_of, gazetteer_sources, given_names, reports_of
from gossan.case.sites import find_case_sites
from gossan.core.errors import GossanError
from gossan.core.kinds import SiteKind
from gossan.core.progress import Silent
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.io.gazetteer import open_gazetteer
from gossan.observables.kind.run import decide_kind, decisions_of
from gossan.run import claims as run
from gossan.run.check import check
from gossan.run.reports import Added, Reported, add_reports
from gossan.run.update import update
from tests.e2e.conftest import gossan
from tests.support import alike
from tests.support.cases import catalogue, sample_items, small_case

EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"
OLD = Path(__file__).parents[1] / "golden" / "old_case.sql"
"""`case.db` as the code of 2d9cade made it: SAME_REPORT[0] and EXPANDED.format(1) added, the claim
of the first accepted and checked."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case without documents, its gazetteer built."""
    folder = tmp_path_factory.mktemp("empty") / "case"
    folder.mkdir()
    for name in ("case.toml", "area.geojson", "places.csv"):
        shutil.copy(EXAMPLE / name, folder / name)
    with open_case(folder) as opened:
        open_gazetteer(folder / "places.db", gazetteer_sources(opened))
    return folder


@pytest.fixture
def case(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty, tmp_path / "case"))


@pytest.fixture
def old(empty: Path, tmp_path: Path) -> Path:
    """A case of documents whose ids have 32 bits."""
    folder = Path(shutil.copytree(empty, tmp_path / "old"))
    (folder / "case.db").unlink()
    db = sqlite3.connect(folder / "case.db")
    db.executescript(OLD.read_text("utf-8"))
    db.close()
    return folder


def add(case: Path, *texts: str, said: Reported | None = None) -> list[Added]:
    files = []
    for n, text in enumerate(texts):
        files.append(case.parent / f"in-{n}.txt")
        files[-1].write_text(text, "utf-8")
    return add_reports(case, [str(f) for f in files], said or Reported(), Silent())


def claims(case: Path) -> dict[str, Claim]:
    with read_case_folder(case) as opened:
        return claims_of(opened.db)


def test_two_texts_of_one_short_name_are_two_documents(case: Path) -> None:
    digests = [alike.sha256(t) for t in alike.SAME_REPORT]
    assert digests[0][:8] == digests[1][:8]
    one, two = add(case, *alike.SAME_REPORT)
    assert not one.known
    assert not two.known, "the second is not the first"
    assert [a.report.id for a in (one, two)] == [f"R-{d}" for d in digests]
    kept = {f"R-{d}.txt": t for d, t in zip(digests, alike.SAME_REPORT, strict=True)}
    assert {p.name: p.read_text("utf-8") for p in (case / "reports").iterdir()} == kept
    assert two.sentence.startswith(f"R-{digests[1][:9]}: ")
    again = add(case, *alike.SAME_REPORT)
    assert [a.known for a in again] == [True, True]
    assert again[0].sentence.startswith(f"R-{digests[0][:9]}: ")
    listed = run.list_claims(case, run.Wanted())
    assert [c.report for c in listed.claims] == [one.report.id, two.report.id]
    assert len({c.id for c in listed.claims}) == 2


def test_claims_of_one_short_name_are_two_claims_and_a_name_that_fits_both_is_refused(
    case: Path,
) -> None:
    add(case, *alike.SAME_CLAIM)
    mine, theirs = claims(case)
    assert mine[:10] == theirs[:10]
    assert mine != theirs
    refused = gossan("claims", case, "accept", mine[:10])
    assert refused.returncode == 2
    names = run.list_claims(case, run.Wanted()).names
    assert names[mine] in refused.stderr
    assert names[theirs] in refused.stderr
    assert len(names[mine]) > 10
    done = gossan("claims", case, "accept", names[mine])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{names[mine]}  The quarry")
    gossan("claims", case, "reject", names[theirs])
    assert [c.status.value for c in claims(case).values()] == ["accepted", "rejected"]
    assert set(check(case, Silent()).verdicts) == {mine}
    page = gossan("dossier", case)
    assert page.returncode == 0, page.stderr
    rows = (case / "dossier" / "data" / "chronicle.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == [names[mine]]


@pytest.mark.slow
def test_a_hundred_documents_reviewed_in_any_order_by_any_beginning(case: Path) -> None:
    add(
        case,
        *(alike.EXPANDED.format(n) for n in range(50)),
        *(alike.DENIED.format(n) for n in range(50)),
    )
    ids = list(claims(case))
    assert len(ids) == len({i[:10] for i in ids}) == 100
    rng = random.Random(13)
    rng.shuffle(ids)
    names = run.shown_names(case)
    asked = [i[: rng.randint(len(names[i]), len(i))] for i in ids]
    accepted, rejected = asked[:40], asked[40:80]
    run.accept_claims(case, [*accepted, *accepted[:3]], "seen")
    run.reject_claims(case, [i.removeprefix("C-") for i in rejected], "")
    found = {i: c.status.value for i, c in claims(case).items()}
    assert all(found[i] == "accepted" for i in ids[:40])
    assert all(found[i] == "rejected" for i in ids[40:80])
    assert all(found[i] == "unreviewed" for i in ids[80:])
    run.accept_claims(case, ["all"], "")
    found = {i: c.status.value for i, c in claims(case).items()}
    assert [found[i] for i in ids[40:]] == ["rejected"] * 40 + ["accepted"] * 20
    with CaseDb(case / "case.db") as db:
        chain = db.ledger()
    verify_chain(chain)
    marks = chain[-3][0]["outputs"]["claims"]
    assert len(set(marks)) == 40, "each has a salted hash of its own on record"


def test_claims_taken_in_never_replace_another(case: Path) -> None:
    add(case, *alike.SAME_REPORT)
    mine, theirs = (row(case, i) for i in claims(case))
    with pytest.raises(GossanError, match="belongs to report"):
        run.import_claims(case, [{**theirs, "id": mine["id"]}], "")
    changed = {**mine, "modality": "plan"}
    with pytest.raises(GossanError, match="twice"):
        run.import_claims(case, [changed, {**changed, "id": mine["id"][:20]}], "")
    with pytest.raises(GossanError, match=r"found 2 reports"):
        run.import_claims(case, [{**mine, "report": mine["report"][:10]}], "")
    (new,) = run.import_claims(case, [{**mine, "id": "C-1", "modality": "plan"}], "")
    assert len(new.id) == 66
    assert len(claims(case)) == 3
    assert run.import_claims(case, [row(case, new.id) | {"id": "C-1"}], "") == []
    (edited,) = run.import_claims(case, [{**changed, "id": mine["id"][:10]}], "")
    assert edited.id == mine["id"]


def row(case: Path, name: str) -> dict[str, Any]:
    """A claim as `--json` writes it."""
    plain: dict[str, Any] = to_plain(claims(case)[name])
    return plain


def test_halves_of_two_claims_over_the_same_words_are_four(case: Path) -> None:
    add(case, alike.SAME_REPORT[0])
    (first,) = claims(case).values()
    run.import_claims(case, [row(case, first.id) | {"id": "C-other"}], "")
    second = next(c for c in claims(case).values() if c.id != first.id)
    halves = [*run.split_claim(case, first.id, 10, ""), *run.split_claim(case, second.id, 10, "")]
    assert len({c.id for c in halves}) == len(claims(case)) == 4
    run.merge_claims(case, [c.id for c in halves[:2]], "")
    run.merge_claims(case, [c.id for c in halves[2:]], "")
    assert len(claims(case)) == 2


def test_an_old_case_goes_on_under_its_names(old: Path) -> None:
    before = claims(old)
    with read_case_folder(old) as opened:
        reports = reports_of(opened.db)
    assert {len(i) for i in (*before, *reports)} == {10}
    with CaseDb(old / "case.db") as db:
        chain = db.ledger()
    assert check(old, Silent()).verdicts
    with CaseDb(old / "case.db") as db:
        assert db.ledger() == chain, "nothing on record is said anew"
    first, unwelcome = add(old, *alike.SAME_REPORT)
    assert first.known
    assert not unwelcome.known
    assert first.report.id == unwelcome.report.id[:10]
    listed = run.list_claims(old, run.Wanted())
    assert [listed.names[i] for i in before] == list(before), "names do not change"
    assert listed.names[unwelcome.report.id] == unwelcome.report.id[:11]
    (name, claim) = next(iter(before.items()))
    run.reject_claims(old, [name], "")
    assert claims(old)[name].status == "rejected"
    assert claims(old)[name].text == claim.text
    with CaseDb(old / "case.db") as db:
        assert verify_chain(db.ledger()) == len(chain) + 2


def test_an_old_document_of_another_day_keeps_the_ids_of_its_claims(old: Path) -> None:
    before = claims(old)
    other = Reported(published=date(2022, 12, 20))
    (again,) = add(old, alike.EXPANDED.format(1), said=other)
    assert again.report.published.day == other.published
    assert list(claims(old)) == list(before)
    assert [c.id for c in again.claims] == [i for i, c in before.items() if not c.reviewed]


def test_a_site_given_another_sites_name_inherits_no_decision(tmp_path: Path) -> None:
    case = small_case(
        tmp_path / "case", catalogue(tmp_path / "items", sample_items()), (60, 50, 12)
    )
    update(case, Silent())
    sites = find_case_sites(case).sites
    assert sites
    name = sites[0].id
    decide_kind(case, name, SiteKind.MINE, "A. Name", "seen on the ground")
    with open_case(case) as opened:
        assert set(given_names(opened.db)) == {s.id for s in sites}
        # as if the site of the decision had gone, and its name been that of another place
        opened.db.put_sites({})
        opened.db.put("sites_hash", "")
        opened.db.append_all((), [("name", name, {"for": "46.00000,39.00000,2016-01-01"})])
    again = find_case_sites(case).sites
    assert len(again) == len(sites)
    assert name not in {s.id for s in again}
    with read_case_folder(case) as opened:
        assert set(decisions_of(opened.db)) == {name}
        assert len(given_names(opened.db)) == len(sites) + 1


def test_a_case_of_a_newer_build_says_so(old: Path) -> None:
    db = sqlite3.connect(old / "case.db")
    db.execute("PRAGMA user_version=7")
    db.close()
    done = gossan("claims", old)
    assert done.returncode == 2
    assert "case.db has schema version 7, this gossan reads 1. Use the gossan" in " ".join(
        done.stderr.replace("hint:", "").split()
    )

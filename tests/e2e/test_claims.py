"""From documents to answers as a person does it, offline, with the example that ships."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from shapely import Point

from gossan.case.context import read_case_folder
from gossan.case.power import limits_of
from gossan.case.sites import find_case_sites
from gossan.case.state import monitored
from gossan.claims.review import Correction
from gossan.core.errors import GossanError
from gossan.core.progress import Silent
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case
from gossan.run import claims as run
from gossan.run.check import check
from gossan.run.reports import Reported, add_reports
from gossan.run.suggest import suggest
from tests.e2e.conftest import gossan
from tests.support.browser import chromium
from tests.support.servers import serving

EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"


def commands() -> list[list[str]]:
    """The command lines of the example's README, without copying the folder."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    block = re.search(r"```sh\n(.*?)```", text, re.S)
    assert block
    lines = [shlex.split(x) for x in block[1].splitlines() if x.startswith("gossan ")]
    return [words[1:] for words in lines]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, run by its own README."""
    folder = tmp_path_factory.mktemp("example") / "karabakh"
    shutil.copytree(EXAMPLE, folder)
    for words in commands():
        inside = [_inside(folder, w) for w in words]
        done = gossan(*inside[:2], *([folder] if words[0] == "report" else []), *inside[2:])
        assert done.returncode == 0, done.stderr
        if words[0] == "check":
            (folder / "answers.txt").write_text(done.stdout, "utf-8")
    return folder


def _inside(folder: Path, word: str) -> str:
    if word == ".":
        return str(folder)
    return str(folder / word) if (folder / word).is_file() else word


def test_the_readme_of_the_example_runs_to_the_answers(example: Path) -> None:
    text = (example / "answers.txt").read_text("utf-8")
    assert "5 inconclusive, 6 not observable; 6 stand in the chronicle only" in text
    assert "SUPPORTED" not in text
    assert max(len(line) for line in text.splitlines()) <= 100
    table = (EXAMPLE / "README.md").read_text("utf-8")
    assert table.count("| not observable |") + table.count("| inconclusive |") >= 8


def test_the_chronicle_shows_both_sides_and_the_contradiction(example: Path) -> None:
    page = (example / "dossier" / "index.html").read_text("utf-8")
    heads = re.findall(r'<th scope="col">([^<]*outlets)</th>', page)
    assert heads == ["Armenian outlets", "Azerbaijani outlets"]
    assert "draft" not in page.lower().replace('class="status draft"', "")
    rows = (example / "dossier" / "data" / "chronicle.csv").read_text("utf-8").splitlines()
    assert any("2022-11-10/2022-11-14" in r and "Caliber.Az" in r for r in rows)
    assert (example / "dossier" / "dossier.pdf").read_bytes().startswith(b"%PDF")
    found = json.loads(gossan("claims", example, "--json").stdout)
    said = [r["reason"] for c in found["claims"] for r in c["relations"]]
    assert any("Liechtenstein here, Switzerland there" in s for s in said)


def test_questions_stand_in_the_ledger_before_verdicts(example: Path) -> None:
    with CaseDb(example / "case.db") as db:
        ledger = db.ledger()
    verify_chain(ledger)
    actions = [r["action"] for r, _ in ledger]
    assert actions.count("report") == 6
    assert actions.index("claims-import") < actions.index("questions") < actions.index("verdicts")
    questions = next(r for r, _ in ledger if r["action"] == "questions")["outputs"]["questions"]
    answered = next(r for r, _ in ledger if r["action"] == "verdicts")["inputs"]["questions"]
    assert answered == questions


def test_a_second_check_changes_nothing(example: Path) -> None:
    with CaseDb(example / "case.db") as db:
        before = len(db.ledger())
    check(example, Silent())
    with CaseDb(example / "case.db") as db:
        assert len(db.ledger()) == before


@pytest.fixture
def case(example: Path, tmp_path: Path) -> Path:
    """A fresh case that spares itself building the gazetteer."""
    folder = tmp_path / "case"
    folder.mkdir()
    for name in ("case.toml", "area.geojson", "places.csv", "places.db"):
        shutil.copy(example / name, folder / name)
    return folder


TEXT = (
    "Works halted near Shusha\n\nBy A. Writer, December 12, 2022\n\n"
    "Operations at the quarry near Shusha were halted on Monday, the ministry said. "
    "A car with license number 731 - AB - 61 ER stood there.\n"
)


def add(case: Path, text: str = TEXT, said: Reported | None = None) -> run.Listed:
    file = case / "in.txt"
    file.write_text(text, "utf-8")
    add_reports(case, [str(file)], said or Reported(), Silent())
    return run.list_claims(case, run.Wanted())


def test_nothing_unreviewed_is_answered_without_draft(case: Path) -> None:
    add(case)
    with pytest.raises(GossanError, match=r"None of the \d claims is reviewed"):
        check(case, Silent())
    found = check(case, Silent(), draft=True)
    assert found.draft
    assert "DRAFT" in found.sentence
    assert all(v.draft for v in found.verdicts.values())
    done = gossan("dossier", case)
    assert done.returncode == 0, done.stderr
    assert "DRAFT" in (case / "dossier" / "index.html").read_text("utf-8")


def test_a_correction_makes_a_new_question_and_the_ledger_keeps_both(case: Path) -> None:
    listed = add(case)
    name = next(c.id for c in listed.claims if c.type == "activity")
    run.accept_claims(case, [name], "")
    first = check(case, Silent()).questions[name]
    run.correct_claim(case, name, Correction(edtf="2022-12-10", note="heard from the mine"))
    second = check(case, Silent()).questions[name]
    assert first.first != second.first
    with CaseDb(case / "case.db") as db:
        records = [r for r, _ in db.ledger() if r["action"] == "questions"]
        verify_chain(db.ledger())
    assert len({m for r in records for m in r["outputs"]["questions"]}) == 2


def test_an_identifier_never_enters_the_case(case: Path) -> None:
    add(case)
    assert not list((case / "reports").glob("R-" + 64 * "?" + ".txt"))
    kept = next((case / "reports").iterdir()).read_bytes()
    with CaseDb(case / "case.db") as db:
        body = json.dumps(db.documents("report"), ensure_ascii=False)
    assert b"731" not in kept
    assert "731" not in body
    assert "licence plate" in body


def test_an_original_is_kept_where_the_case_says_so(case: Path) -> None:
    toml = (case / "case.toml").read_text("utf-8")
    (case / "case.toml").write_text(toml + "keep_originals = true\n", "utf-8")
    add(case)
    (kept,) = (case / "reports").iterdir()
    assert kept.read_text("utf-8") == TEXT


def test_another_publication_day_is_recorded_and_moves_relative_dates(case: Path) -> None:
    listed = add(case)
    (report,) = listed.reports.values()
    assert (str(report.published.day), report.published.method) == ("2022-12-12", "byline")
    listed = add(case, said=Reported(published=date(2022, 12, 20)))
    (report,) = listed.reports.values()
    assert (str(report.published.day), str(report.published.overridden)) == (
        "2022-12-20",
        "2022-12-12",
    )
    days = {d.reading.edtf for c in listed.claims for d in c.dates if d.reading}
    assert "2022-12-19" in days
    assert "2022-12-12" not in days


def test_claims_go_out_and_come_back_edited(case: Path) -> None:
    add(case)
    data = json.loads(gossan("claims", case, "--json").stdout)
    data["claims"][0]["modality"] = "plan"
    (case / "edited.json").write_text(json.dumps(data), "utf-8")
    done = gossan("claims", case, "--in", case / "edited.json")
    assert done.returncode == 0, done.stderr
    listed = run.list_claims(case, run.Wanted())
    assert [c.status for c in listed.claims].count("corrected") == 1
    data["claims"][0]["text"] = "Forged words."
    (case / "edited.json").write_text(json.dumps(data), "utf-8")
    done = gossan("claims", case, "--in", case / "edited.json")
    assert done.returncode == 2
    assert "do not stand" in done.stderr


@contextmanager
def model(answer: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real server that answers like an OpenAI-compatible one."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            asked.append({"path": self.path, **json.loads(self.rfile.read(size))})
            content = json.dumps(answer)
            body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        yield f"{url}/v1", asked


def test_a_model_proposes_and_a_person_decides(case: Path) -> None:
    listed = add(case)
    (report,) = listed.reports.values()
    quote = "the quarry near Shusha were halted on Monday"
    start = report.body.index(quote)
    answer = {
        "claims": [
            {
                "quote": {"text": quote, "start": start},
                "type": "activity",
                "modality": "asserted",
                "source": {"text": "the ministry", "start": report.body.index("the ministry")},
            },
            {"quote": {"text": quote, "start": start + 3}, "type": "activity"},
        ]
    }
    with model(answer) as (url, asked):
        (claim,) = suggest(case, [], url, "tiny", Silent())
    assert asked[0]["path"] == "/v1/chat/completions"
    assert "731" not in asked[0]["messages"][1]["content"]
    assert asked[0]["messages"][1]["content"] == report.body
    assert (claim.status, claim.extractor, claim.text) == ("unreviewed", "model tiny", quote)
    assert claim.source.name == "the ministry"
    assert [p.text for p in claim.places] == ["Shusha"]
    with pytest.raises(GossanError, match="reviewed"):
        check(case, Silent())


def test_a_model_that_does_not_answer_is_one_sentence(case: Path) -> None:
    add(case)
    with pytest.raises(GossanError, match="did not answer"):
        suggest(case, [], "http://127.0.0.1:9/v1", "tiny", Silent())


def test_claims_are_answered_from_what_was_measured(demo: Path, tmp_path: Path) -> None:
    """The largest site of the sample claimed where and when it was, and where it was not."""
    case = tmp_path / "case"
    shutil.copytree(demo, case)
    toml = (case / "case.toml").read_text("utf-8")
    (case / "case.toml").write_text(toml.replace("# places =", "places ="), "utf-8")
    found = find_case_sites(case)
    until = read_case(case).history_until
    sure = [
        s
        for s in found.sites
        if s.status == "confirmed"
        and s.began.last_unchanged
        and s.began.last_unchanged > until
        and s.growth[0].low_ha >= 0.1
    ]
    site = sure[0]
    point = site.geometry.representative_point()
    area = read_case(case).geometry
    west, south, east, north = area.bounds
    spots = [
        Point(west + (east - west) * i / 9, south + (north - south) * j / 9)
        for i in range(1, 9)
        for j in range(1, 9)
    ]
    quiet = max(
        (p for p in spots if area.contains(p)),
        key=lambda p: min(s.geometry.distance(p) for s in found.sites),
    )
    (case / "places.csv").write_text(
        "id,names,lat,lon,radius_km,kind,source\n"
        f"here,Testplace,{point.y},{point.x},0.05,site,the test\n"
        f"there,Elsewhere,{quiet.y},{quiet.x},0.01,site,the test\n",
        "utf-8",
    )
    first, last = site.began.last_unchanged, site.growth[0].day
    assert first
    text = (
        f"The quarry near Testplace expanded between {first:%-d %B %Y} and {last:%-d %B %Y}.\n\n"
        "The quarry near Testplace expanded in 2016."
    )
    add(case, text, Reported(published=date(2021, 2, 1), outlet="Test"))
    run.accept_claims(case, ["all"], "")
    answers = check(case, Silent())
    alone = answers.verdicts[answers.claims[0].id]
    assert alone.answer == "inconclusive"
    assert "forest clearing" in alone.reason, "what it is speaks against a quarry"
    decided = gossan("kinds", case, site.id, "--decide", "mine", "--by", "T", "--why", "a test")
    assert decided.returncode == 0, decided.stderr
    answers = check(case, Silent())
    right = answers.verdicts[answers.claims[0].id]
    assert right.answer == "supported", right.reason
    assert right.sites == (site.id,)
    assert right.scenes
    assert right.measurements[0].value > 0
    claims = run.list_claims(case, run.Wanted()).claims
    with read_case_folder(case) as opened:
        assert limits_of(opened, monitored(opened)) is not None
    run.correct_claim(case, claims[1].id, Correction(edtf="2018-05/2019-08", place="Elsewhere"))
    unseen = check(case, Silent()).verdicts[claims[1].id]
    assert unseen.power is not None
    assert unseen.power.n > 0
    assert (unseen.answer == "contradicted") == (unseen.power.low >= 0.8)
    early = answers.verdicts[answers.claims[1].id]
    assert early.answer == "inconclusive"
    assert "can be noticed" in early.reason
    done = gossan("dossier", case)
    assert done.returncode == 0, done.stderr
    page = (case / "dossier" / "index.html").read_text("utf-8")
    assert "Testplace" in page
    assert 'src="assets/chronicle.js"' in page
    assert "supported" in (case / "dossier" / "data" / "answers.json").read_text("utf-8")


@pytest.mark.browser
def test_the_page_filters_by_source_and_asks_no_network(example: Path) -> None:
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("console", lambda m: complaints.append(m.text))
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on("request", lambda r: complaints.append(r.url) if r.url[:4] == "http" else None)
        page.goto((example / "dossier" / "index.html").as_uri())
        rows = page.locator("table.chronicle tbody tr")
        every = rows.count()
        page.select_option("#chronicle-table-1-choice", label="Caliber.Az")
        shown = [t for t in rows.all() if t.is_visible()]
        assert 0 < len(shown) < every
        assert all("Caliber.Az" in t.inner_text() for t in shown)
        assert page.inner_text("#chronicle output") == f"{len(shown)} of {every} statements"
        page.select_option("#chronicle-table-1-choice", label="everybody")
        assert len([t for t in rows.all() if t.is_visible()]) == every
    assert complaints == []

"""What enters a case is blotted out everywhere, and what is found later can be struck from it."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import sqlite3
import sys
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pypdf import PdfWriter

from gossan.case.context import open_case, read_case_folder
from gossan.claims.review import Correction
from gossan.core.errors import GossanError
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.progress import Silent
from gossan.evidence.custody import custody_csv
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.run import claims as run
from gossan.run.audit_statements import documents_on_record, struck_check
from gossan.run.check import check
from gossan.run.chronicle import chronicle_of
from gossan.run.reports import Reported, add_reports
from gossan.run.strike import Asked, strike
from gossan.run.verify_case import verify_case
from tests.e2e.conftest import gossan
from tests.support.servers import serving

EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"
NAME = "Zaur Testov"
TEXT = f"""Works halted near Shusha

By A. Writer, December 12, 2022

Operations at the quarry near Shusha were halted on Monday, {NAME} said. The owner
Zaur
Testov denied that the quarry near Shusha expanded in 2020. The works near Shusha expanded in 2021.
"""
OTHER = """Works halted near Shusha again

By B. Writer, December 14, 2022

Operations at the quarry near Shusha were halted on Monday, the ministry said. The works near
Shusha expanded in 2019.
"""
BECAUSE = "a private person"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of the example's area, its gazetteer built."""
    folder = tmp_path_factory.mktemp("strike") / "case"
    folder.mkdir()
    for name in ("case.toml", "area.geojson", "places.csv"):
        shutil.copy(EXAMPLE / name, folder / name)
    _add(folder, "first.txt", OTHER)
    (folder / "case.db").unlink()
    shutil.rmtree(folder / "reports")
    return folder


@pytest.fixture
def case(empty: Path, tmp_path: Path) -> Path:
    return _copy(empty, tmp_path / "case")


@pytest.fixture(scope="module")
def filled(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents, reviewed and checked; a name stands in one, in its file's name, in a note
    and in what a person corrected."""
    folder = _copy(empty, tmp_path_factory.mktemp("filled") / "case")
    _add(folder, "Zaur_Testov.txt", TEXT, Reported(outlet="Paper"))
    _add(folder, "other.txt", OTHER, Reported(outlet="Paper"))
    listed = run.list_claims(folder, run.Wanted()).claims
    run.accept_claims(folder, [c.id for c in listed], f"heard from {NAME}")
    run.correct_claim(folder, listed[-1].id, Correction(source=NAME, note="he called"))
    check(folder, Silent())
    return folder


@pytest.fixture
def full(filled: Path, tmp_path: Path) -> Path:
    return _copy(filled, tmp_path / "full")


def _copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def _bare(folder: Path, to: Path) -> Path:
    """Without the gazetteer, which is large and not needed to strike."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("places.db"))
    return to


def _add(folder: Path, name: str, data: str | bytes, said: Reported | None = None) -> run.Listed:
    place = folder.parent / "in"
    place.mkdir(exist_ok=True)
    path = place / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    add_reports(folder, [str(path)], said or Reported(), Silent())
    return run.list_claims(folder, run.Wanted())


def every_byte(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder but the gazetteer and what a person put there, also unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ("places.db", "places.csv", "case.toml"):
            data = path.read_bytes()
            yield f"{path.name} name", path.name.encode()
            yield path.name, data
            if path.name.endswith(".gz"):
                yield path.name, gzip.decompress(data)
            if data.startswith(b"%PDF"):
                for m in re.finditer(rb"stream\r?\n", data):
                    try:
                        yield path.name, zlib.decompressobj().decompress(data[m.end() :])
                    except zlib.error:
                        continue


def holds(folder: Path, *words: str) -> list[tuple[str, str]]:
    return [
        (name, w)
        for name, data in every_byte(folder)
        for w in words
        if any(
            v.lower() in data.lower()
            for v in (w.encode(), w.encode("utf-16-le"), w.encode("latin-1", "ignore") or b"\0\0\0")
        )
    ]


def ledger(folder: Path) -> list[tuple[dict[str, Any], str]]:
    with CaseDb(folder / "case.db") as db:
        rows = db.ledger()
    verify_chain(rows)
    return rows


def checked(folder: Path) -> str:
    """What a dossier of the case would show, held against its ledger."""
    with read_case_folder(folder) as case:
        chronicle, chain = chronicle_of(case), case.db.ledger()
    assert chronicle is not None
    custody_csv(chain)
    return documents_on_record(chronicle, chain) + "".join(c.words for c in struck_check(chain))


# ---- at the door


def test_no_name_title_quote_address_or_note_stands_in_the_ledger(filled: Path) -> None:
    text = json.dumps([r for r, _ in ledger(filled)], ensure_ascii=False)
    for words in (NAME, "Zaur_Testov", "halted", "other.txt", "Shusha", "Paper", "heard", "Writer"):
        assert words not in text
    with read_case_folder(filled) as case:
        shas = [b["sha256"] for b in case.db.documents("report").values()]
        names = [i for k, i, _ in case.db.everything() if k in ("report", "claim")]
    assert len(shas) == 2
    assert not any(x in text for x in (*shas, *names, hash_bytes(TEXT.encode())))
    assert len(names) > 4


def test_whoever_has_a_document_can_prove_it_is_the_one_on_record(filled: Path) -> None:
    with read_case_folder(filled) as case:
        chronicle, chain = chronicle_of(case), case.db.ledger()
    assert chronicle is not None
    sealed = next(s for s in chronicle.sealed if hash_bytes(OTHER.encode()) in s.content)
    body = {"salt": sealed.salt, "kind": "report", "content": sealed.content}
    record = next(r for r, _ in chain if r["outputs"].get("report") == hash_json(body))
    assert record["action"] == "report"


def test_what_is_shown_is_bound_to_the_record(filled: Path) -> None:
    from dataclasses import replace

    assert "documents, claims and answers too" in checked(filled)
    with read_case_folder(filled) as case:
        c, chain = chronicle_of(case), case.db.ledger()
    assert c is not None
    entry, document, answer = c.entries[0], c.documents[0], c.answers[0]
    forged = json.loads(c.sealed[0].content) | {"outlet": "Another"}
    wrong = [
        replace(c, entries=(replace(entry, text="He said no."), *c.entries[1:])),
        replace(c, entries=(replace(entry, chain=("Another",)), *c.entries[1:])),
        replace(c, documents=(replace(document, outlet="Another"), *c.documents[1:])),
        replace(c, documents=(replace(document, sha256="sha256:0"), *c.documents[1:])),
        replace(c, answers=(replace(answer, verdict="supported"), *c.answers[1:])),
        replace(c, sealed=()),
        replace(c, sealed=(replace(c.sealed[0], content=json.dumps(forged)), *c.sealed[1:])),
        replace(c, sealed=(replace(c.sealed[0], salt="00"), *c.sealed[1:])),
    ]
    for chronicle in wrong:
        with pytest.raises(GossanError):
            documents_on_record(chronicle, chain)


IDENTIFIERS = ("jane.doe@example.org", "50 123 45 67", "501234567", "10-AA-123", "janedoe7")


def test_names_of_files_titles_and_bylines_hold_no_identifier(case: Path) -> None:
    _add(
        case,
        "10-AA-123_+994501234567_jane.doe@example.org.txt",
        OTHER,
        Reported(outlet="Desk jane.doe@example.org", side="+994 50 123 45 67"),
    )
    assert holds(case, *IDENTIFIERS) == []
    (report,) = run.list_claims(case, run.Wanted()).reports.values()
    assert report.origin.endswith(".txt")
    assert report.kept.endswith(".redacted.txt")
    assert report.redactions


def test_what_a_page_says_of_itself_holds_no_identifier(case: Path) -> None:
    page = f"""<html><head><title>Call +994 50 123 45 67</title>
    <meta name="author" content="Jane jane.doe@example.org"><meta name="twitter:creator"
    content="@janedoe7"><!-- t.me/janedoe7 --></head><body><article><h1>Works</h1>
    <p>{OTHER.replace(chr(10), "</p><p>")}</p></article></body></html>"""
    _add(case, "page.html", page)
    assert holds(case, *IDENTIFIERS) == []


def test_the_author_of_a_pdf_enters_no_case(case: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": "Works near Shusha", "/Author": NAME, "/Producer": "A printer"})
    path = case.parent / "a.pdf"
    writer.write(path)
    add_reports(case, [str(path)], Reported(), Silent())
    assert holds(case, NAME) == []
    (report,) = run.list_claims(case, run.Wanted()).reports.values()
    assert report.redactions == {"author of a file": 1}


def test_an_address_with_an_identifier_is_kept_without(case: Path) -> None:
    toml = (case / "case.toml").read_text("utf-8")
    (case / "case.toml").write_text(toml + "allow_private = true\n", "utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<html><body><article><p>{OTHER}</p></article></body></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("X-Owner", "jane.doe@example.org")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        add_reports(
            case,
            [f"{url}/of/10-AA-123?tel=%2B994501234567&m=jane.doe%40example.org"],
            Reported(),
            Silent(),
        )
    assert holds(case, *IDENTIFIERS, "example.org", "994501234567") == []


def test_what_reviewers_type_and_import_holds_no_identifier(case: Path) -> None:
    listed = _add(case, "a.txt", OTHER)
    first = listed.claims[0].id
    run.correct_claim(case, first, Correction(source="jane.doe@example.org", note="+994501234567"))
    data = json.loads(gossan("claims", case, "--json").stdout)
    data["claims"][0]["notes"] = ["seen in 10-AA-123"]
    data["claims"][0]["attribution"][0]["name"] = "t.me/janedoe7"
    run.import_claims(case, data, "from jane.doe@example.org")
    run.reject_claims(case, ["all"], "50-123-45-67 tel")
    assert holds(case, *IDENTIFIERS) == []


# ---- found later


def test_words_found_later_are_nowhere_and_the_chain_holds(full: Path) -> None:
    assert holds(full, NAME, "Zaur", "Testov")
    before = run.list_claims(full, run.Wanted())
    records = len(ledger(full))
    planned = strike(full, Asked(text="zaur testov"), Silent(), dry_run=True)
    assert len(ledger(full)) == records
    found = strike(full, Asked(text="zaur testov", reason=BECAUSE), Silent())
    assert (found.changed, found.marks, found.files) == (
        planned.changed,
        planned.marks,
        planned.files,
    )
    assert holds(full, "zaur", "testov") == []
    rows = ledger(full)
    assert len(rows) == records + 1
    body = rows[-1][0]
    assert (body["action"], body["parameters"]["what"]) == ("redact", "text")
    assert set(body["outputs"]["struck"]) == set(found.marks)
    assert BECAUSE not in json.dumps(rows)
    assert f"{len(found.marks)} things were struck" in checked(full)
    assert any("struck" in c.words for c in verify_case(full, Silent()))
    after = run.list_claims(full, run.Wanted())
    assert sorted(c.span for c in after.claims) == sorted(c.span for c in before.claims)
    for c in after.claims:
        assert after.reports[c.report].body[slice(*c.span)] == c.text
    touched = next(r for r in after.reports.values() if "█" in r.body)
    assert touched.sha256 == ""
    assert touched.redactions["struck later"] == 2


def test_no_hash_of_what_was_struck_is_left(full: Path) -> None:
    """Neither the document's hash nor ids made from it: guesses cannot be tried against them."""
    old = run.list_claims(full, run.Wanted())
    report = next(r for r in old.reports.values() if NAME in r.body)
    gone = [
        report.id,
        report.sha256.removeprefix("sha256:"),
        *(c.id for c in old.claims if c.report == report.id),
    ]
    found = strike(full, Asked(text=NAME, reason=BECAUSE), Silent())
    assert set(found.renamed) == set(gone) - {gone[1]}
    assert holds(full, *gone) == []
    again = check(full, Silent())
    assert len(again.verdicts) == len([c for c in old.claims if c.type != "other"])
    assert "verdicts" not in [r["action"] for r, _ in ledger(full)[-1:]], "answers still hold"


def test_asked_again_nothing_is_found_and_nothing_recorded(full: Path) -> None:
    strike(full, Asked(text=NAME, reason=BECAUSE), Silent())
    rows = ledger(full)
    again = strike(full, Asked(text=NAME, reason=BECAUSE), Silent())
    assert again.nothing
    assert ledger(full) == rows


def test_a_whole_document_goes_with_all_that_came_of_it(full: Path) -> None:
    old = run.list_claims(full, run.Wanted())
    report = next(r for r in old.reports.values() if NAME in r.body)
    mine = [c.id for c in old.claims if c.report == report.id]
    strike(full, Asked(document=report.id, reason=BECAUSE), Silent())
    left = run.list_claims(full, run.Wanted())
    assert report.id not in left.reports
    assert len(left.claims) == len(old.claims) - len(mine)
    assert holds(full, report.id, report.sha256[7:], "Zaur_Testov", *mine) == []
    assert "things were struck" in checked(full)
    check(full, Silent())
    checked(full)


def test_a_pattern_and_the_rules_of_today(full: Path) -> None:
    found = strike(full, Asked(pattern=r"zaur\W+testov", reason=BECAUSE), Silent())
    assert not found.nothing
    rows = ledger(full)
    assert strike(full, Asked(rules=True, reason=BECAUSE), Silent()).nothing
    assert ledger(full) == rows, "what came through the door holds nothing that the rules find"


def test_what_only_the_archived_file_holds_goes_too(case: Path) -> None:
    page = f"<html><!-- {NAME} --><body><article><p>{OTHER}</p></article></body></html>"
    _add(case, "page.html", page)
    assert holds(case, NAME)
    found = strike(case, Asked(text=NAME, reason=BECAUSE), Silent())
    assert len(found.files) == 1
    assert holds(case, NAME) == []
    checked(case)


def test_other_files_and_older_dossiers_are_named_and_stay(full: Path) -> None:
    (full / "notes.txt").write_text(f"{NAME} called", "utf-8")
    old = full / "dossier-1"
    (old / "data").mkdir(parents=True)
    (old / "manifest.json").write_text("{}", "utf-8")
    (old / "data" / "chronicle.csv").write_text(NAME, "utf-8")
    done = gossan("report", "redact", full, "--text", NAME, "--reason", BECAUSE)
    assert done.returncode == 0, done.stderr
    assert "older dossiers hold it: dossier-1" in done.stdout
    assert "your own files hold it: notes.txt" in done.stdout
    assert NAME not in done.stdout + done.stderr
    assert (full / "notes.txt").exists()


def test_content_in_records_of_an_older_gossan_is_named_and_not_hidden(full: Path) -> None:
    """The chain as it was written before: with the origin and the whole claims in it."""
    with sqlite3.connect(full / "case.db") as db:
        row = db.execute("SELECT record FROM ledger WHERE seq = 0").fetchone()
        body = json.loads(row[0])
        body["inputs"] = {"origin": "Zaur_Testov.txt", "sha256": "sha256:0", "requests": []}
        decided = body | {
            "seq": 1,
            "action": "claims-accept",
            "previous": hash_json(body),
            "inputs": {"claims": {"C-1": "sha256:1"}},
            "outputs": {"claims": {"C-1": "sha256:2"}, "note": NAME, "before": [{"text": NAME}]},
        }
        db.execute("DELETE FROM ledger")
        for n, r in enumerate((body, decided)):
            db.execute("INSERT INTO ledger VALUES (?, ?, ?)", (n, json.dumps(r), hash_json(r)))
        db.execute("DELETE FROM document WHERE kind = 'seal'")
    checked_old = ledger(full)
    found = strike(full, Asked(text=NAME, reason=BECAUSE), Silent())
    assert found.old_records == (0, 1)
    checked(full)
    assert ledger(full)[: len(checked_old)] == checked_old
    assert [c.what for c in verify_case(full, Silent())]
    again = gossan("report", "redact", full, "--text", NAME, "--reason", BECAUSE)
    assert "only a new case is free of it" in again.stdout


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(text=NAME), "a reason"),
        (Asked(reason="x"), "one thing to strike"),
        (Asked(text="ab", reason="x"), "3 letters"),
        (Asked(pattern=".*", reason="x"), "empty text"),
        (Asked(document="R-none", reason="x"), "found 0"),
        (Asked(text=NAME, reason=f"{NAME} asked for it"), "reason holds"),
        (Asked(text=NAME, rules=True, reason="x"), "one thing to strike"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(full: Path, asked: Asked, told: str) -> None:
    before = ledger(full)
    with pytest.raises(GossanError, match=told):
        strike(full, asked, Silent())
    assert ledger(full) == before


def _traced(folder: Path, kill_at: int) -> int:
    """Strike, dying at the given line of our own code; how many lines it had, if it ended."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(
            ("run/strike.py", "io/case_db.py", "io/documents/archive.py", "case/seals.py")
        ):
            return None
        if event == "line":
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        strike(folder, Asked(text=NAME, reason=BECAUSE), Silent())
    finally:
        sys.settrace(before)
    return count


def test_killed_at_any_line_it_is_undone_or_ended(filled: Path, tmp_path: Path) -> None:
    lines = _traced(_bare(filled, tmp_path / "whole"), 0)
    ends = []
    for n in (1, lines // 2, *range(lines - 130, lines, 13)):
        folder = _bare(filled, tmp_path / str(n))
        pid = os.fork()
        if pid == 0:
            _traced(folder, n)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        recorded = ledger(folder)[-1][0]["action"] == "redact"
        ends.append(recorded)
        if recorded:  # whoever opens the case next ends it
            with open_case(folder):
                pass
            assert holds(folder, "zaur", "testov") == []
        else:
            assert holds(folder, "Testov")
        strike(folder, Asked(text=NAME, reason=BECAUSE), Silent())
        assert holds(folder, "zaur", "testov") == []
        assert [r["action"] for r, _ in ledger(folder)].count("redact") == 1
        checked(folder)
        shutil.rmtree(folder)
    assert {True, False} == set(ends)
    assert ends.count(True) > 1

"""Documents taken into a case: a mail and what is attached to it, archives, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.documents import KARYER, QUARRY, docx, html, mail, paragraph, warc

from gossan.core.errors import GossanError
from gossan.core.progress import Silent
from gossan.run.reports import Added, Reported, add_reports

EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case") / "case"
    shutil.copytree(EXAMPLE, folder)
    return folder


def added(case: Path, data: bytes, name: str) -> list[Added]:
    path = case.parent / name
    path.write_bytes(data)
    return add_reports(case, [str(path)], Reported(), Silent())


def test_a_mail_and_its_attachments_are_reports_of_their_own(case: Path) -> None:
    inner = mail([("text/plain", b"The dam above Goris leaked on Friday, the mayor said.", "")])
    data = mail(
        [
            ("text/plain", QUARRY.encode(), ""),
            ("application/octet-stream", docx(paragraph("On Friday the pit was shut.")), "a.docx"),
            ("image/png", b"\x89PNG\r\n\x1a\n", "photo.png"),
            ("application/pdf", b"%PDF-1.4 broken", "b.pdf"),
            ("message/rfc822", inner, ""),
        ]
    )
    letter, word, nested = (a.report for a in added(case, data, "m.eml"))
    assert [r.media for r in (letter, word, nested)] == ["eml", "docx", "eml"]
    assert (str(letter.published.day), letter.published.method) == ("2021-07-05", "metadata")
    assert word.origin == "m.eml: a.docx"
    assert word.published.day is None, "an attachment is not of the mail's day"
    assert letter.warnings == ("Not read: photo.png, a PNG picture.",)
    assert letter.kept.endswith(".redacted.txt"), "addresses of people stand in a mail's head"
    assert word.kept.endswith(".docx")
    again = added(case, data, "m.eml")
    assert [a.known for a in again] == [True]


def test_the_pages_of_a_web_archive_come_in_with_their_addresses(case: Path) -> None:
    url = "https://paper.example/2021/07/05/hill"
    entries = [
        (url, [("Content-Type", "text/html; charset=koi8-r")], html(KARYER).encode("koi8-r")),
        (url + ".css", [("Content-Type", "text/css")], b"p{}"),
    ]
    (one,) = added(case, warc(entries), "a.warc.gz")
    assert (one.report.origin, one.report.language) == (url, "ru")
    assert len(one.claims) >= 2
    assert one.report.published.checks[0] == "Read from the address: 2021-07-05."


def test_a_picture_is_refused_and_leaves_nothing(case: Path) -> None:
    before = sorted((case / "reports").iterdir()) if (case / "reports").exists() else []
    with pytest.raises(GossanError, match="is a JPEG picture, which is not read"):
        added(case, b"\xff\xd8\xff\xe0" + b"\0" * 50, "photo.jpg")
    after = sorted((case / "reports").iterdir()) if (case / "reports").exists() else []
    assert after == before


def test_letters_that_are_lost_are_said_and_not_called_a_language(case: Path) -> None:
    lost = "Ка��ер ра�шир�ли в �юле, сказ�л м�р. " * 3
    (one,) = added(case, lost.encode(), "lost.txt")
    assert any("could not be made out" in w for w in one.report.warnings)
    assert "could not be made out" in one.sentence
    assert not any("language" in w for w in one.report.warnings if w.startswith("Not read: the"))

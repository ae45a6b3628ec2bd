"""Documents as they are in the world: their letters, their kinds, web archives, mails."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from pypdf import PdfWriter
from tests.support.documents import KARYER, QUARRY, docx, html, mail, odt, paragraph, warc, zipped

from gossan.core.errors import GossanError
from gossan.io.documents.archive import Original, read_document
from gossan.io.documents.charset import letters, unreadable
from gossan.io.documents.media import media_of
from gossan.io.documents.parse import OCR, extract_text
from gossan.io.documents.warc import MAX_BYTES
from gossan.io.network.web import unpacked
from gossan.io.traces import archived_holds

RU = html(KARYER, title="Холм над селом")
URL = "https://paper.example/2021/07/05/hill"


def stated(charset: str) -> str:
    return RU.replace("<head>", f'<head><meta charset="{charset}">')


LETTERS = [
    ("in the header only", RU.encode("iso8859-5"), "text/html; charset=ISO-8859-5"),
    ("in the header, quoted", RU.encode("koi8-r"), 'text/html; Charset="KOI8-R"'),
    (
        "in the XML declaration",
        ('<?xml version="1.0" encoding="koi8-r"?>' + RU).encode("koi8-r"),
        "",
    ),
    (
        "in a late meta",
        ("<!--" + "a" * 9000 + "-->" + stated("cp866")).encode("cp866"),
        "text/html",
    ),
    ("a meta in a comment is none", ("<!-- <meta charset=koi8-r> -->" + RU).encode("cp1251"), ""),
    ("UTF-16 with its mark", RU.encode("utf-16"), "text/html; charset=windows-1251"),
    ("UTF-16 without a mark", RU.encode("utf-16-be"), ""),
    ("UTF-8 under an old meta", stated("koi8-r").encode(), ""),
    (
        "a server's default over the page's own",
        stated("windows-1251").encode("cp1251"),
        "text/html; charset=iso-8859-1",
    ),
    ("nobody says", RU.encode("cp1251"), "text/html"),
    ("an unknown name", RU.encode("koi8-r"), "text/html; charset=x-user-defined"),
]


@pytest.mark.parametrize(("data", "said"), [c[1:] for c in LETTERS], ids=[c[0] for c in LETTERS])
def test_letters_are_read_as_a_browser_shows_them(data: bytes, said: str) -> None:
    assert KARYER in letters(data, said).text


def test_utf_8_that_was_taken_for_something_else_is_mended_and_said() -> None:
    spoilt = KARYER.encode().decode("cp1251", errors="ignore").encode()
    assert letters(spoilt).text[:25] == KARYER[:25]
    assert "undone" in letters(spoilt).warning


def test_a_contradiction_between_bytes_and_header_is_said() -> None:
    found = letters(KARYER.encode("koi8-r"), "text/plain; charset=windows-1251")
    assert found.text == KARYER
    assert "cp1251" in found.warning
    assert "koi8-r" in found.warning


def test_letters_that_are_lost_are_no_language() -> None:
    assert unreadable("Мед��� �ыло �акрыт� в ию�е 2021 года")
    assert not unreadable(KARYER)


def test_comments_without_end_cost_no_time() -> None:
    assert letters(b"<!--" * 2_000_000 + b"\xe9").text


KINDS = [
    (html().encode(), "page.dat", "html"),
    (b"\n\n<HTML><body>x", "page.txt", "html"),
    (RU.encode("utf-16"), "page", "html"),
    (b"%PDF-1.4\n", "letter.txt", "pdf"),
    (docx(paragraph("x")), "letter.doc", "docx"),
    (odt("<text:p>x</text:p>"), "letter", "odt"),
    (rb"{\rtf1 x}", "letter.doc", "rtf"),
    (mail([("text/plain", b"x", "")]), "message", "eml"),
    (b"Received: by x\r\nFrom: a@b.example\r\nTo: c@d.example\r\n\r\nhello", "m.txt", "eml"),
    (warc([(URL, [("Content-Type", "text/html")], b"<html>")]), "crawl", "warc"),
    (zipped({"archive/data.warc.gz": b"", "datapackage.json": "{}"}), "crawl.zip", "wacz"),
    (QUARRY.encode(), "note.html", "text"),
    (KARYER.encode("cp1251"), "note.md", "text"),
    (b"BMW built the road in 2021, and nobody else.", "note.txt", "text"),
    (b"To: the editor\nIn 2021 the hill was cut.\n", "letter.txt", "text"),
]


@pytest.mark.parametrize(("data", "name", "kind"), KINDS)
def test_a_file_is_what_its_bytes_say(data: bytes, name: str, kind: str) -> None:
    assert media_of(data, "", name) == kind


REFUSED = [
    (b"\xff\xd8\xff\xe1" + os.urandom(200), "photo.txt", "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "photo.html", "a PNG picture"),
    (b"\0\0\0\x20ftypisom" + b"\0" * 40, "film", "an MP4 video"),
    (b"\0\0\0\x18ftypheic" + b"\0" * 40, "IMG_1.HEIC", "a HEIC"),
    (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "old.docx", "an old Word file"),
    (b"\xd0\xcf\x11\xe0" + "__substg1.0_".encode("utf-16-le"), "m.eml", "an Outlook message"),
    (zipped({"xl/workbook.xml": "<w/>"}), "table.docx", "an Excel file"),
    (zipped({"a.txt": "words"}), "words.zip", "a ZIP archive"),
    (b"PK\x03\x04broken", "a.docx", "a damaged ZIP archive"),
    (gzip.compress(b"words", mtime=0), "a.txt.gz", "a gzip archive"),
    (b"day,place\n2021-06-03,Vank\n", "claims.csv", "a CSV table"),
    (b"SQLite format 3\0" + b"\0" * 40, "x.txt", "an SQLite database"),
    (bytes(range(256)) * 9, "blob", "a file of unknown kind"),
]


@pytest.mark.parametrize(("data", "name", "kind"), REFUSED)
def test_what_is_not_read_is_refused_by_its_name(
    data: bytes, name: str, kind: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(GossanError) as refused:
        list(read_document(tmp_path / name))
    assert f"{name} is {kind}" in refused.value.problem
    assert "which is not read" in refused.value.problem


def read(data: bytes, media: str, content_type: str = "") -> str:
    return extract_text(Original(data, media, "a", content_type=content_type)).text


def test_a_word_file_gives_its_words_with_tables_and_without_what_was_struck_out() -> None:
    body = (
        f"{paragraph('The hill was cut')}"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>June</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>in </w:t></w:r><w:del><w:r><w:delText>2019</w:delText></w:r></w:del>\n"
        "<w:ins><w:r><w:t>2021</w:t></w:r></w:ins></w:p>"
    )
    core = "<dc:title>On the hill</dc:title><dc:creator>A. Person</dc:creator>"
    found = extract_text(Original(docx(body, core), "docx", "a.docx"))
    assert found.text == "The hill was cut\nJune\nin 2021"
    assert (found.title, found.author) == ("On the hill", "")
    assert found.personal == {"author of a file": 1}
    assert any("A. Person" in m for m in found.meta)


def test_an_opendocument_text_is_read() -> None:
    body = "<text:h>Hill</text:h><text:p>cut<text:s text:c='2'/>in <text:span>June</text:span>"
    body += "</text:p>"
    assert read(odt(body), "odt") == "Hill\ncut in June"


def test_a_rich_text_is_read_in_its_own_letters() -> None:
    escaped = "".join(f"\\'{b:02x}" for b in "Карьер расширили".encode("cp1251"))
    data = (
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}}\f0 "
        + escaped.encode()
        + rb" \b in June.\par}"
    )
    assert read(data, "rtf").split() == ["Карьер", "расширили", "in", "June."]


@pytest.mark.parametrize("media", ["docx", "odt"])
def test_office_files_that_mean_harm_are_refused_in_one_sentence(media: str) -> None:
    bomb = zipped({"word/document.xml": b" " * 80_000_000, "content.xml": b" " * 80_000_000})
    with pytest.raises(GossanError, match="unpacks to more than"):
        read(bomb, media)
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    with pytest.raises(GossanError, match="declares entities"):
        read(zipped({"word/document.xml": laughs, "content.xml": laughs}), media)


def told(original: Original) -> str:
    """The text, or that it was refused."""
    try:
        return extract_text(original).text
    except GossanError as error:
        return "could not be read" if "could not be read" in error.problem else error.problem


def test_a_word_file_nested_without_end_is_bounded() -> None:
    original = Original(docx("<w:sdt>" * 50_000 + paragraph("deep")), "docx", "a.docx")
    assert told(original) in ("", "deep", "could not be read")


def test_a_saved_page_is_read_as_the_page_and_not_as_its_wrapping() -> None:
    page = html(KARYER).encode("koi8-r")
    saved = mail(
        [("image/png", b"\x89PNG", ""), ("text/html; charset=koi8-r", page, "")],
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://paper.example/a\r\n",
        "related",
    )
    assert media_of(saved, "", "page.mht") == "mhtml"
    assert KARYER[:60] in read(saved, "mhtml")


def test_a_mail_gives_its_words_and_what_came_with_it() -> None:
    inner = mail([("text/plain", b"The dam leaked.", "")])
    data = mail(
        [
            ("text/plain; charset=koi8-r", KARYER.encode("koi8-r"), ""),
            ("application/octet-stream", docx(paragraph(QUARRY)), "statement.docx"),
            ("message/rfc822", inner, ""),
            ("image/jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 20, "photo.jpg"),
        ]
    )
    found = extract_text(Original(data, "eml", "m.eml"))
    assert found.text == KARYER
    assert found.title == "The hill"
    kinds = {a.origin: a.media for a in found.attached}
    assert kinds["m.eml: statement.docx"] == "docx"
    assert kinds["m.eml: photo.jpg"] == "a JPEG picture"
    (nested,) = [a for a in found.attached if a.origin == "m.eml: mail"]
    assert extract_text(nested).text == "The dam leaked."
    assert (found.author, found.personal) == ("", {"author of a file": 1})
    assert [d.text for d in found.dates] == ["Mon, 05 Jul 2021 09:30:00 +0400"]


def test_of_the_same_words_as_text_and_page_a_mail_gives_one() -> None:
    parts = [("text/plain", QUARRY.encode(), ""), ("text/html", html().encode(), "")]
    assert read(mail(parts, kind="alternative"), "eml") == QUARRY


def test_a_forwarded_mail_warns_of_the_older_one() -> None:
    text = f"See below.\n\n---------- Forwarded message ---------\n{QUARRY}".encode()
    found = extract_text(Original(mail([("text/plain", text, "")]), "eml", "m"))
    assert any("older one" in w for w in found.warnings)


def test_parts_in_parts_without_end_are_bounded() -> None:
    begin = "".join(
        f"Content-Type: multipart/mixed; boundary=B{n}\n\n--B{n}\n" for n in range(3000)
    )
    data = f"From: a@b.example\nTo: c@d.example\nMIME-Version: 1.0\n{begin}\nwords".encode()
    original = Original(data, "eml", "a.eml")
    assert len(told(original)) < 100


def warc_file(folder: Path, data: bytes, name: str = "a.warc.gz") -> list[Original]:
    (folder / name).write_bytes(data)
    return list(read_document(folder / name))


PACKED = {
    "br": brotli.compress(html().encode()),
    "zstd": zstandard.compress(html().encode()),
    "gzip": gzip.compress(html().encode()),
    "deflate": zlib.compress(html().encode()),
    "gzip, br": brotli.compress(gzip.compress(html().encode())),
    "": html().encode(),
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "TEXT/HTML", "Application/XHTML+XML", ""]
)
def test_a_page_of_a_web_archive_is_read_however_it_is_packed_and_called(
    encoding: str, kind: str, tmp_path: Path
) -> None:
    headers = [(k, v) for k, v in (("Content-Type", kind), ("content-encoding", encoding)) if v]
    (found,) = warc_file(tmp_path, warc([(URL, headers, PACKED[encoding])]))
    assert (found.data, found.media, found.origin) == (html().encode(), "html", URL)


def test_only_pages_and_documents_of_a_web_archive_become_reports(tmp_path: Path) -> None:
    page = html().encode()
    entries = [
        (URL, [("Content-Type", "text/html")], page),
        (URL + "?again", [("Content-Type", "text/html")], page),
        ("https://paper.example/a.css", [("Content-Type", "text/css")], b"p{margin:0}"),
        (
            "https://paper.example/a.js",
            [("Content-Type", "text/javascript")],
            b"var day='2021-06-03'",
        ),
        ("https://paper.example/b.js", [("Content-Type", "application/x-javascript")], b"x=1"),
        ("https://paper.example/a.json", [("Content-Type", "application/json")], b'{"a":1}'),
        ("https://paper.example/feed", [("Content-Type", "application/rss+xml")], b"<rss/>"),
        ("https://paper.example/robots.txt", [("Content-Type", "text/plain")], b"User-agent: *"),
        ("https://paper.example/a.png", [("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n"),
        (
            "https://paper.example/a.docx",
            [("Content-Type", "application/octet-stream")],
            docx(paragraph("x")),
        ),
        ("https://paper.example/a.txt", [("Content-Type", "text/plain")], QUARRY.encode()),
    ]
    found = warc_file(tmp_path, warc(entries))
    assert [(o.media, o.origin[-5:]) for o in found] == [
        ("html", "/hill"),
        ("docx", ".docx"),
        ("text", "a.txt"),
    ]


def test_resource_records_and_one_packed_piece_are_read(tmp_path: Path) -> None:
    entries = [(URL, [("Content-Type", "text/html")], html().encode())]
    (found,) = warc_file(tmp_path, warc(entries, "resource"))
    assert found.data == html().encode()
    two = [*entries, (URL + "2", [("Content-Type", "text/html")], RU.encode())]
    whole = gzip.compress(warc(two, gzip=False))
    assert len(warc_file(tmp_path, whole)) == 2


def test_a_body_cut_short_is_read_and_said(tmp_path: Path) -> None:
    packed = PACKED["gzip"][:-40]
    (found,) = warc_file(tmp_path, warc([(URL, [("Content-Encoding", "gzip")], packed)]))
    assert any("cut short" in w for w in found.warnings)
    (shorter,) = warc_file(tmp_path, warc([(URL, [("Content-Length", "999999")], html().encode())]))
    assert any("cut short" in w for w in shorter.warnings)
    assert any("cut short" in w for w in extract_text(shorter).warnings)
    (whole,) = warc_file(tmp_path, warc([(URL, [], html().encode())]))
    assert whole.warnings == ()


def test_the_charset_of_an_archived_header_counts(tmp_path: Path) -> None:
    headers = [("Content-Type", "text/html; charset=koi8-r")]
    (found,) = warc_file(tmp_path, warc([(URL, headers, RU.encode("koi8-r"))]))
    assert KARYER[:60] in extract_text(found).text


def test_a_wacz_gives_the_pages_that_were_meant(tmp_path: Path) -> None:
    entries = [
        (URL, [("Content-Type", "text/html")], html().encode()),
        ("https://ads.example/frame", [("Content-Type", "text/html")], b"<html><p>Buy a pit</p>"),
        ("https://paper.example/a.pdf", [("Content-Type", "application/pdf")], b"%PDF-1.4\n"),
    ]
    pages = '{"format": "json-pages-1.0"}\n' + json.dumps({"url": URL, "title": "x"})
    data = zipped({"archive/data.warc.gz": warc(entries), "pages/pages.jsonl": pages})
    found = warc_file(tmp_path, data, "crawl.wacz")
    assert [o.media for o in found] == ["html", "pdf"]
    every = warc_file(tmp_path, zipped({"archive/a.warc": warc(entries, gzip=False)}), "b.wacz")
    assert len(every) == 3


def test_what_cannot_be_unpacked_is_said_and_never_taken_for_text(tmp_path: Path) -> None:
    junk = bytes.fromhex("28b52ffd") + bytes(range(200))
    entry = (URL, [("Content-Type", "text/html"), ("Content-Encoding", "zstd")], junk)
    with pytest.raises(GossanError, match="holds no page that can be unpacked"):
        warc_file(tmp_path, warc([entry]))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip"])
def test_a_packed_bomb_is_bounded_in_every_packing(encoding: str) -> None:
    block = b" " * 400_000_000
    pack = {
        "br": lambda b: brotli.compress(b, quality=1),
        "zstd": zstandard.compress,
        "gzip": gzip.compress,
    }
    packed = pack[encoding](block)
    del block
    with pytest.raises(ValueError, match="expected at most"):
        unpacked(packed, encoding, MAX_BYTES)


def test_words_are_found_again_in_every_kind_that_is_archived(tmp_path: Path) -> None:
    secret = "Tigran Petrosyan"
    inner = mail([("text/plain", secret.encode(), "")])
    page = html(secret).encode()
    files = {
        "a.docx": docx(paragraph(secret)),
        "a.odt": odt(f"<text:p>{secret}</text:p>"),
        "a.eml": mail([("text/html", page, ""), ("message/rfc822", b"x", "")]),
        "b.eml": mail(
            [
                ("text/plain", b"x", ""),
                ("application/octet-stream", docx(paragraph(secret)), "a.docx"),
            ]
        ),
        "c.eml": b"From: a@b.example\nSubject: =?utf-8?B?VGlncmFuIFBldHJvc3lhbg==?=\n\nx",
        "d.eml": mail([("text/plain", b"x", ""), ("application/octet-stream", inner, "m.eml")]),
        "a.rtf": rb"{\rtf1 Tigr\'61n Petrosyan}",
        "a.mhtml": mail([("text/html", page, "")], kind="related"),
        "a.warc.gz": warc([(URL, [("Content-Encoding", "br")], brotli.compress(page))]),
        "b.warc.gz": warc([(URL, [], docx(paragraph(secret)))]),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    missed = [
        n for n in files if not archived_holds(tmp_path / n, lambda t: secret in t) and n != "d.eml"
    ]
    assert missed == []
    assert not archived_holds(tmp_path / "a.docx", lambda t: "Anna Petrosyan" in t)


def blank_pdf(path: Path) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    with path.open("wb") as f:
        writer.write(f)
    return path.read_bytes()


def test_a_pdf_without_text_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = extract_text(Original(blank_pdf(tmp_path / "a.pdf"), "pdf", "a.pdf"))
    assert found.text.strip() == ""
    assert any("no text" in w for w in found.warnings)


def test_a_pdf_of_pictures_is_read_by_ocrmypdf_where_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the program, which is not installed here: it is asked for Russian first,
    fails as the real one does without that language, and then writes a PDF with text."""
    from pypdf.generic import DecodedStreamObject
    from tests.unit.test_hostile_documents import pdf

    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 12 Tf 10 100 Td (The hill was cut in June 2021.) Tj ET")
    pdf(stream, tmp_path / "read.pdf")
    tool = tmp_path / "ocrmypdf"
    tool.write_text(
        f'#!/bin/sh\ncase "$*" in *eng+rus*) exit 3;; esac\n'
        f'for last; do :; done\n/bin/cp "{tmp_path}/read.pdf" "$last"\n'
    )
    tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = extract_text(Original(blank_pdf(tmp_path / "a.pdf"), "pdf", "a.pdf"))
    assert "The hill was cut in June 2021." in found.text
    assert OCR in found.warnings

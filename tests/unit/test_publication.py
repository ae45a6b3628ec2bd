"""The day of publication: the page's own, in its own zone, or left open; never another story's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from lxml import html as parser
from tests.support.documents import html

from gossan.claims.publication import decide
from gossan.core.statements import PublicationDate, StatedDate
from gossan.io.documents.page_dates import stated_dates

DAY = date(2021, 7, 5)
OTHER = "2017-02-11"
TITLE = "The hill at Vank"


def stated(page: str, origin: str = "a.html") -> Sequence[StatedDate]:
    return stated_dates(parser.document_fromstring(page), origin)


def decided(page: str, origin: str = "a.html") -> PublicationDate:
    return decide(stated(page, origin), "Nothing is dated in this text.", origin, None)


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def article(headline: str, day: str) -> str:
    return f'{{"@type":"Article","headline":"{headline}","datePublished":"{day}"}}'


def timed(text: str) -> str:
    """An element that says when something was published that is not the article."""
    return f'<time {text} class="published" datetime="{OTHER}">x</time>'


def before(text: str) -> str:
    """A page with something between headline and text."""
    return html().replace("</h1>", f"</h1>{text}")


def after(text: str) -> str:
    return html().replace("</article>", f"</article>{text}")


def inside(text: str) -> str:
    return html().replace("</article>", f"{text}</article>")


OWN = {
    "JSON-LD": html(head=ld('{"@type": "NewsArticle", "datePublished": "2021-07-05"}')),
    "JSON-LD behind a list of others": html(
        head=ld(
            f'{{"@type":"ItemList","itemListElement":[{{"@type":"Article","datePublished":"{OTHER}"}}]}}'
        )
        + ld(f'{{"@type":"Article","headline":"{TITLE}","datePublished":"2021-07-05"}}')
    ),
    "JSON-LD of several stories": html(
        head=ld(
            f'[{{"@type":"Article","headline":"A bridge fell","datePublished":"{OTHER}"}},'
            f'{{"@type":"Article","headline":"{TITLE}","datePublished":"2021-07-05"}}]'
        )
    ),
    "JSON-LD with a comment": html(
        head=ld(
            '{"@type":["Report"],"comment":{"@type":"Comment","datePublished":"2022-01-01"},'
            '"datePublished":"2021-07-05T23:59:00-05:00"}'
        )
    ),
    "a graph": html(
        head=ld(
            f'{{"@graph":[{{"@type":"WebSite"}},{{"@type":"BlogPosting","headline":"{TITLE}","datePublished":"2021-07-05"}}]}}'
        )
    ),
    "meta citation_date": html(head='<meta name="citation_date" content="2021/07/05">'),
    "meta DC.Date": html(head='<meta name="DC.Date" content="2021-07-05">'),
    "meta publish-date as mails write it": html(
        head='<meta name="publish-date" content="Mon, 05 Jul 2021 10:00:00 +0400">'
    ),
    "meta in seconds": html(head='<meta name="pubdate" content="1625479200">'),
    "microdata": before(
        '<div itemscope><span itemprop="datePublished" content="2021-07-05">Monday</span></div>'
    ),
    "a time element": before(
        '<time class="entry-date" datetime="2021-07-05T09:00+04:00">Monday</time>'
    ),
    "a line": before("<div>By Anna Writer</div><div>5 July 2021, 10:12</div>"),
    "a Russian line": before("<p>Опубликовано: 5 июля 2021 года</p>"),
    "a byline above an event": before(
        "<p>The bridge fell on 11 February 2017</p><p>By A. Writer, 5 July 2021</p>"
    ),
    "a byline against a template's date": before("<p>Posted on 5 July 2021</p>").replace(
        "<title>", '<meta name="date" content="2024-01-09"><title>'
    ),
}


@pytest.mark.parametrize("page", OWN.values(), ids=OWN)
def test_the_articles_own_day_is_taken_and_shown(page: str) -> None:
    found = decided(page)
    assert found.day == DAY
    assert found.checks[0].startswith("Read from")


OPEN = {
    "a teaser": html(
        before=f'<article><h2>Old</h2><time class="published" datetime="{OTHER}">x</time></article>'
    ),
    "a box in the text": inside(
        f'<div><h4>More</h4><time class="published" datetime="{OTHER}">x</time></div>'
    ),
    "a link in the text": inside(f'<a href="/b"><span class="entry-date">{OTHER}</span></a>'),
    "comments": after(f'<ol class="comment-list"><li>{timed("")}</li></ol>'),
    "microdata of a comment": after(
        f'<p itemscope itemtype="https://schema.org/Comment">{timed("itemprop=datePublished")}</p>'
    ),
    "JSON-LD of another story": html(head=ld(article("A bridge fell there", OTHER))),
    "JSON-LD of two others": html(
        head=ld(f"[{article('A bridge fell', OTHER)}, {article('Fish died', '2018-01-01')}]")
    ),
    "a caption": before("<figure><figcaption>The bridge on 11 February 2017</figcaption></figure>"),
    "a footer": after("<footer>Founded 11 February 2017</footer>"),
    "a day that may be two": html(head='<meta name="date" content="03/04/2021">'),
    "only a change": html(head='<meta property="article:modified_time" content="2024-01-09">'),
}


@pytest.mark.parametrize("page", OPEN.values(), ids=OPEN)
def test_another_days_statement_leaves_the_day_open(page: str) -> None:
    assert decided(page).day is None


def test_an_hour_in_utc_names_both_days_and_raises_doubt() -> None:
    late = html(head='<meta property="article:published_time" content="2021-07-04T20:40:00Z">')
    found = decided(late)
    (doubt,) = [c for c in found.checks if c.startswith("Doubt")]
    assert "2021-07-04" in doubt
    assert "2021-07-05" in doubt
    early = html(head='<meta name="pubdate" content="Mon, 05 Jul 2021 02:00:00 GMT">')
    assert any("may still be 2021-07-04" in c for c in decided(early).checks)
    noon = html(head='<meta name="pubdate" content="2021-07-05T09:00:00Z">')
    assert not any(c.startswith("Doubt") for c in decided(noon).checks)


UTC = '<meta property="article:published_time" content="2021-07-04T20:40:00Z">'
ZONES = {
    "a line with its zone": html(head=UTC, before="<p>5 July 2021, 00:40 (GMT+4)</p>"),
    "another hour of the page": html(
        head=UTC + '<meta property="article:modified_time" content="2021-07-06T10:00:00+04:00">'
    ),
    "a line without zone": html(head=UTC, before="<p>5 July 2021</p>"),
}


@pytest.mark.parametrize("page", ZONES.values(), ids=ZONES)
def test_the_pages_own_zone_decides(page: str) -> None:
    found = decided(page)
    assert found.day == DAY
    assert any("2021-07-04" in c and "2021-07-05" in c for c in found.checks)


def test_the_address_decides_between_two_days_and_is_shown() -> None:
    origin = "https://paper.example/2021/07/05/hill"
    assert decided(html(head=UTC), origin).day == DAY
    assert decided(html(), origin).checks == ("Read from the address: 2021-07-05.",)


def test_statements_that_contradict_each_other_raise_doubt() -> None:
    page = html(
        head='<meta name="date" content="2019-01-01"><meta name="pubdate" content="2021-07-05">'
    )
    found = decided(page)
    assert found.day == DAY
    assert any(c.startswith("Doubt") and "2019-01-01" in c for c in found.checks)


def test_a_files_own_date_is_named_and_not_taken() -> None:
    made = StatedDate("created", "D:20210705", "CreationDate of the PDF")
    found = decide([made], "Nothing is dated here.", "a.pdf", None)
    assert found.day is None
    assert any("not taken" in c for c in found.checks)


def test_a_mail_is_of_its_own_date_in_its_own_zone() -> None:
    sent = StatedDate("published", "Mon, 05 Jul 2021 00:40:00 +0400", "Date of the mail")
    assert decide([sent], "Nothing is dated here.", "a.eml", None).day == DAY

"""Dates that a web page states of itself, and whether they are the article's own.

Pages also date related stories, teasers and comments; those are left aside, or marked where
nothing tells whose they are. For the process that parses documents (`extract_child`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gossan.core.statements import StatedDate

MOST = 200
"""Statements of one kind that are looked at."""
MAX_JSON = 2_000_000
"""Characters of one JSON-LD block."""
LINES_AFTER = 8
"""Short lines behind the headline, and `LINES_BEFORE` it, that may be a byline."""
LINES_BEFORE = 4
LONGEST = 120
"""Characters of the longest line that may be a byline."""

_META = {
    **dict.fromkeys(
        (
            "article:published_time", "article:published", "article.published", "og:published_time",
            "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
            "dc.date.created", "dcterms.date", "dcterms.issued", "dcterms.created",
            "dcterms.available", "dc:date", "pubdate", "pub_date", "publishdate", "publish-date",
            "publish_date", "published", "published_at", "publication_date", "publication-date",
            "publicationdate", "date_published", "article_date_original", "originalpublicationdate",
            "citation_publication_date", "citation_date", "citation_online_date",
            "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "bt:pubdate",
            "rnews:datepublished", "displaydate", "display_date", "article:post_date", "ptime",
            "iso-8601-publish-date", "datecreated", "article:create_date", "release_date",
            "vr:published_time", "weibo:article:create_at",
        ),
        "published",
    ),
    **dict.fromkeys(
        (
            "article:modified_time", "article:modified", "datemodified", "og:updated_time",
            "og:modified_time", "lastmod", "last-modified", "dc.date.modified",
            "dcterms.modified", "revised", "updated_time", "article:updated_time",
        ),
        "modified",
    ),
}  # fmt: skip
"""Names of meta elements (property, name, itemprop or http-equiv), lower case."""

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|Posting)$")
_PAGE = re.compile(r"(?:WebPage|WebSite|CreativeWork)$")
_ELSEWHERE = frozenset(
    (
        "itemListElement", "comment", "comments", "review", "reviews", "hasPart", "mentions",
        "relatedLink", "isPartOf", "about", "citation", "video", "image", "associatedMedia",
        "subjectOf", "workExample", "blogPost", "blogPosts", "isBasedOn", "significantLink",
        "exampleOfWork", "translationOfWork", "author", "publisher", "breadcrumb",
    )
)  # fmt: skip
"""Keys of JSON-LD below which other works than the article stand."""
_BESIDE = re.compile(
    r"(?i)(?:^|[\s_-])(?:related|teasers?|comments?|commentlist|disqus|sidebar|recommend\w*|popular|"
    r"most-?read|trending|promo\w*|widget|cards?|also|read-?more|more-?(?:news|stories)|latest|archives?|footer|"
    r"menu|nav\w*|aside|outbrain|taboola|replies|reply|similar|next-?(?:post|article)|prev\w*)(?:$|[\s_-])"
)
_PUBLISHED_CLASS = re.compile(
    r"(?i)publi(?:sh|c)|\bentry-date\b|\bpost-?date\b|\bdt-published\b|\barticle-?date\b|\bdateline\b|\bdate-posted\b|\bpost-?time\b"
)
_CHANGED_CLASS = re.compile(r"(?i)updat|modif|edit|changed")
_BLOCKS = frozenset(
    (
        "p",
        "div",
        "span",
        "time",
        "li",
        "td",
        "small",
        "header",
        "section",
        "address",
        "dd",
        "em",
        "i",
        "b",
        "strong",
        "a",
        "h2",
        "h3",
        "h4",
        "h5",
        "figcaption",
        "br",
    )
)
_DIGITS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class _Page:
    """What tells whether a statement is about the article: its headlines and its addresses."""

    titles: tuple[str, ...]
    paths: frozenset[str]
    headline: Any

    def says(self, headline: str, url: str) -> bool | None:
        """True where it is the page's own, False where it is another one's, None unknown."""
        if url and _path(url) in self.paths and _path(url) not in ("", "/"):
            return True
        words = set(re.findall(r"\w{3,}", headline.lower()))
        if words and self.titles:
            likest = max(
                len(words & t) / max(1, min(len(words), len(t)))
                for t in (set(re.findall(r"\w{3,}", x.lower())) for x in self.titles)
            )
            return likest >= 0.6
        return None


def stated_dates(tree: Any, origin: str) -> list[StatedDate]:
    """Every date a page states of itself, the surest first."""
    page = _page(tree, origin)
    return [*_of_json(tree, page), *_of_meta(tree), *_of_elements(tree, page), *_lines(page, tree)]


def _page(tree: Any, origin: str) -> _Page:
    heads = [h for h in tree.iter("h1") if _words(h)]
    own = [h for h in heads if not _is_beside(h)]
    headline = next(iter(own or heads), None)
    titles = [_words(h) for h in own[:1]]
    urls = [origin]
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in ("og:title", "twitter:title"):
            titles.append(meta.get("content") or "")
        if name == "og:url":
            urls.append(meta.get("content") or "")
    titles += [_words(t) for t in list(tree.iter("title"))[:1]]
    urls += [x.get("href") or "" for x in tree.iter("link") if (x.get("rel") or "") == "canonical"]
    return _Page(
        tuple(t for t in titles if t), frozenset(p for u in urls if (p := _path(u))), headline
    )


def _path(url: str) -> str:
    try:
        return urlsplit(url.strip()).path.rstrip("/")
    except ValueError:
        return ""


def _words(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())[:500]


@dataclass(frozen=True)
class _Work:
    kind: str
    headline: str
    url: str
    published: str
    modified: str
    elsewhere: bool


def _of_json(tree: Any, page: _Page) -> list[StatedDate]:
    works: list[_Work] = []
    loose: list[str] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = (script.text or "")[:MAX_JSON]
        text = re.sub(r"^\s*(?://\s*)?<!\[CDATA\[|(?://\s*)?\]\]>\s*$", "", text)
        try:
            works += _works(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            loose += re.findall(r'"datePublished"\s*:\s*"([^"]{4,60})"', text)
    dated = [w for w in works if not w.elsewhere and (w.published or w.modified)][:MOST]
    articles = [w for w in dated if _ARTICLE.search(w.kind)]
    told = [(w, page.says(w.headline, w.url)) for w in articles]
    own = [w for w, mine in told if mine] or [w for w, mine in told if mine is None]
    sure = bool(own) and len({w.published for w in own}) == 1
    others = [w for w, mine in told if mine is False]
    if not own:
        own = [
            w
            for w in dated
            if (not w.kind or _PAGE.search(w.kind)) and page.says(w.headline, w.url) is not False
        ]
        sure = len({w.published for w in own}) == 1
    out = [
        StatedDate(kind, text[:60], f"JSON-LD {w.kind} {key}", sure)
        for w in own
        for kind, text, key in (
            ("published", w.published, "datePublished"),
            ("modified", w.modified, "dateModified"),
        )
        if text
    ]
    out += [
        StatedDate("other", w.published[:60], f"JSON-LD {w.kind} of another headline", own=False)
        for w in others
        if w.published
    ]
    out += [StatedDate("published", t, "JSON-LD datePublished", own=False) for t in loose[:MOST]]
    return list(dict.fromkeys(out))


def _works(root: Any) -> Iterator[_Work]:
    """Works of a JSON-LD value with their dates, whether or not they are the page's own."""
    todo: list[tuple[Any, bool]] = [(root, False)]
    seen = 0
    while todo and seen < 20_000:
        value, elsewhere = todo.pop()
        seen += 1
        if isinstance(value, list):
            todo += [(v, elsewhere) for v in reversed(value)]
            continue
        if not isinstance(value, dict):
            continue
        kinds = value.get("@type")
        kinds = [k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]
        kind = next((k for k in kinds if _ARTICLE.search(k)), kinds[0] if kinds else "")
        yield _Work(
            kind.rsplit("/", 1)[-1][:40],
            _string(value.get("headline") or value.get("name"))[:500],
            _string(value.get("url"))
            or _string(value.get("mainEntityOfPage"))
            or _string(value.get("@id")),
            _string(value.get("datePublished")),
            _string(value.get("dateModified")),
            elsewhere
            or kind.rsplit("/", 1)[-1] in ("ItemList", "Comment", "Review", "Question", "Answer"),
        )
        inside = elsewhere or kind.rsplit("/", 1)[-1] in ("ItemList", "Comment", "BreadcrumbList")
        todo += [
            (v, inside or k in _ELSEWHERE) for k, v in value.items() if isinstance(v, dict | list)
        ]


def _string(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value") or value.get("@id")
    return value if isinstance(value, str) else ""


def _of_meta(tree: Any) -> Iterator[StatedDate]:
    for number, meta in enumerate(tree.iter("meta")):
        if number > 20 * MOST:
            return
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (meta.get(attribute) or "").strip()
            kind = _META.get(name.lower(), "")
            # what a server says of its own clock is no statement about the article
            if (
                kind
                and meta.get("content")
                and not (attribute == "http-equiv" and kind == "published")
            ):
                own = attribute != "itemprop" or not _is_beside(meta)
                yield StatedDate(kind, meta.get("content")[:60], f"meta {name}"[:60], own)
                break


def _of_elements(tree: Any, page: _Page) -> Iterator[StatedDate]:
    """Microdata, and elements that are marked as the date of publication."""
    for number, node in enumerate(tree.iter()):
        if number > 200_000:
            return
        if not isinstance(node.tag, str) or node.tag in ("meta", "script", "link"):
            continue
        prop = (node.get("itemprop") or "").lower().split()
        named = f"{node.get('class') or ''} {node.get('id') or ''}"
        kind = ""
        if "datepublished" in prop or node.get("pubdate") is not None:
            kind = "published"
        elif "datemodified" in prop or (node.tag == "time" and _CHANGED_CLASS.search(named)):
            kind = "modified"
        elif node.tag in ("time", "abbr", "span") and _PUBLISHED_CLASS.search(named):
            kind = "published"
        if not kind or not _of_article(node, page):
            continue
        said = node.get("datetime") or node.get("content") or node.get("title") or _words(node)
        what = f"itemprop {node.get('itemprop')}" if prop else f"element {node.tag}"
        if said and len(said) <= LONGEST:
            yield StatedDate(kind, said[:60], what, own=page.headline is not None)


def _of_article(node: Any, page: _Page) -> bool:
    """False for what stands in a teaser, a comment, or an article without the headline."""
    if _is_beside(node) or _under_another_heading(node, page):
        return False
    scope = next((a for a in node.iterancestors() if a.get("itemscope") is not None), None)
    if scope is not None and re.search(
        r"(?:Comment|Review|ItemList|Object|Person)$", scope.get("itemtype") or ""
    ):
        return False
    article = next(node.iterancestors("article"), None)
    if article is None or page.headline is None:
        return True
    return any(a is article for a in page.headline.iterancestors()) or (
        next(page.headline.iterancestors("article"), None) is None
        and sum(1 for _ in node.getroottree().getroot().iter("article")) == 1
    )


def _under_another_heading(node: Any, page: _Page) -> bool:
    """True where a box of its own, with its own heading, stands around it: a teaser."""
    around = set() if page.headline is None else set(page.headline.iterancestors())
    if not around:
        return False
    for a in node.iterancestors():
        if a in around:
            return False
        if a.tag == "a" or any(True for _ in a.iter("h2", "h3", "h4", "h5", "h6")):
            return True
    return False


def _is_beside(node: Any) -> bool:
    for a in (node, *node.iterancestors()):
        if a.tag in ("aside", "nav", "footer"):
            return True
        if a.tag not in ("body", "html") and _BESIDE.search(
            f"{a.get('class') or ''} {a.get('id') or ''}"
        ):
            return True
    return False


def _lines(page: _Page, tree: Any) -> Iterator[StatedDate]:
    """Short lines with a year in them just before and behind the headline."""
    if page.headline is None:
        return
    before: list[str] = []
    after: list[str] = []
    passed = False
    inside = set(page.headline.iter())
    for number, node in enumerate(tree.iter()):
        if number > 200_000 or len(after) >= LINES_AFTER:
            break
        if node is page.headline:
            passed = True
        if node in inside or not isinstance(node.tag, str) or node.tag not in _BLOCKS:
            continue
        words = " ".join((node.text or "").split()) if len(node) else _words(node)
        if len(node) and len(_words(node)) <= LONGEST:
            words = _words(node)
        if words and len(words) <= LONGEST and _DIGITS.search(words) and _of_article(node, page):
            (after if passed else before).append(words)
        elif passed and node.tag == "p" and len(words) > LONGEST:
            break
    near = dict.fromkeys([*before[-LINES_BEFORE:], *after])
    yield from (StatedDate("line", w, "line beside the headline", own=False) for w in near)

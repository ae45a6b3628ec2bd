"""The crate, the STAC item, ClaimReview and custody: every file named with its hash, no drafts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.dossier_model import make_model

from gossan.core.addresses import asset, public
from gossan.core.agent import Agent
from gossan.core.hashing import hash_bytes
from gossan.dossier.book import book_of
from gossan.dossier.chapter_charts import draw
from gossan.dossier.chronicle import Answer, Chronicle, Document, Entry
from gossan.dossier.model import DossierModel
from gossan.evidence.ledger import Record, Step
from gossan.run.render import faces, ledger_bytes, read_ledger

MAKER = Agent("Water desk", "gossan 9", "sha256:" + "1" * 64, "sha256:" + "2" * 64)


def chain() -> list[Record]:
    steps = [
        Step("search", {"source": "local:x"}, {}, {"read": ["a"], "aside": [], "hash": "h"}),
        Step(
            "read",
            {
                "scene": "2020_a",
                "items": ["a"],
                "hrefs": {"a": {"red": "red.tif"}},
                "checksums": {"a": {"red": "1220ff"}},
            },
            {},
            {"hashes": {"B04": "sha256:ab"}},
        ),
        Step(
            "report",
            {"origin": "=cmd()", "sha256": "sha256:cd", "requests": []},
            {},
            {"report": "R-1", "kept": "r.warc", "claims": []},
        ),
    ]
    out: list[Record] = []
    for n, step in enumerate(steps):
        out.append(step.seal(n, out[-1][1] if out else None, "2020-01-01T00:00:00+00:00", MAKER))
    return out


@pytest.fixture(scope="module")
def model() -> DossierModel:
    return make_model()


@pytest.fixture(scope="module")
def files(model: DossierModel) -> dict[str, bytes]:
    return files_of(model)


def files_of(model: DossierModel) -> dict[str, bytes]:
    book = book_of(model)
    return faces(model, book, draw(book.all), MAKER, chain())


def graph(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    body = json.loads(files["ro-crate-metadata.json"])
    return {e["@id"]: e for e in body["@graph"]}


def test_the_crate_names_every_file_with_its_hash_and_every_step(files: dict[str, bytes]) -> None:
    entities = graph(files)
    parts = {p["@id"] for p in entities["./"]["hasPart"]}
    assert parts == set(files) - {"ro-crate-metadata.json"}
    for name in parts:
        assert entities[name]["sha256"] == hash_bytes(files[name]).removeprefix("sha256:")
        assert entities[name]["contentSize"] == str(len(files[name]))
    assert entities["#step-1"]["wasInformedBy"] == {"@id": "#step-0"}
    assert entities["#read-1"]["wasGeneratedBy"] == {"@id": "#step-1"}
    named = {
        v["@id"]
        for e in entities.values()
        for v in e.values()
        if isinstance(v, dict) and set(v) == {"@id"}
    }
    assert named - set(entities) == {"https://w3id.org/ro/crate/1.2"}


def test_the_stac_item_is_one_and_its_assets_are_the_files(files: dict[str, bytes]) -> None:
    item = pystac.Item.from_dict(json.loads(files["stac/item.json"]))
    assert item.properties["processing:software"]["gossan"]
    for a in item.assets.values():
        data = files[a.href.removeprefix("../")]
        assert a.extra_fields["file:checksum"] == "1220" + hash_bytes(data)[7:]


def test_custody_keeps_original_and_working_copy_apart(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["evidence/custody.csv"].decode())))
    read, report = rows[1], rows[2]
    assert (read["phase"], read["by"]) == ("collection", "Water desk")
    assert read["original"] == "stays with its provider: a/red=1220ff"
    assert read["working_copy"] == "B04=sha256:ab"
    assert report["original"] == "sha256:cd kept as r.warc"
    assert report["source"].startswith("'="), "a spreadsheet runs nothing"


def test_a_draft_is_no_review(model: DossierModel, files: dict[str, bytes]) -> None:
    assert "evidence/claim-review.jsonld" not in files
    entry = Entry(
        1,
        "C-1",
        "2020",
        None,
        None,
        True,
        False,
        "event",
        "said",
        "A pit.",
        ("Paper",),
        "A",
        "R-1",
        1,
        "supported",
        "seen",
        False,
        (),
    )
    answer = Answer(
        "C-1",
        "supported",
        False,
        "A pit.",
        ("Paper", "Ministry"),
        "",
        "",
        "",
        "seen",
        (),
        "",
        "",
        (),
        (),
    )
    draft = replace(answer, id="C-2", draft=True)
    document = Document("R-1", "Works", "Paper", "A", "2020", "sha256:cd", "now", "")
    said = Chronicle((entry,), 0, ("A",), ("Paper",), (document,), (answer, draft), True)
    with_claims = replace(model, chronicle=said)
    made = files_of(with_claims)
    (review,) = json.loads(made["evidence/claim-review.jsonld"])["@graph"]
    assert review["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "supported",
        "ratingExplanation": "seen",
    }
    assert review["itemReviewed"]["author"]["name"] == "Ministry"


def test_a_chain_comes_back_from_its_file() -> None:
    assert read_ledger(ledger_bytes(chain())) == chain()


def test_a_record_keeps_no_key_and_no_path_of_this_machine() -> None:
    told = {
        "source": "local:/srv/x/images",
        "hrefs": ["https://u:p@a.org/b.tif?sig=1&x=2"],
        "origin": "https://a.org/story?id=7",
        "text": "see https://u:p@a.org or not",
    }
    body, _ = Step("read", told, {}, {}).seal(0, None, "", MAKER)
    assert body["inputs"] == {
        "source": "local:images",
        "hrefs": ["https://a.org/b.tif"],
        "origin": "https://a.org/story?id=7",
        "text": "see https://u:p@a.org or not",
    }


SECRET = st.text("abcdef0123456789", min_size=8, max_size=20)


@given(SECRET, SECRET)
def test_no_secret_of_an_address_is_ever_recorded(user: str, token: str) -> None:
    href = f"https://{user}:{token}@host.org/a/b.tif?sig={token}&sp=r#x"
    assert public(href) == "https://host.org/a/b.tif#x"
    assert asset(href, "earth-search") == "https://host.org/a/b.tif#x"
    assert public(f"local:/srv/{user}/images") == "local:images"
    assert asset(f"/srv/{user}/images/s/red.tif", f"local:/srv/{user}") == "images/s/red.tif"
    assert user not in asset(f"/srv/{user}/elsewhere/red.tif", "local:/data/images")

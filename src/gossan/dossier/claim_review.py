"""Verdicts on reviewed claims as schema.org ClaimReview, which search engines and archives read."""

from __future__ import annotations

import json
from typing import Any

from gossan.core.agent import Agent
from gossan.dossier.chronicle import Answer, Document
from gossan.dossier.stored import Model

CONTEXT = "https://schema.org"


def claim_reviews(model: Model, maker: Agent) -> bytes | None:
    """`evidence/claim-review.jsonld`; None where no reviewed claim was judged.

    A draft is no review and does not stand in it. The four verdicts are no scale, so that a
    rating has a name and no number.
    """
    chronicle = model.chronicle
    if chronicle is None:
        return None
    reports = {e.id: e.report for e in chronicle.entries}
    documents = {d.id: d for d in chronicle.documents}
    graph = [
        _review(a, documents.get(reports.get(a.id, "")), model, maker)
        for a in chronicle.answers
        if not a.draft
    ]
    if not graph:
        return None
    body = {"@context": CONTEXT, "@graph": graph}
    return (json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _review(
    answer: Answer, document: Document | None, model: Model, maker: Agent
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@type": "Claim",
        "text": answer.text,
        "author": {"@type": "Organization", "name": answer.chain[-1] if answer.chain else ""},
    }
    if document is not None:
        said["appearance"] = {
            "@type": "CreativeWork",
            "name": document.title,
            "identifier": document.sha256,
            "publisher": {"@type": "Organization", "name": document.outlet},
        }
    return {
        "@type": "ClaimReview",
        "@id": f"#{answer.id}",
        "claimReviewed": answer.text,
        "datePublished": model.as_of.isoformat(),
        "url": "../index.html#answers-h",
        "author": {"@type": "Organization", "name": maker.who},
        "reviewRating": {
            "@type": "Rating",
            "alternateName": answer.verdict,
            "ratingExplanation": answer.reason,
        },
        "itemReviewed": said,
    }

"""Ownership claims in the Beneficial Ownership Data Standard (BODS 0.4), as far as it fits.

A claim that one company belongs to another becomes two entity statements and a relationship
statement whose source is the report. BODS has no place for two sources that contradict each
other about one fact: each stays a statement of its own. A seat is an entity statement's address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gossan.core.hashing import hash_bytes
from gossan.core.statements import Claim, Ownership, Report
from gossan.core.transliterate import loose_key

SCHEMA = "0.4"


def statements(
    claims: Sequence[Claim], reports: Mapping[str, Report], day: str
) -> list[dict[str, Any]]:
    """BODS statements for the ownership in claims. `day` (ISO) is the day of the export."""
    out: dict[str, dict[str, Any]] = {}
    for claim in claims:
        for owned in claim.ownership:
            for made in _of(claim, owned, reports[claim.report], day):
                known = out.setdefault(made["statementId"], made)
                # one claim may say of a company whose it is and where it sits: one statement
                known["recordDetails"] |= made["recordDetails"]
    return list(out.values())


def _of(claim: Claim, owned: Ownership, report: Report, day: str) -> list[dict[str, Any]]:
    subject = _entity(claim, owned.subject, report, day)
    if owned.relation == "seated-in":
        subject["recordDetails"]["addresses"] = [{"type": "registered", "address": owned.object}]
        return [subject]
    owner = _entity(claim, owned.object, report, day)
    interest: dict[str, Any] = {
        "type": "shareholding",
        "directOrIndirect": "unknown",
        "beneficialOwnershipOrControl": False,
    }
    if owned.share_percent is not None:
        interest["share"] = {"exact": owned.share_percent}
    relation = _statement(claim, report, day, "relationship", f"{owned.subject}>{owned.object}")
    relation["recordDetails"] = {
        "isComponent": False,
        "subject": subject["recordId"],
        "interestedParty": owner["recordId"],
        "interests": [interest],
    }
    return [subject, owner, relation]


def _entity(claim: Claim, name: str, report: Report, day: str) -> dict[str, Any]:
    made = _statement(claim, report, day, "entity", name)
    made["recordDetails"] = {
        "isComponent": False,
        "entityType": {"type": "registeredEntity"},
        "name": name,
    }
    return made


def _statement(claim: Claim, report: Report, day: str, kind: str, name: str) -> dict[str, Any]:
    record = hash_bytes(f"{kind}:{loose_key(name)}".encode())[7:]
    said = report.published.day
    return {
        "statementId": hash_bytes(f"{claim.id}:{kind}:{name}".encode())[7:],
        "declarationSubject": record,
        "recordId": record,
        "recordType": kind,
        "recordStatus": "new",
        **({"statementDate": said.isoformat()} if said else {}),
        "publicationDetails": {
            "publicationDate": day,
            "bodsVersion": SCHEMA,
            "publisher": {"name": "gossan"},
        },
        "source": {
            "type": ["thirdParty"],
            "description": f"{report.outlet or report.origin}: claim {claim.id}",
        },
    }

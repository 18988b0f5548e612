"""Sample of Skills England's list of apprenticeship units: two invented ones in the site's JSON.

Belongs here: invented units and statements. Does not belong here: foundation apprenticeships or standards.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from observatory_assets.datasets.apprenticeship_units import OPTION
from observatory_assets.publishers import skills_england
from observatory_assets.sample.recording import Entry

PROGRAMMES = (("AU9001", "Digital tools at work (sample)"), ("AU9002", "Leading a small team (sample)"))
"""Reference and title."""

_STATEMENTS = {
    "technicalKnowledges": ("Principles of data protection", "How the tools of the unit are chosen"),
    "technicalSkills": ("Apply the tools of the unit to own work", "Explain results to others"),
}


def entries(phase: int) -> Iterator[Entry]:
    """The whole list, in phase 1 only."""
    if phase == 1:
        body = json.dumps([_record(*programme) for programme in PROGRAMMES], ensure_ascii=False).encode()
        yield Entry(skills_england.HOST, f"/sample/{OPTION}", body, headers={"Content-Type": "application/json"})


def _record(reference: str, title: str) -> dict[str, Any]:
    return {
        "referenceNumber": reference,
        "version": "1.0",
        "versionNumber": "1.0",
        "title": title,
        "status": "Approved for delivery",
        "level": 4,
        "route": "Business and administration",
        "ssa2": "15.2 Administration",
        "larsCode": "",
        "learningAimClassCode": f"ZSC{reference[2:]:0>5}",
        "typicalDuration": None,
        "maxFunding": 750,
        "minimumHoursForCompliance": "30",
        "overviewOfRole": "Synthetic sample.",
        "whoIsItFor": "<p>Employees of any age.</p>",
        "entryRequirements": None,
        "approvedForDelivery": "2026-04-21T00:00:00",
        "lastUpdated": "2026-04-28T00:00:00",
        "apprenticeshipUnitUrl": f"https://{skills_england.HOST}/apprenticeship-units/{reference}",
        **{
            field: [
                {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sample:{reference}:{field}:{position}")), "detail": text} for position, text in enumerate(texts)
            ]
            for field, texts in _STATEMENTS.items()
        },
    }

"""Sample of Skills England's list of foundation apprenticeships: two invented ones in the site's JSON.

Belongs here: invented programmes and statements. Does not belong here: units or standards.
Kept because the other list has it: null elements, markup escaped twice, a version as text only. Phase 2 issues a new version of one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from observatory_assets.datasets.foundation_apprenticeships import OPTION
from observatory_assets.publishers import skills_england
from observatory_assets.sample.recording import Entry

PROGRAMMES = (
    ("FA9001", "Workshop foundation apprenticeship (sample)", "Engineering and manufacturing"),
    ("FA9002", "Care foundation apprenticeship (sample)", "Care services"),
)
"""Reference, title and route."""

_STATEMENTS = {
    "technicalKnowledges": ("Health and safety rules of the workplace", "How work is checked against a standard", "How waste is kept down"),
    "technicalSkills": ("Use hand tools &amp;amp; equipment safely", "&lt;p&gt;Record own work accurately&lt;/p&gt;"),
    "employabilitySkillsAndBehaviours": ("Is punctual and reliable", "Works with others in a team", "Asks for help when needed"),
}


def entries(phase: int) -> Iterator[Entry]:
    """The whole list in phase 1, and in phase 2 with a new version."""
    if phase == 3:
        return
    records: list[dict[str, Any] | None] = [_record(*programme, "1.0") for programme in PROGRAMMES]
    records.insert(1, None)
    if phase == 2:
        records.append(_record(*PROGRAMMES[0], "1.1"))
    yield Entry(skills_england.HOST, f"/sample/{OPTION}", json.dumps(records, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"})


def _record(reference: str, title: str, route: str, version: str) -> dict[str, Any]:
    return {
        "referenceNumber": reference,
        "version": version,
        "versionNumber": version,
        "title": f"{title} ",
        "status": "Approved for delivery",
        "level": 2,
        "route": route,
        "ssa2": "14.1 Foundations for learning and life",
        "larsCode": 9500 + int(reference[3:]),
        "typicalDuration": 8,
        "maxFunding": 4500,
        "minimumHoursForCompliance": "187",
        "overviewOfRole": "A first step into work. Synthetic sample.",
        "approvedForDelivery": "2025-08-01T00:00:00",
        "lastUpdated": "2026-10-01T00:00:00" if version == "1.1" else "2026-04-14T00:00:00",
        "assessmentChanged": version == "1.1",
        "foundationApprenticeshipUrl": f"https://{skills_england.HOST}/foundation-apprenticeships/{reference.lower()}",
        "relatedOccupations": [{"name": "Invented occupation (sample)", "reference": "OCC9001"}],
        **{
            field: [
                {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sample:{reference}:{field}:{position}")), "detail": text} for position, text in enumerate(texts)
            ]
            for field, texts in _STATEMENTS.items()
        },
    }

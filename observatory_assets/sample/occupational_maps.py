"""Sample of the occupational maps: an invented occupation for each invented standard, in the API's JSON.

Belongs here: invented occupations and their few statements. Does not belong here: the standards (sample.world).
Kept because the API is said to do it: job titles as texts and as objects, a SOC code of 0, sub-unit groups in other unit groups, an
occupation in two options with letters, null lists. Phase 2 issues one occupation in a new version.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from observatory_assets.datasets.occupational_maps import EXPAND, HOST, LIST
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS, UNIT_GROUPS, Standard

_WITH_OPTIONS = "ST9004"
_WITHOUT_SOC = "ST9009"
_RENEWED = "ST9007"


def entries(phase: int) -> Iterator[Entry]:
    """The list and every occupation in phase 1, what changed in phase 2."""
    if phase == 3:
        return
    path = urlsplit(LIST).path
    occupations = [occupation for standard in STANDARDS for occupation in _occupations(standard, phase)]
    listed = ("stdCode", "name", "level", "versionNo", "status", "statusName", "statusLastUpdated")
    yield Entry(HOST, path, _json([{name: one[name] for name in listed} for one in occupations]))
    for one in occupations:
        if phase == 1 or one["versionNo"] != "1.0":
            yield Entry(HOST, f"{path}/{one['stdCode']}", _json(one), query={"expand": EXPAND})


def _occupations(standard: Standard, phase: int) -> list[dict[str, Any]]:
    letters = ("A", "B") if standard.reference == _WITH_OPTIONS else ("",)
    return [_occupation(standard, letter, phase) for letter in letters]


def _occupation(standard: Standard, letter: str, phase: int) -> dict[str, Any]:
    code = f"OCC{standard.reference[2:]}{letter}"
    title, titles = UNIT_GROUPS[standard.soc]
    renewed = phase == 2 and standard.reference == _RENEWED
    other = next(soc for soc in UNIT_GROUPS if soc[0] == standard.soc[0] and soc != standard.soc)
    as_objects = int(standard.reference[2:]) % 2 == 0
    texts = {
        "knowledge": f"The tools and methods of {title.lower()}",
        "skill": f"Carry out the daily tasks of a {titles[0].lower()}" + (" with digital tools" if renewed else ""),
        "behaviour": "Works safely and takes pride in the result",
    }
    lists = {"knowledge": ("knowledges", "knowledgeId", "K1"), "skill": ("skills", "skillId", "S1"), "behaviour": ("behaviours", "behaviourId", "B1")}
    has_soc = standard.reference != _WITHOUT_SOC
    return {
        "stdCode": code,
        "name": f"{standard.title}{' option ' + letter if letter else ''}",
        "level": standard.level,
        "versionNo": "1.1" if renewed else "1.0",
        "status": 1,
        "statusName": "Approved occupation",
        "statusLastUpdated": "2026-09-01" if renewed else "2024-05-24",
        "mapHierarchy": {
            "routeId": 1,
            "routeName": standard.route,
            "pathwayName": "Sample pathway",
            "clusterName": "Sample cluster",
            "technicalLevelName": "Technical" if standard.level < 4 else "Higher technical" if standard.level < 6 else "Professional",
        },
        "soc": {
            "soc2020Code": int(standard.soc) if has_soc else 0,
            "soc2020Description": title if has_soc else None,
            "soc2010Code": 0,
            "soc2010Description": None,
            "soc2020SubUnitGroups": [
                {"code": f"{standard.soc}/99", "description": f"{title} n.e.c.", "isPrimary": True},
                {"code": f"{other}/01", "description": UNIT_GROUPS[other][0], "isPrimary": False},
            ]
            if has_soc
            else None,
        },
        "typicalJobTitles": [{"name": name, "isGreen": False} if as_objects else name for name in titles],
        "products": [{"productCode": standard.reference, "name": standard.title, "typeName": "Apprenticeship", "level": standard.level, "statusName": None}],
        "duties": [],
        **{
            field: [{"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sample:{code}:{kind}")), id_field: label, "detail": f"<p>{texts[kind]}.</p>"}]
            for kind, (field, id_field, label) in lists.items()
        },
    }


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

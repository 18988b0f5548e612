"""Sample of Ofqual's register: 100 invented qualifications in the API's exact JSON, with the limit it refuses to exceed.

Belongs here: invented qualifications, paging and the refusal. Does not belong here: which of them are funded (sample.approved_qualifications).
Kept because the API does it: a refusal that names the largest page, numbers that end in X, null hours, 0 credits, null and listed
assessment methods, end-point assessments that name their standard. Phase 2 adds two qualifications and ends one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from observatory_assets.publishers import ofqual
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS, rng

_LARGEST_PAGE = 55
COUNT = {1: 100, 2: 102}
_ENDED_IN_PHASE_2 = 7
# Tier 1 of the invented standards -> an official tier 2 within it.
_SSA = {
    "Engineering and Manufacturing Technologies": "Manufacturing technologies",
    "Retail and Commercial Enterprise": "Retailing and wholesaling",
    "Health, Public Services and Care": "Health and social care",
    "Education and Training": "Teaching and lecturing",
    "Business, Administration and Law": "Administration",
    "Information and Communication Technology (ICT)": "Digital technology (practitioners)",
    "Construction, Planning and the Built Environment": "Building and construction",
    "Agriculture, Horticulture and Animal Care": "Horticulture and forestry",
    "Leisure, Travel and Tourism": "Sport, leisure and recreation",
}
_ORGANISATIONS = (("Midland Awards (sample)", "RN9001"), ("Soar Valley Assessment (sample)", "RN9002"), ("Charter Skills (sample)", "RN9003"))
_TYPES = ("Vocationally-Related Qualification", "Occupational Qualification", "Other Life Skills Qualification")


@dataclass(frozen=True)
class Qualification:
    """An invented qualification; ``standard`` is the reference of the standard it assesses, or None."""

    number: str
    title: str
    organisation: str
    organisation_number: str
    type: str
    ssa: str
    level: str
    standard: str | None

    @property
    def plain(self) -> str:
        return ofqual.plain(self.number)


def entries(phase: int) -> Iterator[Entry]:
    """Counts, the refusal and the pages; nothing in phase 3."""
    if phase not in COUNT:
        return
    path = urlsplit(ofqual.QUALIFICATIONS).path
    rows = [_record(position, phase) for position in range(COUNT[phase])]
    available = sum(row["status"] == ofqual.AVAILABLE for row in rows)
    yield Entry(ofqual.HOST, path, _page(rows[:1], len(rows), 1, 1), query={"page": "1", "limit": "1"})
    yield Entry(ofqual.HOST, path, _page(rows[:1], available, 1, 1), query={"page": "1", "limit": "1", "availability": ofqual.AVAILABLE})
    if phase == 1:
        refusal = {"error": f"Invalid parameter values. Page should be > 0 and Limit should be > 0 and <= {_LARGEST_PAGE}"}
        yield Entry(ofqual.HOST, path, json.dumps(refusal).encode(), query={"page": "1", "limit": str(ofqual.PAGE_SIZE)}, status=400)
    for start in range(0, len(rows), _LARGEST_PAGE):
        number = start // _LARGEST_PAGE + 1
        page = _page(rows[start : start + _LARGEST_PAGE], len(rows), number, _LARGEST_PAGE)
        yield Entry(ofqual.HOST, path, page, query={"page": str(number), "limit": str(_LARGEST_PAGE)})


@functools.cache
def qualification(position: int) -> Qualification:
    """The invented qualification at a position of the list: every third assesses a standard."""
    standard = STANDARDS[position // 3 % len(STANDARDS)]
    organisation, organisation_number = _ORGANISATIONS[position % len(_ORGANISATIONS)]
    assesses = position % 3 == 0
    level = standard.level if assesses else min(standard.level, 1 + position % 4)
    kind = "End-Point Assessment" if assesses else _TYPES[position % len(_TYPES)]
    name = "End-point assessment for" if assesses else ("Award in", "Certificate in", "Diploma in")[position % 3]
    check = "X" if position % 11 == 10 else str(position % 10)
    return Qualification(
        number=f"690/{position + 100:04}/{check}",
        title=f"{organisation.removesuffix(' (sample)')} Level {level} {name} {standard.title}",
        organisation=organisation,
        organisation_number=organisation_number,
        type=kind,
        ssa=_SSA[standard.ssa],
        level=f"Level {level}",
        standard=standard.reference if assesses else None,
    )


def _record(position: int, phase: int) -> dict[str, object]:
    one = qualification(position)
    random = rng("ofqual", position)
    hours = random.choice((None, 60, 120, 360)) if one.standard is None else None
    ended = position % 9 == 4 or (phase == 2 and position == _ENDED_IN_PHASE_2)
    title = next((standard.title for standard in STANDARDS if standard.reference == one.standard), None)
    return {
        "qualificationNumber": one.number,
        "qualificationNumberNoObliques": one.plain,
        "title": f"{one.title} ",
        "status": "No longer awarded" if ended else ofqual.AVAILABLE,
        "organisationName": one.organisation,
        "organisationAcronym": "SAMPLE",
        "organisationRecognitionNumber": one.organisation_number,
        "type": one.type,
        "ssa": one.ssa,
        "level": one.level,
        "subLevel": "None",
        "eqfLevel": f"Level {int(one.level[-1]) + 1}",
        "gradingType": "Graded" if one.standard else "Pass/Fail",
        "gradingScale": "Fail/Pass/Merit/Distinction" if one.standard else "Pass/Fail",
        "totalCredits": 0 if position % 2 else None,
        "tqt": hours and hours + 40,
        "glh": hours,
        "minimumGLH": hours,
        "maximumGLH": hours,
        "regulationStartDate": "2021-03-01T00:00:00",
        "operationalStartDate": "2021-09-01T00:00:00",
        "operationalEndDate": "2025-08-31T00:00:00" if ended else None,
        "certificationEndDate": "2027-08-31T00:00:00" if ended else None,
        "reviewDate": None,
        "offeredInEngland": True,
        "offeredInNorthernIreland": False,
        "offeredInternationally": None,
        "specialism": None,
        "pathways": None,
        "assessmentMethods": None if position % 5 == 0 else ["Portfolio of Evidence", "Practical Demonstration/Assignment"],
        "approvedForDELFundedProgramme": None,
        "linkToSpecification": f"https://example.invalid/{one.plain}",
        "apprenticeshipStandardReferenceNumber": one.standard,
        "apprenticeshipStandardTitle": title,
        "regulatedByNorthernIreland": False,
        "niDiscountCode": None,
        "gceSizeEquivalence": None,
        "gcseSizeEquivalence": None,
        "entitlementFrameworkDesignation": None,
        "lastUpdatedDate": "2026-10-02T08:30:00.1" if phase == 2 and position == _ENDED_IN_PHASE_2 else "2026-02-20T09:07:22",
    }


def _page(rows: list[dict[str, object]], count: int, page: int, limit: int) -> bytes:
    document = {"count": count, "currentPage": page, "limit": limit, "results": rows}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

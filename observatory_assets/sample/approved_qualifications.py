"""Sample of the Department's list of approved qualifications: part of the invented register, funded by invented approvals.

Belongs here: approvals and the file's columns. Does not belong here: the qualifications (sample.ofqual_register).
Kept because the real file has it: a byte-order mark, blanks after titles, approvals that ended, notes, and two qualifications that
the register does not know. Phase 2 is the next term's list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from observatory_assets.datasets.approved_qualifications import OPTION
from observatory_assets.sample.ofqual_register import COUNT, qualification
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import rng

_SNAPSHOTS = {1: "19/05/2026", 2: "21/09/2026"}
_OFFERS = (
    "Age1416",
    "Age1619",
    "LocalFlexibilities",
    "LegalEntitlementL2L3",
    "LegalEntitlementEnglishandMaths",
    "DigitalEntitlement",
    "LifelongLearningEntitlement",
    "AdvancedLearnerLoans",
)
_LAST_OFFER = "L3FreeCoursesForJobs"
_UNKNOWN_TO_THE_REGISTER = (("69999991", "Access to HE Diploma (sample)"), ("69999992", "Access to HE Diploma (Science, sample)"))


def entries(phase: int) -> Iterator[Entry]:
    """The list in phases 1 and 2."""
    if phase in _SNAPSHOTS:
        yield Entry("www.qualifications.education.gov.uk", f"/sample/{OPTION}", _file(phase), headers={"Content-Type": "text/csv"})


def _file(phase: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    parts = ("FundingAvailable", "FundingApprovalStartDate", "FundingApprovalEndDate", "Notes")
    header = ["DateOfOfqualDataSnapshot", "QualificationName", "AwardingOrganisation", "QualificationNumber", "Level", "QualificationType", "Subcategory"]
    header += ["SectorSubjectArea", "Status", *(f"{offer}_{part}" for offer in _OFFERS for part in parts), "AwardingOrganisationURL"]
    writer.writerow(header + [f"{_LAST_OFFER}_{part}" for part in parts])
    known = [qualification(position) for position in range(COUNT[phase])]
    listed = [(one.plain, one.title, one.organisation, one.level, one.type, one.ssa) for one in known if one.standard is None]
    listed += [(number, title, "Access Sample", "Level 3", "Access to HE", "Science") for number, title in _UNKNOWN_TO_THE_REGISTER]
    for number, title, organisation, level, kind, ssa in listed:
        random = rng("approved", number)
        row = [_SNAPSHOTS[phase], f"{title} ", organisation, number, level, kind, "", ssa, "Approved"]
        for offer in _OFFERS:
            row += _approval(offer == "Age1619" or random.random() < 0.25, "01/08/2022", random.choice(("31/07/2027", "31/07/2025")), "")
        row += ["https://example.invalid/" if random.random() < 0.1 else ""]
        row += _approval(level == "Level 3" and random.random() < 0.5, "01/04/2021", "31/07/2027", "L3 Free Courses short qualification")
        writer.writerow(row)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _approval(available: bool, start: str, end: str, notes: str) -> list[str]:
    return ["True", start, end, notes] if available else ["False", "", "", ""]

"""Sample of Skills England's CSV export: the invented standards, foundation apprenticeships and units in its exact columns.

Belongs here: the export's headings and rows. Does not belong here: which programmes there are (sample.world and the samples of the lists).
Kept because the real file has it: a date line before the header, an invented contact, line breaks and entities in cells, semicolon lists,
LARS code 0, a paused standard, blank dates. Phase 2 is the export of another day.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from observatory_assets.datasets.apprenticeship_programmes import OPTION
from observatory_assets.publishers import skills_england
from observatory_assets.sample.apprenticeship_units import PROGRAMMES as UNITS
from observatory_assets.sample.foundation_apprenticeships import PROGRAMMES as FOUNDATION
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS

_DAYS = {1: "14 August 2026", 2: "9 October 2026"}
_HEADER = [
    "Programme Type",
    "Name",
    "Reference",
    "Version Number",
    "Proposal Approved",
    "Standard Approved",
    "Assessment Plan Approved",
    "Funding Approved",
    "Status",
    "Approved for Delivery Date",
    "Retired date",
    "Withdrawn date",
    "Route",
    "Level",
    "Integrated Degree",
    "Integration",
    "Integrated Apprenticeship",
    "Maximum Funding (£)",
    "Typical Duration",
    "Minimum Hours For Compliance",
    "Core and options",
    "Options",
    "Regulated Standard",
    "Trailblazer Contact",
    "LARS code for providers only",
    "Learning Aim Class Code",
    "SSA2 code",
    "EQA Provider",
    "Professional recognition",
    "Link",
    "Last Updated",
    "Job Titles",
    "Overview of role",
    "Banners",
]


def entries(phase: int) -> Iterator[Entry]:
    """The export of phases 1 and 2."""
    if phase in _DAYS:
        yield Entry(skills_england.HOST, f"/sample/{OPTION}", _file(phase), headers={"Content-Type": "text/csv; charset=utf-8"})


def _file(phase: int) -> bytes:
    out = io.StringIO()
    out.write(f"Apprenticeships accurate as of {_DAYS[phase]}\r\n")
    writer = csv.DictWriter(out, _HEADER)
    writer.writeheader()
    for position, standard in enumerate(STANDARDS):
        paused = position == 5
        writer.writerow(
            _shared(standard.reference, standard.title, "Apprenticeship standard")
            | {
                "Status": "Approved for delivery (paused for starts)" if paused else "Approved for delivery",
                "Route": standard.route,
                "Level": standard.level,
                "Maximum Funding (£)": 3000 + 1500 * standard.level,
                "Typical Duration": 12 + 4 * standard.level,
                "Minimum Hours For Compliance": "278" if position % 4 else "",
                "Core and options": "Yes" if position % 7 == 0 else "No",
                "Options": "Day work;Night work" if position % 7 == 0 else "",
                "Trailblazer Contact": "contact@sample.invalid",
                "LARS code for providers only": 9000 + int(standard.reference[3:]),
                "SSA2 code": standard.ssa,
                "EQA Provider": "Ofqual",
                "Job Titles": ";".join(standard.job_titles),
                "Overview of role": f"Working as a {standard.job_titles[0].lower()}.\nSynthetic &amp; invented. ",
                "Banners": "Starts are paused (sample).&nbsp;" if paused else "",
                "Last Updated": "01-10-2026" if phase == 2 and paused else "05-08-2026",
            }
        )
    for reference, title, route in FOUNDATION:
        writer.writerow(_shared(reference, title, "Foundation apprenticeship") | {"Route": route, "Level": 2, "Maximum Funding (£)": 4500})
    for reference, title in UNITS:
        unit = {"Route": "Business and administration;Digital", "Level": 4, "Maximum Funding (£)": 750, "LARS code for providers only": 0}
        writer.writerow(_shared(reference, title, "Apprenticeship unit") | unit | {"Learning Aim Class Code": f"ZSC{reference[2:]:0>5}"})
    return out.getvalue().encode()


def _shared(reference: str, title: str, kind: str) -> dict[str, object]:
    folder = {"Apprenticeship standard": "apprenticeships", "Foundation apprenticeship": "foundation-apprenticeships"}.get(kind, "apprenticeship-units")
    return {
        "Programme Type": kind,
        "Name": title,
        "Reference": reference,
        "Version Number": "1.0",
        "Funding Approved": "Yes",
        "Status": "Approved for delivery",
        "Approved for Delivery Date": "01-09-2019",
        "Regulated Standard": "No",
        "LARS code for providers only": 9000 + int(reference[3:]) + 500,
        "Link": f"https://{skills_england.HOST}/{folder}/{reference.lower()}",
        "Last Updated": "05-08-2026",
    }

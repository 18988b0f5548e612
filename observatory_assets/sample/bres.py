"""Sample of the Business Register and Employment Survey: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented numbers of jobs. Does not belong here: Nomis' wire format (sample.nomis_wire).
One release, of 2021 to 2025; the survey has no other in a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.bres import NOMIS_ID, build_resources, find_statuses
from observatory_assets.publishers import nomis
from observatory_assets.sample import nomis_sic as sic
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import uniform

_YEARS = ("2021", "2022", "2023", "2024", "2025")
_STATUSES = {"1": "Employees", "2": "Full-time employees", "3": "Part-time employees", "4": "Employment"}
_NO_FARMS = "These figures exclude farm agriculture (SIC subclass 01000)."


def entries(phase: int) -> Iterator[Entry]:
    """Overview, code lists and one answer per question; nothing after phase 1."""
    if phase != 1:
        return
    industries = nomis.industries(sic.names())

    def observe(area: Area, date: str, codes: Mapping[str, str], measure: str) -> wire.Observation:
        jobs = sum(_jobs(place, codes["industry"], industries, int(date)) for place in wire.members(area))
        if codes["employment_status"] != "1":
            jobs *= 1.04
        nearest = 1000 if jobs >= 10_000 else 500 if jobs >= 2_000 else 100 if jobs >= 500 else 5
        farming = industries.sections.get(codes["industry"], ("",))[0] == "A"
        return f"{nearest * round(jobs / nearest)}", "T" if farming else "A", _NO_FARMS if farming else wire.NORMAL

    yield wire.overview(NOMIS_ID, "Business Register and Employment Survey : open access", "2026-10-30 09:30:00", "2027-10-29 09:30:00")
    yield wire.codes(NOMIS_ID, "industry", sic.names())
    yield wire.codes(NOMIS_ID, "employment_status", _STATUSES)
    names = {"employment_status": _STATUSES, "measure": {"1": "Count"}}
    yield from wire.answers(build_resources(wire.AREAS, industries, find_statuses(_STATUSES)), {year: year for year in _YEARS}, names, observe)


def _jobs(place: str, industry: str, industries: nomis.Industries, year: int) -> float:
    """Unrounded jobs: a section's share differs by place and drifts, a division has a part of its section, the total is their sum."""
    if industry == industries.total:
        return sum(_jobs(place, section, industries, year) for section in industries.sections)
    if industry in industries.divisions:
        number = int(industries.divisions[industry][0])
        section = sic.DIVISIONS[number][0]
        parts = {other: uniform(0.5, 1.5, "bres", "part", other) for other, (within, _) in sic.DIVISIONS.items() if within == section}
        code = next(code for code, (letter, _) in industries.sections.items() if letter == section)
        return _jobs(place, code, industries, year) * parts[number] / sum(parts.values())
    letter = industries.sections[industry][0]
    drift = 1 + uniform(-0.02, 0.03, "bres", "drift", letter) * (year - 2021)
    return 95_000 * wire.size(place) * sic.SECTIONS[letter][1] * uniform(0.6, 1.5, "bres", place, letter) * drift

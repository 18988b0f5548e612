"""Sample of the Annual Population Survey: synthetic answers of Nomis to the exact questions the dataset asks.

Belongs here: invented estimates of employment, and the overview and cell list of NM_17_1, which other datasets of the survey
read too. Does not belong here: which questions are asked: they are the dataset's own, built from the area seeds, so an area
added there is in the sample too; or Nomis' wire format (sample.nomis_wire).
Phase 1 is the year to March 2026, phase 2 the year to June 2026 with the four years before it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.aps_employment import NOMIS_ID, build_resources, find_cells
from observatory_assets.publishers import nomis
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import SUB_MAJORS, uniform

RELEASES = {
    # phase: (last quarter month, lastupdated, nextupdate)
    1: ("03", "2026-07-14 07:00:00", "2026-10-13 07:00:00"),
    2: ("06", "2026-10-13 07:00:00", "2027-01-19 07:00:00"),
}
YEARS = (2022, 2023, 2024, 2025, 2026)
_INDUSTRIES = {
    # Nomis' own spelling of agriculture; share of employment
    "A Agricuture & fishing": 0.01,
    "B,D,E Energy & water": 0.02,
    "C Manufacturing": 0.14,
    "F Construction": 0.07,
    "G,I Distribution, hotels & restaurants": 0.18,
    "H,J Transport & Communication": 0.10,
    "K-N Banking finance & insurance etc.": 0.16,
    "O-Q Public admin education & health": 0.27,
    "R-U Other services": 0.05,
}
_OVERLAPPING = ("G-U Total services",)
_SMALL = ("33", "54", "63")  # sub-majors small enough to be suppressed in small districts
QUALIFICATION_LEVELS = ("NVQ4+", "NVQ3", "Trade Apprenticeships", "NVQ2", "NVQ1", "Other Qualifications", "None")
_QUALIFICATION_GROUPS = (
    *(f"{people} aged 16-64" for people in ("All people", "Males", "Females")),
    *(f"{people} aged 50-64" for people in ("All people", "Females")),
)


def entries(phase: int) -> Iterator[Entry]:
    """Overview, code list and one answer per question; nothing in phase 3, which leaves the survey as it was."""
    if phase not in RELEASES:
        return
    _, updated, following = RELEASES[phase]
    yield wire.overview(NOMIS_ID, "annual population survey", updated, following)
    if phase == 1:
        yield wire.codes(NOMIS_ID, "cell", cell_names())
    cells = find_cells(code_list())

    def observe(area: Area, date: str, codes: Mapping[str, str], measure: str) -> wire.Observation:
        breakdown, label = cells[codes["cell"]]
        year, month = int(date[:4]), date[5:]
        return observation(sum(people_in(member, breakdown, label, year, month) for member in wire.members(area)), measure)

    yield from wire.answers(build_resources(wire.AREAS, cells), periods(phase), {"cell": cell_names()}, observe)


def periods(phase: int) -> dict[str, str]:
    """Code -> name of the survey years of a phase's release."""
    month = RELEASES[phase][0]
    name = {"03": "Apr {0}-Mar {1}", "06": "Jul {0}-Jun {1}"}[month]
    return {f"{year}-{month}": name.format(year - 1, year) for year in YEARS}


def code_list() -> dict[str, object]:
    """The cell code list: the wanted cells among others of their tables, as in the real one."""
    return wire.code_list(cell_names())


@functools.cache
def cell_names() -> dict[str, str]:
    """Cell id -> name."""
    names: list[str] = []
    for number, who in enumerate(("All", "Economically active", "In employment", "Employees"), start=7):
        names += _by_people(f"T01:{{}} (Aged 16-64 - {who}", number)
    for number, title in enumerate(SUB_MAJORS.values(), start=2):
        for offset, people in enumerate(("All people", "Full-time", "Part-time")):
            names.append(f"T09b:{number * 3 + 1 + offset} (All people - {title} (SOC2020) : {people} )")
        names.append(f"T09b:{100 + number} (Males - {title} (SOC2020) : All people )")
    for number, title in enumerate((*_INDUSTRIES, *_OVERLAPPING)):
        for offset, people in enumerate(("All people", "Males", "Females")):
            names.append(f"T13a:{number * 3 + 1 + offset} ({title} (SIC 2007) : {people} )")
    for number, who in enumerate(("Self Employed", "Unemployed", "Inactive"), start=11):
        names += _by_people(f"T01:{{}} (Aged 16-64 - {who}", number)
    for table, framework in (("T19", "NVQ"), ("T19a", "RQF")):
        for number, (group, level) in enumerate(((group, level) for group in _QUALIFICATION_GROUPS for level in QUALIFICATION_LEVELS), start=10):
            names.append(f"{table}:{number} (Total - {group} : {level.replace('NVQ', framework)} )")
    return {str(402_720_000 + number): name for number, name in enumerate(names)}


def _by_people(form: str, number: int) -> list[str]:
    return [f"{form.format(number * 3 + 1 + offset)} : {people} )" for offset, people in enumerate(("All People", "Males", "Females"))]


@functools.cache
def people_in(district: str, breakdown: str, label: str, year: int, month: str) -> float:
    """Unrounded people in a cell: size of the place × share of the category × its own slow trend."""
    size = 100_000 * wire.size(district)
    years = year - 2022 + (0.25 if month == "06" else 0)
    if breakdown == "total":
        return size * (1.0 + 0.008 * years)
    if breakdown == "industry":
        share = _INDUSTRIES[label]
    else:
        weights = {code: 0.12 if code in _SMALL else uniform(0.6, 1.8, "aps", "share", code) for code in SUB_MAJORS}
        share = next(weights[code] for code, title in SUB_MAJORS.items() if title == label) / sum(weights.values())
    trend = 1.0 + uniform(-0.03, 0.04, "aps", "trend", label) * years
    return size * share * trend * uniform(0.75, 1.3, "aps", district, label)


def observation(people: float, measure: str) -> wire.Observation:
    """What the survey publishes of an unrounded number of people: an estimate, its half-width, or why there is none."""
    if people < 250:
        return "", "E", wire.DISCLOSIVE
    if people < 500:
        return "", "E", wire.SMALL
    if people < 900:
        return (f"{round(people, -2):.0f}" if measure == nomis.VALUE else ""), "E", wire.UNRELIABLE
    # The half-width of a 5,000 estimate is about 1,900, of 500,000 about 19,000: it grows with the square root.
    return f"{round(people if measure == nomis.VALUE else 27 * people**0.5, -2):.0f}", "A", wire.NORMAL

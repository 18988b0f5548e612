"""Sample of the Annual Population Survey: synthetic answers of Nomis to the exact questions the dataset asks.

Belongs here: invented estimates and Nomis' wire format. Does not belong here: which questions are asked: they are the
dataset's own, built from the area seeds, so an area added there is in the sample too.
Phase 1 is the year to March 2026, phase 2 the year to June 2026 with the four years before it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.areas import Areas
from observatory_assets.datasets.aps_employment import NOMIS_ID, build_resources, find_cells
from observatory_assets.publishers import nomis
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import DISTRICTS, SUB_MAJORS, rng
from resources.settings import PROJECT_ROOT

_RELEASES = {
    # phase: (last quarter month, lastupdated, nextupdate)
    1: ("03", "2026-07-14 07:00:00", "2026-10-13 07:00:00"),
    2: ("06", "2026-10-13 07:00:00", "2027-01-19 07:00:00"),
}
_YEARS = (2022, 2023, 2024, 2025, 2026)
_YEAR_NAMES = {"03": "Apr {0}-Mar {1}", "06": "Jul {0}-Jun {1}"}
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
_WIDER = {"E12000004": 24.0, "E92000001": 280.0}


def entries(phase: int) -> Iterator[Entry]:
    """Overview, code list and one answer per question; nothing in phase 3, which leaves the survey as it was."""
    if phase not in _RELEASES:
        return
    _, updated, following = _RELEASES[phase]
    yield Entry(nomis.HOST, urlsplit(nomis.overview_url(NOMIS_ID)).path, _json(_overview(updated, following)))
    if phase == 1:
        yield Entry(nomis.HOST, urlsplit(nomis.code_list_url(NOMIS_ID, "cell")).path, _json(code_list()))
    areas = Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")
    for resource in build_resources(areas, find_cells(code_list())):
        parts = urlsplit(resource.url)
        query = dict(parse_qsl(parts.query))
        query = {name: query[name] for name in ("geography", "cell", "RecordOffset") if name in query}
        yield Entry(nomis.HOST, parts.path, _answer(resource.labels, areas, phase).encode(), query=query, headers={"Content-Type": "text/csv"})


def code_list() -> dict[str, object]:
    """The cell code list: the wanted cells among others of their tables, as in the real one."""
    names: list[str] = []
    for number, who in enumerate(("All", "Economically active", "In employment", "Employees"), start=7):
        for offset, people in enumerate(("All People", "Males", "Females")):
            names.append(f"T01:{number * 3 + 1 + offset} (Aged 16-64 - {who} : {people} )")
    for number, title in enumerate(SUB_MAJORS.values(), start=2):
        for offset, people in enumerate(("All people", "Full-time", "Part-time")):
            names.append(f"T09b:{number * 3 + 1 + offset} (All people - {title} (SOC2020) : {people} )")
        names.append(f"T09b:{100 + number} (Males - {title} (SOC2020) : All people )")
    for number, title in enumerate((*_INDUSTRIES, *_OVERLAPPING)):
        for offset, people in enumerate(("All people", "Males", "Females")):
            names.append(f"T13a:{number * 3 + 1 + offset} ({title} (SIC 2007) : {people} )")
    codes = [{"description": {"value": name, "lang": "en"}, "value": 402_720_000 + number} for number, name in enumerate(names)]
    return {"structure": {"codelists": {"codelist": [{"agencyid": "NOMIS", "code": codes, "id": "CL_17_1_CELL"}]}}}


def _overview(updated: str, following: str) -> dict[str, object]:
    return {
        "overview": {
            "id": NOMIS_ID,
            "firstreleased": "2005-01-01 09:30:00",
            "lastrevised": updated,
            "lastupdated": updated,
            "nextupdate": following,
            "mnemonic": "apsnew",
            "name": "annual population survey",
            "restricted": "false",
            "status": "Current (being actively updated)",
        }
    }


def _answer(labels: dict[str, str], areas: Areas, phase: int) -> str:
    month = _RELEASES[phase][0]
    asked, cells = json.loads(labels["areas"]), json.loads(labels["cells"])
    known = {(area.code, area.boundary_version): area for area in areas.areas}
    count = len(asked) * len(cells) * len(_YEARS) * 2
    lines = [",".join(f'"{column}"' for column in nomis.COLUMNS)]
    names = dict(nomis.codes(code_list()))
    for year in _YEARS:
        for key, (code, boundary_version) in asked.items():
            area = known[code, boundary_version]
            made = area.area_type == "LSIP"
            kind = (
                "User Defined Geography"
                if made
                else "regions"
                if code.startswith("E12")
                else "countries"
                if code.startswith("E92")
                else "local authorities: district / unitary (as of April 2023)"
            )
            for cell, (breakdown, label) in cells.items():
                members = area.districts or (code,)
                people = sum(_people(member, breakdown, label, year, month) for member in members)
                for measure in nomis.MEASURES:
                    value, status, said = _observation(people, measure)
                    texts = (
                        f"{year}-{month}",
                        _YEAR_NAMES[month].format(year - 1, year),
                        key if made else area.name,
                        "" if made else code,
                        kind,
                        cell,
                        names[cell],
                        measure,
                    )
                    quoted = ",".join(f'"{text}"' for text in texts)
                    lines.append(f'{quoted},{value},"{status}","{said}","F",{len(lines) - 1},{count}')
    return "\n".join(lines) + "\n"


@functools.cache
def _people(district: str, breakdown: str, label: str, year: int, month: str) -> float:
    """Unrounded people in a cell: size of the place × share of the category × its own slow trend."""
    size = 100_000 * (DISTRICTS[district][1] if district in DISTRICTS else _WIDER.get(district) or rng("aps", district).uniform(0.4, 1.3))
    years = year - 2022 + (0.25 if month == "06" else 0)
    if breakdown == "total":
        return size * (1.0 + 0.008 * years)
    if breakdown == "industry":
        share = _INDUSTRIES[label]
    else:
        weights = {code: 0.12 if code in _SMALL else rng("aps", "share", code).uniform(0.6, 1.8) for code in SUB_MAJORS}
        share = next(weights[code] for code, title in SUB_MAJORS.items() if title == label) / sum(weights.values())
    trend = 1.0 + rng("aps", "trend", label).uniform(-0.03, 0.04) * years
    return size * share * trend * rng("aps", district, label).uniform(0.75, 1.3)


def _observation(people: float, measure: str) -> tuple[str, str, str]:
    if people < 250:
        return "", "E", "Estimate and confidence interval not available since the group sample size is zero or disclosive (0-2)"
    if people < 500:
        return "", "E", "Estimate is less than 500"
    if people < 900:
        said = "Estimate and confidence interval unreliable since the group sample size is small (3-9)"
        return (f"{round(people, -2):.0f}" if measure == nomis.VALUE else ""), "E", said
    # The half-width of a 5,000 estimate is about 1,900, of 500,000 about 19,000: it grows with the square root.
    return f"{round(people if measure == nomis.VALUE else 27 * people**0.5, -2):.0f}", "A", "Normal Value"


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()

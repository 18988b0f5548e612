"""Sample of the ONS business demography workbook: invented births, deaths and active enterprises of the seeds' areas.

Belongs here: invented counts and the workbook as it is thought to be. Does not belong here: which sheets are taken: the parser decides.
Phase 1 only: the workbook comes once a year, in November, after the sample's story.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from observatory_assets.areas import Areas
from observatory_assets.datasets.business_demography import PAGE
from observatory_assets.publishers import ons
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.workbooks import workbook_bytes
from observatory_assets.sample.world import DISTRICTS, rng
from resources.settings import PROJECT_ROOT

_EDITION, _RELEASED, _FILE = "current", "2025-11-19T00:00:00.000Z", "businessdemographysample2024.xlsx"
_SHEETS = (("a", (2019, 2020)), ("b", (2021, 2022)), ("c", (2023, 2024)))
_WIDER = {"E12000004": 24.0, "E92000001": 280.0}
_PER_SIZE = {"births": 950, "deaths": 900, "active": 8_400}  # where 100,000 people work
_TITLES = {
    "births": "Count of births of new enterprises",
    "deaths": "Count of deaths of enterprises",
    "active": "Count of active enterprises",
}


def entries(phase: int) -> Iterator[Entry]:
    """Landing page, edition page and workbook."""
    if phase != 1:
        return
    uri = f"{PAGE}/{_EDITION}"
    described = {"title": "Sample of business demography", "releaseDate": _RELEASED}
    landing = {"type": "dataset_landing_page", "uri": PAGE, "datasets": [{"uri": uri}], "description": {**described, "nextRelease": "November 2026"}}
    edition = {"type": "dataset", "uri": uri, "description": described, "downloads": [{"file": _FILE}], "versions": []}
    for page, document in ((PAGE, landing), (uri, edition)):
        yield Entry(ons.HOST, f"{page}/data", json.dumps(document).encode())
    yield Entry(ons.HOST, "/file", _workbook(), query={"uri": f"{uri}/{_FILE}"}, headers={"Content-Type": "application/octet-stream"})


def _workbook() -> bytes:
    from openpyxl import Workbook

    areas = Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")
    names = {area.code: area.name for area in (*areas.wider(), *areas.districts())}
    codes = [*(area.code for area in areas.wider()), *sorted({district for area in areas.areas for district in area.districts})]
    workbook = Workbook()
    workbook.active.title = "Contents"
    workbook.active.append(["Business demography: synthetic sample"])
    for table, (measure, title) in enumerate(_TITLES.items(), start=1):
        for letter, years in _SHEETS:
            sheet = workbook.create_sheet(f"Table {table}.1{letter}")
            sheet.append([f"Table {table}.1{letter}: {title} by district, unitary authority, region and country, {years[0]} to {years[1]}"])
            sheet.append(["This worksheet contains one table. Numbers are rounded to the nearest 5."])
            sheet.append(["Code", "Area", *map(str, years)])
            for code in codes:
                sheet.append([code, names.get(code, f"District {code}").upper(), *(_enterprises(measure, code, year) for year in years)])
        by_industry = workbook.create_sheet(f"Table {table}.2")
        by_industry.append([f"Table {table}.2: {title} by standard industrial classification, {years[1]}"])
        by_industry.append(["Group", years[1]])
        by_industry.append(["011 : Growing of non-perennial crops", 100])
    survival = workbook.create_sheet("Table 4.1")
    survival.append(["Table 4.1: Births of enterprises in 2019 and their survival"])
    survival.append(["Code", "Area", "Births", "1-year survivals"])
    survival.append([codes[0], names[codes[0]], 100, 90])
    return workbook_bytes(workbook)


def _enterprises(measure: str, code: str, year: int) -> int:
    size = DISTRICTS[code][1] if code in DISTRICTS else _WIDER.get(code) or rng("demography", code).uniform(0.4, 1.3)
    exact = _PER_SIZE[measure] * size * rng("demography", measure, code, year).uniform(0.9, 1.1)
    return 5 * round(exact / 5)

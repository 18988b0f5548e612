"""Sample of the ONS labour demand workbook: invented adverts of the seeds' districts, in five sheets as ONS lays them out.

Belongs here: invented counts, the page's JSON and the workbook. Does not belong here: which rows are kept: the dataset's parser decides.
Phase 1 goes to August 2026; phase 2 adds September and corrects one district's July. Both count new adverts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from observatory_assets.areas import Areas
from observatory_assets.datasets.labour_demand import FILE, PAGE
from observatory_assets.publishers import ons
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.soc2020 import MINORS
from observatory_assets.sample.workbooks import workbook_bytes
from observatory_assets.sample.world import DISTRICTS, UNIT_GROUPS, rng
from resources.settings import PROJECT_ROOT

_MONTHS = tuple(
    f"{month}-{year}" for year, months in (("25", "Jun Jul Aug Sep Oct Nov Dec"), ("26", "Jan Feb Mar Apr May Jun Jul Aug Sep")) for month in months.split()
)
# The sheet of regions goes back three years, of which it can be told whether a KSB emerges.
_EARLIER_BY_REGION = tuple(
    f"{month}-{year}"
    for year, months in (("23", "Oct Nov Dec"), ("24", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"), ("25", "Jan Feb Mar Apr May"))
    for month in months.split()
)
_QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
_RELEASES = {
    # phase: (edition, releaseDate, nextRelease, months, quarters); a year of each, so that adverts are a flow to weigh occupations by
    1: ("january2017toaugust2026", "2026-09-24T23:00:00.000Z", "23 October 2026", _MONTHS[:-1], _QUARTERS[:-1]),
    2: ("january2017toseptember2026", "2026-10-22T23:00:00.000Z", "To be announced", _MONTHS, _QUARTERS),
}
# The largest sheet has one occupation of each sub-major group: enough to say how adverts grew over a year, and half the rows.
_FIRST_OF_SUB_MAJOR = tuple({minor[:2]: minor for minor in sorted(MINORS, reverse=True)}.values())
_SHOWN_MINORS = tuple(minor for minor in MINORS if minor in (*_FIRST_OF_SUB_MAJOR, "213", "925"))
_FOREIGN = ("South East", "Berkshire, Buckinghamshire and Oxfordshire", "Reading", "E06000038")  # must not be kept
_LONDON = ("London", None, "London", None)
_UNKNOWN = ("Unknown", None, "Unknown", None)
_RISING = "2134"
_ADVERTS_PER_SIZE = 2_600  # new adverts a month where 100,000 people work
_MINOR_NEIGHBOUR_CODES = 3  # districts that are only compared with have fewer occupations, to keep the sample small


def entries(phase: int) -> Iterator[Entry]:
    """Landing page, edition page and workbook; nothing in phase 3."""
    if phase not in _RELEASES:
        return
    slug, released, following, months, quarters = _RELEASES[phase]
    uri = f"{PAGE}/{slug}"
    landing = {
        "type": "dataset_landing_page",
        "uri": PAGE,
        "datasets": [{"uri": uri}],
        "description": {"title": "Sample of labour demand", "releaseDate": released, "nextRelease": following, "contact": {"name": "Sample\n"}},
    }
    edition = {
        "type": "dataset",
        "uri": uri,
        "description": {"title": "", "edition": slug, "releaseDate": released},
        "downloads": [{"file": FILE}],
        "supplementaryFiles": [],
        "versions": [],
    }
    for page, document in ((PAGE, landing), (uri, edition)):
        yield Entry(ons.HOST, f"{page}/data", json.dumps(document).encode())
    yield Entry(ons.HOST, "/file", _workbook(phase, months, quarters), query={"uri": f"{uri}/{FILE}"}, headers={"Content-Type": "application/octet-stream"})


def _workbook(phase: int, months: tuple[str, ...], quarters: tuple[str, ...]) -> bytes:
    from openpyxl import Workbook

    areas = Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")
    names = {area.code: area.name for area in areas.districts()}
    districts = sorted({district for area in areas.areas for district in area.districts})
    regions = [area.name for area in areas.wider() if area.area_type == "region"]
    countries = [area.name for area in areas.wider() if area.area_type == "country"]
    region = regions[0]
    places = {code: (region, "Leicestershire, Rutland and Northamptonshire", names.get(code, f"District {code}"), code) for code in districts}

    def count(code: str, minor: str, month: str) -> int:
        return _adverts(code, minor, month) + (30 if (phase, code, minor, month) == (2, "E07000130", "925", "Jul-26") else 0)

    def total(code: str, month: str) -> int | str:
        # One suppressed total, so that an area's sum and two of its means lack a part.
        return "[x]" if (code, month) == ("E07000133", "May-26") else sum(count(code, minor, month) for minor in _minors(code))

    workbook = Workbook()
    cover = workbook.active
    cover.title = "Cover sheet"
    for line in ("Synthetic sample in the layout of the labour demand workbook", "Counts are of new online job adverts in each period.", "[x] is suppressed."):
        cover.append([line])

    def sheet(number: int, header: list[str], periods: tuple[str, ...]) -> object:
        made = workbook.create_sheet(f"Table {number}")
        for line in (f"Table {number}: sample", "This worksheet contains one table.", "Some cells are suppressed [x].", "Source: invented"):
            made.append([line])
        made.append([*header, *periods])
        return made

    first = sheet(1, ["Country"], months)
    for country, size in (*((name, 1_500_000) for name in countries), ("Wales", 60_000), ("Scotland", 120_000), ("Unknown", 9_000)):
        first.append([country, *(int(size * rng("adverts", country, month).uniform(0.95, 1.05)) for month in months)])
    second = sheet(2, ["Region", "ITL2", "Local Authority District", "Local Authority Code"], months)
    for code, place in places.items():
        second.append([*place, *(total(code, month) for month in months)])
    for place, size in ((_FOREIGN, 5_000), (_LONDON, 300_000), (_UNKNOWN, 40)):
        second.append([*place, *(size + number for number in range(len(months)))])
    regional = _EARLIER_BY_REGION + months
    third = sheet(3, ["Region", "SOC 4 digit code", "SOC 4 digit label"], regional)
    for name in (*regions, "Total UK"):
        for unit, (label, _) in UNIT_GROUPS.items():
            third.append([name, unit, label, *(round(40 * _adverts(districts[0], unit[:3], month) * _rise(unit, month)) for month in regional)])
        third.append([name, "Unknown", "Unknown", *("[x]" for _ in regional)])
    fourth = sheet(4, ["Region", "ITL2", "Local Authority District", "SOC 3 digit code", "SOC 3 digit label", "Local Authority Code"], months)
    for code, place in places.items():
        for minor in _minors(code):
            fourth.append([*place[:3], minor, MINORS.get(minor, "Unknown"), place[3], *(_shown(count(code, minor, month)) for month in months)])
    fourth.append([*_LONDON[:3], "213", MINORS["213"], None, *(9_000 for _ in months)])
    # The real workbook has its columns in different orders on different sheets, and moved them in 2025.
    fifth = sheet(5, ["Local Authority Code", "Region", "ITL2", "Local Authority District", "SOC 4 digit code", "SOC 4 digit label"], quarters)
    for code, place in places.items():
        for unit, (label, _) in list(UNIT_GROUPS.items())[: None if code in DISTRICTS else 2]:
            adverts = (_shown(3 * _adverts(code, unit[:3], quarter)) for quarter in quarters)
            fifth.append([place[3], *place[:3], unit, label, *adverts])
    fifth.append([None, *_LONDON[:3], "2134", UNIT_GROUPS["2134"][0], *(27_000 for _ in quarters)])
    return workbook_bytes(workbook)


def _minors(district: str) -> tuple[str, ...]:
    """Occupations a district has rows of."""
    return (*(_SHOWN_MINORS if district in DISTRICTS else _SHOWN_MINORS[:_MINOR_NEIGHBOUR_CODES]), "Unknown")


@cache
def _adverts(district: str, minor: str, period: str) -> int:
    """New adverts in a month: size of the place × share of the occupation × a little chance."""
    size = _ADVERTS_PER_SIZE * (DISTRICTS[district][1] if district in DISTRICTS else rng("adverts", district).uniform(0.4, 1.3))
    share = 0.002 if minor in ("Unknown", "631") else rng("adverts", "share", minor).uniform(0.4, 1.8) / 46
    return round(size * share * rng("adverts", district, minor, period).uniform(0.85, 1.2))


def _rise(unit: str, month: str) -> float:
    """What a year of growth makes of one occupation, so that the horizon scan has something to see: up to three times."""
    return 1 + 2 * (_MONTHS.index(month) - 3) / 12 if unit == _RISING and month in _MONTHS[4:] else 1.0


def _shown(adverts: int) -> int | str:
    return "[x]" if 0 < adverts < 5 else adverts

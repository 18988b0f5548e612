"""Business demography: births, deaths and active enterprises by district and year, from the ONS reference workbook.

Belongs here: finding the three counts in a workbook whose sheets change every year, and reading the seeds' areas. Does not belong here:
rates and sums of districts (dbt). The sheet names were never seen, so a sheet is known by what its title says and its rows hold.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import ons
from observatory_assets.publishers.tabular import number, without_release
from observatory_assets.publishers.workbooks import Sheet, open_workbook, read_sheet, text
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

    from observatory_assets.areas import Areas

PAGE = "/businessindustryandtrade/business/activitysizeandlocation/datasets/businessdemographyreferencetable"

_MEASURES = {
    "births": re.compile(r"\bbirths?\b", re.IGNORECASE),
    "deaths": re.compile(r"\bdeaths?\b", re.IGNORECASE),
    "active": re.compile(r"\bactive\b", re.IGNORECASE),
}
# Sheets that also count by area: how long the newly born live, fast growers, only those of ten employees and more, and rates.
_OTHER = re.compile(r"surviv|high.?growth|employ|\brates?\b", re.IGNORECASE)
_YEAR = re.compile(r"((?:19|20)\d\d)(?:\s*(?:\[[^\]]*\]|\([^)]*\)|[a-z]{1,2}))?", re.IGNORECASE)
_CODE = re.compile(r"[EWSNK]\d{8}")
_CODE_COLUMNS = 3
_MARKERS = {"": "x", "[x]": "x", "..": "x", ":": "x", "[c]": "c", "*": "c", "[z]": "z", "[low]": "low"}

COUNTS = Table(
    name="ons__business_demography",
    description="One row per count, area of the seeds (or district of one) and year.",
    columns=(
        Column("measure", "string", "births, deaths or active (enterprises active at some time of the year).", False, tuple(_MEASURES)),
        Column("area_code", "string", "ONS code.", False, pattern=_CODE.pattern),
        Column("area_name", "string", "Name as in the sheet.", False),
        Column("year", "integer", "Calendar year.", False, minimum=2000, maximum=2099),
        Column("enterprises", "float", "Enterprises, rounded by ONS to 5; NULL unless the status carries a value.", minimum=0),
        Column("status", "string", "ok, c, low, z, x (missing) or nonfinite.", False, STATUSES),
    ),
    keys=("measure", "area_code", "year"),
    complete_by=("measure", "area_code"),
    volume_tolerance=0.4,  # an edition has six years or so; the window may move by one or two
    total_column="enterprises",
    total_tolerance=0.5,
    period_column="year",
)


def find_marker(lookup: Lookup) -> Marker:
    """The current edition's address, release date, number of corrections and the last one's date, from the dataset's page; and a digest of the seeds' areas."""
    edition = ons.find_edition(lookup.http, PAGE)
    return Marker(f"{edition.marker}|{lookup.areas.digest}", edition.released_at, edition.next_expected)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The workbook of the current edition, an .xlsx or an older .xls."""
    edition = ons.find_edition(lookup.http, PAGE)
    suffix = ".xls" if edition.file_url.lower().endswith(".xls") else ".xlsx"
    starts = b"\xd0\xcf\x11\xe0" if suffix == ".xls" else b"PK\x03\x04"
    return [Resource(f"{lookup.areas.digest}_businessdemography{suffix}", edition.file_url, starts_with=(starts,), labels=labels(lookup.areas))]


def labels(areas: Areas) -> dict[str, str]:
    """The codes asked for: every district of the seeds, and the regions and countries they are compared with."""
    return {"areas": json.dumps(sorted({district for area in areas.areas for district in area.districts} | {area.code for area in areas.wider()}))}


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The three counts in one batch.

    Raises:
        UnexpectedPayload: the file is no workbook.
        SchemaDrift: a count or an area is missing, a sheet's years cannot be told, two sheets contradict each other, or a cell is
            neither a number nor a known marker.
    """
    import pyarrow as pa

    schema = without_release(COUNTS.arrow_schema())
    for payload in payloads:
        asked = json.loads(payload.labels["areas"])
        yield COUNTS.name, pa.Table.from_pylist(_read(payload, asked), schema)


def _read(payload: Payload, asked: Collection[str]) -> list[dict[str, Any]]:
    workbook = open_workbook(payload.path, payload.name)
    rows: dict[tuple[str, str, int], dict[str, Any]] = {}
    titles: dict[str, str] = {}
    for name in workbook.sheet_names:
        sheet = read_sheet(workbook, name, payload.name)
        first = next((row for row in range(1, len(sheet.rows) + 1) if _code(sheet, row)), None)
        if first is None:
            continue  # a cover, notes, or a table by industry
        titles[name] = title = " ".join(words for row in range(1, first) for cell in sheet.rows[row - 1] if (words := text(cell)))
        measure = measure_of(title)
        if measure is None:
            continue
        years = _years(sheet, first, title)
        for row in range(first, len(sheet.rows) + 1):
            code = _code(sheet, row)
            if code not in asked:
                continue
            for column, year in years.items():
                reference = sheet.reference(row, column)
                value, status = _value(sheet, row, column)
                held = rows.setdefault(
                    (measure, code, year),
                    {
                        "measure": measure,
                        "area_code": code,
                        "area_name": _name(sheet, row) or code,
                        "year": year,
                        "enterprises": value,
                        "status": status,
                        "_source_file": payload.name,
                        "_source_row": reference,
                    },
                )
                if (held["enterprises"], held["status"]) != (value, status):
                    raise sheet.drift(
                        f"one number for {measure} of {code} in {year}", f"{held['enterprises']} in {held['_source_row']}, {value} in {reference}"
                    )
    _check_complete(payload.name, set(rows), asked, titles)
    return list(rows.values())


def measure_of(title: str) -> str | None:
    """The count a sheet of areas holds, from the words above its rows; None for another table, or one that names several."""
    named = [measure for measure, pattern in _MEASURES.items() if pattern.search(title)]
    return named[0] if len(named) == 1 and not _OTHER.search(title) else None


def _check_complete(source: str, found: set[tuple[str, str, int]], asked: Collection[str], titles: dict[str, str]) -> None:
    for measure in _MEASURES:
        areas = {code for held, code, _ in found if held == measure}
        if missing := sorted(set(asked) - areas):
            raise SchemaDrift(
                f"{source} lacks {measure} of {'all areas' if not areas else 'some areas'} asked for",
                rule="codes_asked",
                expected=f"{measure} of {len(asked)} areas",
                found=f"missing: {missing}; sheets of areas: { {name: title[:80] for name, title in titles.items()} }",
                action="look at the sheets' titles and codes; if ONS words them otherwise now, correct the patterns",
            )


def _years(sheet: Sheet, first: int, title: str) -> dict[int, int]:
    """Column -> year: from the lowest row of years above the data, else, where there is one column of numbers, from the title."""
    for row in range(first - 1, 0, -1):
        found = [(column, year) for column, cell in enumerate(sheet.rows[row - 1], start=1) if (year := _year(cell))]
        if found:
            if len({year for _, year in found}) != len(found):
                raise sheet.drift("each year once in the header", [year for _, year in found])
            return dict(found)
    filled = [column for column, cell in enumerate(sheet.rows[first - 1], start=1) if isinstance(cell, (int, float)) and not isinstance(cell, bool)]
    named = sorted({int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", title)})
    if len(filled) != 1 or len(named) != 1:
        raise sheet.drift("a row of years above the data, or one column and one year in the title", f"columns {filled} and years {named}")
    return {filled[0]: named[0]}


def _year(cell: Any) -> int | None:
    words = str(int(cell)) if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell // 1 else text(cell)
    found = _YEAR.fullmatch(words)
    return int(found[1]) if found else None


def _code(sheet: Sheet, row: int) -> str | None:
    return next((words for column in range(1, _CODE_COLUMNS + 1) if _CODE.fullmatch(words := text(sheet.value(row, column)))), None)


def _name(sheet: Sheet, row: int) -> str:
    """The first text of a row beside its code; the column depends on the kind of area."""
    return next((words for cell in sheet.rows[row - 1] if (words := text(cell)) and not _CODE.fullmatch(words)), "")


def _value(sheet: Sheet, row: int, column: int) -> tuple[float | None, str]:
    cell = sheet.value(row, column)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return number(repr(cell), _MARKERS)
    if not isinstance(cell, str):
        raise sheet.drift(f"a number in {sheet.reference(row, column)}", cell)
    return number(text(cell).lower().replace(",", ""), _MARKERS)


DATASET = Dataset(
    slug="business_demography",
    title="Business demography, UK: births, deaths and active enterprises by district",
    publisher="Office for National Statistics",
    landing_page=f"{ons.SITE}{PAGE}",
    licence="OGL-UK-3.0",
    attribution=ons.ATTRIBUTION,
    description=(
        "Enterprises born, enterprises that died and enterprises active at some time of each calendar year, by district, region and country. Counts are "
        "rounded to 5. The newest year's deaths are estimated and revised twice. Birth and death rates are shares of the year's active enterprises, as ONS "
        "defines them; rates on other denominators, such as a count of enterprises in March, differ by points and must not be compared with them."
    ),
    hosts=ons.HOSTS,
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=45),
    tables=(COUNTS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "The workbook was never seen. A sheet is taken by the words above its rows (births, deaths or active, and not survival, high growth, employees or "
        "rates) and its codes; years come from the header or, where there is one column, from the title. The rounding to 5 is general knowledge. The page's "
        "address is from the publisher's naming. If any of that is otherwise, the release is refused, naming the sheets found."
    ),
)

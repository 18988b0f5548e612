"""Online job adverts by place and occupation: the ONS labour demand workbook, from Textkernel's collection of adverts.

Belongs here: which rows and periods of the workbook are kept and what their cells mean. Does not belong here: finding the current
edition (publishers.ons), summing districts or occupations, or the three-month mean (dbt).
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import ons
from observatory_assets.publishers.large_workbooks import LargeWorkbook, open_large_workbook
from observatory_assets.publishers.tabular import number, without_release
from observatory_assets.publishers.workbooks import Sheet, a1, header_key, text
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

    from observatory_assets.areas import Areas

PAGE = "/employmentandlabourmarket/peopleinwork/employmentandemployeetypes/datasets/labourdemandvolumesbystandardoccupationclassificationsoc2020uk"
FILE = "labourdemandbyoccupation.xlsx"

LIVE, NEW = "live_snapshot", "new_adverts"
FIRST_OF_NEW_ADVERTS = dt.date(2025, 9, 26)
LAST_MONTH_OF_LIVE = dt.date(2025, 7, 1)

MONTHS_BY_OCCUPATION = 36
"""Newest months kept of tables by occupation. All 115 of a release would be 314,000 rows of districts alone, again in every release."""
QUARTERS_BY_UNIT_GROUP = 8

_MARKERS = {"": "x", "[x]": "c", "[c]": "c", "[z]": "z", "[low]": "low"}
_HEADER_ROWS = 10
_REGION, _COUNTRY, _DISTRICT, _DISTRICT_CODE = "Region", "Country", "Local Authority District", "Local Authority Code"

ADVERTS = Table(
    name="ons__online_job_adverts",
    description=(
        "One row per place, occupation and period: online job adverts, of the places of the seeds and of every district of their regions (totals only). "
        f"By occupation only the newest {MONTHS_BY_OCCUPATION} months or {QUARTERS_BY_UNIT_GROUP} quarters of a release are kept."
    ),
    columns=(
        Column("sheet", "string", "Sheet of the workbook.", False, tuple(f"Table {n}" for n in range(1, 6))),
        Column("area_kind", "string", "Kind of place.", False, ("country", "region", "district")),
        Column("area_code", "string", "ONS code; of countries and regions from the seeds, by name; NULL where the file has none.", pattern=r"[A-Z]\d{8}"),
        Column("area_name", "string", "Name as in the file.", False),
        Column("region_name", "string", "Region of a district or the region itself, as in the file; NULL for countries."),
        Column("region_code", "string", "ONS code of that region if it is one of the seeds', by name; else NULL.", pattern=r"[A-Z]\d{8}"),
        Column("occupation_level", "string", "total, minor (SOC 2020, three digits) or unit (four digits).", False, ("total", "minor", "unit")),
        Column("soc_code", "string", "SOC 2020 code, Unknown, or Total.", False, pattern=r"[1-9]\d{2,3}|Unknown|Total"),
        Column("soc_label", "string", "Label as in the file, or Total.", False),
        Column("period_kind", "string", "month or quarter.", False, ("month", "quarter")),
        Column("period_start", "date", "First day.", False),
        Column("period_end", "date", "Last day.", False),
        Column("adverts", "float", "Adverts; NULL unless the status carries a value.", minimum=0),
        Column("status", "string", "ok, c ([x]: suppressed), low, z, x (empty) or nonfinite.", False, STATUSES),
        Column("measure_basis", "string", "What is counted: adverts live on an average day of the month, or adverts that appeared in it.", False, (LIVE, NEW)),
    ),
    keys=("sheet", "region_name", "area_name", "soc_code", "period_start"),
    complete_by=("area_code", "occupation_level"),
    volume_tolerance=0.25,
    total_column="adverts",
    total_tolerance=0.6,  # a month of suppressed totals or a change of method moves the mean by tens of percent; ×1000 is caught
    period_column="period_start",
)


@dataclass(frozen=True)
class _Layout:
    """A sheet: whose rows they are, its label columns by header, and how many of the newest periods are kept (None for all)."""

    sheet: str
    level: str
    area_kind: str
    place: str
    soc_digits: int | None
    period_kind: str
    kept: int | None

    @property
    def headers(self) -> tuple[str, ...]:
        district = (_REGION, _DISTRICT_CODE) if self.area_kind == "district" else ()
        return (self.place, *district, *((self.soc_code, self.soc_label) if self.soc_digits else ()))

    @property
    def soc_code(self) -> str:
        return f"SOC {self.soc_digits} digit code"

    @property
    def soc_label(self) -> str:
        return f"SOC {self.soc_digits} digit label"


_LAYOUTS = (
    _Layout("Table 1", "total", "country", _COUNTRY, None, "month", None),
    _Layout("Table 2", "total", "district", _DISTRICT, None, "month", None),
    _Layout("Table 3", "unit", "region", _REGION, 4, "month", MONTHS_BY_OCCUPATION),
    _Layout("Table 4", "minor", "district", _DISTRICT, 3, "month", MONTHS_BY_OCCUPATION),
    _Layout("Table 5", "unit", "district", _DISTRICT, 4, "quarter", QUARTERS_BY_UNIT_GROUP),
)


def labels(areas: Areas, released_on: dt.date | None) -> dict[str, str]:
    """What the parser needs to know: the places wanted, and when ONS says it released the workbook.

    London boroughs are not asked for: the file has all of London in one row without a code.
    """
    districts = {district for area in areas.areas for district in area.districts}
    wider = {kind: {area.name: area.code for area in areas.wider() if area.area_type == kind} for kind in ("region", "country")}
    return {
        "districts": json.dumps(sorted(code for code in districts if not code.startswith("E09"))),
        "regions": json.dumps(wider["region"]),
        "countries": json.dumps(wider["country"]),
        "released_on": released_on.isoformat() if released_on else "",
    }


def find_marker(lookup: Lookup) -> Marker:
    """The current edition's address, release date, number of corrections and the last one's date, from the dataset's page; and a digest of the seeds' areas."""
    edition = ons.find_edition(lookup.http, PAGE)
    return Marker(f"{edition.marker}|{lookup.areas.digest}", edition.released_at, edition.next_expected)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The workbook of the current edition."""
    edition = ons.find_edition(lookup.http, PAGE)
    name = f"{lookup.areas.digest}_{FILE}"
    return [Resource(name, edition.file_url, starts_with=(b"PK\x03\x04",), labels=labels(lookup.areas, edition.released_on))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per sheet.

    Raises:
        UnexpectedPayload: the file is no workbook.
        SchemaDrift: a sheet or column is missing, periods are not consecutive, a wanted place is missing, or a cell is neither
            a number nor a known marker.
    """
    import pyarrow as pa

    schema = without_release(ADVERTS.arrow_schema())
    for payload in payloads:
        places = _Places(*(json.loads(payload.labels[name]) for name in ("districts", "regions", "countries")))
        with open_large_workbook(payload.path, payload.name) as workbook:
            words = _notes(workbook)
            released = payload.labels["released_on"]
            basis = None
            for layout in _LAYOUTS:
                columns: dict[str, list[Any]] = {name: [] for name in schema.names}
                newest = _read(workbook, layout, places, columns)
                # Table 1 is read first and is monthly, so its newest month stands for the workbook's.
                basis = basis or measure_basis(words, dt.date.fromisoformat(released) if released else None, newest)
                rows = len(columns["sheet"])
                columns |= {"measure_basis": [basis] * rows, "_source_file": [payload.name] * rows}
                yield ADVERTS.name, pa.table(columns, schema=schema)


def measure_basis(notes: str, released_on: dt.date | None, newest_month: dt.date) -> str:
    """What the workbook counts: as its cover sheet says, else by its date.

    Args:
        notes: text of the cover sheet. It decides only if it speaks of one of the two: a note on the change names both.
        released_on: day of the release, None where unknown.
        newest_month: first day of the newest month in the file, used where the day is unknown.
    """
    new = re.search(r"\bnew(?:ly)?(?:[\s-]+\w+){0,3}?[\s-]+adverts?\b", notes, re.IGNORECASE)
    live = re.search(r"\b(?:live|snapshots?)\b", notes, re.IGNORECASE)
    if bool(new) != bool(live):
        return NEW if new else LIVE
    if released_on is not None:
        return NEW if released_on >= FIRST_OF_NEW_ADVERTS else LIVE
    return NEW if newest_month > LAST_MONTH_OF_LIVE else LIVE


@dataclass(frozen=True)
class _Places:
    """What is wanted: districts by code, regions and countries by name (the file gives them no code)."""

    districts: Collection[str]
    regions: Mapping[str, str]
    countries: Mapping[str, str]

    def wanted(self, layout: _Layout) -> tuple[set[str], Callable[[str, str, str], tuple[str | None] | None]]:
        """The codes a sheet must have, and a function of (place, region, code) giving the code of a wanted row, else None."""
        regions = {_place(name): code for name, code in self.regions.items()}
        countries = {_place(name): code for name, code in self.countries.items()}
        if layout.area_kind == "district":
            # Totals of every district of a wanted region are kept, since a region has no total of its own in the file.
            whole = regions if layout.level == "total" else {}
            return set(self.districts), lambda _, region, code: (code or None,) if code in self.districts or _place(region) in whole else None
        if layout.area_kind == "country":
            return set(countries.values()), lambda place, *_: (countries[_place(place)],) if _place(place) in countries else None
        # Whether the sheet of regions has a row of England is not known; where it has, it is kept.
        both = regions | countries
        return set(regions.values()), lambda place, *_: (both[_place(place)],) if _place(place) in both else None


def _place(name: str) -> str:
    return re.sub(r"^total\s+|\s*\(england\)$", "", name.strip().casefold())


def _notes(workbook: LargeWorkbook) -> str:
    sheets = [name for name in workbook.sheets if header_key(name).startswith(("cover", "notes"))]
    return " ".join(text(cell) for sheet in sheets for _, row in islice(workbook.rows(sheet), 200) for cell in row if text(cell))


def _read(workbook: LargeWorkbook, layout: _Layout, places: _Places, columns: dict[str, list[Any]]) -> dt.date:
    """Append a sheet's wanted cells to ``columns``; gives the first day of its newest period."""
    sheet = next((name for name in workbook.sheets if header_key(name) == header_key(layout.sheet)), layout.sheet)
    rows = workbook.rows(sheet)
    header, periods = _header(Sheet(workbook.name, sheet, ()), rows, layout)
    kept = periods[-layout.kept :] if layout.kept else periods
    asked, code_of = places.wanted(layout)
    regions, countries = ({_place(name): code for name, code in named.items()} for named in (places.regions, places.countries))
    found: set[str | None] = set()
    for row, cells in rows:
        place, region, district = (_label(cells, header.get(name)) for name in (layout.place, _REGION, _DISTRICT_CODE))
        wanted = code_of(place, region, district)
        if wanted is None:
            continue
        found.add(wanted[0])
        soc = _soc(layout, cells, header, f"{sheet}!{a1(row, 1)}")
        kind = "country" if _place(place) in countries else layout.area_kind
        in_region = (None, None) if kind == "country" else (region or None, regions.get(_place(region)))
        shared = (layout.sheet, kind, wanted[0], place or "Unknown", *in_region, layout.level, *soc, layout.period_kind)
        for column, first, last in kept:
            reference = f"{sheet}!{a1(row, column)}"
            value, status = _value(cells[column - 1] if column <= len(cells) else None, reference)
            for name, cell in zip(columns, (*shared, first, last, value, status, None, None, reference), strict=True):
                columns[name].append(cell)
    if missing := asked - found:
        raise SchemaDrift(
            f"{layout.sheet} of {workbook.name} lacks places asked for",
            rule="codes_asked",
            expected=sorted(asked),
            found=f"missing: {sorted(missing)}",
            action="look the places up in the sheet; if ONS moved to newer boundaries, the seeds need them too",
        )
    return periods[-1][1]


def _header(sheet: Sheet, rows: Iterator[tuple[int, tuple[Any, ...]]], layout: _Layout) -> tuple[dict[str, int], list[tuple[int, dt.date, dt.date]]]:
    """Columns of the layout's headers, and (column, first day, last day) of its periods, from the first rows; ``rows`` then stands below the header."""
    wanted = {header_key(name): name for name in layout.headers}
    closest: set[str] = set()
    for _, cells in islice(rows, _HEADER_ROWS):
        found = {wanted[key]: column for column, cell in reversed(list(enumerate(cells, start=1))) if (key := header_key(cell)) in wanted}
        closest = max(closest, set(found), key=len)
        if len(found) < len(wanted):
            continue
        periods = [(column, kind, first) for column, cell in enumerate(cells, start=1) for kind, first in [_period(cell)] if first]
        likely = [text(cell) for cell in cells if re.fullmatch(r"[^\W\d]{3,9}\.?[- ]\d\d(?:\d\d)?|.*\bQ\d.*", text(cell)) and not _period(cell)[1]]
        step = 1 if layout.period_kind == "month" else 3
        counts = [first.year * 12 + first.month for _, _, first in periods]
        kinds = {kind for _, kind, _ in periods}
        if likely or kinds != {layout.period_kind} or any(after - before != step for before, after in zip(counts, counts[1:], strict=False)):
            raise sheet.drift(f"consecutive {layout.period_kind}s as headers", [*likely, *(f"{kind} {first}" for _, kind, first in periods)])
        return found, [(column, first, _last_day(first, step)) for column, _, first in periods]
    raise sheet.drift(f"a header row with {list(layout.headers)} in rows 1 to {_HEADER_ROWS}", f"at best {sorted(closest)}")


def _period(cell: Any) -> tuple[str, dt.date | None]:
    """("month" or "quarter", first day) of a header: Jul-25, a real date, or 2017Q1; (text, None) of any other cell."""
    if isinstance(cell, dt.date):  # datetime too
        return "month", dt.date(cell.year, cell.month, 1)
    words = text(cell)
    if quarter := re.fullmatch(r"((?:19|20)\d\d) ?Q([1-4])", words):
        return "quarter", dt.date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
    if month := re.fullmatch(r"([A-Za-z]{3})[a-z]*[ -]((?:20)?\d\d)", words):
        names = [name.lower() for name in calendar.month_abbr]
        if month[1].lower() in names:
            return "month", dt.date(2000 + int(month[2]) % 100, names.index(month[1].lower()), 1)
    return words, None


def _last_day(first: dt.date, months: int) -> dt.date:
    month = first.month + months - 1
    return dt.date(first.year, month, calendar.monthrange(first.year, month)[1])


def _label(cells: Sequence[Any], column: int | None) -> str:
    """A label cell as text; codes may be stored as numbers."""
    value = cells[column - 1] if column is not None and column <= len(cells) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def _soc(layout: _Layout, cells: Sequence[Any], header: Mapping[str, int], row: str) -> tuple[str, str]:
    if layout.soc_digits is None:
        return "Total", "Total"
    code, label = (_label(cells, header[name]) for name in (layout.soc_code, layout.soc_label))
    if code.lower() == "unknown":
        return "Unknown", label or "Unknown"
    if not re.fullmatch(rf"[1-9][0-9]{{{layout.soc_digits - 1}}}", code):
        raise SchemaDrift(
            "a row has no occupation code",
            rule="soc_code",
            expected=f"{layout.soc_digits} digits or Unknown",
            found=f"{code!r} in row {row}",
            action="look at the sheet; if ONS added totals or codes of another level, decide what becomes of them",
        )
    return code, label or code


def _value(cell: Any, reference: str) -> tuple[float | None, str]:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return number(repr(cell), _MARKERS)
    if cell is None or isinstance(cell, str):
        return number(text(cell).lower(), _MARKERS)
    raise SchemaDrift(
        "a cell is neither a number nor a known marker", rule="number", expected="a number", found=f"{cell!r} in {reference}", action="look at the sheet"
    )


DATASET = Dataset(
    slug="labour_demand",
    title="Labour demand volumes by Standard Occupation Classification (SOC 2020), UK",
    publisher="Office for National Statistics",
    landing_page=f"{ons.SITE}{PAGE}",
    licence="OGL-UK-3.0",
    attribution=f"{ons.ATTRIBUTION} Adverts collected by Textkernel.",
    description=(
        "Online job adverts by district and SOC 2020 occupation since 2017, from some 90,000 job boards; occupations are read out of job titles and vague "
        "places put at a centre, so numbers step when methods change. Trap: up to the July 2025 file the tables count live adverts on an average day; since "
        "the release of 26 September 2025 the same sheets and headers count new adverts of the month. The column measure_basis says which, and the two must "
        "never be chained. Counts may be suppressed ([x]), in some months widely; ONS does not say from what size, so no upper bound follows from that "
        "alone. Occupations do not add up to totals, London has one row without districts, England no row by occupation. Online adverts under-represent small "
        "firms, construction, care and agriculture."
    ),
    hosts=ons.HOSTS,
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=14),
    tables=(ADVERTS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Sheets, headers and markers read in the code of two programs that read the file through August 2026 and in a constructed workbook; the file itself "
        "was never seen. Columns have moved and so are found by header. The page's JSON is known from ONS's types and one page of 2015. If the cover sheet "
        "names both kinds of advert, the release date decides; should ONS return to live adverts without saying so there, the basis would be wrong."
    ),
)

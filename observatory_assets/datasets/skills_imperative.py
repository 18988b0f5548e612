"""Skills Imperative 2035: employment projections of an area by occupation, industry and qualification.

Belongs here: which workbooks make a release and where each number stands in them. Does not belong here: reliability (under
10,000 people is low, metrics.md §5.6), growth, openings and comparison of vintages, all derived downstream.

The layout below is that of all 176 area workbooks (LSIPs, LEPs, MCAs, England; both releases) that dfe-analytical-services/lsip_dashboard
ever kept: the same labels in the same rows, no empty, negative or non-finite cell among the employment series, and a true 0 in six cells.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers.govuk_content import HOSTS, SITE, fetch_publication
from observatory_assets.publishers.tabular import without_release
from observatory_assets.publishers.workbooks import Sheet, a1, members, number, open_workbook, position, read_sheet, text
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

PATH = "/government/publications/labour-market-and-skills-projections-2020-to-2035"
YEARS = tuple(range(2010, 2036))

# The page gives one zip each to LSIPs, LEPs, MCAs, regions and nations (England is among the nations). Titles were not seen, so these
# words are looked for in title and file name; regions and the other nations have no place in the marts.
_WANTED = re.compile(
    r"(?<![a-z])(?:lsips?|leps?|mcas?|nations?|england)(?![a-z])|local skills improvement|local enterprise partnership|combined authorit", re.IGNORECASE
)
_AREA_WORKBOOK = re.compile(r"(?:[A-Z0-9]{2}_(?:LSIP|LEP|MCA)|EN)_MainTables\.Main\.xlsm")


@dataclass(frozen=True)
class _Series:
    """A block of yearly series: years to the right of ``corner``, labels below it, ``levels`` the number of rows of each level."""

    sheet: str
    breakdown: str
    corner: str
    corner_label: str
    first_row: int
    last_row: int
    total_label: str | None
    levels: dict[str, int]


_SERIES = (
    _Series("Occ F2", "occupation", "L4", "thousands", 5, 49, "All occupations", {"major": 9, "sub_major": 26, "total": 1}),
    # AM4 of this sheet holds a 27th header, 0, left by a formula error; nothing stands under it and it is not read.
    _Series("Ind F2", "industry", "L4", "", 5, 38, "All industries", {"broad_sector": 6, "industry": 22, "total": 1}),
    _Series("Qual F1", "qualification", "L4", "", 6, 14, None, {"qualification": 9}),
)
_OPENINGS = ("All qualifications (Constrained)", 2020, 2035, "Net Change", "Replacement Demand level", "Total Requirement", "Replacement Demand rate")
_OPENINGS_ROWS = (7, 33)

_AREA_COLUMNS = (
    Column("area_kind", "string", "LSIP, LEP, MCA or Country, as the workbook labels itself.", False, pattern=r"[A-Z][A-Za-z]+"),
    Column("area_name", "string", "Name of the area, in the boundaries of March 2023 (Leicester and Leicestershire is without Rutland).", False),
)
_STATUS = Column("status", "string", "ok, or why a number is absent: x (empty or text) or nonfinite; either stops the release.", False, ("ok",))
_CREATED = Column("workbook_created", "timestamp", "When the projections' database was created, as the workbook says; no time zone is stated.", False)


def _thousands(name: str, meaning: str, **bounds: float) -> Column:
    return Column(name, "float", f"{meaning}, thousands, unrounded.", False, **bounds)


_EMPLOYMENT = Table(
    name="skills_imperative__employment",
    description="One row per area, breakdown, category and year: projected employment (history to 2020).",
    columns=(
        *_AREA_COLUMNS,
        Column("breakdown", "string", "occupation, industry or qualification.", False, tuple(series.breakdown for series in _SERIES)),
        Column(
            "level",
            "string",
            "total, major, sub_major (occupation), broad_sector, industry or qualification. Construction is one row of the sheet but both a "
            "broad sector and an industry, so it comes at both levels from the same cells; each level adds up to the total.",
            False,
            tuple(dict.fromkeys(level for series in _SERIES for level in series.levels)),
        ),
        Column("category_code", "string", "SOC 2020 sub-major group (two digits) or RQF level (one digit); NULL where the sheet has none.", pattern=r"\d{1,2}"),
        Column("category_label", "string", "Label as the sheet spells it, without a leading SOC code.", False),
        Column("year", "integer", "Year.", False, minimum=YEARS[0], maximum=YEARS[-1]),
        _thousands("employment_thousands", "Employed people", minimum=0),
        _STATUS,
        _CREATED,
    ),
    keys=("area_kind", "area_name", "breakdown", "level", "category_label", "year"),
    minimum_rows=74 * len(YEARS),  # one workbook; a live release has about eighty
    complete_by=("category_label", "year"),  # not area_name: the 2024 correction withdrew Enterprise M3 LSIP
    total_column="employment_thousands",
    total_tolerance=0.10,
    period_column="year",
)
_REPLACEMENT_DEMAND = Table(
    name="skills_imperative__replacement_demand",
    description="One row per area and SOC 2020 sub-major group, and one for all occupations: openings from 2020 to 2035, all qualifications.",
    columns=(
        *_AREA_COLUMNS,
        Column("level", "string", "sub_major or total.", False, ("sub_major", "total")),
        Column("occupation_code", "string", "SOC 2020 sub-major group; NULL for all occupations.", pattern=r"\d\d"),
        Column("occupation_label", "string", "Label as the sheet spells it, without its SOC code.", False),
        Column("base_year", "integer", "First year.", False, minimum=2020, maximum=2020),
        Column("horizon_year", "integer", "Last year.", False, minimum=2035, maximum=2035),
        _thousands("employment_base_thousands", "Employed people in the first year", minimum=0),
        _thousands("employment_horizon_thousands", "Employed people in the last year", minimum=0),
        _thousands("net_change_thousands", "Change of employment between the two"),
        _thousands("replacement_demand_thousands", "Openings left by people who leave", minimum=0),
        _thousands("total_requirement_thousands", "Net change and replacement demand together; may be slightly negative"),
        Column("replacement_demand_rate", "float", "Replacement demand as a yearly share of employment.", False, minimum=0, maximum=1),
        _STATUS,
        _CREATED,
    ),
    keys=("area_kind", "area_name", "level", "occupation_label"),
    minimum_rows=27,
    complete_by=("occupation_label",),
    total_column="employment_horizon_thousands",
    total_tolerance=0.10,
)


def find_marker(lookup: Lookup) -> Marker:
    """``public_updated_at`` of the publication's page; the page announces no next release."""
    publication = fetch_publication(lookup.http, PATH)
    return Marker(publication.marker, released_at=publication.updated_at)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The area workbooks' archives (or single workbooks) on the page. Addresses change with each release.

    Raises:
        SchemaDrift: the page has none, or two of one name.
    """
    attachments = fetch_publication(lookup.http, PATH).attachments
    wanted = [
        attachment
        for attachment in attachments
        if attachment.filename.lower().endswith((".zip", ".xlsm")) and _WANTED.search(f"{attachment.title} {attachment.filename.replace('_', ' ')}")
    ]
    names = [attachment.filename for attachment in wanted]
    if not wanted or len(set(names)) < len(names):
        raise SchemaDrift(
            "the publication's files are not those agreed",
            rule="attachments",
            expected="zip or xlsm files of distinct names, titled as LSIP, LEP, MCA or nations",
            found=[f"{attachment.title} ({attachment.filename})" for attachment in attachments],
            action=f"open {SITE}{PATH} and adapt the words looked for",
        )
    return [Resource(name, attachment.url, starts_with=(b"PK\x03\x04",)) for name, attachment in zip(names, wanted, strict=True)]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Both tables of each area workbook in turn; zip members are read one at a time, and the same bytes in two archives once.

    Raises:
        SchemaDrift: no area workbook at all, or one whose layout is not the contract's.
        UnexpectedPayload: a file that is no workbook or no archive.
    """
    import pyarrow as pa

    read: set[bytes] = set()
    for source, body in _workbooks(payloads):
        digest = hashlib.sha256(body).digest()
        if digest not in read:  # England may lie in several archives
            read.add(digest)
            for table, rows in zip((_EMPLOYMENT, _REPLACEMENT_DEMAND), _read_area(source, body), strict=True):
                yield table.name, pa.Table.from_pylist(rows, schema=without_release(table.arrow_schema()))
    if not read:
        raise SchemaDrift(
            "the release holds no area workbook",
            rule="area_workbooks",
            expected=f"members named like {_AREA_WORKBOOK.pattern}",
            found=[payload.name for payload in payloads],
            action="list the archives' members and adapt the pattern",
        )


def _workbooks(payloads: Sequence[Payload]) -> Iterator[tuple[str, bytes]]:
    for payload in payloads:
        if payload.name.lower().endswith(".zip"):
            for member, body in members(payload.path, payload.name, _AREA_WORKBOOK):
                yield f"{payload.name}/{member}", body
        else:
            yield payload.name, payload.path.read_bytes()


def _read_area(source: str, body: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    workbook = open_workbook(body, source)
    area = {**_read_info(read_sheet(workbook, "Info", source)), "_source_file": source}
    series = [row for block in _SERIES for row in _read_series(read_sheet(workbook, block.sheet, source), block)]
    openings = _read_openings(read_sheet(workbook, "RD T1", source))
    return [area | row for row in series], [area | row for row in openings]


def _read_info(info: Sheet) -> dict[str, Any]:
    """Area and creation time. England's B1 says "Sum of the workbooks for England", so the name is read from the row "<kind> name"."""
    kind = text(info.value(1, 1))
    said = {text(info.value(row, 1)): info.value(row, 2) for row in range(1, len(info.rows) + 1)}
    name = re.sub(r"^\d+\. ", "", text(said.get(f"{kind} name")))
    if not kind or not name:
        raise info.drift("a kind of area in A1 and its name beside '<kind> name'", {label: value for label, value in said.items() if label})
    return {"area_kind": kind, "area_name": name, "workbook_created": _created(info, said.get("Date database created"))}


def _created(info: Sheet, value: Any) -> dt.datetime:
    """The creation time, kept by the sheet as text or as a date.

    It was written day first and typed into an Excel that reads month first: where the day is 12 or less it became a date with day and
    month exchanged (England's of 8 March 2023 says 3 August, four months after it was published), where not it stayed text.
    """
    if isinstance(value, dt.datetime):
        return (value.replace(month=value.day, day=value.month) if value.day <= 12 else value).replace(tzinfo=dt.timezone.utc)
    try:
        return dt.datetime.strptime(text(value), "%d-%m-%Y %H:%M:%S").replace(tzinfo=dt.timezone.utc)
    except ValueError as error:
        raise info.drift("'Date database created' as 28-02-2024 10:20:41", value) from error


def _read_series(sheet: Sheet, block: _Series) -> list[dict[str, Any]]:
    column = position(block.corner)[1]
    sheet.expect(block.corner, [block.corner_label, *YEARS])
    if block.total_label:
        sheet.expect(a1(block.last_row, column), [block.total_label])
    rows = []
    for row in range(block.first_row, block.last_row + 1):
        label = text(sheet.value(row, column))
        if not label:
            continue
        alone = [not text(sheet.value(row + step, column)) for step in (-1, 1)]
        for level, code, name in _categories(block, label, *alone):
            for step, year in enumerate(YEARS, start=1):
                value, status = number(sheet.value(row, column + step))
                rows.append(
                    {
                        "breakdown": block.breakdown,
                        "level": level,
                        "category_code": code,
                        "category_label": name,
                        "year": year,
                        "employment_thousands": value,
                        "status": status,
                        "_source_row": sheet.reference(row, column + step),
                    }
                )
    levels = {level: count // len(YEARS) for level, count in Counter(row["level"] for row in rows).items()}
    if levels != block.levels:
        raise sheet.drift(f"rows by level {block.levels}", levels)
    return rows


def _categories(block: _Series, label: str, first: bool, last: bool) -> list[tuple[str, str | None, str]]:
    """(level, code, label) of a row; ``first`` and ``last`` say whether it opens and closes a group of rows between blank ones."""
    if label == block.total_label:
        return [("total", None, label)]
    if block.breakdown == "occupation":
        code, name = _occupation(label)
        return [("sub_major" if code else "major", code, name)]
    if block.breakdown == "industry":
        levels = ["broad_sector"] if first and not last else ["industry"] if not first else ["broad_sector", "industry"]
        return [(level, None, label) for level in levels]
    found = re.match(r"RQF(\d) ", label)
    return [("qualification", found[1] if found else None, label)]


def _occupation(label: str) -> tuple[str | None, str]:
    found = re.fullmatch(r"(\d\d) (\D.*)", label)
    return (found[1], found[2]) if found else (None, label)


def _read_openings(sheet: Sheet) -> list[dict[str, Any]]:
    """The first block of the sheet; blocks by qualification stand below it, by group, gender and industry to its right."""
    first, last = _OPENINGS_ROWS
    sheet.expect("F5", ["thousands"])
    sheet.expect("A6", _OPENINGS)
    sheet.expect(f"A{last}", ["All occupations"])
    measures = [column.name for column in _REPLACEMENT_DEMAND.columns if column.type == "float"]
    rows = []
    for row in range(first, last + 1):
        code, name = _occupation(text(sheet.value(row, 1)))
        cells = [number(sheet.value(row, column)) for column in range(2, 8)]
        if (code is None) != (row == last):
            raise sheet.drift(f"a SOC 2020 sub-major group in {sheet.reference(row, 1)}", name)
        rows.append(
            {
                "level": "sub_major" if code else "total",
                "occupation_code": code,
                "occupation_label": name,
                "base_year": _OPENINGS[1],
                "horizon_year": _OPENINGS[2],
                **{measure: value for measure, (value, _) in zip(measures, cells, strict=True)},
                "status": next((status for _, status in cells if status != "ok"), "ok"),
                "_source_row": sheet.reference(row, 1, 7),
            }
        )
    return rows


DATASET = Dataset(
    slug="skills_imperative",
    title="Labour market and skills projections: 2020 to 2035",
    publisher="Department for Education",
    landing_page=SITE + PATH,
    licence="Open Government Licence v3.0",
    attribution="Institute for Employment Research and Cambridge Econometrics for the Department for Education, The Skills Imperative 2035.",
    description=(
        "Employment of each LSIP, LEP and MCA and of England by occupation, industry and qualification, 2010 to 2035, and openings from 2020 to 2035. "
        "First published on 21 March 2023 and rewritten on 5 August 2024 with corrected source data: all-occupation totals stayed, nine of 26 "
        "occupations of Leicester and Leicestershire changed the sign of their growth, and one LSIP was withdrawn. No projection exists for the "
        "areas of 2025, so Leicester and Leicestershire is without Rutland. Labels are the workbooks' own ('Trade, accomod. and transport')."
    ),
    hosts=HOSTS,
    cadence=dt.timedelta(days=730),
    publication_delay=dt.timedelta(days=365),
    tables=(_EMPLOYMENT, _REPLACEMENT_DEMAND),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Workbooks: read, all areas of both releases. Page: its title, dates and change notes read; the titles and addresses of its files and the "
        "content API's answer for it not seen, the API's form taken from GOV.UK's own schema and examples."
    ),
)

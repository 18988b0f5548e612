"""Skills England's CSV export of every apprenticeship standard, foundation apprenticeship and unit: states, dates, funding; no statements.

Belongs here: the export's two headings, its dates, lists and columns. Does not belong here: statements (apprenticeship_standards and others).
The column Trailblazer Contact holds personal data: it is never read, and only named columns reach the table.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.ksb.text import clean
from observatory_assets.publishers import headers, skills_england
from observatory_assets.publishers.tabular import UTF8_BOM, british_date, number, semicolon_list, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

OPTION = "programme_export_url"
TYPES = ("Apprenticeship standard", "Foundation apprenticeship", "Apprenticeship unit")
_TITLE = re.compile(r"Apprenticeships accurate as of (\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def _text(cell: str) -> str | None:
    return clean(cell) or None


def _items(cell: str) -> str:
    return json.dumps(semicolon_list(cell), ensure_ascii=False)


def _yes(cell: str) -> bool | None:
    if cell.strip().lower() not in ("yes", "no", "true", "false", ""):
        raise SchemaDrift("a cell is neither Yes nor No", rule="truth", expected="Yes, No or nothing", found=cell, action=_LOOK)
    return cell.strip().lower() in ("yes", "true") if cell.strip() else None


def _whole(cell: str) -> int | None:
    value, _ = number(cell.replace(",", ""), {"": "x"})
    if value is not None and (value != int(value) or abs(value) >= 2**63):
        raise SchemaDrift("a cell is no whole number", rule="number", expected="a whole number", found=cell, action=_LOOK)
    return None if value is None else int(value)


def _version(cell: str) -> str:
    return _text(cell) or "1.0"


def _code(cell: str) -> int | None:
    return _whole(cell) or None


_LOOK = "open the archived file and compare it with the dataset's contract"

_COLUMNS: tuple[tuple[str, Callable[[str], Any], Column], ...] = (
    ("Programme Type", _text, Column("programme_type", "string", "Kind of programme.", nullable=False, allowed=TYPES)),
    ("Name", _text, Column("name", "string", "Name.", nullable=False)),
    ("Reference", _text, Column("reference", "string", "ST0499, FA0001 or AU0009.", nullable=False, pattern=r"(ST|FA|AU)\d{4}")),
    (
        "Version Number",
        _version,
        Column("version", "string", "Version; 1.0 where none is given.", nullable=False, pattern=r"\d+\.\d+"),
    ),
    ("Status", _text, Column("status", "string", "Approved for delivery, also `(paused for starts)`, In development, Retired, Withdrawn …", nullable=False)),
    ("Approved for Delivery Date", british_date, Column("approved_for_delivery", "date", "Day approved for delivery.")),
    ("Retired date", british_date, Column("retired_date", "date", "Day retired.")),
    ("Withdrawn date", british_date, Column("withdrawn_date", "date", "Day withdrawn.")),
    ("Route", _items, Column("routes", "string", "JSON list of occupational routes; units may have several, some programmes none.", nullable=False)),
    ("Level", _whole, Column("level", "integer", "Level.", minimum=0, maximum=8)),
    ("Integrated Degree", _text, Column("integrated_degree", "string", "Whether a degree is part of it, in words.")),
    ("Maximum Funding (£)", _whole, Column("max_funding_gbp", "integer", "Funding band maximum, pounds.", minimum=0)),
    ("Typical Duration", _whole, Column("typical_duration_months", "integer", "Typical duration, months.", minimum=0)),
    ("Minimum Hours For Compliance", _whole, Column("minimum_hours", "integer", "Fewest hours of training for compliance.", minimum=0)),
    ("Core and options", _yes, Column("core_and_options", "boolean", "It has a core and options.")),
    ("Options", _items, Column("options", "string", "JSON list of its options.", nullable=False)),
    ("Regulated Standard", _yes, Column("is_regulated", "boolean", "The occupation is regulated.")),
    (
        "LARS code for providers only",
        _code,
        Column("lars_code", "integer", "Code funding uses; NULL for units and where not assigned."),
    ),
    ("Learning Aim Class Code", _text, Column("learning_aim_class_code", "string", "Class code, ZSC00009 for a unit.")),
    ("SSA2 code", _text, Column("ssa2", "string", "Sector subject area, tier 2, with its number.")),
    ("EQA Provider", _text, Column("eqa_provider", "string", "Organisation that assures assessment.")),
    ("Link", _text, Column("page_url", "string", "The programme's page.")),
    ("Last Updated", british_date, Column("last_updated", "date", "Day last updated.")),
    ("Job Titles", _items, Column("job_titles", "string", "JSON list of typical job titles.", nullable=False)),
    ("Overview of role", _text, Column("overview", "string", "Overview, plain text.")),
    ("Banners", _text, Column("banners", "string", "Notices on its page, plain text.")),
)

PROGRAMMES = Table(
    name="skills_england__programmes",
    description="One row per version of a standard, foundation apprenticeship or unit in the export.",
    columns=(
        *(column for _, _, column in _COLUMNS),
        Column("as_of", "string", "Day the export says it is accurate as of, 2026-08-14.", nullable=False, pattern=r"\d{4}-\d{2}-\d{2}"),
    ),
    keys=("reference", "version"),
    minimum_rows=20,
    period_column="as_of",
)


def find_marker(lookup: Lookup) -> Marker:
    """ETag or Last-Modified of the address set, with the ISO week.

    The export's own version is its first line, which only a download shows. An export made on request may have neither header,
    or the same for every day, so the week is always part of the marker; the length is none, since only the date may change.
    """
    sign, released_at = headers.sign_of_change(lookup.http, lookup.options[OPTION], ("etag", "last-modified"))
    week = headers.current_week(dt.datetime.now(dt.timezone.utc))
    return Marker(sign if sign == week else f"{sign}|{week}", released_at)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The export at the address set."""
    return [Resource("apprenticeships.csv", lookup.options[OPTION], starts_with=(b"Apprenticeships", b'"Apprenticeships', UTF8_BOM))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per export.

    Raises:
        UnexpectedPayload: no UTF-8 CSV, or one without rows.
        SchemaDrift: no date line, columns missing or repeated, a row of another width, a cell that is not what its column holds.
    """
    import pyarrow as pa

    for payload in payloads:
        rows = list(_rows(payload))
        if not rows:
            raise UnexpectedPayload(f"{payload.name} has headings only", rule="not_empty", expected="about 1,100 programmes", found="none", action=_LOOK)
        yield PROGRAMMES.name, pa.Table.from_pylist(rows, without_release(PROGRAMMES.arrow_schema()))


def accurate_as_of(line: str) -> dt.date:
    """The day in the export's first line. Raises SchemaDrift if the line is another."""
    found = _TITLE.fullmatch(line.strip())
    try:
        return dt.date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))  # type: ignore[index]
    except (TypeError, ValueError) as error:
        raise SchemaDrift(
            "the export does not open with its date", rule="version_line", expected="Apprenticeships accurate as of 14 August 2026", found=line, action=_LOOK
        ) from error


def _rows(payload: Payload) -> Iterator[dict[str, Any]]:
    try:
        records = list(csv.reader(io.StringIO(payload.path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnexpectedPayload(f"{payload.name} is not a whole CSV", rule="readable_csv", found=str(error), action="fetch it again") from error
    as_of = accurate_as_of(",".join(records[0]) if records else "").isoformat()
    header = [name.strip() for name in records[1]] if len(records) > 1 else []
    if wrong := [name for name, _, _ in _COLUMNS if header.count(name) != 1]:
        raise SchemaDrift(
            f"{payload.name} lacks or repeats column(s) {', '.join(wrong)}",
            rule="columns",
            expected=[name for name, _, _ in _COLUMNS],
            found=header,
            action=_LOOK,
        )
    where = {name: header.index(name) for name, _, _ in _COLUMNS}
    for place, record in enumerate(records[2:], start=3):
        if not any(record):
            continue
        if len(record) != len(header):
            raise SchemaDrift(
                f"record {place} of {payload.name} is not as wide as the header", rule="readable_csv", expected=len(header), found=len(record), action=_LOOK
            )
        values = {column.name: read(record[where[name]]) for name, read, column in _COLUMNS}
        if lacking := [name for name, _, column in _COLUMNS if not column.nullable and values[column.name] is None]:
            raise SchemaDrift(f"record {place} of {payload.name} has no {', '.join(lacking)}", rule="columns", expected=lacking, found="nothing", action=_LOOK)
        yield values | {"as_of": as_of, "_source_file": payload.name, "_source_row": str(place)}


DATASET = Dataset(
    slug="apprenticeship_programmes",
    title="Export of all apprenticeship programmes",
    publisher="Skills England",
    landing_page="https://skillsengland.education.gov.uk/apprenticeships/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Skills England licensed under the Open Government Licence v3.0.",
    description=(
        "State, dates, level, funding, hours, options and job titles of every apprenticeship standard, foundation apprenticeship and unit, in one CSV "
        "whose first line is its date. Copy the address behind the download on the landing page into OBSERVATORY_PROGRAMME_EXPORT_URL; without it the "
        "dataset is skipped. Lists are separated by semicolons inside a cell, texts hold line breaks and HTML entities. The contact column is personal "
        "data and is never read into a table, though the archived file has it."
    ),
    hosts=(skills_england.HOST,),
    cadence=dt.timedelta(days=7),
    publication_delay=dt.timedelta(days=7),
    tables=(PROGRAMMES,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="26 rows of the export of 14 August 2026 read; the address of the download was never seen, so the operator sets it.",
    options=(OPTION,),
)

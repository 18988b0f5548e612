"""Which districts make up each Local Skills Improvement Plan area, from the ONS look-up of the newest year.

Belongs here: the look-up's service and columns. Does not belong here: the areas the observatory reports on; those are the seeds, and a
test in dbt says where the two differ.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import arcgis
from observatory_assets.publishers.tabular import without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

# The year stands twice in the name and must be the same; ONS sometimes appends a version (_v2).
SERVICE = re.compile(r"LAD(\d\d)_LSIP\1_EN_LU(?:_\w+)?")
WHERE = "1=1"

LOOKUP = Table(
    name="ons__lsip_districts",
    description="One row per district of England and LSIP area it belongs to, in the boundaries of one year.",
    columns=(
        Column("district_code", "string", "Local authority district.", False, pattern=r"E0[6-9]\d{6}"),
        Column("district_name", "string", "Name; ONS puts blanks around some, which are taken away.", False),
        Column("lsip_code", "string", "LSIP area; another year's area has another code even where the name stays.", False, pattern=r"E69\d{6}"),
        Column("lsip_name", "string", "Name, without blanks around it.", False),
        Column("year", "integer", "Year of the boundaries, from the columns' names.", False, minimum=2023, maximum=2099),
        Column("boundary_version", "string", "The year as the seeds write it: LSIP25.", False, pattern=r"LSIP\d\d"),
    ),
    keys=("district_code", "lsip_code"),
    minimum_rows=9,  # 296 in 2023
    volume_tolerance=0.5,
    period_column="boundary_version",
)


def find_marker(lookup: Lookup) -> Marker:
    """Name of the newest look-up's service and when its layer was last edited, from the portal's catalogue."""
    service = newest(arcgis.find_services(lookup.http, SERVICE))
    edited = arcgis.fetch_layer(lookup.http, service).edited_at
    return Marker(f"{service}|{edited.isoformat() if edited else ''}", edited)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The newest look-up, page by page."""
    layer = arcgis.fetch_layer(lookup.http, newest(arcgis.find_services(lookup.http, SERVICE)))
    records = arcgis.count(lookup.http, layer.service, WHERE)
    urls = arcgis.page_urls(layer, WHERE, records, returnGeometry="false", f="json")
    return [Resource(f"lookup_{page}.json", url, starts_with=(b"{",), labels={"records": str(records)}) for page, url in enumerate(urls, start=1)]


def newest(services: Sequence[str]) -> str:
    """The service of the latest year; of two of one year the one whose name sorts last, which is the later version."""
    return max(services, key=lambda name: (SERVICE.fullmatch(name)[1], name))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The look-up in one batch.

    Raises:
        UnexpectedPayload: an error or no JSON.
        SchemaDrift: columns of no or several years, an empty cell, or pages that are not the whole answer.
    """
    import pyarrow as pa

    records = int(payloads[0].labels["records"])
    pages = arcgis.read_pages([(payload.name, payload.path) for payload in payloads], records)
    rows = [_row(arcgis.attributes(feature), name, place) for name, place, feature, _ in pages]
    if len({row["year"] for row in rows}) != 1:
        raise SchemaDrift(
            "the look-up is not of one year", rule="year", expected="one year", found=sorted({row["year"] for row in rows}), action="look at the service"
        )
    yield LOOKUP.name, pa.Table.from_pylist(rows, without_release(LOOKUP.arrow_schema()))


def _row(record: dict[str, Any], name: str, place: int) -> dict[str, Any]:
    code = arcgis.one_column(record, r"LAD\d\dCD", name)
    year = code[3:5]
    columns = {
        "district_code": code,
        "district_name": arcgis.one_column(record, rf"LAD{year}NM", name),
        "lsip_code": arcgis.one_column(record, rf"LSIP{year}CD", name),
        "lsip_name": arcgis.one_column(record, rf"LSIP{year}NM", name),
    }
    cells = {column: record[source].strip() if isinstance(record[source], str) else "" for column, source in columns.items()}
    if not all(cells.values()):
        raise SchemaDrift(
            "a record of the look-up has an empty cell", rule="cells", expected=list(columns.values()), found=record, action="look at the service"
        )
    return {**cells, "year": 2000 + int(year), "boundary_version": f"LSIP{year}", "_source_file": name, "_source_row": f"features[{place}]"}


DATASET = Dataset(
    slug="lsip_districts",
    title="Local authority districts to LSIP areas, look-up for England",
    publisher="Office for National Statistics (Open Geography)",
    landing_page="https://geoportal.statistics.gov.uk/",
    licence="OGL-UK-3.0",
    attribution=arcgis.ATTRIBUTION.format(year=2025),
    description=(
        "Which districts make up each Local Skills Improvement Plan area. Areas of different years have different codes: Leicester and Leicestershire was "
        "E69000020 in 2023; with Rutland, as Leicester, Leicestershire and Rutland, it is E69000043 in 2025. Names must never be joined on. Only the newest "
        "year is taken; the areas of earlier years live in the seeds."
    ),
    hosts=(arcgis.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=365),
    tables=(LOOKUP,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Service names, columns and rows read in DfE's code and in a file of both years; paging and errors from several programs' code. The layer's "
        "editingInfo and maxRecordCount are general knowledge of ArcGIS and are done without where absent."
    ),
)

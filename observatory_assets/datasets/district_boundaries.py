"""Outlines of the districts of the seeds, and of the areas made of them, dissolved.

Belongs here: the boundary service, which districts are asked, and joining districts to areas. Does not belong here: maps, or which
districts an area has (the seeds). ONS draws an LSIP only long after it is made, if at all, so outlines of areas are dissolved here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import arcgis
from observatory_assets.publishers.tabular import without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

    from observatory_assets.areas import Areas

# BGC: generalised to 20 m and clipped to the coast; a district is 5 to 30 kB.
SERVICE = re.compile(r"(?:LAD|Local_Authority_Districts)_([A-Za-z]{3})[a-z]*_(\d{4})(?:_Boundaries)?_UK_BGC(?:_\w+)?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CODE, _NAME = r"LAD\d\dCD", r"LAD\d\dNM"

WEST, SOUTH, EAST, NORTH = -9.0, 49.0, 2.2, 61.5
"""The United Kingdom in degrees; anything outside is not longitude and latitude, or not in that order."""
GRID = 1e-6
"""Degrees (about 10 cm) to which corners are snapped when districts are joined, so that no slivers stay between them."""

_EDITION = Column("edition", "string", "Month of the boundaries, 2024-12.", False, pattern=r"\d{4}-\d{2}")
_GEOJSON = Column("geojson", "string", "Outline as a GeoJSON geometry, longitude and latitude (WGS 84).", False)

BOUNDARIES = Table(
    name="ons__district_boundaries",
    description="One row per district of the seeds: its outline, generalised to 20 m and clipped to the coast.",
    columns=(
        Column("district_code", "string", "Local authority district.", False, pattern=r"[A-Z]\d{8}"),
        Column("district_name", "string", "Name as ONS gives it.", False),
        _EDITION,
        _GEOJSON,
    ),
    keys=("district_code",),
    complete_by=("district_code",),
    period_column="edition",
)
OUTLINES = Table(
    name="ons__area_outlines",
    description="One row per area of the seeds that is made of several districts: their outlines dissolved into one.",
    columns=(
        Column("area_code", "string", "Area of the seeds.", False),
        Column("boundary_version", "string", "Its boundary version.", False),
        Column("area_name", "string", "Its name in the seeds.", False),
        Column("districts", "integer", "Districts joined.", False, minimum=1),
        _EDITION,
        _GEOJSON,
    ),
    keys=("area_code", "boundary_version"),
    complete_by=("area_code",),
    period_column="edition",
)


def find_marker(lookup: Lookup) -> Marker:
    """Name of the newest boundary service and when its layer was last edited, from the portal's catalogue; and a digest of the seeds' areas."""
    service = newest_first(arcgis.find_services(lookup.http, SERVICE))[0]
    edited = arcgis.fetch_layer(lookup.http, service).edited_at
    return Marker(f"{service}|{edited.isoformat() if edited else ''}|{lookup.areas.digest}", edited)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The seeds' districts from the newest service that still has every one of them: a district abolished since has no newer outline.

    Raises:
        SchemaDrift: no service has them all.
    """
    codes = sorted({district for area in lookup.areas.areas for district in area.districts})
    seen = {}
    for service in newest_first(arcgis.find_services(lookup.http, SERVICE)):
        layer = arcgis.fetch_layer(lookup.http, service)
        where = condition(layer.column(_CODE), codes)
        seen[service] = records = arcgis.count(lookup.http, service, where)
        if records == len(codes):
            urls = arcgis.page_urls(layer, where, records, outSR=4326, f="geojson")
            told = labels(lookup.areas, service, records)
            return [
                Resource(f"{lookup.areas.digest}_districts_{page}.geojson", url, starts_with=(b"{",), labels=told) for page, url in enumerate(urls, start=1)
            ]
    raise SchemaDrift(
        "no boundary service has every district of the seeds",
        rule="codes_asked",
        expected=f"{len(codes)} districts",
        found=seen,
        action="look the seeds' district codes up; one of them is wrong or was never valid together with the others",
    )


def condition(column: str, codes: Sequence[str]) -> str:
    """The records of these codes, as the portal is asked for them."""
    return f"{column} IN ({','.join(repr(code) for code in codes)})"


def labels(areas: Areas, service: str, records: int) -> dict[str, str]:
    """What the parser needs to know: the edition, how many districts were counted, and which areas they make up."""
    month, year = SERVICE.fullmatch(service).groups()
    made = [[area.code, area.boundary_version, area.name, list(area.districts)] for area in areas.made_of_districts()]
    return {"edition": f"{year}-{_MONTHS.index(month.lower()) + 1:02d}", "records": str(records), "areas": json.dumps(made)}


def newest_first(services: Sequence[str]) -> list[str]:
    """The services of a known month, latest first; of one month the name that sorts last, which is the later version, first.

    Raises:
        SchemaDrift: no name has a known month.
    """
    dated = [(match[2], _MONTHS.index(match[1].lower()), name) for name in services if (match := SERVICE.fullmatch(name)) and match[1].lower() in _MONTHS]
    if not dated:
        raise SchemaDrift(
            "no boundary service names its month", rule="service_found", expected=SERVICE.pattern, found=sorted(services), action="correct the pattern"
        )
    return [name for *_, name in sorted(dated, reverse=True)]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Districts, then areas.

    Raises:
        UnexpectedPayload: an error or no JSON.
        SchemaDrift: other coordinates than longitude and latitude, no outline, pages that are not the whole answer, or an area lacking a district.
    """
    import pyarrow as pa

    told = payloads[0].labels
    pages = arcgis.read_pages([(payload.name, payload.path) for payload in payloads], int(told["records"]))
    districts = [_district(feature, page, name, place) for name, place, feature, page in pages]
    rows = [{**row, "edition": told["edition"]} for row in districts]
    yield BOUNDARIES.name, pa.Table.from_pylist(rows, without_release(BOUNDARIES.arrow_schema()))
    outlines = list(dissolved(rows, json.loads(told["areas"])))
    yield OUTLINES.name, pa.Table.from_pylist(outlines, without_release(OUTLINES.arrow_schema()))


def _district(feature: Mapping[str, Any], page: Mapping[str, Any], name: str, place: int) -> dict[str, Any]:
    check_reference_system(page, name)
    record = arcgis.attributes(feature)
    code, title = (record[arcgis.one_column(record, pattern, name)] for pattern in (_CODE, _NAME))
    if not isinstance(code, str) or not isinstance(title, str):
        raise SchemaDrift(f"a record of {name} has no code or name", rule="cells", expected=[_CODE, _NAME], found=record, action="look at the service")
    return {
        "district_code": code.strip(),
        "district_name": title.strip(),
        "geojson": outline(feature.get("geometry"), f"{name}, features[{place}]"),
        "_source_file": name,
        "_source_row": f"features[{place}]",
    }


def check_reference_system(page: Mapping[str, Any], name: str) -> None:
    """Refuse coordinates in metres. GeoJSON without `crs` is WGS 84; some files of the portal's are in the British National Grid, and say so there.

    Raises:
        SchemaDrift: `crs` names another system.
    """
    crs = page.get("crs")
    if crs is not None and not re.search(r"EPSG:{1,2}(?:[\d.]*:)?4326\b|CRS84", json.dumps(crs), re.IGNORECASE):
        raise SchemaDrift(
            f"{name} is not in longitude and latitude",
            rule="crs",
            expected="no crs, EPSG:4326 or CRS84",
            found=crs,
            action="ask for outSR=4326, or convert the file",
        )


def outline(geometry: Any, name: str) -> str:
    """A GeoJSON polygon or multipolygon as text, once its corners are known to lie in the United Kingdom.

    Raises:
        SchemaDrift: no outline, or corners outside.
    """
    import shapely

    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    try:
        shape = shapely.from_geojson(json.dumps(geometry)) if kind in ("Polygon", "MultiPolygon") else None
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise _no_outline(name, f"{type(error).__name__}: {error}") from error
    if shape is None or not _mended(shape).area:
        raise _no_outline(name, kind)
    west, south, east, north = shape.bounds
    if not (west >= WEST and south >= SOUTH and east <= EAST and north <= NORTH):  # false for NaN too
        raise _no_outline(name, f"corners between {(west, south)} and {(east, north)}")
    return json.dumps(geometry, separators=(",", ":"))


def dissolved(districts: Sequence[Mapping[str, Any]], areas: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Each area's districts joined into one outline.

    Args:
        districts: rows of ``BOUNDARIES``.
        areas: (code, boundary version, name, district codes) of each.

    Raises:
        SchemaDrift: an area lacks a district.
    """
    import shapely

    by_code = {row["district_code"]: row for row in districts}
    for code, boundary_version, name, members in areas:
        if missing := sorted(set(members) - set(by_code)):
            raise SchemaDrift(
                f"{name} ({boundary_version}) lacks districts",
                rule="codes_asked",
                expected=sorted(members),
                found=f"missing: {missing}",
                action="look the district codes up in the service",
            )
        shapes = [_mended(shapely.from_geojson(by_code[member]["geojson"])) for member in members]
        joined = shapely.union_all(shapes, grid_size=GRID)
        rows = [f"{by_code[member]['_source_file']} {by_code[member]['_source_row']}" for member in members]
        yield {
            "area_code": code,
            "boundary_version": boundary_version,
            "area_name": name,
            "districts": len(members),
            "edition": by_code[members[0]]["edition"],
            "geojson": shapely.to_geojson(joined),
            "_source_file": ",".join(sorted({by_code[member]["_source_file"] for member in members})),
            "_source_row": ",".join(rows),
        }


def _mended(shape: Any) -> Any:
    """The shape as valid polygons: a generalised outline may touch itself, and the union of such is undefined."""
    import shapely

    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _no_outline(name: str, found: object) -> SchemaDrift:
    return SchemaDrift(
        f"{name} has no usable outline",
        rule="outline",
        expected=f"a Polygon or MultiPolygon within longitude {WEST} to {EAST} and latitude {SOUTH} to {NORTH}",
        found=found,
        action="look at the feature; coordinates in hundreds of thousands are British National Grid metres",
    )


DATASET = Dataset(
    slug="district_boundaries",
    title="Local authority district boundaries, and outlines of areas made of districts",
    publisher="Office for National Statistics (Open Geography)",
    landing_page="https://geoportal.statistics.gov.uk/",
    licence="OGL-UK-3.0",
    attribution=arcgis.ATTRIBUTION.format(year=2025),
    description=(
        "Outlines of the districts of the seeds, generalised to 20 m and clipped to the coast, in longitude and latitude; and outlines of the areas made of "
        "them, joined here because ONS draws LSIP areas late. For maps at county scale; not for measuring. Trap: other files of the portal's are in British "
        "National Grid metres; those are refused."
    ),
    hosts=(arcgis.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=365),
    tables=(BOUNDARIES, OUTLINES),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Service names and query parameters read in DfE's code; a file of nine districts, with other column names, was read. The layer's editingInfo and "
        "maxRecordCount are general knowledge of ArcGIS and are done without where absent. If an answer is cut by size rather than by number of records, the "
        "release is refused rather than taken in part."
    ),
)

"""Sample of the Open Geography portal: its catalogue, the look-up of districts to LSIP areas, and invented district outlines.

Belongs here: answers to the questions of lsip_districts and district_boundaries, which share the catalogue. Does not belong here: real
outlines: every district is a crooked cell of a grid, laid out roughly as the county is. Phase 1 only; boundaries change once a year.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.areas import Areas
from observatory_assets.datasets import district_boundaries, lsip_districts
from observatory_assets.publishers import arcgis
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import rng
from resources.settings import PROJECT_ROOT

_LOOKUP, _BOUNDARIES = "LAD25_LSIP25_EN_LU", "LAD_DEC_2024_UK_BGC"
_OTHERS = ("LAD23_LSIP23_EN_LU", "LAD25_CAUTH25_EN_LU", "LAD_MAY_2023_UK_BGC_V2", "LAD_DEC_2024_UK_BUC", "Wards_December_2024_Boundaries_UK_BGC")
_EDITED = {_LOOKUP: 1_759_312_800_000, _BOUNDARIES: 1_739_440_800_000}  # milliseconds since 1970: 1 October and 13 February 2025
_PAGE_ROWS = 10  # so that the look-up takes two pages

_TEES_VALLEY = {"E06000001": "Hartlepool", "E06000002": "Middlesbrough", "E06000003": "Redcar and Cleveland", "E06000004": "Stockton-on-Tees"}
_TEES_VALLEY |= {"E06000005": "Darlington"}

# North to south, west to east; districts not named here follow in rows to the north.
_LAYOUT = (
    ("E07000134", "E07000130", "E07000133"),
    ("E07000132", "E06000016", "E06000017"),
    ("E07000129", "E07000135", "E07000131"),
)
_CELL = (0.24, 0.14)  # degrees east and north
_NORTH_WEST = (-1.56, 52.84)


def entries(phase: int) -> Iterator[Entry]:
    """Catalogue, layers, counts and pages; nothing after phase 1."""
    if phase != 1:
        return
    areas = Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")
    names = {area.code: area.name for area in areas.districts()}
    services = [{"name": name, "type": "FeatureServer", "url": f"{arcgis.SERVICES}/{name}/FeatureServer"} for name in (*_OTHERS, _LOOKUP, _BOUNDARIES)]
    yield _answer(arcgis.CATALOGUE, {"currentVersion": 11.5, "services": services})

    look_up = [
        {"LAD25CD": code, "LAD25NM": names.get(code, f"District {code}"), "LSIP25CD": area.code, "LSIP25NM": f" {area.name} "}
        for area in areas.made_of_districts()
        if area.boundary_version == "LSIP25"
        for code in area.districts
    ]
    look_up += [{"LAD25CD": code, "LAD25NM": name, "LSIP25CD": "E69000031", "LSIP25NM": " Tees Valley "} for code, name in _TEES_VALLEY.items()]
    yield from _service(_LOOKUP, list(look_up[0]), lsip_districts.WHERE, [{"attributes": record} for record in look_up], returnGeometry="false", f="json")

    codes = sorted({code for area in areas.areas for code in area.districts})
    features = [
        {
            "type": "Feature",
            "id": number,
            "properties": {"LAD24CD": code, "LAD24NM": names.get(code, f"District {code}"), "LAD24NMW": " "},
            "geometry": {"type": "Polygon", "coordinates": [_cell(*place)]},
        }
        for number, (code, place) in enumerate(_places(codes).items(), start=1)
    ]
    where = district_boundaries.condition("LAD24CD", codes)
    yield from _service(_BOUNDARIES, ["FID", "LAD24CD", "LAD24NM", "LAD24NMW"], where, features, outSR=4326, f="geojson")


def _service(service: str, columns: Sequence[str], where: str, features: Sequence[Mapping[str, object]], **parameters: str | int) -> Iterator[Entry]:
    fields = [{"name": name, "type": "esriFieldTypeString"} for name in columns]
    yield _answer(
        f"{arcgis.SERVICES}/{service}/FeatureServer/0?f=json",
        {"name": service, "fields": fields, "maxRecordCount": _PAGE_ROWS, "editingInfo": {"lastEditDate": _EDITED[service]}},
    )
    yield _answer(arcgis.query_url(service, where=where, returnCountOnly="true", f="json"), {"count": len(features)})
    layer = arcgis.Layer(service, tuple(columns), _PAGE_ROWS, None)
    for page, url in enumerate(arcgis.page_urls(layer, where, len(features), **parameters)):
        shown = features[page * _PAGE_ROWS : (page + 1) * _PAGE_ROWS]
        more = {"exceededTransferLimit": True} if (page + 1) * _PAGE_ROWS < len(features) else {}
        geojson = parameters["f"] == "geojson"
        yield _answer(url, {"type": "FeatureCollection", "properties": more, "features": shown} if geojson else {"fields": fields, **more, "features": shown})


def _answer(url: str, document: Mapping[str, object]) -> Entry:
    parts = urlsplit(url)
    return Entry(parts.hostname, parts.path, json.dumps(document, separators=(",", ":")).encode(), query=dict(parse_qsl(parts.query)))


def _places(codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """District -> row and column of the grid; rows above 0 lie to the south of the first, those below to its north."""
    placed = {code: (row, column) for row, line in enumerate(_LAYOUT) for column, code in enumerate(line) if code in codes}
    rest = [code for code in codes if code not in placed]
    return placed | {code: (-1 - number // 6, number % 6) for number, code in enumerate(rest)}


def _cell(row: int, column: int) -> list[list[float]]:
    """A closed ring around a cell, anticlockwise; neighbours share their corners and the bend of each side."""

    def corner(south: float, east: float) -> list[float]:
        chance = rng("outline", south, east)
        west, north = _NORTH_WEST
        return [round(west + (east + chance.uniform(-0.15, 0.15)) * _CELL[0], 5), round(north - (south + chance.uniform(-0.15, 0.15)) * _CELL[1], 5)]

    steps = ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5), (0, 0))
    return [corner(float(row + south), float(column + east)) for south, east in steps]

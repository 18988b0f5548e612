"""District outlines and those of the areas made of them: the real file, the sample, and coordinates that are not degrees."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.areas import Area, Areas
from observatory_assets.datasets import district_boundaries
from observatory_assets.datasets.contract import Lookup
from observatory_assets.datasets.district_boundaries import BOUNDARIES, DATASET, OUTLINES, condition, dissolved, labels, newest_first, outline
from observatory_assets.publishers import arcgis
from observatory_assets.sample import geography as sample
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.errors import ObservatoryError, SchemaDrift, TransientFetchError, UnexpectedPayload
from resources.http import HttpClient
from resources.settings import Settings
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.replay.ons import REPLAYS

REAL = "geography/leicester_leicestershire_rutland_lads_and_lsip_wgs84.geojson"
SQUARE = {"type": "Polygon", "coordinates": [[[-1.0, 52.0], [-0.5, 52.0], [-0.5, 52.5], [-1.0, 52.5], [-1.0, 52.0]]]}
METRES = {"type": "Polygon", "coordinates": [[[458946, 304594], [468946, 304594], [468946, 314594], [458946, 304594]]]}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("boundaries"))


@pytest.fixture
def parse(tmp_path):
    """A function parsing a page of one district, of which there is one area."""

    def parsed(document, members=("E07000131",)):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        told = {"edition": "2024-12", "records": "1", "areas": json.dumps([["A", "LSIP25", "Place", list(members)]])}
        return read(DATASET, [payload(tmp_path / "page.geojson", body, **told)])

    return parsed


def _page(geometry=SQUARE, **more):
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"LAD24CD": "E07000131", "LAD24NM": "Harborough"}, "geometry": geometry}],
        **more,
    }


def test_the_real_outlines_join_without_a_gap_and_with_rutland_become_larger(recorded):
    assert REPLAYS[REAL](recorded / REAL) == {BOUNDARIES.name: 10, OUTLINES.name: 2}
    features = {feature["properties"]["areaCode"]: feature["geometry"] for feature in json.loads((recorded / REAL).read_text())["features"]}
    rows = [
        {"district_code": code, "geojson": outline(geometry, code), "edition": "2024-12", "_source_file": "f", "_source_row": code}
        for code, geometry in features.items()
    ]
    old, new = (next(area for area in AREAS.areas if area.code == code) for code in ("E69000020", "E69000043"))
    made = {
        row["area_code"]: shapely.from_geojson(row["geojson"])
        for row in dissolved(rows, [[a.code, a.boundary_version, a.name, a.districts] for a in (old, new)])
    }
    for area in (old, new):
        shape = made[area.code]
        assert shape.geom_type == "Polygon" and shape.is_valid and not shape.interiors, "one outline without slivers"
        assert shape.area == pytest.approx(sum(shapely.from_geojson(row["geojson"]).area for row in rows if row["district_code"] in area.districts), rel=1e-6)
    drawn = shapely.from_geojson(json.dumps(features["E69000020"]))
    assert made["E69000020"].intersection(drawn).area / made["E69000020"].union(drawn).area > 0.98, "as ONS drew it, more coarsely"
    assert made["E69000043"].area > 1.1 * made["E69000020"].area


def test_the_sample_gives_every_district_and_every_area_made_of_them(release):
    marker, payloads = release
    tables = read(DATASET, payloads)
    districts = {district for area in AREAS.areas for district in area.districts}
    assert marker.value == f"LAD_DEC_2024_UK_BGC|2025-02-13T10:00:00+00:00|{AREAS.digest}"
    assert len(payloads) == 3, "ten records to a page"
    assert set(tables[BOUNDARIES.name]["district_code"].to_pylist()) == districts
    assert set(zip(*(tables[OUTLINES.name][name].to_pylist() for name in ("area_code", "boundary_version")), strict=True)) == {
        (area.code, area.boundary_version) for area in AREAS.made_of_districts()
    }
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
        assert set(tables[table.name]["edition"].to_pylist()) == {"2024-12"}
    for text in tables[OUTLINES.name]["geojson"].to_pylist():
        assert shapely.from_geojson(text).geom_type == "Polygon"


def test_a_district_that_a_newer_edition_lacks_is_asked_of_the_one_before(tmp_path):
    """Reorganised districts vanish from new boundaries while the seeds still report on them."""
    entries = list(sample.entries(1))
    codes = sorted({district for area in AREAS.areas for district in area.districts})
    newer = "Local_Authority_Districts_May_2028_Boundaries_UK_BGC"
    catalogue = next(entry for entry in entries if entry.path == "/ESMARspQHYMw9BZ9/arcgis/rest/services")
    listed = json.loads(catalogue.body)
    listed["services"].append({"name": newer, "type": "FeatureServer"})
    entries[entries.index(catalogue)] = sample._answer(arcgis.CATALOGUE, listed)
    entries.append(sample._answer(f"{arcgis.SERVICES}/{newer}/FeatureServer/0?f=json", {"fields": [{"name": "LAD28CD"}, {"name": "LAD28NM"}]}))
    entries.append(sample._answer(arcgis.query_url(newer, where=condition("LAD28CD", codes), returnCountOnly="true", f="json"), {"count": 3}))
    marker, payloads = fetch(DATASET, {1: entries}, tmp_path)
    assert marker.value.startswith(f"{newer}||") and marker.released_at is None
    assert {page.labels["edition"] for page in payloads} == {"2024-12"}


def test_an_area_added_to_the_seeds_moves_the_marker_and_is_asked(tmp_path):
    class Http:
        def get_json(self, url):
            return {"services": [{"name": "LAD_DEC_2024_UK_BGC"}], "fields": [{"name": "LAD24CD"}], "count": 1}

    def area(code):
        return Area(code, code, "LSIP", "LSIP25", "focus", code, ("E07000131",))

    lookups = [Lookup(Http(), Areas(tuple(map(area, codes)))) for codes in (("A",), ("A", "B"))]
    assert len({DATASET.find_marker(lookup).value for lookup in lookups}) == 2
    (resource,) = DATASET.find_resources(lookups[1], DATASET.find_marker(lookups[1]))
    assert "where=LAD24CD%20IN%20%28%27E07000131%27%29" in resource.url and "outSR=4326" in resource.url
    assert [made[0] for made in json.loads(resource.labels["areas"])] == ["A", "B"]


def test_districts_that_no_edition_has_together_are_refused():
    class Http:
        def get_json(self, url):
            return {"services": [{"name": "LAD_DEC_2024_UK_BGC"}], "fields": [{"name": "LAD24CD"}], "count": 2}

    with pytest.raises(SchemaDrift, match="every district") as refusal:
        DATASET.find_resources(Lookup(Http(), AREAS), None)
    assert refusal.value.found == {"LAD_DEC_2024_UK_BGC": 2}


def test_editions_are_ordered_by_month_not_by_name():
    names = [
        "LAD_DEC_2023_UK_BGC",
        "LAD_MAY_2024_UK_BGC",
        "LAD_MAY_2024_UK_BGC_V2",
        "Local_Authority_Districts_December_2024_Boundaries_UK_BGC",
        "LAD_XYZ_2026_UK_BGC",
    ]
    assert newest_first(names) == [names[3], names[2], names[1], names[0]]
    assert labels(AREAS, names[3], 26)["edition"] == "2024-12"
    with pytest.raises(SchemaDrift):
        newest_first(names[4:])


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "EPSG:4326"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}},
        None,
    ],
)
def test_longitude_and_latitude_are_taken_under_each_of_their_names(parse, crs):
    assert parse(_page(**({"crs": crs} if crs else {})))[OUTLINES.name].num_rows == 1


@pytest.mark.parametrize(
    ("document", "error", "rule"),
    [
        (_page(METRES, crs={"type": "name", "properties": {"name": "EPSG:27700"}}), SchemaDrift, "crs"),
        (_page(METRES, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}), SchemaDrift, "crs"),
        (_page(METRES), SchemaDrift, "outline"),
        (_page({"type": "Polygon", "coordinates": [[[52.0, -1.0], [52.5, -1.0], [52.5, -0.5], [52.0, -1.0]]]}), SchemaDrift, "outline"),
        (_page({"type": "Polygon", "coordinates": []}), SchemaDrift, "outline"),
        (_page({"type": "Polygon", "coordinates": [[["a", "b"]]]}), SchemaDrift, "outline"),
        (_page({"type": "Polygon"}), SchemaDrift, "outline"),
        (_page({"type": "Point", "coordinates": [-1.0, 52.0]}), SchemaDrift, "outline"),
        (_page(None), SchemaDrift, "outline"),
        ({"error": {"code": 400, "message": "Invalid query"}}, UnexpectedPayload, "arcgis_error"),
        (_page(properties={"exceededTransferLimit": True}), SchemaDrift, "record_count"),
        ({"type": "FeatureCollection", "features": []}, SchemaDrift, "record_count"),
        (b'{"features": [', UnexpectedPayload, "json"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_rule(parse, document, error, rule):
    with pytest.raises(error) as refusal:
        parse(document)
    assert refusal.value.rule == rule and refusal.value.action


def test_an_area_that_lacks_a_district_is_refused_rather_than_drawn_smaller(parse):
    with pytest.raises(SchemaDrift, match="lacks districts") as refusal:
        parse(_page(), members=("E07000131", "E06000017"))
    assert "E06000017" in refusal.value.found


def test_an_outline_that_touches_itself_is_mended_before_it_is_joined(parse):
    bow_tie = {"type": "Polygon", "coordinates": [[[-1.0, 52.0], [-0.5, 52.5], [-0.5, 52.0], [-1.0, 52.5], [-1.0, 52.0]]]}
    (row,) = parse(_page(bow_tie))[OUTLINES.name].to_pylist()
    shape = shapely.from_geojson(row["geojson"])
    assert shape.is_valid and shape.area == pytest.approx(0.125)


@pytest.fixture
def http(tmp_path):
    folder = write_recording(tmp_path / "recording", {1: list(sample.entries(1))}, synthetic=True, description="test")
    with Publisher(folder) as publisher:
        client = HttpClient(Settings(profile="sample", publisher_address=publisher.address, fetch_attempts=1), DATASET.hosts)
        yield client
        client.close()


def test_an_empty_catalogue_is_asked_again_later_and_a_missing_service_is_not(http, monkeypatch):
    with pytest.raises(SchemaDrift, match="no such service"):
        arcgis.find_services(http, district_boundaries.re.compile("Nothing"))
    monkeypatch.setattr(http, "get_json", lambda url: {"currentVersion": 11.5, "services": []})
    with pytest.raises(TransientFetchError, match="empty"):
        arcgis.find_services(http, district_boundaries.SERVICE)
    monkeypatch.setattr(http, "get_json", lambda url: {"error": {"code": 500}})
    with pytest.raises(UnexpectedPayload):
        arcgis.find_services(http, district_boundaries.SERVICE)


@pytest.mark.parametrize("layer", [{}, {"fields": None}, {"fields": []}, {"fields": [1]}])
def test_a_layer_without_columns_is_refused(http, monkeypatch, layer):
    monkeypatch.setattr(http, "get_json", lambda url: layer)
    with pytest.raises(SchemaDrift, match="no columns"):
        arcgis.fetch_layer(http, "X")


@pytest.mark.parametrize("counted", [{}, {"count": None}, {"count": True}, {"count": -1}])
def test_an_answer_that_is_no_count_is_refused(http, monkeypatch, counted):
    monkeypatch.setattr(http, "get_json", lambda url: counted)
    with pytest.raises(SchemaDrift, match="did not count"):
        arcgis.count(http, "X", "1=1")


def test_page_size_is_the_layers_own_where_it_is_smaller(http, monkeypatch):
    for stated, used in ((1_000, 1_000), (5_000, 2_000), (None, 2_000), (0, 2_000)):
        monkeypatch.setattr(http, "get_json", lambda url, stated=stated: {"fields": [{"name": "A"}], "maxRecordCount": stated})
        assert arcgis.fetch_layer(http, "X").page_rows == used


_NUMBERS = st.floats(allow_nan=True) | st.integers(-200, 200) | st.none() | st.text(max_size=2)
_NESTED = st.recursive(_NUMBERS, lambda inner: st.lists(inner, max_size=5), max_leaves=20)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["Polygon", "MultiPolygon", "Point", "", None]),
    coordinates=_NESTED | st.lists(st.lists(st.tuples(st.floats(-8, 1), st.floats(50, 60)), max_size=6), max_size=2),
)
def test_no_geometry_makes_the_parser_fail_with_anything_but_our_errors(parse, kind, coordinates):
    try:
        tables = parse(_page({"type": kind, "coordinates": coordinates}))
    except ObservatoryError:
        return
    assert tables[BOUNDARIES.name].num_rows == tables[OUTLINES.name].num_rows == 1

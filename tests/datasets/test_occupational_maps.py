"""Occupational maps: the reconstructed answer, the sample, both readings of what was never seen, and answers that are refused."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.contract import Lookup
from observatory_assets.datasets.occupational_maps import DATASET, EXPAND, HOST, JOB_TITLES, LIST, OCCUPATIONS, PRODUCTS, SOC, STATEMENTS, list_occupations
from observatory_assets.sample import occupational_maps as sample
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

STORY = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


class Answers:
    """A client that answers every question with one document."""

    def __init__(self, document):
        self.document = document

    def get_json(self, url):
        return self.document


def parse(tmp_path, document, **labels):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return {name: table.to_pylist() for name, table in read(DATASET, [payload(tmp_path / "OCC0499.json", body, **labels)]).items()}


def occupation(**fields):
    return {"stdCode": "OCC0499", "name": "N"} | fields


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    marker, payloads = fetch(DATASET, STORY, tmp_path_factory.mktemp("maps"))
    return marker, payloads, read(DATASET, payloads)


def test_the_reconstructed_answer_gives_its_codes_titles_and_statements(recorded):
    path = recorded / "constructed" / "skills_england" / "RECONSTRUCTED_maps_Occupations_OCC0499.json"
    tables = {name: table.to_pylist() for name, table in read(DATASET, [payload(path)]).items()}
    (row,) = tables[OCCUPATIONS.name]
    assert (row["std_code"], row["standard_reference"], row["soc2020_code"], row["version"]) == ("OCC0499", "ST0499", "5231", "1.3")
    assert [(one["soc2020_code"], one["sub_unit_group"], one["is_primary"]) for one in tables[SOC.name][:3]] == [
        ("5231", None, True),
        ("5231", "5231/99", True),
        ("1252", "1252/00", False),
    ]
    assert len(tables[SOC.name]) == 6, "its sub-unit groups lie in several unit groups"
    kinds = [one["kind"] for one in tables[STATEMENTS.name]]
    assert {kind: kinds.count(kind) for kind in ("knowledge", "skill", "behaviour")} == {"knowledge": 34, "skill": 25, "behaviour": 5}
    assert tables[STATEMENTS.name][0]["label"] == "K1" and len(tables[STATEMENTS.name][0]["statement_id"]) == 36
    assert {one["product_code"] for one in tables[PRODUCTS.name]} >= {"ST0499"}
    assert "Autocare technician" in {one["job_title"] for one in tables[JOB_TITLES.name]}


def test_the_sample_names_every_invented_standard_and_gives_one_soc_code_to_all_but_one(first):
    marker, payloads, tables = first
    assert len(payloads) == len(STANDARDS) + 1, "one standard has two options"
    rows = tables[OCCUPATIONS.name].to_pylist()
    assert {row["standard_reference"] for row in rows} == {standard.reference for standard in STANDARDS}
    assert {row["standard_reference"]: row["soc2020_code"] for row in rows if row["soc2020_code"]} == {
        standard.reference: standard.soc for standard in STANDARDS if standard.reference != "ST9009"
    }
    assert {row["std_code"] for row in rows if row["standard_reference"] == "ST9004"} == {"OCC9004A", "OCC9004B"}
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    assert marker.value.startswith(f"{len(rows)}|")


def test_a_new_version_of_one_occupation_moves_the_marker(first, tmp_path):
    marker, payloads = fetch(DATASET, STORY, tmp_path, phase=2)
    assert marker.value != first[0].value
    rows = {row["std_code"]: row for row in read(DATASET, payloads)[OCCUPATIONS.name].to_pylist()}
    assert rows["OCC9007"]["version"] == "1.1" and rows["OCC9008"]["version"] == "1.0"


def test_the_key_is_sent_with_every_request_and_is_in_no_address(first, tmp_path):
    assert DATASET.needed_options == ("occupational_maps_key",) and DATASET.credentials[0].header == "X-API-KEY"
    resources = DATASET.find_resources(Lookup(Answers([{"stdCode": "OCC0001"}]), AREAS, {"occupational_maps_key": "secret"}), None)
    assert [resource.url for resource in resources] == [f"{LIST}/OCC0001?expand={EXPAND}"]


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"occupations": items, "count": 1}, lambda items: {"results": items}])
def test_the_list_is_read_with_or_without_an_envelope(wrap):
    assert [item["stdCode"] for item in list_occupations(Lookup(Answers(wrap([{"stdCode": "OCC0124A"}])), AREAS))] == ["OCC0124A"]


@pytest.mark.parametrize(
    "document",
    [[], {}, {"a": [], "b": []}, ["OCC0001"], [{"code": "OCC0001"}], [{"stdCode": "../x"}], [{"stdCode": "OCC0001"}, {"stdCode": "OCC0001"}], None, {"a": 1}],
)
def test_a_list_of_another_shape_is_refused(document):
    with pytest.raises(SchemaDrift, match="list of occupations"):
        list_occupations(Lookup(Answers(document), AREAS))


def test_job_titles_are_read_as_texts_and_as_objects(tmp_path):
    titles = ["Fitter", {"name": "Welder", "isGreen": True}, {"title": "Smith"}, None, "fitter", {"isGreen": False}]
    rows = parse(tmp_path, occupation(typicalJobTitles=titles))[JOB_TITLES.name]
    assert [(row["job_title"], row["is_green"], row["_source_row"]) for row in rows] == [
        ("Fitter", None, "typicalJobTitles[0]"),
        ("Welder", True, "typicalJobTitles[1]"),
        ("Smith", None, "typicalJobTitles[2]"),
    ]


def test_either_id_may_be_the_label_and_neither_need_be_there(tmp_path):
    skills = [
        {"id": "guid-1", "skillId": "S7", "detail": "A"},
        {"skillId": "guid-2", "id": "S8", "detail": "B"},
        {"skillId": "guid-3", "detail": "C"},
        {"detail": "D"},
        {"detail": " "},
    ]
    rows = parse(tmp_path, occupation(skills=skills))[STATEMENTS.name]
    assert [(row["label"], row["statement_id"]) for row in rows] == [("S7", "guid-1"), ("S8", "guid-2"), ("S3", "guid-3"), ("S4", "S4")]


def test_a_soc_code_of_zero_or_as_text_and_a_code_of_another_kind(tmp_path):
    tables = parse(tmp_path, occupation(soc={"soc2020Code": 0, "soc2020SubUnitGroups": None}))
    assert tables[OCCUPATIONS.name][0]["soc2020_code"] is None and tables[SOC.name] == []
    tables = parse(tmp_path, occupation(stdCode="TLV0001", soc={"soc2020Code": "5231"}))
    assert (tables[OCCUPATIONS.name][0]["soc2020_code"], tables[OCCUPATIONS.name][0]["standard_reference"]) == ("5231", None)


@pytest.mark.parametrize(
    ("document", "labels", "error", "says"),
    [
        (b"", {}, UnexpectedPayload, "whole JSON"),
        (b'{"stdCode": "OCC', {}, UnexpectedPayload, "whole JSON"),
        ([], {}, SchemaDrift, "not about the occupation"),
        ({"title": "Not found"}, {}, SchemaDrift, "not about the occupation"),
        (occupation(), {"code": "OCC0500"}, SchemaDrift, "not about the occupation"),
        (occupation(), {"code": "OCC0499", "of": "2"}, SchemaDrift, "not every occupation"),
        (occupation(soc=5231), {}, SchemaDrift, "soc"),
        (occupation(soc={"soc2020Code": 52}), {}, SchemaDrift, "unit group"),
        (occupation(soc={"soc2020SubUnitGroups": [{"code": "5231"}]}), {}, SchemaDrift, "sub-unit group"),
        (occupation(skills=["weld"]), {}, SchemaDrift, "skills"),
        (occupation(typicalJobTitles=[3]), {}, SchemaDrift, "typicalJobTitles"),
        (occupation(level="three"), {}, SchemaDrift, "level"),
        (occupation(statusLastUpdated="once"), {}, SchemaDrift, "date"),
    ],
)
def test_a_wrong_answer_is_refused(tmp_path, document, labels, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, document, **labels)
    assert refusal.value.rule and refusal.value.action


def test_an_html_page_in_place_of_an_occupation_is_refused_at_the_door(tmp_path):
    path = urlsplit(LIST).path
    entries = [Entry(HOST, path, b'[{"stdCode": "OCC0001"}]'), Entry(HOST, f"{path}/OCC0001", b"<!DOCTYPE html><html></html>")]
    with pytest.raises(UnexpectedPayload, match="web page"):
        fetch(DATASET, {1: entries}, tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["detail", "id", "skillId", "code", "name", "soc2020Code", "level"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_FIELDS = ["name", "level", "versionNo", "soc", "mapHierarchy", "typicalJobTitles", "products", "skills", "knowledges", "statusLastUpdated"]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=5))
def test_any_json_gives_tables_or_a_named_error(tmp_path, fields):
    try:
        tables = parse(tmp_path, occupation(**fields))
    except ObservatoryError as error:
        assert error.rule
        return
    assert len(tables[OCCUPATIONS.name]) == 1

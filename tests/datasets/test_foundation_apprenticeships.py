"""Foundation apprenticeships: the sample, what the list shares with that of units, and lists that are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets import foundation_apprenticeships as foundation
from observatory_assets.sample import foundation_apprenticeships as foundation_sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read


def parse(tmp_path, records):
    body = records if isinstance(records, bytes) else json.dumps(records).encode()
    return {name: table.to_pylist() for name, table in read(foundation.DATASET, [payload(tmp_path / "list.json", body)]).items()}


def record(**fields):
    return {"referenceNumber": "FA0001", "version": "1.0", "title": "T"} | fields


def test_the_foundation_sample_has_all_three_kinds_with_their_labels_as_plain_text(tmp_path):
    marker, payloads = fetch(foundation.DATASET, {phase: list(foundation_sample.entries(phase)) for phase in (1, 2)}, tmp_path)
    tables = read(foundation.DATASET, payloads)
    rows = tables[foundation.STATEMENTS.name].to_pylist()
    assert marker.value.startswith("etag:") and len(rows) == 2 * 8
    assert [row["label"] for row in rows[:8]] == ["TK1", "TK2", "TK3", "TS1", "TS2", "ESB1", "ESB2", "ESB3"]
    assert rows[3]["text"] == "Use hand tools & equipment safely" and rows[4]["text"] == "Record own work accurately"
    assert rows[8]["_source_row"] == "[2].technicalKnowledges[0]", "a null element keeps its place"
    (first, _) = tables[foundation.PROGRAMMES.name].to_pylist()
    assert (first["lars_code"], first["minimum_hours"], first["title"]) == (9501, 187, "Workshop foundation apprenticeship (sample)")
    assert tables[foundation.OCCUPATIONS.name].to_pylist()[0]["std_code"] == "OCC9001"
    for table in foundation.DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0


def test_a_new_version_is_a_new_release_beside_the_old_version(tmp_path):
    _, payloads = fetch(foundation.DATASET, {phase: list(foundation_sample.entries(phase)) for phase in (1, 2)}, tmp_path, phase=2)
    rows = read(foundation.DATASET, payloads)[foundation.PROGRAMMES.name].to_pylist()
    assert [(row["reference"], row["version"]) for row in rows] == [("FA9001", "1.0"), ("FA9002", "1.0"), ("FA9001", "1.1")]


def test_missing_lists_and_a_missing_version_are_read_as_they_are_meant(tmp_path):
    tables = parse(tmp_path, [record(version=None, technicalSkills=None, relatedOccupations=[None, {}, {"name": "Fitter"}])])
    assert tables[foundation.PROGRAMMES.name][0]["version"] == "1.0" and tables[foundation.STATEMENTS.name] == []
    assert [(row["position"], row["std_code"], row["name"]) for row in tables[foundation.OCCUPATIONS.name]] == [(3, None, "Fitter")]


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", UnexpectedPayload, "empty"),
        (b"<!DOCTYPE html>", UnexpectedPayload, "web page"),
        (b'{"error": "gone"}', SchemaDrift, "not a JSON array"),
        (b"[]", SchemaDrift, "holds no FA programmes"),
        (b'[{"referenceNumber": "FA0001"', UnexpectedPayload, "not whole JSON"),
        ([record(referenceNumber="ST0499")], SchemaDrift, "does not belong in this list"),
        ([record(), record()], SchemaDrift, "in the list twice"),
        ([record(technicalSkills=["weld"])], SchemaDrift, "technicalSkills"),
        ([record(relatedOccupations=[{"name": 3}])], SchemaDrift, "relatedOccupations"),
        ([record(level="two")], SchemaDrift, "level"),
        ([record(lastUpdated="yesterday")], SchemaDrift, "date"),
        ([{"title": "T"}], SchemaDrift, "neither reference number nor LARS"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path, body, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, body)
    assert refusal.value.rule and refusal.value.action


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["detail", "id", "name"]), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ["version", "larsCode", "level", "technicalKnowledges", "technicalSkills", "employabilitySkillsAndBehaviours", "relatedOccupations", "lastUpdated"]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=5))
def test_any_json_gives_tables_or_a_named_error(tmp_path, fields):
    try:
        tables = parse(tmp_path, [record(**fields)])
    except ObservatoryError as error:
        assert error.rule
        return
    assert len(tables[foundation.PROGRAMMES.name]) == 1

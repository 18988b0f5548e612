"""Apprenticeship units: the sample, class codes in place of LARS codes, and lists that are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets import apprenticeship_units as units
from observatory_assets.sample import apprenticeship_units as units_sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read


def parse(tmp_path, records):
    body = records if isinstance(records, bytes) else json.dumps(records).encode()
    return {name: table.to_pylist() for name, table in read(units.DATASET, [payload(tmp_path / "list.json", body)]).items()}


def record(**fields):
    return {"referenceNumber": "AU0009", "version": "1.0", "title": "T"} | fields


def test_the_units_sample_has_class_codes_in_place_of_lars_codes(tmp_path):
    _, payloads = fetch(units.DATASET, {1: list(units_sample.entries(1))}, tmp_path)
    tables = read(units.DATASET, payloads)
    (first, second) = tables[units.UNITS.name].to_pylist()
    assert (first["lars_code"], first["learning_aim_class_code"], first["who_is_it_for"]) == (None, "ZSC09001", "Employees of any age.")
    assert second["entry_requirements"] is None
    for table in units.DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    assert {row["kind"] for row in tables[units.STATEMENTS.name].to_pylist()} == {"technical_knowledge", "technical_skill"}


def test_a_unit_with_a_class_code_as_its_lars_code_is_read(tmp_path):
    unit = record(larsCode="ZSC00009", technicalSkills=[{"detail": "Weld"}])
    tables = parse(tmp_path, [unit, record(referenceNumber="AU0010", larsCode="0")])
    assert [row["lars_code"] for row in tables[units.UNITS.name]] == [None, None]
    assert [(row["label"], row["statement_id"]) for row in tables[units.STATEMENTS.name]] == [("TS1", "TS1")]


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", UnexpectedPayload, "empty"),
        (b"[null]", SchemaDrift, "holds no AU programmes"),
        ([record(referenceNumber="FA0001")], SchemaDrift, "does not belong in this list"),
        ([record(), record()], SchemaDrift, "in the list twice"),
        ([record(whoIsItFor=["everybody"])], SchemaDrift, "whoIsItFor"),
        ([record(technicalKnowledges={"detail": "x"})], SchemaDrift, "technicalKnowledges"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path, body, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, body)
    assert refusal.value.rule and refusal.value.action


_VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.lists(st.dictionaries(st.just("detail"), st.text(max_size=6) | st.none()), max_size=3)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["larsCode", "learningAimClassCode", "technicalSkills", "technicalKnowledges", "maxFunding"]), _VALUES))
def test_any_record_gives_tables_or_a_named_error(tmp_path, fields):
    try:
        tables = parse(tmp_path, [record(**fields)])
    except ObservatoryError as error:
        assert error.rule
        return
    assert len(tables[units.UNITS.name]) == 1

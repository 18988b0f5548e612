"""ASHE: sample round trip, the recorded median, codes found by name, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.ashe import DATA_SETS, DATASET, PAY, build_resources, find_sexes
from observatory_assets.sample import ashe as sample
from resources.errors import SchemaDrift
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, own_labels, stay_under_the_limits, survives_damage

PHASES = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, PHASES, tmp_path_factory.mktemp("ashe"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[PAY.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about districts by residence: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "ashe_residence_districts")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "ashe.csv", body, **labels)])[PAY.name]


def test_the_sample_release_has_both_bases_of_every_place_nomis_knows(table):
    places = len(AREAS.districts()) + len(AREAS.wider())
    assert table.num_rows == 2 * places * 5 * 3 * 2
    assert duplicates(table, PAY.keys) == 0
    assert not {area.code for area in AREAS.made_of_districts()} & set(table["asked_area"].to_pylist()), "medians cannot be added"


def test_a_withheld_median_has_no_number_and_its_own_status(table):
    withheld = [row for row in table.to_pylist() if row["status"] == "c"]
    assert withheld and all(row["value"] is None and "suppressed" in row["obs_status_name"] for row in withheld)


def test_a_new_year_moves_the_marker_and_revises_the_provisional_one(first, table, tmp_path):
    marker, payloads = fetch(DATASET, PHASES, tmp_path, phase=2)
    later = read(DATASET, payloads)[PAY.name]
    assert marker.value != first[0].value
    england = [
        {row["date_code"]: row["value"] for row in release.to_pylist() if (row["asked_area"], row["basis"], row["sex"], row["measure"]) == key}
        for release in (table, later)
        for key in [("E92000001", "workplace", "Total", "value")]
    ]
    assert set(england[1]) - set(england[0]) == {"2026"} and england[0]["2025"] != england[1]["2025"]


def test_sexes_are_found_by_name_and_only_the_total_must_be_there():
    assert find_sexes({"5": "Male", "6": "Female", "7": "Total", "1": "Male Full Time Workers"}) == {"5": "Male", "6": "Female", "7": "Total"}
    assert find_sexes({"7": "Total"}) == {"7": "Total"}
    for names in ({}, {"5": "Male"}, {"7": "Total", "8": "total"}):
        with pytest.raises(SchemaDrift, match="Total"):
            find_sexes(names)


def test_the_questions_stay_under_the_limits_and_name_no_user_defined_area():
    resources = build_resources(AREAS, dict.fromkeys(DATA_SETS, {"7": "Total"}))
    stay_under_the_limits(resources)
    assert not [resource for resource in resources if "MAKE" in resource.url]
    assert all("&sex=7&pay=7&item=2&measures=20100,20701&" in resource.url for resource in resources)


def test_the_recorded_median_reads(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-earnings.csv"
    labels = own_labels(path) | {"basis": "residence", "sexes": json.dumps({"7": "Total"})}
    (row,) = read(DATASET, [payload(path, **labels)])[PAY.name].to_pylist()
    assert (row["value"], row["status"], row["date_code"], row["sex"], row["measure"]) == (30_238, "ok", "2025", "Total", "value")


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


@pytest.mark.parametrize(("old", "new", "dimension"), [(b"Median", b"Mean", "item"), (b"Annual pay", b"Weekly pay", "pay"), (b'"Total"', b'"All"', "sex")])
def test_a_code_that_means_something_else_now_is_refused(answer, tmp_path, old, new, dimension):
    body, labels = answer
    with pytest.raises(SchemaDrift, match=f"{dimension} means something else"):
        parse(tmp_path, body.replace(old, new), labels)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

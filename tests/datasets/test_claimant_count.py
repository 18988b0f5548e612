"""Claimant count: sample round trip, recorded answers, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.claimant_count import CLAIMANTS, DATASET, MONTHS, build_resources
from observatory_assets.sample import claimant_count as sample
from resources.errors import SchemaDrift
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, own_labels, part_of, stay_under_the_limits, survives_damage

PHASES = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, PHASES, tmp_path_factory.mktemp("claimants"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[CLAIMANTS.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about districts: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "claimants_districts")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "claimants.csv", body, **labels)])[CLAIMANTS.name]


def test_the_sample_release_has_every_area_month_and_measure_once(first, table):
    assert table.num_rows == len(AREAS.areas) * MONTHS * 2
    assert duplicates(table, CLAIMANTS.keys) == 0
    assert first[0].value == "2026-10-13 07:00:00|2026-10-13 07:00:00"
    assert first[0].next_expected.isoformat() == "2026-11-17T07:00:00+00:00"


def test_a_new_month_moves_the_marker_and_revises_the_one_before(first, table, tmp_path):
    marker, payloads = fetch(DATASET, PHASES, tmp_path, phase=2)
    later = read(DATASET, payloads)[CLAIMANTS.name]
    assert marker.value != first[0].value
    assert (min(table["date_code"].to_pylist()), max(table["date_code"].to_pylist())) == ("2024-09", "2026-09")
    assert (min(later["date_code"].to_pylist()), max(later["date_code"].to_pylist())) == ("2024-10", "2026-10")
    counts = [{(row["asked_area"], row["date_code"]): row["value"] for row in release.to_pylist() if row["measure"] == "count"} for release in (table, later)]
    assert counts[0]["E92000001", "2026-09"] != counts[1]["E92000001", "2026-09"]
    assert counts[0]["E92000001", "2026-08"] == counts[1]["E92000001", "2026-08"]


def test_user_defined_areas_have_a_count_but_perhaps_no_rate(table):
    made = [row for row in table.to_pylist() if row["geography_code"] is None]
    assert {(row["measure"], row["status"]) for row in made} == {("count", "ok"), ("rate", "x")}
    assert {row["asked_area"] for row in made} == {area.code for area in AREAS.made_of_districts()}
    assert {row["geography_name"] for row in made} == {area.make_name for area in AREAS.made_of_districts()}


def test_the_questions_stay_under_the_limits_and_count_months_back_from_the_newest():
    resources = build_resources(AREAS)
    stay_under_the_limits(resources)
    assert [resource.name for resource in resources] == ["claimants_made_1.csv", "claimants_districts_1.csv", "claimants_wider_1.csv"]
    assert all("&date=latestMINUS24-latest&gender=0&age=0&measure=1,2&measures=20100&" in resource.url for resource in resources)


def test_the_measures_asked_of_the_recorded_answer_read(recorded, tmp_path):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-claimant-count.csv"
    rows = parse(tmp_path, *part_of(path, MEASURE=("1", "2"))).to_pylist()
    assert [(row["measure"], row["value"], row["status"], row["date_code"]) for row in rows] == [
        ("count", 13090, "ok", "2026-02"),
        ("rate", 4.7, "ok", "2026-02"),
    ]


def test_the_constructed_answer_about_eight_districts_reads(recorded):
    path = recorded / "constructed" / "nomis" / "claimant_8lads.data.csv"
    rows = read(DATASET, [payload(path, **own_labels(path))])[CLAIMANTS.name].to_pylist()
    assert len(rows) == 8 and rows[0]["value"] == 10985
    assert {row["status"] for row in rows} <= {"ok", "x"}


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, change(body), labels)
    assert refusal.value.rule and refusal.value.action


def test_a_code_that_means_something_else_now_is_refused(answer, tmp_path):
    body, labels = answer
    with pytest.raises(SchemaDrift, match="code 2 of measure means something else") as refusal:
        parse(tmp_path, body.replace(b"residents aged 16-64", b"the workforce"), labels)
    assert refusal.value.found == "Claimants as a proportion of the workforce"
    assert parse(tmp_path, body.replace(b"Claimant count", b"Claimant  count "), labels).num_rows == len(json.loads(labels["areas"])) * MONTHS * 2


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

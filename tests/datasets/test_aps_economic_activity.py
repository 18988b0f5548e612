"""APS economic activity: sample round trip, recorded names and rates, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.aps_economic_activity import ACTIVITY, DATASET, RATES, build_resources, find_cells, find_variables
from observatory_assets.sample import aps_economic_activity as sample
from observatory_assets.sample import aps_employment
from resources.errors import SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, asked, own_labels, stay_under_the_limits, survives_damage

PHASES = {phase: [*aps_employment.entries(phase), *sample.entries(phase)] for phase in (1, 2, 3)}
VARIABLES = {
    "18": "economic_activity_rate",
    "45": "employment_rate",
    "84": "unemployment_rate",
    "111": "inactivity_rate",
    "249": "self_employment_rate",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, PHASES, tmp_path_factory.mktemp("activity"))


@pytest.fixture(scope="module")
def tables(first):
    return read(DATASET, first[1])


@pytest.fixture(scope="module", params=["activity_districts", "rates_districts"])
def answer(first, request):
    """The answers about districts: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == request.param)
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    (table,) = read(DATASET, [payload(folder / "aps.csv", body, **labels)]).values()
    return table


def test_the_sample_release_has_every_count_and_rate_of_every_area_once(tables):
    assert tables[ACTIVITY.name].num_rows == len(AREAS.areas) * 5 * 6 * 2
    assert tables[RATES.name].num_rows == len(AREAS.areas) * 5 * 5 * 4
    for table in (ACTIVITY, RATES):
        assert duplicates(tables[table.name], table.keys) == 0


def test_counts_and_rates_of_the_sample_agree(tables):
    counts = {(row["asked_area"], row["date_code"], row["activity"]): row["value"] for row in tables[ACTIVITY.name].to_pylist() if row["measure"] == "value"}
    for row in tables[RATES.name].to_pylist():
        if (row["rate"], row["measure"], row["asked_area"]) == ("employment_rate", "rate", "E92000001"):
            parts = [counts[row["asked_area"], row["date_code"], activity] for activity in ("employment", "population")]
            assert row["value"] == pytest.approx(100 * parts[0] / parts[1], abs=0.06)


def test_a_rate_nomis_does_not_give_for_a_user_defined_area_is_missing_not_zero(tables):
    made = [row for row in tables[RATES.name].to_pylist() if row["geography_code"] is None]
    assert made and {(row["value"], row["status"]) for row in made} == {(None, "x")}
    counted = [row for row in tables[ACTIVITY.name].to_pylist() if row["geography_code"] is None]
    assert {row["status"] for row in counted} == {"ok"}


def test_the_marker_joins_counts_and_rates_and_a_new_quarter_moves_it(first, tmp_path):
    marker, payloads = fetch(DATASET, PHASES, tmp_path, phase=2)
    assert first[0].value == " & ".join(["2026-07-14 07:00:00|2026-07-14 07:00:00"] * 2) != marker.value
    assert max(read(DATASET, payloads)[RATES.name]["date_code"].to_pylist()) == "2026-06"


def test_cells_and_variables_are_found_by_name_beside_others_like_them():
    cells = find_cells(aps_employment.cell_names())
    assert sorted(cells.values()) == ["economically_active", "employment", "inactivity", "population", "self_employment", "unemployment"]
    assert find_variables({**{code: f" {code}" for code in ("1", "2")}, **sample.VARIABLES}) == VARIABLES


def test_the_cell_names_of_the_exported_table_of_leicester_are_found(recorded):
    with (recorded / "nomis" / "extract_T01_leicester_areas.csv").open(newline="", encoding="utf-8") as file:
        names = dict(enumerate(next(csv.reader(file))))
    assert sorted(find_cells({str(number): name.strip() for number, name in names.items()}).values())[0] == "economically_active"


@pytest.mark.parametrize("lost", ["T01:34", "T01:22"])
def test_a_table_that_lost_a_cell_is_refused(lost):
    names = {code: name for code, name in aps_employment.cell_names().items() if not name.startswith(lost + " ")}
    with pytest.raises(SchemaDrift, match="economic activity cells"):
        find_cells(names)


def test_a_variable_lost_or_there_twice_is_refused():
    for names in ({}, {**sample.VARIABLES, "900": "Employment rate - aged 16-64"}, {"18": "Economic activity rate - aged 16-64"}):
        with pytest.raises(SchemaDrift, match="rates expected"):
            find_variables(names)


def test_the_questions_stay_under_the_limits():
    resources = build_resources(AREAS, find_cells(aps_employment.cell_names()), VARIABLES)
    stay_under_the_limits(resources)
    assert all("&variable=18,45,84,111,249&measures=20599,21001,21002,21003&" in resource.url for resource in resources if "NM_17_5" in resource.url)


def test_the_recorded_rates_read(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-aps-employment.csv"
    labels = own_labels(path) | {"table": "rates", "variables": json.dumps(VARIABLES | {"248": "employment_rate"})}
    rows = read(DATASET, [payload(path, **labels)])[RATES.name].to_pylist()
    assert {row["variable"]: row["value"] for row in rows} == {"18": 78.5, "45": 74.9, "84": 4.6, "111": 21.5, "248": 66.2, "249": 8.6}
    assert {(row["status"], row["measure"], row["date_code"]) for row in rows} == {("ok", "rate", "2025-09")}


def test_the_names_of_the_recorded_rates_are_those_a_code_list_is_searched_for(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-aps-employment.csv"
    with path.open(newline="", encoding="utf-8") as file:
        assert find_variables({row["VARIABLE"]: row["VARIABLE_NAME"] for row in csv.DictReader(file)}) == VARIABLES


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


def test_rates_asked_with_a_measure_they_lack_come_back_empty_and_are_refused(recorded, tmp_path):
    (empty,) = (path for path in (recorded / "nomis" / "api_csv_2026-04").iterdir() if path.name == "nomis-aps-emprate.csv")
    rates = {"variable": ["45"]}
    labels = asked({}, group="rates", table="rates", areas={"E08000034": ["E08000034", "LAD23"]}, codes=rates, names={}, measures=["20100"], more=[])
    with pytest.raises(UnexpectedPayload, match="empty"):
        read(DATASET, [payload(empty, **labels, periods="1", variables=json.dumps({"45": "employment_rate"}))])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

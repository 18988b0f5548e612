"""Census 2021: sample round trip, dimensions and codes looked up, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.census_2021 import CENSUS, DATASET, build_resources, find_categories
from observatory_assets.publishers import nomis
from observatory_assets.sample import census_2021 as sample
from resources.errors import SchemaDrift
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, own_labels, part_of, stay_under_the_limits, survives_damage

CATEGORIES = {topic: find_categories(topic, names) for topic, names in sample.NAMES.items()}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("census"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[CENSUS.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about occupations in districts: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "census_occupation_districts")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "census.csv", body, **labels)])[CENSUS.name]


def test_the_sample_release_has_both_topics_of_every_area_once(first, table):
    assert table.num_rows == len(AREAS.areas) * (8 + 10)
    assert duplicates(table, CENSUS.keys) == 0
    assert first[0].next_expected is None, "nothing follows a census"
    assert first[0].released_at.isoformat() == "2023-01-10T09:30:00+00:00"


def test_the_area_with_rutland_is_the_other_and_rutland(table):
    people = {row["asked_area"]: row["value"] for row in table.to_pylist() if (row["topic"], row["category"]) == ("qualification", "Total")}
    assert people["E69000043"] == people["E69000020"] + people["E06000017"]


def test_the_dimension_is_read_in_the_recorded_structure_document(recorded):
    document = json.loads((recorded / "nomis" / "def_sdmx_NM_2021_1_2026-02-06.json").read_text())
    assert nomis.own_dimension(document) == "c2021_restype_3"


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"structure": {"keyfamilies": {"keyfamily": []}}},
        {"structure": {"keyfamilies": {"keyfamily": {"components": {"dimension": {"conceptref": "GEOGRAPHY"}}}}}},
        {"structure": {"keyfamilies": {"keyfamily": {"components": {"dimension": [{"conceptref": "C_SEX"}, {"conceptref": "C_AGE"}]}}}}},
    ],
)
def test_a_structure_without_exactly_one_dimension_of_its_own_is_refused(document):
    with pytest.raises(SchemaDrift):
        nomis.own_dimension(document)


def test_majors_are_read_from_the_names_or_else_from_the_codes():
    assert CATEGORIES["occupation"]["2"] == ("2", "Professional occupations")
    plain = {code: name.partition(". ")[2] or name for code, name in sample.NAMES["occupation"].items()}
    assert find_categories("occupation", plain) == CATEGORIES["occupation"]
    other_codes = {str(int(code) + 1000): name for code, name in sample.NAMES["occupation"].items()}
    assert sorted(find_categories("occupation", other_codes).values()) == sorted(CATEGORIES["occupation"].values())


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        ("qualification", {}),
        ("qualification", {code: name for code, name in sample.NAMES["qualification"].items() if code != "4"}),
        ("qualification", {code: name for code, name in sample.NAMES["qualification"].items() if code != "0"}),
        ("qualification", sample.NAMES["qualification"] | {"8": "Total: again"}),
        ("qualification", sample.NAMES["qualification"] | {"7": "Apprenticeship"}),
        ("occupation", sample.NAMES["qualification"]),
        ("occupation", sample.NAMES["occupation"] | {"9": "8. Elementary occupations"}),
    ],
)
def test_categories_lost_added_or_repeated_are_refused(topic, names):
    with pytest.raises(SchemaDrift, match="categories"):
        find_categories(topic, names)


def test_the_questions_stay_under_the_limits():
    resources = build_resources(AREAS, sample.DIMENSIONS, CATEGORIES)
    stay_under_the_limits(resources)
    assert sum("/NM_2084_1.data.csv?" in resource.url and "&c2021_hiqual_8=0,1,2,3,4,5,6,7&" in resource.url for resource in resources) == 3


def test_rows_of_the_recorded_table_of_the_same_census_read(recorded, tmp_path):
    path = recorded / "nomis" / "api_csv_2026-04" / "census2021_kirklees_qualifications.csv"
    body, labels = part_of(path, MEASURES=("20100",))
    labels |= {"measures": '["20100"]', "codes": json.dumps({"c2021_eastat_20": json.loads(own_labels(path)["codes"])["c2021_eastat_20"]})}
    categories = {code: [code, "label"] for code in json.loads(labels["codes"])["c2021_eastat_20"]}
    rows = parse(tmp_path, body, labels | {"topic": "occupation", "categories": json.dumps(categories)}).to_pylist()
    assert len(rows) == 31 and rows[0]["value"] == 346_271 and {row["status"] for row in rows} == {"ok"}


@pytest.mark.parametrize(("change", "error", "says"), [case for case in WRONG if case[2] != "periods"])
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

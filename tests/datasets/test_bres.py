"""BRES: sample round trip, recorded answers, codes found by name, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.bres import DATASET, JOBS, build_resources, find_industries, find_statuses
from observatory_assets.publishers import nomis
from observatory_assets.sample import bres as sample
from observatory_assets.sample import nomis_sic as sic
from resources.errors import SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, asked, own_labels, part_of, repeat_total, stay_under_the_limits, survives_damage

INDUSTRIES = nomis.industries(sic.names())


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("bres"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[JOBS.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about districts: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "bres_districts_sections")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "bres.csv", body, **labels)])[JOBS.name]


def sections_of(path):
    """Labels of a recorded answer by section, as the dataset would have asked it."""
    meaning = {code: ("industry_section", letter, title) for code, (letter, title) in INDUSTRIES.sections.items()} | {sic.TOTAL: ("total", "Total", "Total")}
    return {"industries": json.dumps(meaning)}


def test_the_sample_release_has_every_area_year_and_industry_once(table):
    larger = len(AREAS.made_of_districts()) + len(AREAS.wider())
    assert table.num_rows == 5 * (len(AREAS.areas) * (1 + 21 + 1) + larger * len(INDUSTRIES.divisions))
    assert duplicates(table, JOBS.keys) == 0
    assert {(row["breakdown"], row["employment_status"]) for row in table.to_pylist()} == {
        ("total", "employees"),
        ("total", "employment"),
        ("industry_section", "employees"),
        ("industry", "employees"),
    }


def test_a_zero_is_a_number_and_a_remark_does_not_hide_one(table):
    rows = [row for row in table.to_pylist() if row["asked_area"] == "E07000133" and row["date_code"] == "2025"]
    codes = {row["industry_code"]: row for row in rows}
    assert (codes["U"]["value"], codes["U"]["status"]) == (0, "ok")
    assert codes["A"]["value"] > 0 and codes["A"]["status"] == "ok" and codes["A"]["obs_status"] == "T"


def test_divisions_are_told_from_broad_groups_whose_names_look_the_same():
    assert INDUSTRIES.total == sic.TOTAL and len(INDUSTRIES.sections) == 21
    assert INDUSTRIES.divisions["146800650"] == ("10", "Manufacture of food products")
    assert sorted(code for code, _ in INDUSTRIES.divisions.values()) == sorted(f"{number:02d}" for number in sic.DIVISIONS)
    assert INDUSTRIES.sections["150994964"][0] == "T", "its title has a semicolon and a colon-free tail"


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"1": "Total"},
        sic.names() | {"9": "Total"},
        {code: name for code, name in sic.names().items() if not name.startswith("Q :")},
        sic.names() | {"9": "C : Making things"},
        sic.names() | {"9": "10 : Manufacture of sweets"},
    ],
)
def test_an_industry_code_list_that_lacks_or_repeats_one_is_refused(names):
    with pytest.raises(SchemaDrift, match="industry code list") as refusal:
        nomis.industries(names)
    assert refusal.value.action


def test_a_code_list_without_divisions_is_refused():
    assert find_industries(sic.names()) == INDUSTRIES
    with pytest.raises(SchemaDrift, match="no divisions"):
        find_industries({code: name for code, name in sic.names().items() if code not in INDUSTRIES.divisions})


def test_employment_is_asked_only_where_a_status_has_that_name():
    assert find_statuses({"1": "Employees", "4": "Employment"}) == {"employees": "1", "employment": "4"}
    assert find_statuses({"1": "Employees", "3": "Part-time employees"}) == {"employees": "1"}
    with pytest.raises(SchemaDrift, match="Employees"):
        find_statuses({"4": "Employment"})
    names = [resource.name for resource in build_resources(AREAS, INDUSTRIES, {"employees": "1"})]
    assert not [name for name in names if "employment" in name]


def test_the_questions_stay_under_the_limits_even_with_all_88_divisions():
    every = nomis.Industries(INDUSTRIES.total, INDUSTRIES.sections, {str(146800640 + number): (f"{number:02d}", "t") for number in range(1, 89)})
    resources = build_resources(AREAS, every, {"employees": "1", "employment": "4"})
    stay_under_the_limits(resources)
    assert len({resource.name for resource in resources}) == 8


def test_the_recorded_answer_by_section_reads(recorded, tmp_path):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-bres-sic-sections.csv"
    body, labels = part_of(path, MEASURE=("1",))
    rows = {row["industry_code"]: row for row in parse(tmp_path, body, labels | sections_of(path)).to_pylist()}
    assert "".join(sorted(rows)) == "ABCDEFGHIJKLMNOPQRSTU"
    assert (rows["A"]["value"], rows["Q"]["value"], rows["U"]["value"]) == (300, 22_000, 0)
    assert {row["employment_status"] for row in rows.values()} == {"employees"}


def test_the_names_of_the_recorded_answer_are_those_a_code_list_is_searched_for(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-bres-sic-sections.csv"
    rows = list(nomis.answer([(path.name, path)], own_labels(path)))
    names = {row["INDUSTRY"]: row["INDUSTRY_NAME"] for row in rows}
    assert nomis.industries(sic.names() | names).sections == INDUSTRIES.sections


def test_the_recorded_repeated_total_is_refused(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-bres-by-industry.csv"
    labels = asked(own_labels(path), codes={"industry": list(INDUSTRIES.sections)[:9], "employment_status": ["1"], "measure": ["1", "2"]}) | sections_of(path)
    with pytest.raises(SchemaDrift, match="codes returned") as refusal:
        read(DATASET, [payload(path, **labels)])
    assert "missing 18" in refusal.value.found and "37748736" in refusal.value.found


def test_a_total_repeated_for_unknown_industries_is_refused(answer, tmp_path):
    body, labels = answer
    with pytest.raises(SchemaDrift, match="codes returned"):
        parse(tmp_path, repeat_total(body, labels, "industry", sic.TOTAL), labels)


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


def test_a_status_code_that_means_something_else_now_is_refused(answer, tmp_path):
    body, labels = answer
    with pytest.raises(SchemaDrift, match="employment_status means something else"):
        parse(tmp_path, body.replace(b'"Employees"', b'"Full-time employees"'), labels)


def test_an_answer_cut_at_the_guest_limit_is_refused_and_its_pages_together_are_accepted(answer, tmp_path):
    body, labels = answer
    header, *rows = body.strip().split(b"\n")
    half = len(rows) // 2
    pages = [payload(tmp_path / f"{number}.csv", b"\n".join([header, *part]), **labels) for number, part in enumerate((rows[:half], rows[half:], []))]
    with pytest.raises(UnexpectedPayload, match="add up"):
        read(DATASET, pages[:1])
    assert read(DATASET, pages)[JOBS.name].num_rows == len(rows)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

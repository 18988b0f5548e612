"""APS qualifications: sample round trip, cell names in any order, the break of 2022, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.aps_qualifications import DATASET, QUALIFICATIONS, build_resources, find_cells, find_years
from observatory_assets.sample import aps_employment
from observatory_assets.sample import aps_qualifications as sample
from resources.errors import SchemaDrift
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, stay_under_the_limits, survives_damage

PHASES = {phase: [*aps_employment.entries(phase), *sample.entries(phase)] for phase in (1, 2, 3)}
CELLS = find_cells(aps_employment.cell_names())
LEVELS = {"NVQ4+": "level_4_plus", "NVQ3": "level_3", "NVQ2": "level_2", "NVQ1": "level_1", "Other Qualifications": "other", "None": "none"}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, PHASES, tmp_path_factory.mktemp("qualifications"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[QUALIFICATIONS.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about districts by RQF level: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "qualifications_rqf_districts")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "aps.csv", body, **labels)])[QUALIFICATIONS.name]


def names(form="{table}:{number} (Total - {people} aged {age} : {level} )", *, groups=(("All people", "16-64"),), levels=tuple(LEVELS)):
    found = {}
    for table in ("T19", "T19a"):
        for people, age in groups:
            for level in levels:
                number = len(found) + 1
                framework_level = level.replace("NVQ", "RQF") if table == "T19a" else level
                found[str(number)] = form.format(table=table, number=number, people=people, age=age, level=framework_level)
    return found


def test_the_sample_release_has_every_group_once_and_districts_only_the_whole(table):
    larger = len(AREAS.made_of_districts()) + len(AREAS.wider())
    assert table.num_rows == (2 + 3) * 2 * (larger * 5 * 7 + len(AREAS.districts()) * 7)
    assert duplicates(table, QUALIFICATIONS.keys) == 0
    districts = {area.code for area in AREAS.districts()}
    assert {(row["sex"], row["age"]) for row in table.to_pylist() if row["asked_area"] in districts} == {("Total", "16-64")}


def test_the_break_between_the_frameworks_stays_visible(table):
    years = {framework: {row["date_code"] for row in table.to_pylist() if row["framework"] == framework} for framework in ("nvq", "rqf")}
    assert years == {"nvq": {"2020-12", "2021-12"}, "rqf": {"2023-12", "2024-12", "2025-12"}}


def test_a_new_quarter_moves_the_marker_but_not_the_calendar_years(first, table, tmp_path):
    marker, payloads = fetch(DATASET, PHASES, tmp_path, phase=2)
    assert marker.value != first[0].value
    assert read(DATASET, payloads)[QUALIFICATIONS.name].drop_columns(["_source_file"]).equals(table.drop_columns(["_source_file"]))


def test_a_zero_is_a_suppressed_estimate_but_a_confidence_of_zero_is_not_touched(answer, tmp_path):
    body, labels = answer
    lines = body.decode().split("\n")
    for number in (1, 2):
        cells = lines[number].split(",")
        cells[-6] = "0"
        lines[number] = ",".join(cells)
    rows = parse(tmp_path, "\n".join(lines).encode(), labels).to_pylist()
    assert [(row["measure"], row["value"], row["status"]) for row in rows[:2]] == [("value", None, "c"), ("confidence", 0, "ok")]


@pytest.mark.parametrize(
    "form",
    [
        "{table}:{number} (Total - {people} aged {age} : {level} )",
        "{table}:{number} ({level} - {people} aged {age} : Total )",
        "{table}:{number} (Total {age}, {people}: {level})",
    ],
)
def test_cells_are_read_whatever_the_order_of_their_parts(form):
    groups = (("All people", "16-64"), ("Males", "16-64"), ("Females", "16-64"), ("All people", "20-24"), ("Females", "20-24"))
    found = find_cells(names(form, groups=groups))
    assert set(found) == {"nvq", "rqf"}
    for cells in found.values():
        assert len(cells) == len(set(cells.values())) == len(groups) * len(LEVELS)
        assert {(sex, age) for _, sex, age in cells.values()} == {
            ("Total", "16-64"),
            ("Male", "16-64"),
            ("Female", "16-64"),
            ("Total", "20-24"),
            ("Female", "20-24"),
        }


def test_a_group_without_all_levels_is_left_out_and_trade_apprenticeships_may_be_missing():
    listed = names(groups=(("All people", "16-64"), ("Males", "16-64")))
    lost = {code: name for code, name in listed.items() if "Males aged 16-64 : None" not in name}
    assert {meaning[1] for meaning in find_cells(lost)["nvq"].values()} == {"Total"}
    assert "trade_apprenticeships" in {meaning[0] for meaning in CELLS["nvq"].values()}


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {code: name for code, name in names().items() if "T19a" not in name},
        {code: name for code, name in names().items() if "None" not in name},
        {code: name.replace("Total", "Employed") for code, name in names().items()},
        names() | {"99": "T19:99 (Total - All people aged 16-64 : NVQ3 )"},
    ],
)
def test_tables_that_lack_or_repeat_a_level_are_refused(listed):
    with pytest.raises(SchemaDrift, match="cells of T19"):
        find_cells(listed)


def test_years_are_the_newest_decembers_of_each_framework():
    periods = [f"{year}-{month}" for year in range(2010, 2030) for month in ("03", "06", "09", "12")]
    assert find_years(periods) == {"nvq": ["2020-12", "2021-12"], "rqf": ["2027-12", "2028-12", "2029-12"]}
    assert find_years(["2021-12", "2022-12"]) == {"nvq": ["2021-12"], "rqf": ["2022-12"]}
    for lacking in ([], ["2021-12"], ["2021-12", "2024-09"]):
        with pytest.raises(SchemaDrift, match="calendar years"):
            find_years(lacking)


def test_the_questions_stay_under_the_limits():
    resources = build_resources(AREAS, CELLS, find_years(["2020-12", "2021-12", "2022-12", "2023-12", "2024-12"]))
    stay_under_the_limits(resources)
    assert len({resource.name for resource in resources}) == 6
    assert sum("&date=2020-12,2021-12&" in resource.url for resource in resources) == 3


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


def test_one_cell_answered_again_and_again_is_refused(answer, tmp_path):
    body, labels = answer
    one, *others = json.loads(labels["cells"])
    for other in others:
        body = body.replace(f'"{other}"'.encode(), f'"{one}"'.encode())
    with pytest.raises(SchemaDrift, match="codes returned"):
        parse(tmp_path, body, labels)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)

"""DfE level 2 and 3 attainment: sample round trip, the published first rows, both spellings of ages, and damaged files."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.attainment_16_to_25 import ATTAINMENT, DATASET
from observatory_assets.sample import attainment_16_to_25 as sample
from observatory_assets.sample.recording import Entry
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

# Headers as on the catalogue pages.
FILTERS = "age,cohort_age_in,qualification_level,subject,qualification_type"
DISTRICT = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,new_la_code,la_name,lad_code,lad_name,"
    f"opportunity_area_code,opportunity_area_name,{FILTERS},breakdown_topic,breakdown,number_in_ss_cohort,number,percentage"
)
AUTHORITY = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,new_la_code,old_la_code,la_name,breakdown_topic,"
    f"breakdown,{FILTERS},number_in_ss_cohort,number,percentage"
)
LEICESTER = (
    "201617,Academic year,Local authority district,E92000001,England,,,,,,E06000016,Leicester,,,by age 16,201314,Level 2,Total,Total Level 2,Total,Total"
)
ENGLAND = "201617,Academic year,National,E92000001,England,,,,,,,,,,by age 16,201314,Level 2,Total,Total Level 2,Total,Total"


@pytest.fixture(scope="module")
def story():
    return {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, payloads, read(DATASET, payloads)[ATTAINMENT.name]


def parse(tmp_path, *lines, series="district"):
    areas = json.dumps({"LAD": ["E06000016"], "LSIP": ["E69000020"], "REG": ["E12000004"], "NAT": ["E92000001"]})
    body = "\n".join(lines).encode("utf-8-sig")
    return read(DATASET, [payload(tmp_path / f"{series}.csv", body, series=series, areas=areas)])[ATTAINMENT.name].to_pylist()


def test_the_sample_has_both_series_without_repeated_keys(first):
    marker, payloads, table = first
    assert duplicates(table, ATTAINMENT.keys) == 0 and marker.next_expected.isoformat() == "2027-04-30T08:30:00+00:00"
    assert [page.labels["series"] for page in payloads] == ["district", "authority"]
    rows = table.to_pylist()
    assert {area.code for area in AREAS.districts()} <= {row["area_code"] for row in rows if row["series"] == "district"}
    assert {row["area_code"] for row in rows if row["geographic_level"] == "Local authority"} >= {"E06000016", "E06000017"}
    assert {"ok", "c"} == {row["reached_status"] for row in rows}


def test_figures_at_16_belong_to_the_year_the_cohort_was_16(first):
    years = {(row["age"], int(row["time_period"][:4]) - int(row["cohort_age_in"][:4])) for row in first[2].to_pylist()}
    assert years == {("by age 16", 3), ("by age 19", 0)}


def test_the_next_phase_brings_a_cohort(story, first, tmp_path):
    marker, payloads = fetch(DATASET, story, tmp_path, phase=2)
    assert marker.value != first[0].value
    assert max(read(DATASET, payloads)[ATTAINMENT.name]["time_period"].to_pylist()) > max(first[2]["time_period"].to_pylist())


def test_rows_as_published_are_read_and_subjects_left_out(tmp_path):
    region = (
        "200708,Academic year,Regional,E92000001,England,E12000004,East Midlands,,,,FSM (Free School Meal) status,FSM not eligible,by age 16,200405,Level 2"
    )
    england = "200708,Academic year,National,E92000001,England,,,,,,FSM (Free School Meal) status,FSM not eligible,by age 16,200405,Level 2"
    lines = (f"{england},Total,Total Level 2,505080,294240,58.257", f"{england},English,GCSE,505080,1,1", f"{region},Total,Total Level 2,46750,25960,55.542")
    rows = parse(tmp_path, AUTHORITY, *lines, series="authority")
    assert [(row["area_code"], row["cohort"], row["reached"], row["percentage"]) for row in rows] == [
        ("E92000001", 505080, 294240, 58.257),
        ("E12000004", 46750, 25960, 55.542),
    ]


def test_a_unitary_authority_is_its_district(tmp_path):
    authority = "202021,Academic year,Local authority,E92000001,England,E12000004,East Midlands,E06000016,856,Leicester,Total,Total,by age 19,202021,Level 3"
    county = authority.replace("E06000016", "E10000018")
    england = "202021,Academic year,National,E92000001,England,,,,,,Total,Total,by age 19,202021,Level 3"
    rows = parse(tmp_path, AUTHORITY, *(f"{row},Total,Total Level 3,10,5,50" for row in (authority, county, england)), series="authority")
    assert [(row["area_code"], row["area_name"]) for row in rows] == [("E06000016", "Leicester"), ("E92000001", "England")]


@pytest.mark.parametrize(("cell", "status"), [(":", "x"), ("c", "c"), ("z", "z"), ("x", "x"), ("~", "low"), ("", "x")])
def test_markers_are_statuses(tmp_path, cell, status):
    rows = parse(tmp_path, DISTRICT, f"{LEICESTER},10,{cell},{cell}", f"{ENGLAND},10,0,0")
    assert [(row["reached"], row["reached_status"]) for row in rows] == [(None, status), (0, "ok")]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda lines: ["<html>"], UnexpectedPayload, "web page"),
        (lambda lines: [lines[0].replace("qualification_level", "Level_2"), *lines[1:]], SchemaDrift, "qualification_level"),
        (lambda lines: [lines[0].replace("lad_code", "lad24cd"), *lines[1:]], SchemaDrift, "lad_code"),
        (lambda lines: lines[:2], SchemaDrift, "no row for some areas"),
        (lambda lines: [line.replace("Total Level 2", "GCSEs") for line in lines], SchemaDrift, "no row for some areas"),
        (lambda lines: [line.replace(",37", ",?") for line in lines], SchemaDrift, "neither a number"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, change, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, *change([DISTRICT, f"{LEICESTER},100,37,37.0", f"{ENGLAND},100,37,37.0"]))
    assert refusal.value.rule and refusal.value.expected is not None


@pytest.mark.parametrize(("new", "old"), [("Attainment by local authority district data", "Level 2 and 3 attainment by local authority district")])
def test_files_are_found_under_older_titles_and_refused_under_none(story, tmp_path, new, old):
    def retitled(before, after):
        return {
            1: [
                Entry(entry.host, entry.path, entry.body.replace(before.encode(), after.encode())) if entry.path.endswith("data-content") else entry
                for entry in story[1]
            ]
            + [
                Entry(
                    "content.explore-education-statistics.service.gov.uk", "/api/publications/level-2-and-3-attainment-by-young-people-aged-19/releases", b"[]"
                )
            ]
        }

    assert len(fetch(DATASET, retitled(new, old), tmp_path)[1]) == 2
    (tmp_path / "gone").mkdir()
    with pytest.raises(SchemaDrift, match="no data set of the release"):
        fetch(DATASET, retitled("local authority district", "place"), tmp_path / "gone")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_sound_tables_or_named_errors(tmp_path, data):
    damaged = bytearray("\n".join([DISTRICT, f"{LEICESTER},100,37,37.0", f"{ENGLAND},100,:,c"]).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"low", b"inf", b"0"]))
    areas = json.dumps({"LAD": ["E06000016"], "NAT": ["E92000001"]})
    try:
        tables = read(DATASET, [payload(tmp_path / "a.csv", bytes(damaged), series="district", areas=areas)])
    except ObservatoryError:
        return
    for row in tables[ATTAINMENT.name].to_pylist():
        assert (row["reached"] is None) == (row["reached_status"] != "ok")
        assert row["reached"] is None or abs(row["reached"]) < float("inf")

"""DfE further education and skills: sample round trip, both spellings of the doubtful columns, finding the files, and damaged ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.further_education import AIMS, DATASET, GEOGRAPHY, PUBLICATION
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample import further_education as sample
from observatory_assets.sample.education import file_answer, release_answers, release_version
from observatory_assets.sample.recording import Entry
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

# Header and first row as on the catalogue page of AY 2024/25.
HEADER = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,new_la_code,old_la_code,la_name,lad_code,lad_name,"
    "pcon_code,pcon_name,english_devolved_area_code,english_devolved_area_name,local_enterprise_partnership_code,local_enterprise_partnership_name,lsip_code,"
    "lsip_name,provision_type,regulated_status,level_or_type,age_summary,starts,participation,learner_achievements,population_estimate,"
    "starts_rate_per_100000_population,participation_rate_per_100000_population,learner_achievements_rate_per_100000_population"
)
ALL = "Further education and skills,Total,Further education and skills: Total,Total"
ENGLAND = f"202425,Academic year,National,E92000001,England{',' * 15},{ALL},z,1090520,212590,34237382,z,3185,621"
LEICESTER = f"202425,Academic year,Local authority district,E92000001,England,E12000004,East Midlands,,,,E06000016,Leicester{',' * 8},{ALL},z,20,low,1,z,x,c"
PLAN = f"202425,Academic year,Local skills improvement plan area,E92000001,England{',' * 13},E69000020,L&L,{ALL},z,20,10,1,z,5,0"
AIMS_HEADER = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name,notional_nvq_level,sex"
AIMS_HEADER += ",ethnicity_major,ssa_tier_1,enrolments,aim_achievements"
AIMS_ROWS = (
    "202526,Academic year,National,E92000001,England,,,,,Total,Total,Total,Digital Technology,500,400",
    "202526,Academic year,Local authority district,E92000001,England,E12000004,EM,E06000016,Leicester,Total,Total,Total,Digital Technology,10,low",
    "202526,Academic year,Local authority district,E92000001,England,E12000004,EM,E06000016,Leicester,Total,Female,Total,Digital Technology,10,low",
    "202526,Academic year,English devolved area,E92000001,England,,,,,Total,Total,Total,Digital Technology,10,low",
)


@pytest.fixture(scope="module")
def story():
    return {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, payloads, read(DATASET, payloads)


def parse(tmp_path, holds, *lines, updated="2026-03-26T09:30:13Z"):
    areas = json.dumps({"LAD": ["E06000016"], "LSIP": ["E69000020"], "REG": ["E12000004"], "NAT": ["E92000001"]})
    body = "\n".join(lines).encode("utf-8-sig")
    name = (GEOGRAPHY if holds == "geography" else AIMS).name
    return read(DATASET, [payload(tmp_path / f"{holds}.csv", body, holds=holds, areas=areas, updated=updated)])[name].to_pylist()


def test_the_sample_has_both_tables_without_repeated_keys(first):
    marker, _, tables = first
    assert marker.next_expected.isoformat() == "2026-11-19T09:30:00+00:00"
    for table in (GEOGRAPHY, AIMS):
        assert duplicates(tables[table.name], table.keys) == 0
    codes = set(tables[GEOGRAPHY.name]["area_code"].to_pylist())
    assert {"E69000020", "E12000004", "E92000001", *(area.code for area in AREAS.districts())} <= codes
    assert "E69000043" not in codes, "DfE publishes the plan areas of its day"
    assert {"ok", "low"} == set(tables[GEOGRAPHY.name]["participation_status"].to_pylist())
    assert {"ok", "low"} == set(tables[AIMS.name]["achievements_status"].to_pylist())


def test_only_the_unfinished_year_is_part_of_a_year_and_it_is_finished_in_phase_two(story, first, tmp_path):
    part = {(row["time_period"], row["is_part_year"]) for row in first[2][GEOGRAPHY.name].to_pylist()}
    assert part == {("202324", False), ("202425", False), ("202526", True)}
    marker, payloads = fetch(DATASET, story, tmp_path, phase=2)
    assert marker.value != first[0].value
    assert set(read(DATASET, payloads)[AIMS.name]["is_part_year"].to_pylist()) == {False}


def test_the_published_first_row_reads_as_published(tmp_path):
    england, leicester, plan = parse(tmp_path, "geography", HEADER, ENGLAND, LEICESTER, PLAN)
    assert (england["area_code"], england["participation"], england["learner_achievements"], england["population_estimate"]) == (
        "E92000001",
        1090520,
        212590,
        34237382,
    )
    assert england["participation_rate_per_100000_population"] == 3185
    assert (leicester["learner_achievements"], leicester["learner_achievements_status"]) == (None, "low")
    assert leicester["participation_rate_per_100000_population_status"] == "x"
    assert leicester["learner_achievements_rate_per_100000_population_status"] == "c"
    assert (plan["area_code"], plan["geographic_level"]) == ("E69000020", "Local skills improvement plan area")


def test_a_file_without_plan_areas_and_without_regulated_status_is_read_too(tmp_path):
    old = [line.replace("lsip_code,lsip_name,", "").replace("regulated_status,", "") for line in (HEADER,)]
    rows = [line.replace(",,,Further", ",Further").replace("skills,Total,Further", "skills,Further") for line in (ENGLAND, LEICESTER)]
    assert [row["area_code"] for row in parse(tmp_path, "geography", *old, *rows)] == ["E92000001", "E06000016"]
    with pytest.raises(SchemaDrift, match="lsip_code"):
        parse(tmp_path, "geography", HEADER.replace("lsip_code", "lsip25cd"), ENGLAND, LEICESTER, PLAN)


def test_aims_are_taken_over_all_sexes_and_under_either_name_of_achievements(tmp_path):
    for header in (AIMS_HEADER, AIMS_HEADER.replace("aim_achievements", "achievements")):
        rows = parse(tmp_path, "aims", header, *AIMS_ROWS)
        assert [(row["area_code"], row["enrolments"], row["achievements"], row["achievements_status"]) for row in rows] == [
            ("E92000001", 500, 400, "ok"),
            ("E06000016", 10, None, "low"),
        ]
        assert [row["_source_row"] for row in rows] == ["2", "3"]
    with pytest.raises(SchemaDrift, match="aim_achievements"):
        parse(tmp_path, "aims", AIMS_HEADER.replace("aim_achievements", "passes"), *AIMS_ROWS)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda lines: [], SchemaDrift, "lacks or repeats"),
        (lambda lines: ["<!DOCTYPE html>"], UnexpectedPayload, "web page"),
        (lambda lines: [lines[0].replace("provision_type", "provision"), *lines[1:]], SchemaDrift, "provision_type"),
        (lambda lines: [lines[0].replace("lad_code", "lad24cd"), *lines[1:]], SchemaDrift, "lad_code"),
        (lambda lines: [line.replace("National", "Galactic") for line in lines], SchemaDrift, "geographic level"),
        (lambda lines: [line.replace("1090520", "many") for line in lines], SchemaDrift, "neither a number"),
        (lambda lines: lines[:2], SchemaDrift, "no row for some areas"),
        (lambda lines: [*lines, lines[-1][:60]], SchemaDrift, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, change, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, "geography", *change([HEADER, ENGLAND, LEICESTER]))
    assert refusal.value.rule and refusal.value.expected is not None


def test_a_file_the_latest_release_does_not_have_yet_is_taken_from_the_one_before(story, tmp_path):
    held = next(json.loads(entry.body) for entry in story[1] if entry.path.endswith("data-content"))
    new = list(release_answers(PUBLICATION, 690, slug="2026-27", updated="2026-12-01T09:30:00Z", data_sets=held["dataSets"][:1]))
    old = list(release_answers(PUBLICATION, 680, slug="2025-26", updated="2026-11-19T09:30:00Z", data_sets=held["dataSets"]))
    releases = [{"slug": slug, "published": published} for slug, published in (("2026-27", "2026-12-01"), ("2025-26", "2026-11-19"))]
    files = {"geography": sample._geography(1), "aims": sample._aims(1)}
    entries = [
        *new,
        *old[1:],
        Entry(ees.HOST, f"/api/publications/{PUBLICATION}/releases", json.dumps(releases).encode()),
        file_answer(release_version(690), held["dataSets"][0]["fileId"], files["geography"]),
        file_answer(release_version(680), held["dataSets"][1]["fileId"], files["aims"]),
    ]
    _, payloads = fetch(DATASET, {1: entries}, tmp_path)
    assert [(page.labels["holds"], page.labels["release"]) for page in payloads] == [("geography", "2026-27"), ("aims", "2025-26")]
    assert set(read(DATASET, payloads)[AIMS.name]["is_part_year"].to_pylist()) == {False}
    gone = list(release_answers(PUBLICATION, 690, slug="2026-27", updated="2026-12-01T09:30:00Z", data_sets=[{"fileId": "f", "title": "Other"}]))
    with pytest.raises(SchemaDrift, match="no data set of the release") as refusal:
        (tmp_path / "gone").mkdir()
        fetch(DATASET, {1: [*gone, Entry(ees.HOST, f"/api/publications/{PUBLICATION}/releases", b"[]")]}, tmp_path / "gone")
    assert refusal.value.found == ["Other"]


def test_a_renamed_file_is_found_by_what_it_holds(story, tmp_path):
    entries = [
        Entry(entry.host, entry.path, entry.body.replace(b"Geography ", b"Places: "), query=entry.query, headers=entry.headers)
        if entry.path.endswith("data-content")
        else entry
        for entry in story[1]
    ]
    _, payloads = fetch(DATASET, {1: entries}, tmp_path)
    assert [page.labels["holds"] for page in payloads] == ["geography", "aims"]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), holds=st.sampled_from(["geography", "aims"]))
def test_damaged_files_give_sound_tables_or_named_errors(tmp_path, data, holds):
    lines = [HEADER, ENGLAND, LEICESTER] if holds == "geography" else [AIMS_HEADER, *AIMS_ROWS]
    damaged = bytearray("\n".join(lines).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"low", b"inf", b"0"]))
    column = "participation" if holds == "geography" else "enrolments"
    areas = json.dumps({"LAD": ["E06000016"], "NAT": ["E92000001"]})
    try:
        tables = read(DATASET, [payload(tmp_path / "a.csv", bytes(damaged), holds=holds, areas=areas, updated="2026-03-26T09:30:13Z")])
    except ObservatoryError:
        return
    for row in next(iter(tables.values())).to_pylist():
        assert (row[column] is None) == (row[f"{column}_status"] != "ok")
        assert row[column] is None or abs(row[column]) < float("inf")

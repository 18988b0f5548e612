"""DfE 16-18 destinations: the sample through the API by level of qualification, and the wide files. The rest is tested with key stage 4."""

from __future__ import annotations

import json

import pytest

from observatory_assets.datasets import destinations
from observatory_assets.datasets.ks5_destinations import DATASET, STUDY
from observatory_assets.publishers import education_api as api
from observatory_assets.sample import destinations as sample
from resources.errors import SchemaDrift
from tests.datasets.fetched import duplicates, fetch, payload, read

TABLE = STUDY.table.name
WIDE = (
    "time_period,time_identifier,geographic_level,country_code,country_name,institution_group,institution_type,cohort_level_group,cohort_level,"
    "breakdown_topic,breakdown,data_type,version,cohort,overall,education,he,fe,appren,all_work,all_notsust,all_unknown\n"
)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    story = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, payloads, read(DATASET, payloads)[TABLE]


def wide(tmp_path, *rows):
    body = WIDE + "".join(f"202223,Academic year,National,E92000001,England,{row}\n" for row in rows)
    return read(DATASET, [payload(tmp_path / "national.csv", body.encode(), holds="wide", areas=json.dumps({"NAT": ["E92000001"]}))])[TABLE].to_pylist()


def test_destinations_are_of_all_students_and_the_overall_rate_is_by_level_too(first):
    rows = first[2].to_pylist()
    assert duplicates(first[2], STUDY.table.keys) == 0
    assert {row["cohort_level_group"] for row in rows} == {"Total", "Level 3", "Level 2", "All other qualifications"}
    assert {row["destination"] for row in rows if row["cohort_level_group"] != "Total"} == {"overall"}
    assert {row["cohort_level_group"] for row in rows if row["topic"] != "total"} == {"Total"}


def test_the_two_publications_of_one_sample_keep_their_own_data_sets(first):
    assert "000000000500|" in first[0].value


def test_levels_are_a_facet_the_question_cannot_do_without(first):
    meta = json.loads(first[1][0].path.read_text())
    meta["filters"] = [one for one in meta["filters"] if one["column"] != "cohort_level_group"]
    with pytest.raises(api.Gone, match="cohort_level_group"):
        destinations.build_question(STUDY, api.Meta.read(meta), {"LAD": ["E06000016"]})


def test_a_group_of_institutions_not_seen_before_is_refused_with_those_there_are(first):
    meta = json.loads(first[1][0].path.read_text())
    meta["filters"][0]["options"][0]["label"] = "State-funded colleges"
    with pytest.raises(api.Gone, match="establishment_type_group") as gone:
        destinations.build_question(STUDY, api.Meta.read(meta), {"LAD": ["E06000016"]})
    assert gone.value.found == ["All schools", "State-funded colleges"]


def test_wide_files_are_read_at_the_total_level_and_by_group_of_levels(tmp_path):
    group = "State-funded mainstream schools & colleges,Total"
    rows = wide(
        tmp_path,
        f"{group},Total,Total,Total,Total,Number of students,Revised,1000,800,500,300,100,80,220,140,60",
        f"{group},Total,Total,Total,Total,Percentage,Revised,1000,80,50,30,10,8,22,14,6",
        f"{group},Level 3,Total,Total,Total,Number of students,Revised,700,600,400,300,50,60,140,70,30",
        f"{group},Level 3,A level,Total,Total,Number of students,Revised,500,450,400,300,50,20,30,30,20",
        f"{group},Level 3,Total,Sex,Female,Number of students,Revised,350,300,200,150,25,30,70,35,15",
        "All schools,Total,Total,Total,Total,Total,Number of students,Revised,9,9,9,9,9,9,9,9,9",
    )
    counts, percents = (800, 500, 80, 220, 140, 60), (80, 50, 8, 22, 14, 6)
    assert [(row["cohort_level_group"], row["destination"], row["pupil_count"], row["pupil_percent"]) for row in rows] == [
        *(("Total", name, count, percent) for name, count, percent in zip(destinations.DESTINATIONS, counts, percents, strict=True)),
        ("Level 3", "overall", 600, None),
    ]
    assert rows[-1]["pupil_percent_status"] == "x"
    with pytest.raises(SchemaDrift, match="no row for some areas"):
        wide(tmp_path, "All schools,Total,Total,Total,Total,Total,Number of students,Revised,9,9,9,9,9,9,9,9,9")

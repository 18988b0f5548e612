"""ESCO: the real CSV files of v1.2.0, the sample archive in two versions, both forms of the relations, and files that are wrong."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.esco import DATASET
from observatory_assets.sample import esco as sample
from observatory_assets.sample.invented_skills import SKILLS
from resources.errors import NotSetUp, ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.dropped import place, take
from tests.datasets.fetched import duplicates, payload, read

ROOT = "http://data.europa.eu/esco"
SKILL_HEADER = sample.HEADERS["skills_en.csv"]
ARCHIVE = "ESCO dataset - v1.2.0 - classification - en - csv.zip"


def parsed(tmp_path, name, body):
    tables = read(DATASET, [payload(tmp_path / name, body.encode() if isinstance(body, str) else body)])
    return {name.removeprefix("esco__"): table.to_pylist() for name, table in tables.items() if table.num_rows}


def skills(tmp_path, *rows, header="conceptUri,preferredLabel,altLabels,skillType,description"):
    return parsed(tmp_path, "skills_en.csv", "\r\n".join([header, *rows]) + "\r\n")["skills"]


# The real files


@pytest.fixture(scope="module")
def real(recorded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("esco")
    for path in (recorded / "esco").glob("*_en.csv"):
        shutil.copyfile(path, folder / path.name)
    shutil.copyfile(recorded / "esco" / "derived_occupationSkillRelations_subset.csv", folder / "occupationSkillRelations_en.csv")
    return take(DATASET, folder)[2]


def test_the_real_files_are_read_whole(real):
    assert {name.removeprefix("esco__"): table.num_rows for name, table in real.items()} == {
        "skills": 13_934,
        "occupations": 3_039,
        "occupation_skills": 5_907,
        "skill_groups": 640,
        "skill_hierarchy": 640,
        "broader": 3_652,
        "skill_relations": 5_818,
        "isco_groups": 619,
        "collection_skills": 591 + 95,
    }
    assert all(duplicates(real[table.name], table.keys) == 0 for table in DATASET.tables)


def test_real_cells_of_several_lines_keep_their_labels_apart(real):
    row = next(row for row in real["esco__occupations"].to_pylist() if row["label"] == "technical director")
    assert row["alt_labels"].split(" | ")[:2] == ["technical and operations director", "head of technical"]
    assert (row["isco_group"], row["uri"], row["_source_row"]) == ("2654", f"{ROOT}/occupation/00030d09-2b3a-4efd-87cc-c4ea39d27c34", "2")
    assert not [text for name in ("label", "alt_labels", "description") for text in real["esco__occupations"][name].to_pylist() if text and "\n" in text]


def test_the_real_hierarchy_is_a_tree_although_its_rows_end_early(real):
    rows = real["esco__skill_hierarchy"].to_pylist()
    levels = {row["uri"]: row["level"] for row in rows}
    assert [sum(row["level"] == level for row in rows) for level in range(4)] == [4, 28, 156, 452]
    assert all(row["parent_uri"] is None if row["level"] == 0 else levels[row["parent_uri"]] == row["level"] - 1 for row in rows)
    assert set(levels) == set(real["esco__skill_groups"]["uri"].to_pylist())


def test_the_samples_isco_groups_are_the_real_ones(real):
    titles = {row["code"]: row["label"] for row in real["esco__isco_groups"].to_pylist()}
    assert {code: title for code, (_, title) in sample.ISCO.items()}.items() <= titles.items()


def test_real_knowledge_without_identifier_is_kept_by_its_label(real):
    rows = [row for row in real["esco__skills"].to_pylist() if row["uri"] is None]
    assert len(rows) == 3_219 and {row["skill_type"] for row in rows} == {"knowledge"} and len({row["label"] for row in rows}) == 3_219


# The sample


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return take(DATASET, place(tmp_path_factory.mktemp("first"), sample.dropped(1)))


def test_the_samples_archive_is_found_and_read(first):
    marker, names, tables = first
    assert names == [ARCHIVE] and marker.released_at == dt.datetime(2024, 5, 15, tzinfo=dt.timezone.utc)
    assert all(tables[table.name].num_rows and duplicates(tables[table.name], table.keys) == 0 for table in DATASET.tables)
    assert tables["esco__skills"].num_rows == len(SKILLS) + len(sample.KNOWLEDGE)
    assert {version for table in tables.values() for version in table["esco_version"].to_pylist()} == {"1.2.0"}
    assert set(tables["esco__occupation_skills"]["skill_uri"].to_pylist()) <= set(tables["esco__skills"]["uri"].to_pylist())
    assert tables["esco__skills"]["alt_labels"][0].as_py() == "explain a fault to a customer well | explain a fault to a customer (sample)"
    groups = {row["uri"]: row for row in tables["esco__skill_hierarchy"].to_pylist()}
    assert {row["broader_uri"] for row in tables["esco__broader"].to_pylist() if row["broader_type"] == "SkillGroup"} <= set(groups)
    assert {row["level"] for row in groups.values()} == {0, 1, 2, 3}


def test_the_newer_archive_is_taken_and_its_relations_with_labels_are_the_same(first, tmp_path):
    place(tmp_path, sample.dropped(1))
    marker, names, tables = take(DATASET, place(tmp_path, sample.dropped(2)))
    assert names == ["ESCO dataset - v1.2.1 - classification - en - csv.zip"] and marker.released_at.year == 2025
    columns = ["occupation_uri", "skill_uri", "relation", "skill_type"]
    assert tables["esco__occupation_skills"].select(columns).equals(first[2]["esco__occupation_skills"].select(columns))
    assert tables["esco__skills"].num_rows == first[2]["esco__skills"].num_rows + 1


def test_the_sample_is_the_same_bytes_every_time():
    assert dict(sample.dropped(1)) == dict(sample.dropped(1)) and not list(sample.dropped(3))


# The drop folder


def test_an_empty_drop_folder_says_which_file_to_place(tmp_path):
    with pytest.raises(NotSetUp) as caught:
        take(DATASET, tmp_path)
    assert "ESCO dataset - v1.2.0" in caught.value.expected


def test_an_archive_goes_before_files_and_the_full_skills_before_the_extract(tmp_path):
    line = f"{ROOT}/skill/a,bake,,skill,\n"
    place(tmp_path, [("skills_en.csv", b"conceptUri,preferredLabel,altLabels,skillType,description\n" + line.encode()), ("esco_skills_en.csv", b"x")])
    assert take(DATASET, tmp_path)[1] == ["skills_en.csv"]
    place(tmp_path, sample.dropped(1))
    assert take(DATASET, tmp_path)[1] == [ARCHIVE]


def test_a_version_nobody_dated_counts_from_the_day_it_is_placed(tmp_path):
    place(tmp_path, [("ESCO dataset - v2.0.10 - classification - en - csv.zip", body) for _, body in sample.dropped(1)])
    marker, names, tables = take(DATASET, tmp_path)
    assert marker.released_at is None and tables["esco__skills"]["esco_version"][0].as_py() == "2.0.10"


# Cells


def test_alternative_labels_are_parted_by_lines_or_bars_and_said_once(tmp_path):
    rows = skills(
        tmp_path, f'{ROOT}/skill/a,bake bread,"bake loaves\nbake, slowly\n\nbake loaves",skill/competence,"two\n\nparts"', f"{ROOT}/skill/b,ovens,x | y,,"
    )
    assert [row["alt_labels"] for row in rows] == ["bake loaves | bake, slowly", "x | y"]
    assert [row["skill_type"] for row in rows] == ["skill", None]
    assert rows[0]["description"] == "two parts" and rows[1]["description"] is None
    assert [row["_source_row"] for row in rows] == ["2", "3"], "records, not lines"


def test_the_extracts_headers_are_known(tmp_path):
    body = f"concept_uri,preferred_label,alt_labels,description,pillar\n{ROOT}/skill/a,bake,,Make bread.,skill\n,ovens,,,knowledge\n"
    rows = parsed(tmp_path, "esco_skills_en.csv", body)["skills"]
    assert [(row["uri"], row["label"], row["skill_type"]) for row in rows] == [(f"{ROOT}/skill/a", "bake", "skill"), (None, "ovens", "knowledge")]


# Files that are wrong


@pytest.mark.parametrize(
    ("name", "body", "rule"),
    [
        ("skills_en.csv", "conceptUri,label,altLabels,skillType,description\na,b,c,skill,d\n", "columns"),
        ("skills_en.csv", "conceptUri,preferredLabel,altLabels,skillType,description\na,b,c,craft,d\n", "vocabulary"),
        ("occupationSkillRelations_en.csv", "occupationUri,relationType,skillType,skillUri\na,maybe,knowledge,b\n", "vocabulary"),
        ("skills_en.csv", SKILL_HEADER + "\n", "files"),
        ("skillsHierarchy_en.csv", "Level 0 URI,Level 0 preferred term\na,b\n", "columns"),
        ("skillsHierarchy_en.csv", sample.HEADERS["skillsHierarchy_en.csv"] + "\n" + "," * 20 + "\n", "readable_csv"),
    ],
)
def test_a_changed_file_is_schema_drift(tmp_path, name, body, rule):
    with pytest.raises(SchemaDrift) as caught:
        parsed(tmp_path, name, body)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("name", "body"),
    [(ARCHIVE, b"PK\x03\x04cut"), (ARCHIVE, b""), ("skills_en.csv", b""), ("skills_en.csv", b"<html>"), ("skillsHierarchy_en.csv", b"a\n\xff\xfe")],
)
def test_a_file_of_another_kind_is_an_unexpected_payload(tmp_path, name, body):
    with pytest.raises(UnexpectedPayload):
        parsed(tmp_path, name, body)


def test_an_archive_without_any_known_file_is_schema_drift(tmp_path):
    from observatory_assets.sample.workbooks import zip_bytes

    with pytest.raises(SchemaDrift) as caught:
        parsed(tmp_path, ARCHIVE, zip_bytes({"skills_fr.csv": b"x"}))
    assert caught.value.rule == "files"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["skills_en.csv", "skillsHierarchy_en.csv", "occupationSkillRelations_en.csv"]))
def test_damaged_files_give_sound_tables_or_named_errors(tmp_path, data, name):
    rows = {
        "skills_en.csv": f'KnowledgeSkillCompetence,{ROOT}/skill/a,knowledge,transversal,ovens,"a\nb",,released,,,,,',
        "skillsHierarchy_en.csv": f"{ROOT}/skill/a,skills,,,,,,,,,S",
        "occupationSkillRelations_en.csv": f"{ROOT}/occupation/a,essential,knowledge,{ROOT}/skill/b",
    }
    damaged = bytearray(f"{sample.HEADERS[name]}\r\n{rows[name]}\r\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"\r", b"\xff", b" | "]))
    try:
        tables = parsed(tmp_path, name, bytes(damaged))
    except ObservatoryError:
        return
    assert sum(map(len, tables.values())) >= 1
    assert all(row["_source_row"] for rows in tables.values() for row in rows)

"""The taxonomy's dimension, bridge and crosswalk: without UK-SSC, and with two versions of it held one after the other."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from observatory_assets.ksb.bridge import bridge_edges
from observatory_assets.sample import onet, uk_ssc
from observatory_assets.sample.esco import label_of
from observatory_assets.sample.invented_skills import SKILLS
from tests.dbt.conftest import Built, describe, run_dbt

BEFORE_THE_BRIDGE = ("stg_uk_ssc__skills", "int_uk_ssc_skill_version", "int_uk_ssc_skill")
AFTER_IT = ("dim_ksb", "ksb_bridge", "ksb_crosswalk", "assert_bridge_conserves_mass", "assert_ksbs_are_whole")
VERSIONS = (("0.9", "v09", "2025-11-24", "2026-04-30", SKILLS), ("1.0.0", "v10", "2026-04-30", None, uk_ssc.NEWER))


def build(built: Built, path: Path, skills: Sequence[tuple] = ()):
    """A copy of the toy warehouse with these rows of UK-SSC's skills instead of its own, O*NET's elements and ESCO, through the taxonomy's models."""
    import duckdb

    shutil.copy(built.path, path)
    insert = "insert into raw.release (dataset, release_id, known_from, known_to, is_sample) values (?, ?, ?, ?, ?)"
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from lake.uk_ssc__skills; delete from raw.release where dataset = 'uk_ssc'")
        for _, release, known_from, known_to, _ in VERSIONS:
            connection.execute(insert, ["uk_ssc", release, known_from, known_to, True])
        for release in ("real", "onet", "esco"):
            known_to = "2025-11-24" if release == "real" else None
            connection.execute(insert, [release, release, "2025-01-01", known_to, release != "real"])
        columns = "skill, skill_group, definition, skill_code, skill_area, skill_domain, scheme_version, _release_id, _source_file"
        if skills:
            connection.executemany(f"insert into lake.uk_ssc__skills ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", skills)
        connection.executemany("insert into lake.onet__elements (element_id, name, _release_id) values (?, ?, 'onet')", list(onet.ELEMENTS.items()))
        connection.executemany(
            "insert into lake.esco__skills (uri, label, alt_labels, _release_id) values (?, ?, ?, 'esco')",
            [(f"uri {skill.name}", label_of(skill), f"{label_of(skill)} well | {label_of(skill).upper()}!") for skill in SKILLS]
            + [("uri another", "bake loaves", "Bake Bread | bake rolls")],
        )
    first = run_dbt(path, built.target, "build", "--indirect-selection", "empty", "--select", *BEFORE_THE_BRIDGE, manifest=built.manifest)
    assert first.success, describe(first)
    with duckdb.connect(str(path)) as connection:
        connection.register("edges", bridge_edges(connection.table("intermediate.int_uk_ssc_skill_version").to_arrow_table()))
        connection.execute("create or replace table derived.ksb_bridge_edge as select * from edges")
    second = run_dbt(path, built.target, "build", "--indirect-selection", "empty", "--select", *AFTER_IT, manifest=built.manifest)
    assert second.success, describe(second)
    return duckdb.connect(str(path), read_only=True)


def rows_of(version: str, release: str, skills, official: bool = False) -> list[tuple]:
    file = "SSC - Skills - v1.0.0 - 20260430.xlsx" if official else "uk_ssc_occupational_skills_v0.9.csv"
    return [
        (skill.name, skill.group, skill.definition, f"S.{number}" if official else str(number), skill.area, skill.domain, version, release, file)
        for number, skill in enumerate(skills)
    ]


@pytest.fixture(scope="module")
def two_versions(built, tmp_path_factory):
    path = tmp_path_factory.mktemp("taxonomy") / built.path.name
    skills = [row for version, release, _, _, skills in VERSIONS for row in rows_of(version, release, skills, release == "v10")]
    # a real release held before the sample: not a version of the sample's classification
    skills += [("Really weld", "Really join metal", "For real.", None, None, None, "0.8", "real", "uk_ssc_occupational_skills_v0.8.csv")]
    with build(built, path, skills) as connection:
        yield connection


def test_without_uk_ssc_there_are_areas_only(built, tmp_path):
    with build(built, tmp_path / built.path.name) as connection:
        assert connection.sql("select distinct level, taxonomy from marts.dim_ksb").fetchall() == [("area", "observatory")]
        unmapped = connection.sql("select ksb_id from marts.dim_ksb where is_unmapped order by all").fetchall()
        assert unmapped == [("unmapped.behaviour",), ("unmapped.knowledge",), ("unmapped.skill",)]
        assert connection.sql("select count(*) from marts.ksb_bridge").fetchone() == (0,)
        assert connection.sql("select distinct to_scheme from marts.ksb_crosswalk").fetchall() == [("onet",)]


def test_groups_are_knowledge_and_skill_and_skills_have_their_group_as_parent(two_versions):
    counts = dict(
        ((level, kind), n)
        for level, kind, n in two_versions.sql(
            "select level, kind, count(*) from marts.dim_ksb where taxonomy = 'uk_ssc' and not is_retired and not is_unmapped group by all"
        ).fetchall()
    )
    groups = len({skill.group for skill in uk_ssc.NEWER})
    assert counts == {("group", "knowledge"): groups, ("group", "skill"): groups, ("skill", "skill"): len(uk_ssc.NEWER)}
    bread = two_versions.sql(
        "select ksb_id, parent_ksb_id, code is not null, skill_domain, licence, is_sample, release_id from marts.dim_ksb where label = 'Bake bread'"
    ).fetchall()
    parent = "skill.uk_ssc.prepare_food_and_drink"
    assert bread == [(f"{parent}.bake_bread", parent, True, "Working with things", "OGL-UK-3.0", True, "v10")]
    assert two_versions.sql("select count(*) from marts.dim_ksb where label like 'Really%'").fetchone() == (0,)


def test_a_retired_concept_stays_and_names_the_one_that_took_most_of_its_mass(two_versions):
    rows = two_versions.sql(
        "select label, split_part(replaced_by, '.', 3), taxonomy_version from marts.dim_ksb "
        "where is_retired and level = 'group' and kind = 'knowledge' order by all"
    ).fetchall()
    assert rows == [
        (uk_ssc.RENAMED[0], "look_after_customers_and_users", "0.9"),
        (uk_ssc.RETIRED, None, "0.9"),
        (uk_ssc.SPLIT[0], "manage_money", "0.9"),
    ]
    skill = two_versions.sql("select replaced_by, code from marts.dim_ksb where label = 'Take minutes'").fetchall()
    assert skill == [("skill.uk_ssc.run_an_office.take_the_minutes_of_meetings", None)], "the numbers of an extract are no codes"


def test_the_bridge_mart_shows_the_split_with_its_shares(two_versions):
    rows = two_versions.sql(
        "select split_part(to_ksb_id, '.', 3), share, method, from_version, to_version, release_id, is_sample from marts.ksb_bridge "
        "where from_ksb_id = 'skill.uk_ssc.work_with_numbers_and_money' order by share"
    ).fetchall()
    shared = ("members", "0.9", "1.0.0", "v10", True)
    assert rows == [("work_with_numbers", 0.25, *shared), ("manage_money", 0.75, *shared)]


def test_crosswalk_edges_are_by_judgement_or_by_equal_labels_of_what_is_held(two_versions):
    onet_rows = dict(two_versions.sql("select ksb_id, to_label from marts.ksb_crosswalk where to_scheme = 'onet' and relation = 'exact'").fetchall())
    assert onet_rows["behaviour.reliable"] == "Dependability"
    assert two_versions.sql("select count(*) from marts.ksb_crosswalk where to_id like '1.D%'").fetchone() == (0,), "ids of a release not held"
    exact = two_versions.sql("select count(*), count(distinct to_id) from marts.ksb_crosswalk where source = 'equal label'").fetchone()
    kept = {skill.name for skill in SKILLS} & {skill.name for skill in uk_ssc.NEWER}
    assert exact == (len(kept), len(kept))
    close = two_versions.sql("select to_label, relation, release_id, is_sample from marts.ksb_crosswalk where source = 'equal alternative label'").fetchall()
    assert close == [("bake loaves", "close", "esco,v10", True)]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("update marts.ksb_bridge set share = share * 0.9 where to_ksb_id = 'skill.uk_ssc.manage_money'", "assert_bridge_conserves_mass"),
        ("update marts.ksb_bridge set to_ksb_id = 'skill.uk_ssc.nothing' where share = 0.75", "assert_bridge_conserves_mass"),
        ("update marts.dim_ksb set replaced_by = 'skill.uk_ssc.nothing' where replaced_by is not null", "assert_ksbs_are_whole"),
    ],
)
def test_mass_lost_or_a_dangling_end_fails_the_build(built, two_versions, tmp_path, fault, seen):
    import duckdb

    path = tmp_path / built.path.name
    shutil.copy(two_versions.sql("select path from duckdb_databases() where database_name = 'observatory'").fetchone()[0], path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(fault)
    result = run_dbt(path, built.target, "test", "--select", "assert_bridge_conserves_mass", "assert_ksbs_are_whole", manifest=built.manifest)
    assert [node.node.name for node in result.result.results if str(node.status) == "fail"] == [seen]


def test_labels_that_share_a_slug_get_ids_of_their_own_whatever_else_is_held(built, tmp_path):
    twins = [("A & B", "Group!", "", None, None, None, "1.0.0", "v10", "x"), ("A / B", "Group!", "", None, None, None, "1.0.0", "v10", "x")]
    lone = [("C", "group", "", None, None, None, "1.0.0", "v10", "x"), ("…", "Signs", "", None, None, None, "1.0.0", "v10", "x")]
    with build(built, tmp_path / built.path.name, [*twins, *lone]) as connection:
        ids = dict(connection.sql("select label, ksb_id from marts.dim_ksb where level = 'skill'").fetchall())
        groups = connection.sql("select count(*), count(distinct ksb_id) from marts.dim_ksb where level = 'group' and not is_unmapped").fetchone()
        assert len(set(ids.values())) == 4 and groups == (6, 6)
        assert ids["A & B"].rpartition(".")[2] != ids["A / B"].rpartition(".")[2] and ids["…"].startswith("skill.uk_ssc.signs._")

"""The bridge between versions of UK-SSC: what each concept became, and that carrying weights over loses none."""

from __future__ import annotations

import csv
import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb.bridge import COLUMNS, Edge, bridge_edges, carry
from observatory_assets.ksb.text import slug
from observatory_assets.sample import uk_ssc as sample
from observatory_assets.sample.invented_skills import SKILLS
from resources.errors import ObservatoryError


def version(number: int, name: str, skills) -> list[dict]:
    """Rows of int_uk_ssc_skill_version: skills as (group, skill, definition, code)."""
    return [
        {
            "version_number": number,
            "scheme_version": name,
            "skill_ksb_id": f"skill.uk_ssc.{slug(group)}.{slug(skill)}",
            "group_ksb_id": f"skill.uk_ssc.{slug(group)}",
            "skill": skill,
            "skill_group": group,
            "definition": definition,
            "skill_code": code,
        }
        for group, skill, definition, code in skills
    ]


OLD = version(
    1,
    "0.9",
    [
        ("Join metal", "Weld steel", "Join steel plates by welding.", None),
        ("Join metal", "Braze copper", "Join copper pipes by brazing.", None),
        ("Tend gardens", "Prune roses", "Cut back roses in spring.", None),
        ("Tend gardens", "Mow lawns", "Cut grass with a mower.", None),
        ("Tend gardens", "Lay turf", "Lay rolls of turf on soil.", None),
        ("Tend gardens", "Sharpen scythes", "Whet the blade of a scythe.", None),
        ("Send telegrams", "Key Morse code", "Send letters as dots and dashes.", None),
        ("Bake", "Bake bread", "Prove dough and bake loaves in an oven.", "S.1"),
        ("Bake", "Decorate and glaze cakes", "Decorate cakes with icing and glaze cakes with syrup.", "S.2"),
    ],
)
NEW = version(
    2,
    "1.0",
    [
        # a group renamed, its skills as they were
        ("Fabricate metal", "Weld steel", "Join steel plates by welding.", None),
        ("Fabricate metal", "Braze copper", "Join copper pipes by brazing.", None),
        # a group split in two: one skill by its name in other signs and case, one worded otherwise, one lost
        ("Tend flowers", "Prune Roses", "Prune roses every year.", None),
        ("Tend grass", "Mow lawns", "Cut grass with a mower.", None),
        ("Tend grass", "Lay new turf", "Lay rolls of new turf on soil.", None),
        # a group kept, a skill renamed under its code, a skill split, a skill nobody had
        ("Bake", "Make loaves", "Anything else.", "S.1"),
        ("Bake", "Decorate cakes", "Decorate cakes with icing.", "S.3"),
        ("Bake", "Glaze cakes", "Glaze cakes with syrup.", "S.4"),
        ("Steer drones", "Fly a drone", "Fly a drone over fields.", "S.5"),
    ],
)


def edges_of(*versions) -> list[dict]:
    return bridge_edges(pa.Table.from_pylist([row for one in versions for row in one])).to_pylist()


def found(edges, kind: str, level: str) -> dict[str, dict[str | None, float]]:
    out: dict[str, dict[str | None, float]] = {}
    for edge in edges:
        if (edge["kind"], edge["level"]) == (kind, level):
            out.setdefault(edge["from_ksb_id"].removeprefix(f"{kind}.uk_ssc."), {})[(edge["to_ksb_id"] or "retired").removeprefix(f"{kind}.uk_ssc.")] = edge[
                "share"
            ]
    return out


@pytest.fixture(scope="module")
def golden() -> list[dict]:
    return edges_of(OLD, NEW)


def test_groups_keep_their_name_or_follow_their_skills_or_are_retired(golden):
    expected = {
        "join_metal": {"fabricate_metal": 1.0},
        "tend_gardens": {"tend_flowers": 0.25, "tend_grass": 0.5, "retired": 0.25},
        "send_telegrams": {"retired": 1.0},
        "bake": {"bake": 1.0},
    }
    assert found(golden, "skill", "group") == expected and found(golden, "knowledge", "group") == expected
    assert found(golden, "knowledge", "skill") == {}


def test_skills_are_found_by_code_then_by_name_then_by_wording(golden):
    skills = found(golden, "skill", "skill")
    assert skills["bake.bake_bread"] == {"bake.make_loaves": 1.0}
    assert skills["tend_gardens.prune_roses"] == {"tend_flowers.prune_roses": 1.0}
    assert skills["tend_gardens.lay_turf"] == {"tend_grass.lay_new_turf": 1.0}
    assert skills["send_telegrams.key_morse_code"] == {"retired": 1.0}
    halves = skills["bake.decorate_and_glaze_cakes"]
    assert set(halves) == {"bake.decorate_cakes", "bake.glaze_cakes"} and sum(halves.values()) == pytest.approx(1, abs=1e-12)
    methods = {(edge["from_ksb_id"].rpartition(".")[2], edge["method"]) for edge in golden if edge["level"] == "skill"}
    assert {("bake_bread", "code"), ("mow_lawns", "name"), ("lay_turf", "similarity"), ("sharpen_scythes", "retired")} <= methods
    assert all((edge["similarity"] is not None) == (edge["method"] == "similarity") for edge in golden)


def test_a_skill_that_stayed_in_use_takes_nobody_elses_mass():
    engines, trucks = (("G", f"Drive fire {vehicles}", f"Drive fire {vehicles} to a fire.", None) for vehicles in ("engines", "trucks"))
    before, after = version(1, "1", [engines, trucks]), version(2, "2", [engines])
    assert found(edges_of(before, after), "skill", "skill")["g.drive_fire_trucks"] == {"retired": 1.0}


def test_of_a_name_in_two_groups_the_skills_own_group_comes_first():
    before = version(1, "1", [("B", "Plan work", "", None)])
    after = version(2, "2", [("A", "Plan work", "", None), ("B", "Plan work", "", None)])
    assert found(edges_of(before, after), "skill", "skill") == {"b.plan_work": {"b.plan_work": 1.0}}


def test_each_version_is_bridged_to_the_next_and_one_version_to_none():
    third = version(3, "1.1", [("Bake", "Make loaves", "", "S.1")])
    edges = edges_of(OLD, NEW, third)
    assert {(edge["from_version"], edge["to_version"]) for edge in edges} == {("0.9", "1.0"), ("1.0", "1.1")}
    assert edges_of(NEW) == [] and bridge_edges(pa.Table.from_pylist(NEW)).column_names == list(COLUMNS)


def test_the_edges_do_not_depend_on_the_order_of_rows(golden):
    assert edges_of(NEW[::-1], OLD[::-1]) == golden


def test_weights_are_carried_over_and_what_is_retired_is_told(golden):
    edges = [Edge(edge["from_ksb_id"], edge["to_ksb_id"], edge["share"]) for edge in golden]
    weights, retired = carry({"skill.uk_ssc.join_metal": 0.4, "skill.uk_ssc.tend_gardens": 0.4, "skill.uk_ssc.send_telegrams": 0.2}, edges)
    assert weights == pytest.approx({"skill.uk_ssc.fabricate_metal": 0.4, "skill.uk_ssc.tend_flowers": 0.1, "skill.uk_ssc.tend_grass": 0.2}, abs=1e-15)
    assert retired == pytest.approx(0.3, abs=1e-15)


@pytest.mark.parametrize("edges", [[], [("a", "b", 0.5)], [("a", "b", 1.5), ("a", None, -0.5)]])
def test_a_weight_that_edges_would_lose_is_refused(edges):
    with pytest.raises(ObservatoryError) as caught:
        carry({"a": 1.0}, edges)
    assert caught.value.rule == "conserved_mass"


@st.composite
def _bridges(draw):
    sources = draw(st.integers(1, 12))
    edges = []
    for source in range(sources):
        parts = draw(st.lists(st.tuples(st.none() | st.integers(0, 8), st.floats(1e-6, 1)), min_size=1, max_size=6, unique_by=lambda part: part[0]))
        total = math.fsum(share for _, share in parts)
        edges += [Edge(f"k{source}", None if target is None else f"n{target}", share / total) for target, share in parts]
    return edges, {f"k{source}": draw(st.floats(0, 1e4)) for source in range(sources)}


@settings(max_examples=200, deadline=None)
@given(_bridges())
def test_mass_before_is_mass_after_plus_retired_mass(case):
    edges, weights = case
    after, retired = carry(weights, edges)
    before = math.fsum(weights.values())
    assert math.fsum([*after.values(), retired]) == pytest.approx(before, abs=1e-9, rel=1e-13)


_NAMES = st.sampled_from(["Weld steel", "Weld steel plate", "Braze copper", "Mow lawns", "Mow the lawns", "Bake bread", "Bake loaves of bread", "Fly drones"])


@settings(max_examples=50, deadline=None)
@given(*[st.lists(st.tuples(st.sampled_from("ABC"), _NAMES), min_size=1, max_size=8, unique=True) for _ in range(2)])
def test_the_edges_of_every_concept_of_any_two_versions_sum_to_one(before, after):
    versions = (version(number, str(number), [(group, name, f"{name} well.", None) for group, name in rows]) for number, rows in enumerate((before, after)))
    edges = edges_of(*versions)
    columns: dict[str, list[float]] = {}
    for edge in edges:
        columns.setdefault(edge["from_ksb_id"], []).append(edge["share"])
    assert len(columns) == len(before) + 2 * len({group for group, _ in before})
    assert all(math.fsum(shares) == pytest.approx(1, abs=1e-9) and min(shares) > 0 for shares in columns.values())


def test_the_sample_shows_a_group_renamed_one_split_and_one_retired():
    versions = [
        version(number, name, [(skill.group, skill.name, skill.definition, None) for skill in skills])
        for number, name, skills in ((1, "0.9", SKILLS), (2, "1.0.0", sample.NEWER))
    ]
    edges = edges_of(*versions)
    groups = found(edges, "skill", "group")
    assert groups[slug(sample.RENAMED[0])] == {slug(sample.RENAMED[1]): 1.0}
    assert groups[slug(sample.SPLIT[0])] == {slug(sample.SPLIT[1]): 0.25, slug(sample.SPLIT[2]): 0.75}
    assert groups[slug(sample.RETIRED)] == {"retired": 1.0}
    assert sum(edge != {source: 1.0} for source, edge in groups.items()) == 3, "the others stay what they are"
    skills = {source.rpartition(".")[2]: {target.rpartition(".")[2] for target in edge} for source, edge in found(edges, "skill", "skill").items()}
    assert skills[slug(sample.REWORDED[0])] == {slug(sample.REWORDED[1])}
    assert skills[slug(sample.HALVED[0])] == {slug(name) for name in sample.HALVED[1:]}


def test_no_real_skill_finds_itself_elsewhere(recorded):
    with (recorded / "uk_ssc" / "uk_ssc_occupational_skills_v0.9.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [(row["skill_group_L3"], row["occupational_skill_L4"], row["definition"], None) for row in csv.DictReader(file)]
    edges = edges_of(version(1, "0.9", rows), version(2, "0.9 again", rows[::-1]))
    assert len(edges) == 3343 + 2 * 606
    assert all(edge["from_ksb_id"] == edge["to_ksb_id"] and edge["share"] == 1 for edge in edges)


def test_ids_are_slugs_alike_in_python_and_in_sql_and_unique_on_real_labels(recorded):
    import duckdb

    from observatory_assets.manifest import DBT_PROJECT

    macro = (DBT_PROJECT / "macros" / "slug.sql").read_text().split("{% macro slug(column) -%}")[1].split("{%- endmacro %}")[0]
    expression = macro.replace("{{ column }}", "label").strip()
    with (recorded / "uk_ssc" / "uk_ssc_occupational_skills_v0.9.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [(row["skill_group_L3"], row["occupational_skill_L4"]) for row in csv.DictReader(file)]
    labels = sorted({label for row in rows for label in row} | {" C++ / C# – don't, ", "", "Ünïcode & 10%"})
    connection = duckdb.connect()
    connection.register("labels", pa.table({"label": labels}))
    assert dict(connection.sql(f"select label, {expression} from labels").fetchall()) == {label: slug(label) for label in labels}
    assert len({(slug(group), slug(skill)) for group, skill in rows}) == len(rows) == 3343
    assert len({slug(group) for group, _ in rows}) == 606

"""Column-level lineage: what SQL says of a column is found through every construct the models use, and the page shows and filters it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.column_lineage import ColumnLineage, Lineage, ModelColumns, column_lineage, derived_lineage, lineage, lineage_page, trace
from observatory_assets.datasets import all_datasets
from observatory_assets.docs import DOCS
from observatory_assets.manifest import mart_inputs
from observatory_assets.warehouse import mart_names, prepare_manifest

pytestmark = pytest.mark.evidence

# None today; a construct that sqlglot cannot follow yet may come, and is then shown as unresolved.
LARGEST_UNRESOLVED_SHARE = 0.01
KNOWN = {"raw": {"a": {"x": "int", "y": "int", "items": "struct(u int)[]"}, "b": {"x": "int", "z": "int"}}}


def found(mart: str, column: str) -> ColumnLineage:
    return next(one for one in column_lineage() if (one.mart, one.column) == (mart, column))


def made_of(sql: str, column: str) -> tuple[list[str], str]:
    origin = ModelColumns(sql, KNOWN).origin(column)
    kinds = {kind for kind, _ in origin.expressions}
    return sorted(map(str, origin.references)) + sorted(f"? {one}" for one in origin.unresolved), "/".join(sorted(kinds))


@pytest.mark.parametrize(
    ("sql", "column", "expected"),
    [
        ("select x from raw.a", "x", (["raw.a.x"], "")),
        ("with c as (select * from raw.a) select x + y as s from c", "s", (["raw.a.x", "raw.a.y"], "computed")),
        ("select a.x, b.x as other from raw.a join raw.b on a.x = b.x", "other", (["raw.b.x"], "")),
        ("select sum(z) as n from raw.b where x > 1", "n", (["raw.b.z"], "aggregated")),
        ("select count(*) as n from raw.a join raw.b using (x)", "n", (["raw.a.*", "raw.b.*"], "aggregated")),
        ("select row_number() over (partition by x order by y) as n from raw.a", "n", (["raw.a.x", "raw.a.y"], "windowed")),
        ("select 'a' as kind, x from raw.a", "kind", ([], "constant")),
        ("select x from raw.a union all select z from raw.b", "x", (["raw.a.x", "raw.b.z"], "")),
        ("select x, y from raw.a union all by name select z as y, x from raw.b", "y", (["raw.a.y", "raw.b.z"], "")),
        ("select x from raw.a union all by name select x, z from raw.b", "z", (["raw.b.z"], "")),
        ("select * exclude (y) from raw.a", "x", (["raw.a.x"], "")),
        ("select * replace (y + 1 as x) from raw.a", "x", (["raw.a.y"], "computed")),
        ("with c as (select unnest(items) as item, y from raw.a) select c.item.u as v from c", "v", (["raw.a.items"], "computed")),
        ("with c as (select unnest(items) as item, y from raw.a) select item.u as v from c", "v", (["raw.a.items"], "computed")),
        ("select v.n from raw.a cross join lateral (select a.x * 2 as n) as v", "n", (["raw.a.x"], "computed")),
        ("select (select max(z) from raw.b where b.x = a.x) as top from raw.a", "top", (["raw.b.z"], "aggregated/computed")),
        ("select coalesce((select max(z) from raw.b), y) as top from raw.a", "top", (["raw.a.y", "raw.b.z"], "aggregated/computed")),
        ("select x in (select z from raw.b) as held from raw.a", "held", (["raw.a.x", "raw.b.z"], "computed")),
        ("select t.v from raw.a cross join unnest(items) as t(v)", "v", (["raw.a.items"], "computed")),
        ("select t.v from (values (1), (2)) as t(v)", "v", ([], "constant")),
        ("select exists (select 1 from raw.b where b.x = a.x) as held from raw.a", "held", (["raw.b.*"], "computed")),
        ("select x as k, k + 1 as more from raw.a", "more", (["raw.a.x"], "computed")),
        ("with c as (select * from derived.d) select c.anything from c", "anything", (["derived.d.anything"], "")),
        ("with c as (select * from derived.d) select anything from c join raw.b on b.x = c.k", "anything", (["? anything"], "")),
        ("with recursive c as (select x from raw.a union all select x + 1 from c) select x from c", "x", (["raw.a.x"], "computed")),
    ],
)
def test_a_column_is_followed_through_each_construct(sql: str, column: str, expected: tuple[list[str], str]) -> None:
    assert made_of(sql, column) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=4), st.integers(0, 3), st.booleans())
def test_however_often_it_is_renamed_a_column_keeps_what_it_is_made_of(columns: list[str], depth: int, by_star: bool) -> None:
    made = " + ".join(columns)
    ctes = [f"c0 as (select {made} as v, x as other from raw.a)"]
    ctes += [f"c{n} as (select {'* replace (other as other)' if by_star else 'v as v, other'} from c{n - 1})" for n in range(1, depth + 1)]
    references, _ = made_of(f"with {', '.join(ctes)} select v as last from c{depth}", "last")
    assert references == sorted({f"raw.a.{column}" for column in columns})


def test_a_column_that_cannot_be_followed_is_named_and_not_dropped() -> None:
    manifest = {
        "nodes": {
            "model.o.half": {"resource_type": "model", "schema": "intermediate", "alias": "half", "depends_on": {"nodes": []}},
            "model.o.mart": {"resource_type": "model", "schema": "marts", "alias": "mart", "depends_on": {"nodes": ["model.o.half"]}},
        },
    }
    sql = {
        "model.o.half": "with c as (select * from derived.d) select lost, b.z from c join raw.b on c.k = b.x",
        "model.o.mart": "select lost as v, z from intermediate.half",
    }
    columns = trace(manifest, sql, KNOWN["raw"], {}).marts
    assert [(one.column, one.raw, one.unresolved) for one in columns] == [("v", (), ("intermediate.half.lost: lost",)), ("z", ("raw.b.z",), ())]
    page = lineage_page(Lineage(columns, {}))
    assert '<span class="lost">1 unresolved</span>' in page and "unresolved: intermediate.half.lost: lost" in page


def test_published_values_go_back_to_the_publishers_own_columns() -> None:
    value = found("fct_indicator", "value")
    assert {"raw.nomis__aps_employment.value", "raw.nomis__ashe.value", "raw.dfe__ks4_destinations.cohort_count"} <= {*value.raw}
    assert value.upstream == ("intermediate.int_indicator.status", "intermediate.int_indicator.value") and value.kind == "computed"
    assert "staging.stg_nomis__aps_employment.value" in value.staging
    assert found("fct_indicator", "unit").raw == ("seeds.metric.unit",)
    assert found("latency", "detect_minutes").raw == ("raw.release.detected_at", "raw.release.released_at")


def test_a_gap_goes_back_to_both_shares_and_its_rank_to_the_simulation() -> None:
    gap = found("ksb_gap", "gap_pp")
    assert gap.upstream == ("marts.ksb_demand.share", "marts.ksb_supply.share")
    assert {"raw.nomis__aps_employment.value", "raw.dfe__apprenticeships_by_district.starts"} <= {*gap.raw}
    assert {one.split(".")[1] for one in gap.derived} >= {"ksb_match"}
    assert "derived.ksb_simulation.rank" in found("ksb_gap", "rank").derived
    inputs = {f"{one.mart}.{one.column}": one for one in derived_lineage()["ksb_simulation"]}
    assert "raw.nomis__aps_employment.value" in inputs["int_demand_weight.weight"].raw
    assert ("seeds.ksb_override.*",) in [one.raw for one in derived_lineage()["ksb_match"]]


def test_every_column_of_every_mart_has_a_source_or_is_declared_constant_or_unresolved() -> None:
    columns = column_lineage()
    assert not [f"{one.mart}.{one.column}" for one in columns if not (one.raw or one.derived or one.kind == "constant" or one.unresolved)]
    lost = [f"{one.mart}.{one.column}" for one in columns if one.unresolved]
    assert len(lost) <= LARGEST_UNRESOLVED_SHARE * len(columns), lost


def test_the_columns_are_those_of_the_marts_contracts() -> None:
    nodes = json.loads(prepare_manifest().read_bytes())["nodes"].values()
    declared = {node["alias"]: set(node["columns"]) for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts"}
    traced: dict[str, set[str]] = {}
    for one in column_lineage():
        traced.setdefault(one.mart, set()).add(one.column)
    assert sorted(traced) == mart_names()
    assert traced == declared


def test_no_column_ends_in_a_dataset_that_its_mart_does_not_stand_on() -> None:
    dataset_of = {f"raw.{table.name}": dataset.slug for dataset in all_datasets() for table in dataset.tables}
    stands_on = set(mart_inputs(json.loads(prepare_manifest().read_bytes())))
    reached = {(one.mart, dataset_of[table]) for one in column_lineage() for table in (name.rsplit(".", 1)[0] for name in one.raw) if table in dataset_of}
    assert reached and reached <= stands_on


def test_raw_columns_that_lineage_ends_in_are_columns_of_the_contracts() -> None:
    held = {f"raw.{table.name}.{field.name}" for dataset in all_datasets() for table in dataset.tables for field in table.arrow_schema()}
    tables = {one.rsplit(".", 1)[0] for one in held}
    joined_on = ("*", "_known_from", "_known_to", "_is_sample")
    ends = {name for one in column_lineage() for name in one.raw if name.rsplit(".", 1)[0] in tables and name.rsplit(".", 1)[1] not in joined_on}
    assert len(ends) > 300
    assert ends <= held


def test_the_same_project_gives_the_same_page_within_its_time() -> None:
    lineage()  # dbt's import and parse are not the page's
    started = time.process_time()
    first, second = lineage_page(lineage()), lineage_page(lineage())
    assert time.process_time() - started < 5
    assert first == second


def test_the_page_needs_nothing_else_and_is_escaped_and_headed() -> None:
    page = lineage_page(lineage())
    assert not re.search(r'(?:src|href)="(?!#)|url\(|@import|https?://', page)
    assert page.count("<section ") == len(mart_names()) + len(derived_lineage()) == page.count("<h3 ") == page.count("<caption>")
    assert page.count('<th scope="col">') == 4 * page.count("<table>")
    assert page.count('<th scope="row">') == len(column_lineage()) + sum(map(len, derived_lineage().values()))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    hostile = ColumnLineage("m", "<script>alert(1)</script>", "computed", "a < b & '\"'", ('marts.m."c"',), (), ("raw.<i>.x",), (), ())
    shown = lineage_page(Lineage([hostile], {}))
    assert "<script>alert" not in shown and "<i>" not in shown and "a &lt; b &amp; &#x27;&quot;&#x27;" in shown


def test_the_filter_of_the_page_shows_only_the_rows_that_hold_every_word(tmp_path: Path) -> None:
    browser = which("chromium") or which("chromium-browser") or which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    for words, kept in (("", None), ("raw.nomis__ashe.value fct_indicator", "fct_indicator"), ("no_such_column", "")):
        address = (DOCS / "column_lineage.html").as_uri() + (f"?filter={words.replace(' ', '+')}" if words else "")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--virtual-time-budget=5000", "--dump-dom", address]
        page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        rows, visible = len(re.findall(r'<tr[^>]*><th scope="row">', page)), len(re.findall(r'<tr id="[^"]+"><th scope="row">', page))
        shown = int(re.search(r'id="shown" role="status">([\d,]+) rows shown', page)[1])
        assert visible == (shown if words else rows)
        open_sections = re.findall(r'<section id="([^"]+)"(?![^>]*hidden)', page)
        if kept is None:
            assert shown == rows > 500
        elif kept:
            assert 0 < shown < rows / 10 and kept in open_sections and "dim_ksb" not in open_sections
            assert "fct_indicator_history" in open_sections  # which only says that it is as fct_indicator
        else:
            assert (shown, open_sections) == (0, [])

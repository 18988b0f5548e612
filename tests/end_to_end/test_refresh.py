"""A refresh from publisher to serving database, again with nothing new, and with one dataset changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.instance.ref import InstanceRef

from observatory_assets.as_known import as_known_on
from observatory_assets.datasets import all_datasets, dataset_named
from observatory_assets.definitions import build_defs
from observatory_assets.ingest import ingest
from observatory_assets.publication import publish
from observatory_assets.refresh import Refresh
from observatory_assets.warehouse import mart_names
from resources.errors import GateFailed
from tests.end_to_end.conftest import Story


def descendants(story: Story, *slugs: str) -> set[str]:
    """Keys of everything that depends on the raw tables of these datasets."""
    graph = build_defs(story.observatory).resolve_asset_graph()
    reached: set[dg.AssetKey] = set()
    edge = {dg.AssetKey(["raw", table.name]) for slug in slugs for table in dataset_named(slug).tables}
    while edge:
        edge = {child for key in edge for child in graph.get(key).child_keys} - reached
        reached |= edge
    return {key.to_user_string() for key in reached}


def test_a_first_refresh_publishes_every_mart_with_rows(finished: tuple[Path, Refresh]) -> None:
    home, outcome = finished
    assert outcome.published
    assert outcome.new == [dataset.slug for dataset in all_datasets()]
    assert outcome.checks_failed == 0
    with duckdb.connect(str(home / "serving" / "observatory.duckdb"), read_only=True) as connection:
        empty = {mart for mart in mart_names() if not connection.execute(f"select 1 from marts.{mart} limit 1").fetchall()}
        views = {row[0] for row in connection.execute("select table_name from information_schema.views where table_schema = 'marts'").fetchall()}
    compare_versions = {"forecast_stability", "forecast_stability_history", "ksb_bridge", "revision"}
    assert empty == {*compare_versions, "incident"}, "a first refresh has one version of each dataset, and nothing was refused"
    assert {path.stem for path in (home / "serving" / "parquet").glob("*.parquet")} == set(mart_names()) - views, "a view holds no rows of its own"


def test_every_fact_row_of_the_sample_says_it_is_a_sample(finished: tuple[Path, Refresh]) -> None:
    with duckdb.connect(str(finished[0] / "serving" / "observatory.duckdb"), read_only=True) as connection:
        marts = [
            row[0] for row in connection.execute("select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'is_sample'").fetchall()
        ]
        assert {"fct_indicator", "ksb_demand", "ksb_supply", "ksb_gap", "mismatch_index", "forecast_demand", "latency"} <= set(marts)
        for mart in marts:
            # what the observatory's own seeds name is invented by nobody's sample
            own = {
                "dim_ksb": "and level <> 'area'",
                "ksb_crosswalk": "and ksb_id not in (select ksb_id from seeds.ksb_area)",
                "claim": "and release_id is not null",
            }.get(mart, "")
            assert connection.execute(f"select count(*) from marts.{mart} where is_sample is not true {own}").fetchone()[0] == 0, mart


def test_nothing_new_downloads_writes_and_rebuilds_nothing(story: Story, tree: Callable[[Path], dict]) -> None:
    settings = story.observatory.settings
    zones = [settings.archive, settings.lake / "raw", settings.lake / "derived", settings.lake / "releases", settings.warehouse, settings.serving]
    before = [tree(zone) for zone in zones]
    outcome = story.refresh()
    assert outcome.ok
    assert (outcome.new, outcome.rebuilt, outcome.published) == ([], [], False)
    assert [tree(zone) for zone in zones] == before
    assert sum(served.bytes for served in story.publisher.requests if served.method == "GET") < 50_000


@pytest.mark.evidence
def test_one_new_release_rebuilds_exactly_what_depends_on_it_and_the_gap_as_known_before_it_is_still_answered(story: Story) -> None:
    gap = "select row_key, gap_pp, rank, release_id from marts.ksb_gap order by row_key"
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        before = connection.execute(gap).fetchall()
    story.publisher.phase = 2
    outcome = story.refresh()
    assert outcome.ok, outcome.problems
    # Three datasets ask cells of one Nomis data set, so all three are looked at again; the bytes of two are those held.
    assert outcome.new == ["aps_economic_activity", "aps_employment", "aps_qualifications"]
    expected = descendants(story, "aps_employment")
    assert set(outcome.rebuilt) == expected
    assert "marts/fct_indicator" in expected
    assert "marts/dim_standard" not in expected
    assert "derived/ksb_match" not in expected
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        held = connection.execute("select count(*), count(known_to) from marts.dim_release where dataset = 'aps_employment'").fetchone()
        after = connection.execute(gap).fetchall()
        (released,) = connection.execute("select known_from from marts.dim_release where dataset = 'aps_employment' and known_to is null").fetchone()
    assert held == (2, 1)
    assert before != after
    with as_known_on(story.serving, dt.datetime.now(dt.timezone.utc)) as connection:
        assert connection.execute(gap).fetchall() == after
    # the release is dated before the day it was taken in, and known from its date on; the day before it, what stood then
    the_day_before = released - dt.timedelta(days=1)
    with as_known_on(story.serving, the_day_before) as connection:
        then = connection.execute(gap).fetchall()
    assert len(then) > 100 and set(then) <= set(before) and not set(then) <= set(after)
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        macro = gap.replace("marts.ksb_gap", "marts.as_known_on('ksb_gap', $instant)")
        assert connection.execute(macro, {"instant": the_day_before}).fetchall() == then


def test_a_correction_keeps_both_vintages_queryable(story: Story) -> None:
    story.publisher.phase = 3
    assert story.refresh().ok, story.outcome.problems
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        vintages = connection.execute(
            "select count(distinct release_id), count(distinct value) from marts.fct_indicator where metric = 'employment_projection'"
            " and breakdown = 'occupation_sub_major' and subgroup = '91' and area_code = 'E69000020' and year(period_end) = 2035"
        ).fetchone()
        current = connection.execute("select count(distinct release_id) from marts.fct_indicator where metric = 'employment_projection' and known_to is null")
        assert vintages == (2, 2)
        assert current.fetchone() == (1,)
        compared = connection.execute("select distinct grain from marts.forecast_stability where area_code = 'E69000020' order by 1").fetchall()
        assert compared == [("ksb",), ("occupation",)]


def test_automation_requests_exactly_what_depends_on_changed_content(story: Story) -> None:
    definitions = build_defs(story.observatory)
    with dg.DagsterInstance.from_ref(instance_ref(story)) as instance:
        quiet = dg.evaluate_automation_conditions(definitions, instance)
        assert quiet.total_requested == 0
        story.publisher.phase = 2
        assert ingest_as_dagster(definitions, instance, "aps_employment")
        changed = dg.evaluate_automation_conditions(definitions, instance, cursor=quiet.cursor)
        requested = {key.to_user_string() for key in definitions.resolve_asset_graph().materializable_asset_keys if changed.get_num_requested(key)}
    assert requested == descendants(story, "aps_employment")


def test_automation_requests_nothing_when_the_same_bytes_come_again(story: Story) -> None:
    definitions = build_defs(story.observatory)
    with dg.DagsterInstance.from_ref(instance_ref(story)) as instance:
        quiet = dg.evaluate_automation_conditions(definitions, instance)
        assert ingest_as_dagster(definitions, instance, "aps_employment")
        assert dg.evaluate_automation_conditions(definitions, instance, cursor=quiet.cursor).total_requested == 0


def test_automation_waits_while_a_held_release_is_damaged(story: Story) -> None:
    definitions = build_defs(story.observatory)
    with dg.DagsterInstance.from_ref(instance_ref(story)) as instance:
        quiet = dg.evaluate_automation_conditions(definitions, instance)
        story.publisher.phase = 2
        release = ingest(story.observatory, dataset_named("aps_employment")).release
        (story.observatory.lake.root / release.tables["nomis__aps_employment"].path).write_bytes(b"damaged")
        assert not ingest_as_dagster(definitions, instance, "aps_employment")
        assert dg.evaluate_automation_conditions(definitions, instance, cursor=quiet.cursor).total_requested == 0


def instance_ref(story: Story) -> InstanceRef:
    return InstanceRef.from_dir(str(story.observatory.settings.home / "dagster"))


def ingest_as_dagster(definitions: dg.Definitions, instance: dg.DagsterInstance, slug: str) -> bool:
    keys = [dg.AssetKey(["raw", table.name]) for table in dataset_named(slug).tables]
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False).success


def test_every_materialised_asset_shows_its_rows_and_columns(finished: tuple[Path, Refresh]) -> None:
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(finished[0] / "dagster"))) as instance:
        for key in build_defs().resolve_asset_graph().materializable_asset_keys:
            metadata = instance.get_latest_materialization_event(key).asset_materialization.metadata
            assert metadata["dagster/row_count"].value >= 0, key
            assert metadata["dagster/column_schema"].value.columns, key


def test_a_gate_that_fails_keeps_what_is_served_and_says_why(story: Story) -> None:
    before = story.serving.resolve(), story.serving.read_bytes()
    with duckdb.connect(str(story.observatory.warehouse.file)) as connection:
        connection.execute("update marts.ksb_demand set share = share * 2 where kind = 'skill'")
    with pytest.raises(GateFailed, match=r"shares_sum_to_one of ksb_demand") as failed:
        publish(story.observatory, mart_names())
    assert "the last published build stays" in str(failed.value)
    assert (story.serving.resolve(), story.serving.read_bytes()) == before


def test_a_half_built_database_is_not_published(story: Story) -> None:
    story.observatory.warehouse.begin(["model.observatory.ksb_gap"])
    with pytest.raises(GateFailed, match="half built"):
        publish(story.observatory, mart_names())
    outcome = story.refresh()
    assert outcome.ok, outcome.problems
    assert "marts/ksb_gap" in outcome.rebuilt
    assert outcome.published


def test_readers_hold_their_build_while_the_next_is_published(story: Story) -> None:
    # DuckDB wants one configuration per file and process; other processes may open it as they like.
    with story.observatory.warehouse.connect(story.serving, read_only=True) as reader:
        rows = reader.execute("select count(*) from marts.fct_indicator").fetchone()
        publish(story.observatory, mart_names())
        assert reader.execute("select count(*) from marts.fct_indicator").fetchone() == rows
    with duckdb.connect(str(story.serving), read_only=True) as reader:
        assert reader.execute("select count(*) from staging.stg_nomis__aps_employment").fetchone()[0] > 0, "views resolve in the published file"


def test_the_dictionary_describes_every_column_of_every_mart(finished: tuple[Path, Refresh]) -> None:
    dictionary = json.loads((finished[0] / "serving" / "dictionary.json").read_bytes())
    marts = {relation["name"]: relation for relation in dictionary["relations"] if relation["schema"] == "marts"}
    assert set(marts) == set(mart_names())
    assert dictionary["is_sample"] is True
    undescribed = [f"{name}.{column['name']}" for name, relation in marts.items() for column in relation["columns"] if not column["description"]]
    assert not undescribed
    assert all(relation["description"] for relation in marts.values())

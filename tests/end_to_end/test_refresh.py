"""A refresh from publisher to serving database, again with nothing new, and with one dataset changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb

from observatory_assets.datasets import all_datasets, dataset_named
from observatory_assets.definitions import build_defs
from observatory_assets.ingest import ingest
from observatory_assets.refresh import Refresh
from observatory_assets.warehouse import mart_names
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
        for mart in mart_names():
            assert connection.execute(f"select count(*) from marts.{mart}").fetchone()[0] > 0, mart
    assert {path.stem for path in (home / "serving" / "parquet").glob("*.parquet")} == set(mart_names())


def test_every_fact_row_of_the_sample_says_it_is_a_sample(finished: tuple[Path, Refresh]) -> None:
    with duckdb.connect(str(finished[0] / "serving" / "observatory.duckdb"), read_only=True) as connection:
        marts = [
            row[0] for row in connection.execute("select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'is_sample'").fetchall()
        ]
        assert {"fct_indicator", "ksb_demand", "ksb_supply", "ksb_gap", "mismatch_index", "forecast_demand", "latency"} <= set(marts)
        for mart in marts:
            assert connection.execute(f"select count(*) from marts.{mart} where is_sample is not true").fetchone()[0] == 0, mart


def test_nothing_new_downloads_writes_and_rebuilds_nothing(story: Story, tree: Callable[[Path], dict]) -> None:
    settings = story.observatory.settings
    zones = [settings.archive, settings.lake / "raw", settings.lake / "derived", settings.lake / "releases", settings.warehouse, settings.serving]
    before = [tree(zone) for zone in zones]
    outcome = story.refresh()
    assert outcome.ok
    assert (outcome.new, outcome.rebuilt, outcome.published) == ([], [], False)
    assert [tree(zone) for zone in zones] == before
    assert sum(served.bytes for served in story.publisher.requests if served.method == "GET") < 50_000


def test_one_new_release_rebuilds_exactly_what_depends_on_it(story: Story) -> None:
    story.publisher.phase = 2
    outcome = story.refresh()
    assert outcome.ok, outcome.problems
    assert outcome.new == ["aps_employment"]
    expected = descendants(story, "aps_employment")
    assert set(outcome.rebuilt) == expected
    assert "marts/fct_indicator" in expected
    assert "marts/dim_standard" not in expected
    assert "derived/ksb_match" not in expected
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        held = connection.execute("select count(*), count(known_to) from marts.dim_release where dataset = 'aps_employment'").fetchone()
    assert held == (2, 1)


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


def instance_ref(story: Story) -> object:
    from dagster._core.instance.ref import InstanceRef

    return InstanceRef.from_dir(str(story.observatory.settings.home / "dagster"))


def ingest_as_dagster(definitions: dg.Definitions, instance: dg.DagsterInstance, slug: str) -> bool:
    keys = [dg.AssetKey(["raw", table.name]) for table in dataset_named(slug).tables]
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False).success

"""The dbt project on the toy warehouse: what it builds, what its numbers are, and that its tests see the faults they are for."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from observatory_assets.datasets.contract import Payload
from tests.dbt.conftest import DOMAINS, Built, describe, run_dbt, simulate_toy_warehouse

if TYPE_CHECKING:
    import duckdb

MARTS = {
    "area_outline",
    "area_overlap",
    "bridge_area_district",
    "bridge_sector_sic",
    "cell_provenance",
    "claim",
    "data_quality",
    "data_recommendation",
    "dim_area",
    "dim_contract",
    "dim_dataset",
    "dim_ksb",
    "dim_occupation",
    "dim_qualification",
    "dim_release",
    "dim_sector",
    "dim_standard",
    "fct_indicator",
    "fct_indicator_history",
    "forecast_demand",
    "forecast_demand_history",
    "forecast_stability",
    "forecast_stability_history",
    "incident",
    "ksb_bridge",
    "ksb_crosswalk",
    "ksb_demand",
    "ksb_demand_history",
    "ksb_evaluation",
    "ksb_gap",
    "ksb_gap_history",
    "ksb_match_mass",
    "ksb_review_queue",
    "ksb_signal",
    "ksb_signal_history",
    "ksb_statement",
    "ksb_supply",
    "ksb_supply_history",
    "latency",
    "latency_by_dataset",
    "local_in_demand",
    "local_in_demand_history",
    "location_quotient",
    "location_quotient_history",
    "mart_freshness",
    "mismatch_index",
    "mismatch_index_history",
    "provenance_edge",
    "provenance_leaf",
    "revision",
    "standard_occupation",
    "suppression",
}

GOLDEN = {
    "a_claim_is_reproduced_contradicted_or_not_testable_by_where_the_recomputed_range_lies",
    "a_gap_without_supply_has_no_ratio_and_one_under_the_coverage_gate_no_rank",
    "a_location_quotient_of_2_5_has_the_interval_of_its_counts_and_a_large_area_is_taken_out_of_its_comparator",
    "a_qualification_is_kept_whichever_of_the_two_lists_knows_it",
    "a_sectors_jobs_are_summed_over_the_divisions_that_are_held_in_the_last_september_before_the_plan",
    "a_series_that_is_too_short_has_no_value_and_a_small_one_has_but_is_no_signal",
    "a_standards_subject_is_its_own_records_else_dfes_and_weighs_by_achievements",
    "a_subject_asks_what_its_standards_ask_each_weighed_by_who_achieved_it",
    "a_suppressed_count_is_bounded_and_never_zero_and_a_true_zero_never_suppressed",
    "a_suppressed_part_makes_a_sum_of_adverts_an_interval_and_its_means_too",
    "a_texts_influence_is_the_greater_share_of_mass_it_carries_in_a_focus_area",
    "adverts_by_minor_group_stand_for_sub_major_groups_where_unit_groups_are_not_held_for_a_year",
    "adverts_of_a_year_have_the_error_of_an_overdispersed_poisson_count",
    "an_indicator_is_compared_with_the_occupations_own_history_where_that_is_long_enough",
    "an_occupations_own_code_comes_before_those_of_its_sub_unit_groups",
    "an_outlier_is_critical_whatever_the_weights_and_two_indicators_are_too_few",
    "births_of_an_area_are_a_share_of_its_summed_active_enterprises",
    "demand_of_the_toy_is_700_700_200",
    "equal_openings_share_a_rank_and_two_items_have_no_correlation",
    "forty_and_thirty_five_of_121_are_4_points_apart_give_or_take_14",
    "gaps_of_the_toy_are_minus_11_81_plus_21_53_and_minus_9_72_points",
    "incidence_weighs_tasks_by_their_relatedness",
    "indicators_of_demand_are_a_density_a_growth_over_a_year_and_an_openings_rate",
    "mass_goes_by_the_first_link_that_counts_and_what_has_no_statements_says_so",
    "mismatch_of_the_toy_is_0_2153",
    "openings_of_soc_11_are_1376_a_year_and_small_occupations_are_withheld",
    "percentiles_are_interpolated_and_an_archives_first_load_is_counted_apart",
    "quarters_of_adverts_are_whole_ones_counted_back_from_the_newest_month",
    "shares_and_scores_of_the_panel_have_the_golden_intervals_and_no_recomputed_value",
    "sources_are_as_current_as_the_slowest_of_them",
    "subjects_are_known_by_number_or_title_and_never_counted_with_their_total",
    "supply_of_the_toy_is_250_100_100",
    "supply_takes_the_latest_full_year_of_both_provisions_and_standards_before_subjects",
    "tally_weighs_what_is_named_and_counts_an_unplaced_task_against_both_kinds",
    "the_error_of_a_ksbs_share_comes_from_the_weights_of_occupations",
    "the_error_of_a_surveys_share_is_that_of_the_part_less_that_of_the_whole_and_adverts_are_of_months_all_have",
    "the_knowledge_a_task_is_supposed_to_draw_on_is_no_evidence",
    "two_of_four_occupations_that_change_places_give_a_rank_correlation_of_0_8",
    "what_the_text_itself_says_is_added_counted_compared_and_measured",
}


def test_every_mart_is_built_and_every_column_described_in_the_database(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.sql("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
    assert {name for (name,) in found} == MARTS
    undescribed = marts.sql(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('marts', 'intermediate', 'staging', 'seeds') and comment is null "
        "and table_name not like 'int_indicator\\_\\_%' escape '\\'"  # the parts of int_indicator have its columns
    ).fetchall()
    assert undescribed == []


def test_the_golden_values_of_the_metric_definitions_were_run_and_hold(built: Built) -> None:
    run = {node.node.name: str(node.status) for result in built.results.values() for node in result.result.results if node.node.resource_type == "unit_test"}
    assert run == dict.fromkeys(GOLDEN, "pass")


def test_every_test_of_the_project_ran_once_though_it_was_built_by_domain(built: Built) -> None:
    run = [node.node.unique_id for result in built.results.values() for node in result.result.results if node.node.resource_type == "test"]
    assert sorted(run) == sorted(name for name, node in built.manifest.nodes.items() if node.resource_type == "test")


def test_every_model_has_one_domain_and_reads_no_later_one(built: Built) -> None:
    order = ("reference", "labour_market", "learning", "statements", "ksb", "gap")
    later = {domain: set(order[place + 1 :]) | {"indicators"} for place, domain in enumerate(order)} | {"indicators": {"statements", "ksb"}}
    later["gap"] = set()
    nodes = {name: node for name, node in built.manifest.nodes.items() if node.resource_type in ("model", "seed")}
    for node in nodes.values():
        assert len(set(node.tags)) == 1, f"{node.name} has the tags {node.tags}"
        read = {tag: parent for parent in node.depends_on.nodes if parent in nodes for tag in nodes[parent].tags} if node.resource_type == "model" else {}
        assert set(node.tags) <= set(DOMAINS)
        assert not later[node.tags[0]] & set(read), f"{node.name} of {node.tags[0]} reads {read}"


def test_every_source_names_the_asset_that_writes_it(built: Built) -> None:
    assert {tuple(source.config.meta["dagster"]["asset_key"]) for source in built.manifest.sources.values()} == {
        (source.source_name, source.name) for source in built.manifest.sources.values()
    }


def test_suppression_never_becomes_zero_and_zero_is_never_suppressed(marts: duckdb.DuckDBPyConnection) -> None:
    low = marts.sql(
        "select distinct value, lower, upper from marts.fct_indicator where metric = 'apprenticeship_starts' and area_code = 'E07000135' and breakdown = 'age'"
    ).fetchall()
    assert low == [(None, 1.0, 4.0)]
    summed = marts.sql(
        "select value, lower, upper, status from marts.fct_indicator "
        "where metric = 'apprenticeship_starts' and area_code = 'E69000020' and breakdown = 'age' and known_to is null"
    ).fetchall()
    assert summed == [(6302.5, 7 * 895 + 1, 7 * 905 + 4, "ok")]
    zero = marts.sql(
        "select distinct value, status from marts.fct_indicator where metric = 'apprenticeship_achievements' and area_code = 'E92000001'"
    ).fetchall()
    assert zero == [(0.0, "ok")]
    survey = marts.sql("select value, status from marts.fct_indicator where metric = 'employment' and area_code = 'E06000016' and subgroup = '82'").fetchall()
    assert survey == [(None, "c")]


def test_a_total_beside_its_parts_is_counted_once(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select value from marts.fct_indicator where subgroup = 'ST9001' and area_code = 'E06000016' and period_label = '2024/25'").fetchall() == [
        (500.0,)
    ]


def test_an_area_with_a_missing_district_gives_no_total_and_no_upper_bound(marts: duckdb.DuckDBPyConnection) -> None:
    rutland_is_not_in_the_toy = marts.sql(
        "select distinct value, upper, status from marts.fct_indicator where metric like 'apprenticeship%' and area_code = 'E69000043' and status <> 'x'"
    ).fetchall()
    assert rutland_is_not_in_the_toy == [(None, None, "partial")]


def test_version_1_10_of_a_standard_is_later_than_1_9_and_its_statements_alone_count(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select version, is_current from marts.dim_standard where reference = 'ST9001' order by 1").fetchall() == [("1.10", True), ("1.9", False)]
    assert marts.sql("select distinct version from marts.ksb_statement where unit_code = 'ST9001'").fetchall() == [("1.10",)]


def test_a_superseded_release_stays_with_the_time_it_was_known(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql(
        "select period_label, value, known_from::date::text, known_to::date::text from marts.fct_indicator "
        "where metric = 'apprenticeship_starts' and area_code = 'E06000016' and breakdown = 'total' order by known_from"
    ).fetchall()
    assert rows == [("2024/25 year to date", 800.0, "2025-07-17", "2025-11-27"), ("2024/25", 900.0, "2025-11-27", None)]


def test_two_vintages_of_a_projection_are_both_kept_with_their_spread(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql(
        "select round(value, 3), round(vintage_spread, 3) from marts.forecast_demand where key = '11' and boundary_fit = 'exact' order by vintage"
    ).fetchall()
    assert rows == [(533.333, None), (933.333, 400.0)]
    growth = marts.sql(
        "select round(value, 6) from marts.fct_indicator where metric = 'employment_projection_growth_2020_2035' and subgroup = '11'"
        " and boundary_fit = 'exact' order by known_from"
    ).fetchall()
    assert growth == [(-10.0,), (20.0,)]
    assert marts.sql("select distinct value, reliability from marts.forecast_demand where key = '82'").fetchall() == [(None, "not_published")]


def test_a_default_match_is_unmapped_mass_unless_its_uk_ssc_group_speaks_for_it(marts: duckdb.DuckDBPyConnection) -> None:
    defaults = marts.sql(
        "select text, method, is_counted from marts.ksb_statement where ksb_id = 'skill.specific_occupational_skills' order by text"
    ).fetchall()
    assert defaults == [("drives lorries", "default", False), ("fills shelves", "link", True)]
    # of the drivers' two tasks and a quarter of another, one is unnamed: 22,000 drivers / 2.25
    unmapped = marts.sql("select volume from marts.ksb_demand where ksb_id = 'unmapped.skill' and area_code = 'E69000020' and basis = 'stock'").fetchall()
    assert unmapped == [(round(22000 / 2.25, 6),)]


def test_a_uk_ssc_task_weighs_as_much_as_it_is_related_to_the_unit_groups_sub_unit_groups(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select statement_id, weight from marts.ksb_statement where source = 'uk_ssc_task' and level = 'area'").fetchall()
    assert rows == [("uk_ssc|8211|t1", 0.25)]
    incidence = marts.sql(
        "select ksb_id, round(incidence, 6) from intermediate.int_demand_incidence "
        "where soc_code = '8211' and level = 'group' and ksb_id like '%.selling' order by 1"
    )
    assert incidence.fetchall() == [("knowledge.uk_ssc.selling", round(0.25 / 2.25, 6)), ("skill.uk_ssc.selling", round(0.25 / 2.25, 6))]


def test_gaps_are_compared_at_both_levels_and_a_skill_hangs_under_its_group(marts: duckdb.DuckDBPyConnection) -> None:
    levels = marts.sql("select distinct kind, level from marts.ksb_gap order by all").fetchall()
    assert levels == [("behaviour", "area"), ("knowledge", "area"), ("knowledge", "group"), ("skill", "area"), ("skill", "group")]
    rows = marts.sql("select distinct ksb_id, parent_ksb_id from marts.ksb_statement join marts.dim_ksb using (ksb_id) where ksb_statement.level = 'skill'")
    assert rows.fetchall() == [("skill.uk_ssc.selling.sell_goods", "skill.uk_ssc.selling")]


def test_an_estimate_without_a_confidence_interval_is_kept_as_unreliable(marts: duckdb.DuckDBPyConnection) -> None:
    row = marts.sql(
        "select value, lower, interval_kind, status from marts.fct_indicator where metric = 'employment' and area_code = 'E06000016' and subgroup = '21'"
    )
    assert row.fetchall() == [(2100.0, None, "none", "u")]


@pytest.mark.parametrize("mart", ["fct_indicator", "forecast_demand"])
def test_every_number_resolves_to_the_bytes_it_came_from(marts: duckdb.DuckDBPyConnection, mart: str) -> None:
    lost = marts.sql(
        f"select row_key from marts.{mart} where row_key not in (select row_key from marts.cell_provenance where mart = '{mart}' and sha256 is not null)"
    )
    assert lost.fetchall() == []


def test_a_sum_over_districts_traces_to_each_of_them(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql(
        "select count(distinct source_row), any_value(raw_table) from marts.cell_provenance join marts.fct_indicator using (row_key) "
        "where subgroup = 'ST9001' and area_code = 'E69000020' and period_label = '2024/25'"
    ).fetchall()
    # eight districts, and the two parts of Leicester's total that are in the same file but not in the number
    assert rows == [(8, "dfe__apprenticeship_achievements_by_standard")]


def test_the_two_real_vintages_flip_nine_occupations_and_give_soc_11_its_openings(built: Built, recorded: Path, tmp_path: Path) -> None:
    import duckdb

    from observatory_assets.datasets.skills_imperative import parse

    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    vintages = (("si-2023", "LL_LSIP_MainTables.Main.2023-03-29.xlsm"), ("si-2024", "LL_LSIP_MainTables.Main.xlsm"))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from lake.skills_imperative__employment; delete from lake.skills_imperative__replacement_demand")
        for release, name in vintages:
            workbook = tmp_path / "LL_LSIP_MainTables.Main.xlsm"
            shutil.copyfile(recorded / "skills_imperative" / name, workbook)
            payload = Payload(workbook.name, "https://example.org", workbook, "", workbook.stat().st_size, dt.datetime.now(dt.timezone.utc))
            for table, rows in parse([payload]):
                connection.register("parsed", rows)
                connection.execute(f"insert into lake.{table} by name select *, '{release}' as _release_id from parsed")
                connection.unregister("parsed")
    result = run_dbt(copy, built.target, "build", "--select", "int_indicator", "fct_indicator", "forecast_demand", manifest=built.manifest)
    assert result.success, describe(result)
    with duckdb.connect(str(copy), read_only=True) as connection:
        flips = connection.sql(
            "select subgroup from marts.fct_indicator where metric = 'employment_projection_growth_2020_2035' and breakdown = 'occupation_sub_major' "
            "group by subgroup having min(value) < 0 and max(value) > 0 order by subgroup"
        ).fetchall()
        assert [code for (code,) in flips] == ["11", "23", "31", "33", "35", "62", "81", "82", "91"]
        openings = connection.sql("select round(value), round(vintage_spread) from marts.forecast_demand where key = '11' and known_to is null").fetchone()
        assert openings == (1376.0, 143.0)


def test_dead_sources_leave_empty_marts_and_no_failure(built: Built, tmp_path: Path) -> None:
    import duckdb

    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        for (table,) in connection.sql("select table_name from duckdb_tables() where schema_name = 'lake' and table_name like 'dfe%'").fetchall():
            connection.execute(f"delete from lake.{table}")
        connection.execute("delete from derived.ksb_simulation; delete from derived.mismatch_simulation")
    select = "int_apprenticeship int_supply_weight int_standard_occupation int_demand_incidence ksb_demand ksb_supply ksb_gap mismatch_index"
    result = run_dbt(copy, built.target, "build", "--exclude-resource-type", "unit_test", "--select", *select.split(), manifest=built.manifest)
    assert result.success, describe(result)
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.sql("select count(*) from marts.ksb_gap").fetchone() == (0,)
        assert connection.sql("select count(*) > 0 from marts.ksb_demand where kind = 'skill'").fetchone() == (True,)


def test_without_uk_ssc_gaps_are_of_areas_alone_and_every_test_of_the_marts_holds(built: Built, tmp_path: Path) -> None:
    import duckdb

    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        for (table,) in connection.sql("select table_name from duckdb_tables() where schema_name = 'lake' and table_name like 'uk_ssc%'").fetchall():
            connection.execute(f"delete from lake.{table}")
        connection.execute("update derived.ksb_link set level = 'none', skill = null, skill_group = null, method = 'abstain', scheme_version = null")
    for domain in ("statements", "ksb"):
        result = run_dbt(copy, built.target, "build", "--exclude-resource-type", "unit_test", "--select", f"tag:{domain}", manifest=built.manifest)
        assert result.success, describe(result)
    simulate_toy_warehouse(copy)
    result = run_dbt(copy, built.target, "build", "--exclude-resource-type", "unit_test", "--select", "tag:gap", manifest=built.manifest)
    assert result.success, describe(result)
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.sql("select distinct level from marts.ksb_gap").fetchall() == [("area",)]
        assert connection.sql("select count(*) from marts.ksb_demand where kind = 'skill' and value > 0").fetchone()[0] > 0


FAULTS = {
    # test: what is done to the built warehouse
    "assert_shares_of_a_kind_sum_to_one": "update marts.ksb_supply set share = share * 1.1 where area_code = 'E06000016'",
    "assert_gap_is_demand_less_supply_as_simulated": "update marts.ksb_gap set gap_pp = gap_pp + 1 where area_code = 'E06000016'",
    "assert_mismatch_is_the_simulations": "update marts.mismatch_index set value = value + 1e-5 where upper > value + 1e-4",
    "assert_openings_are_change_plus_replacement": "update marts.forecast_demand set value = value * 15 where key = '11'",
    "assert_reference_is_whole": "update marts.bridge_area_district set boundary_version = 'LSIP24' where area_code = 'E69000043'",
    "assert_counted_links_are_known_ksbs": "update marts.ksb_statement set ksb_id = 'skill.no_such' where unit_code = '1121' and is_counted and rank = 1",
    "sound_fact_fct_indicator_": "update marts.fct_indicator set value = 0 where status = 'low'",
    "sound_fact_ksb_demand_": "update marts.ksb_demand set value = 'infinity' where ksb_id = 'skill.sales'",
    "unique_grain_dim_occupation_soc_code": "insert into marts.dim_occupation select * from marts.dim_occupation where soc_code = '11'",
}


def test_each_fault_is_seen_by_the_test_that_is_for_it_and_by_no_other(built: Built, tmp_path: Path) -> None:
    import duckdb

    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        for statement in FAULTS.values():
            connection.execute(statement)
    result = run_dbt(copy, built.target, "test", "--select", "test_type:data", manifest=built.manifest)
    assert {node.node.name for node in result.result.results if str(node.status) == "fail"} == set(FAULTS)


def test_a_mart_says_what_it_stands_on_how_old_that_is_and_that_it_is_stale(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select mart, dataset, state, is_stale, age_days = current_date - cast(known_from as date) from marts.mart_freshness").fetchall()
    assert rows == [("dim_occupation", "soc2020", "publisher not answering", True, True)]

"""Provenance on the toy warehouse: every number of every fact mart leads to raw rows that are there."""

from __future__ import annotations

import csv

import duckdb
import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.explain import FORMULAS
from observatory_assets.manifest import DBT_PROJECT

FACTS = ("fct_indicator", *FORMULAS)

pytestmark = pytest.mark.evidence


@pytest.mark.parametrize("mart", FACTS)
def test_every_row_with_a_value_leads_to_a_raw_cell(mart: str, marts: duckdb.DuckDBPyConnection) -> None:
    rows, valued = marts.execute(f"select count(*), count(value) from marts.{mart}").fetchone()
    untraced = marts.execute(
        f"select count(*) from marts.{mart} as facts where value is not null and not exists"
        " (select 1 from marts.cell_provenance as cells where cells.mart = ? and cells.row_key = facts.row_key)",
        [mart],
    ).fetchone()[0]
    assert untraced == 0, f"{untraced} of {valued} values ({rows} rows) stand on nothing"


def test_every_fact_mart_is_traced(marts: duckdb.DuckDBPyConnection) -> None:
    keyed = marts.execute(
        "select table_name from information_schema.columns where table_schema = 'marts' and not ends_with(table_name, '_history')"
        " and column_name in ('row_key', 'value') group by 1 having count(*) = 2"
    ).fetchall()
    assert sorted(FACTS) == sorted(row[0] for row in keyed)


def test_every_cell_has_a_release_a_place_and_a_checksum(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("select count(*) from marts.cell_provenance").fetchone()[0] > 0
    missing = marts.execute(
        "select * from marts.cell_provenance where dataset is null or release_id is null or source_file is null or source_row is null or sha256 is null"
        " or raw_column is null or role is null limit 5"
    ).fetchall()
    assert not missing
    unknown = marts.execute("select distinct release_id from marts.provenance_leaf anti join marts.dim_release using (release_id)").fetchall()
    assert not unknown, "a leaf of a release nobody knows would be missing from the view"


def test_every_edge_ends_in_cells(marts: duckdb.DuckDBPyConnection) -> None:
    dangling = marts.execute(
        "select input_relation, input_key from marts.provenance_edge"
        " anti join marts.provenance_leaf on input_relation = provenance_leaf.relation and input_key = provenance_leaf.key"
        " anti join (select relation as group_relation, row_key as group_key from marts.provenance_edge) as groups"
        " on input_relation = group_relation and input_key = group_key limit 5"
    ).fetchall()
    assert not dangling


def test_every_leaf_is_a_row_of_its_raw_table(marts: duckdb.DuckDBPyConnection) -> None:
    tables = [row[0] for row in marts.execute("select distinct raw_table from marts.provenance_leaf").fetchall()]
    assert len(tables) > 5
    for table in tables:
        missing = marts.execute(
            f"select * from marts.provenance_leaf anti join raw.{table} as held"
            " on release_id = held._release_id and source_file = held._source_file and source_row = held._source_row where raw_table = ? limit 5",
            [table],
        ).fetchall()
        assert not missing, table


def test_a_row_and_a_cell_are_met_once_for_each_input(marts: duckdb.DuckDBPyConnection) -> None:
    repeated = marts.execute(
        "select mart, row_key, role, input_relation, input_key, raw_table, release_id, source_file, source_row from marts.cell_provenance"
        " where mart in ('ksb_gap', 'fct_indicator', 'location_quotient') group by all having count(*) > 1 limit 5"
    ).fetchall()
    assert not repeated


def test_every_cited_column_is_in_its_datasets_contract(marts: duckdb.DuckDBPyConnection) -> None:
    contracts = {table.name: {column.name for column in table.columns} for dataset in all_datasets() for table in dataset.tables}
    cited = marts.execute("select distinct raw_table, unnest(string_split(raw_column, ',')) from marts.provenance_leaf").fetchall()
    with (DBT_PROJECT / "seeds" / "metric_column.csv").open(encoding="utf-8", newline="") as file:
        cited += [(row["raw_table"], row["raw_column"]) for row in csv.DictReader(file)]
    assert not [(table, column) for table, column in cited if column not in contracts[table]]


def test_every_metric_says_which_columns_it_is_read_from(marts: duckdb.DuckDBPyConnection) -> None:
    unnamed = marts.execute(
        "select distinct metric, unnest(sources).raw_table as raw_table from intermediate.int_indicator"
        " except select metric, raw_table from seeds.metric_column"
    ).fetchall()
    assert not unnamed
    unread = marts.execute("select metric from seeds.metric anti join seeds.metric_column using (metric)").fetchall()
    assert not unread, "metrics without a column"

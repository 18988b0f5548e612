"""The analysis marts on the toy warehouse, and rank stability between the two real vintages of the projections.

Belongs here: what needs a built warehouse or recorded payloads. Does not belong here: golden values (dbt_project/models/marts/_unit_tests_analysis.yml).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from observatory_assets.datasets import skills_imperative
from observatory_assets.datasets.contract import Payload
from tests.dbt.conftest import Built

if TYPE_CHECKING:
    import duckdb

VINTAGES = {
    # release: (workbook, known from)
    "first": ("LL_LSIP_MainTables.Main.2023-03-29.xlsm", "2023-03-29"),
    "corrected": ("LL_LSIP_MainTables.Main.xlsm", "2024-08-05"),
}


def _requirements(recorded: Path) -> list[dict[str, Any]]:
    rows = []
    for vintage, (name, known_from) in VINTAGES.items():
        path = recorded / "skills_imperative" / name
        body = path.read_bytes()
        payload = Payload(name, "https://example.org", path, hashlib.sha256(body).hexdigest(), len(body), dt.datetime.now(dt.timezone.utc))
        for table, batch in skills_imperative.DATASET.parse([payload]):
            if table == "skills_imperative__replacement_demand":
                rows += [row | {"vintage": vintage, "known_from": known_from} for row in batch.to_pylist() if row["level"] == "sub_major"]
    return rows


@pytest.fixture
def stability(built: Built, recorded: Path) -> duckdb.DuckDBPyConnection:
    """A database with the real vintages as forecast_demand has them, and view ``stability``: the mart's own SQL on them."""
    import duckdb
    import pyarrow as pa

    (code,) = (node.node.compiled_code for node in built.results["gap"].result.results if node.node.name == "forecast_stability")
    connection = duckdb.connect()
    connection.register("requirements", pa.Table.from_pylist(_requirements(recorded)))
    connection.execute("set timezone = 'UTC'; create schema marts")
    connection.execute(
        """
        create table marts.forecast_demand as
        select
            'occupation' as grain, null::varchar as kind, null::varchar as level, occupation_code as key, 'A' as area_code, 'B' as boundary_version,
            '2020-2035' as horizon, vintage, date '2020-01-01' as period_start, date '2035-12-31' as period_end,
            1000 * (net_change_thousands + replacement_demand_thousands) / 15 as openings_per_year, 1000 * net_change_thousands as net_change,
            case
                when least(employment_base_thousands, employment_horizon_thousands) < 1 then 'not_published'
                when least(employment_base_thousands, employment_horizon_thousands) < 10 then 'low_reliability'
                else 'ok'
            end as reliability,
            openings_per_year as value, null::double as coverage, null::varchar as taxonomy_version, known_from::timestamptz as known_from,
            vintage as release_id, false as is_sample
        from requirements
        """
    )
    connection.execute(f"create view stability as {code.replace(chr(34) + 'observatory' + chr(34) + '.', '')}")
    return connection


def test_the_correction_of_2024_moved_the_ranks_of_the_reliable_occupations(stability: duckdb.DuckDBPyConnection) -> None:
    (row,) = stability.sql("select earlier_vintage, later_vintage, base, sign_flips, top_5_overlap, top_10_overlap, status from stability").fetchall()
    assert row == ("first", "corrected", 16, 7, 0.8, 0.9, "ok")
    (ranks,) = stability.sql("select spearman, kendall, mean_rank_shift from stability").fetchall()
    assert ranks == pytest.approx((0.829, 0.7, 0.1172), abs=5e-4)


def test_the_correction_turned_nine_of_all_26_occupations_between_growth_and_decline(stability: duckdb.DuckDBPyConnection) -> None:
    stability.execute("update marts.forecast_demand set reliability = 'ok'")
    assert stability.sql("select base, sign_flips from stability").fetchall() == [(26, 9)]


def test_both_grains_of_the_toys_vintages_are_compared_and_two_occupations_have_no_correlation(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select distinct earlier_vintage, later_vintage, base, status, value from marts.forecast_stability where grain = 'occupation'").fetchall()
    assert rows == [("si-2023", "si-2024", 2.0, "x", None)]
    assert marts.sql("select distinct kind from marts.forecast_stability where grain = 'ksb' order by 1").fetchall() != []


def test_without_adverts_or_a_comparator_there_are_no_signals_and_no_quotients(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select (select count(*) from marts.ksb_signal), (select count(*) from marts.location_quotient)").fetchall() == [(0, 0)]


def test_projections_alone_are_one_indicator_of_five_and_no_index(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select distinct category, status, value, base <= 1 from marts.local_in_demand").fetchall()
    assert rows == [("too_few", "x", None, True)]

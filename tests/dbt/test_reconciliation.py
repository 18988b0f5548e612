"""What published figures are held against: the checks find a planted inconsistency, name it, and stop a build only for what no publisher can cause."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.conftest import Built, run_dbt

pytestmark = pytest.mark.evidence
MODELS = [f"int_reconciliation{part}" for part in ("", "_conservation", "_grid", "_codes", "_releases")]
TEST = "assert_codes_are_of_their_classifications"


@pytest.fixture
def reconciled(built: Built, tmp_path: Path) -> Callable[[str], tuple[dict[tuple[str, str, str | None], dict[str, Any]], bool]]:
    """Change a copy of the built warehouse and reconcile it again: rows by check, subject and release, and whether the build passes."""

    def run(statement: str) -> tuple[dict[tuple[str, str, str | None], dict[str, Any]], bool]:
        path = tmp_path / built.path.name
        shutil.copy(built.path, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute(statement)
        result = run_dbt(path, built.target, "build", "--select", *MODELS, TEST, manifest=built.manifest)
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute("select * from intermediate.int_reconciliation").to_arrow_table().to_pylist()
        return {(row["check_name"], f"{row['relation']} {row['subject']}", row["release_id"]): row for row in rows}, result.success

    return run


def failing(rows: dict) -> dict:
    return {key[:2]: row for key, row in rows.items() if not row["passed"]}


def projections(subgroup: str) -> str:
    return f"metric = 'employment_projection' and known_to is null and breakdown = 'occupation_sub_major' and subgroup = '{subgroup}'"


def test_parts_that_no_longer_add_up_to_their_published_total_are_named_and_stop_nothing(reconciled: Callable) -> None:
    before, sound = reconciled("select 1")
    after, passed = reconciled(
        "update intermediate.int_indicator set value = value + 5000, lower = lower + 5000, upper = upper + 5000"
        " where metric = 'apprenticeship_starts' and known_to is null and breakdown = 'sex' and area_code = 'E92000001'"
    )
    assert sound and passed, "a publisher's inconsistency stops no build"
    newly = failing(after).keys() - failing(before).keys()
    assert newly == {("conservation", "marts.fct_indicator apprenticeship_starts by sex")}
    [row] = [failing(after)[key] for key in newly]
    [worst] = json.loads(row["sample"])
    assert row["severity"] == "warn" and worst["parts"] >= worst["total"] + 4990 and worst["area_code"] == "E92000001"


def test_an_area_without_the_newest_period_is_named(reconciled: Callable) -> None:
    before, _ = reconciled("select 1")
    after, passed = reconciled("delete from intermediate.int_indicator where metric = 'apprenticeship_starts' and known_to is null and area_code = 'E06000016'")
    key = ("area_period_grid", "marts.fct_indicator apprenticeship_starts")
    assert passed and failing(after)[key]["severity"] == "warn"
    lacking = [{one["area_code"] for one in json.loads(failing(rows)[key]["sample"])} for rows in (before, after)]
    assert lacking[1] - lacking[0] == {"E06000016"}


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("update marts.ksb_gap set ksb_id = 'skill.no_such' where ksb_id = (select min(ksb_id) from marts.ksb_gap)", "marts.ksb_gap ksb"),
        ("update marts.fct_indicator set boundary_version = 'LAD99' where area_code = 'E06000016'", "marts.fct_indicator area"),
        ("update marts.ksb_demand set sector = 'mining' where sector = 'all'", "marts.ksb_demand sector"),
    ],
)
def test_a_code_of_the_observatorys_own_that_is_in_no_dimension_stops_the_build(reconciled: Callable, statement: str, subject: str) -> None:
    after, passed = reconciled(statement)
    assert not passed
    row = failing(after)["reference", subject]
    assert row["severity"] == "error" and json.loads(row["sample"])[0]["code"]


def test_an_occupation_a_publisher_writes_and_the_classification_lacks_is_recorded_only(reconciled: Callable) -> None:
    after, passed = reconciled(f"update marts.fct_indicator set subgroup = '99' where {projections('11')}")
    row = failing(after)["reference", "marts.fct_indicator occupation"]
    assert passed and row["severity"] == "warn" and {"code": "99"}.items() <= json.loads(row["sample"])[0].items()


def test_a_release_that_goes_back_in_time_or_loses_a_tenth_of_its_rows_is_recorded(reconciled: Callable) -> None:
    before, _ = reconciled("select 1")
    replaced = {key: row for key, row in before.items() if key[0] == "release_volume"}
    assert replaced and all(row["passed"] for row in replaced.values()), "the toy's releases are of one size"
    release = next(iter(replaced))[2]
    after, passed = reconciled(f"update raw.release set rows = 8 where release_id = '{release}'")
    row = after["release_volume", "raw.release rows of the release", release]
    assert passed and not row["passed"] and row["severity"] == "warn"
    assert json.loads(row["sample"]) == [{"item": release, "before": "10", "now": "8"}]

    orders = {key: row for key, row in before.items() if key[0] == "period_order" and row["passed"]}
    release = next(iter(orders))[2]
    after, _ = reconciled(
        f"update intermediate.int_indicator set period_end = period_end - interval 50 year, period_start = period_start - interval 50 year"
        f" where release_id = '{release}'"
    )
    row = after["period_order", "raw.release newest period by metric", release]
    assert row["broken"] == row["checked"] > 0


def test_all_is_in_the_mart_of_data_quality_with_one_of_its_dimensions(marts: duckdb.DuckDBPyConnection) -> None:
    dimensions = {row[0] for row in marts.execute("select distinct dimension from marts.data_quality").fetchall()}
    assert dimensions <= {"completeness", "uniqueness", "validity", "conservation", "freshness", "schema drift", "volume", "revision"}
    assert {"conservation", "completeness", "validity"} <= dimensions
    [(rows, reconciliations)] = marts.execute(
        "select (select count(*) from marts.data_quality), (select count(*) from intermediate.int_reconciliation)"
    ).fetchall()
    assert rows == reconciliations > 0, "the toy has no audits"

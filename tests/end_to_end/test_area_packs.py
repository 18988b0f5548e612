"""A pack for another area is rows of two seeds: the project with those rows, and nothing else changed, makes every mart hold it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from resources.settings import PROJECT_ROOT

pytestmark = [pytest.mark.evidence, pytest.mark.slow_evidence]

LSIP = ("E69000035", "LSIP23")
# the real workbooks are of every LSIP, the sample's of two: what stands on projections has none of a third
UNPROJECTED = {f"{mart}{history}" for mart in ("forecast_demand", "local_in_demand") for history in ("", "_history")}
DISTRICTS = {
    "E07000234": "Bromsgrove",
    "E07000235": "Malvern Hills",
    "E07000236": "Redditch",
    "E07000237": "Worcester",
    "E07000238": "Wychavon",
    "E07000239": "Wyre Forest",
}


def digests(folder: Path) -> dict[str, str]:
    """Every file below ``folder`` but what running it writes, with the sha256 of its content."""
    written = {"__pycache__", "target", "logs", "home"}
    files = (path for path in folder.rglob("*") if path.is_file() and not written & set(path.relative_to(folder).parts))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the project with Worcestershire's rows, refreshed on the sample; and the files in which it differs from the project."""
    project = tmp_path_factory.mktemp("pack")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        if (PROJECT_ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT_ROOT / name, project / name)
    before = digests(project)
    seeds = project / "dbt_project" / "seeds"
    with (seeds / "area.csv").open("a", encoding="utf-8") as file:
        file.write(f"{LSIP[0]},Worcestershire,LSIP,{LSIP[1]},focus,Worcestershire,2023-01-01,\n")
        file.writelines(f"{code},{name},LAD,LAD23,district,,2023-04-01,\n" for code, name in DISTRICTS.items())
    with (seeds / "area_district.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{LSIP[0]},{LSIP[1]},{code}\n{code},LAD23,{code}\n" for code in DISTRICTS)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OBSERVATORY_", "DAGSTER_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(project), "OBSERVATORY_HOME": str(project / "home"), "OBSERVATORY_SIMULATION_DRAWS": "200"}
    command = [sys.executable, "-m", "observatory_assets.cli", "refresh"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    after = digests(project)
    return project, {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.fixture
def marts(pack: tuple[Path, set[str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(pack[0] / "home" / "serving" / "observatory.duckdb"), read_only=True) as connection:
        yield connection


def test_a_pack_for_worcestershire_touches_two_seeds_and_nothing_else(pack: tuple[Path, set[str]]) -> None:
    assert pack[1] == {"dbt_project/seeds/area.csv", "dbt_project/seeds/area_district.csv"}


def test_every_mart_of_areas_holds_the_area_of_a_pack(marts: duckdb.DuckDBPyConnection) -> None:
    tables = marts.execute(
        "select table_name from duckdb_columns() where schema_name = 'marts' and column_name in ('area_code', 'boundary_version') "
        "group by 1 having count(*) = 2"
    ).fetchall()
    assert len(tables) > 10
    lacking = []
    for (table,) in sorted(tables):
        held, of_others = marts.execute(
            f"select count(*) filter (area_code = $1 and boundary_version = $2), count(*) filter (area_code = 'E69000007') from marts.{table}", list(LSIP)
        ).fetchone()
        if of_others and not held:
            lacking.append(table)
    assert set(lacking) <= UNPROJECTED


def test_the_area_of_a_pack_has_gaps_demand_and_figures_of_its_districts(marts: duckdb.DuckDBPyConnection) -> None:
    (gaps,) = marts.execute("select count(*) from marts.ksb_gap where area_code = $1 and boundary_version = $2 and gap_pp is not null", list(LSIP)).fetchone()
    assert gaps > 50
    (demand,) = marts.execute("select count(distinct basis) from marts.ksb_demand where area_code = $1 and share is not null", [LSIP[0]]).fetchone()
    assert demand == 2, "of the stock of jobs and of adverts"
    status, lower, upper, cells = marts.execute(
        "select any_value(status), any_value(lower), any_value(upper), count(*) from marts.fct_indicator "
        "inner join marts.cell_provenance using (row_key) where area_code = $1 and metric = 'apprenticeship_starts' and breakdown = 'total' "
        "and fct_indicator.known_to is null and period_label = '2023/24' and mart = 'fct_indicator'",
        [LSIP[0]],
    ).fetchone()
    assert (status, upper - lower, cells) == ("ok", 60, 6), "six districts, each rounded by 5 either way"

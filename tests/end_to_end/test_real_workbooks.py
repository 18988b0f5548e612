"""The two real Leicester workbooks through the whole pipeline, the other publishers dead: every figure equals its cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from observatory_assets.as_known import as_known_on, instant_of
from observatory_assets.datasets import skills_imperative
from observatory_assets.refresh import refresh
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import Entry, write_recording
from resources.observatory import Observatory
from resources.settings import Settings

pytestmark = [pytest.mark.evidence, pytest.mark.xdist_group("real_workbooks")]

FLIPPED = ["11", "23", "31", "33", "35", "62", "81", "82", "91"]
VINTAGES = {
    1: ("2023-03-21T09:30:00+00:00", "LL_LSIP_MainTables.Main.2023-03-29.xlsm"),
    2: ("2024-08-05T09:30:00+01:00", "LL_LSIP_MainTables.Main.xlsm"),
}


def entries(recorded: Path, phase: int) -> Iterator[Entry]:
    published, name = VINTAGES[phase]
    url = f"https://assets.publishing.service.gov.uk/media/{phase}/LL_LSIP_MainTables.Main.xlsm"
    page = {
        "title": "Labour market and skills projections: 2020 to 2035",
        "public_updated_at": published,
        "details": {"attachments": [{"title": "LSIP workbook: Leicester and Leicestershire", "url": url, "filename": "LL_LSIP_MainTables.Main.xlsm"}]},
    }
    yield Entry("www.gov.uk", "/api/content" + skills_imperative.PATH, json.dumps(page).encode())
    yield Entry("assets.publishing.service.gov.uk", f"/media/{phase}/LL_LSIP_MainTables.Main.xlsm", (recorded / "skills_imperative" / name).read_bytes())


@pytest.fixture(scope="module")
def marts(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("real")
    write_recording(folder / "recording", {phase: list(entries(recorded, phase)) for phase in VINTAGES}, synthetic=False, description="Two real vintages.")
    with Publisher(folder / "recording") as publisher:
        settings = Settings(home=folder / "home", profile="replay", publisher_address=publisher.address, backoff_seconds=0.0, simulation_draws=200)
        for publisher.phase in VINTAGES:
            outcome = refresh(Observatory(settings), say=lambda _: None)
            assert outcome.new == ["skills_imperative"]
            assert outcome.published, outcome.problems
            for dead in ("apprenticeship_standards", "apprenticeships", "aps_employment", "soc2020"):
                assert any(f"[{dead}]" in problem for problem in outcome.problems), "a publisher that is not in the recording is named"
    with duckdb.connect(str(folder / "home" / "serving" / "observatory.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def cells(recorded: Path) -> dict[str, dict[tuple[str, str], float]]:
    """(sheet, cell) -> value by release date, read by openpyxl, a reader the pipeline does not use."""
    found = {}
    for published, name in VINTAGES.values():
        workbook = openpyxl.load_workbook(recorded / "skills_imperative" / name, read_only=True, data_only=True)
        found[published[:10]] = {
            (sheet, f"{cell.column_letter}{cell.row}"): cell.value
            for sheet in ("Occ F2", "Ind F2", "Qual F1", "RD T1")
            for row in workbook[sheet].iter_rows(max_row=60)
            for cell in row
            if isinstance(cell.value, int | float)
        }
    return found


def published(marts: duckdb.DuckDBPyConnection) -> Path:
    return Path(marts.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()[0])


def traced(marts: duckdb.DuckDBPyConnection, metric: str) -> list[tuple]:
    return marts.execute(
        "select strftime(known_from, '%Y-%m-%d'), value, source_row, unit from marts.fct_indicator"
        " inner join marts.cell_provenance using (row_key, release_id) where metric = ? and value is not null",
        [metric],
    ).fetchall()


def test_every_projected_level_equals_its_cell_times_a_thousand(marts: duckdb.DuckDBPyConnection, cells: dict) -> None:
    rows = traced(marts, "employment_projection")
    assert len({row[0] for row in rows}) == 2
    assert len(rows) > 3_000
    for vintage, value, source, unit in rows:
        sheet, cell = source.split("!")
        assert unit == "persons"
        assert value == pytest.approx(cells[vintage][sheet, cell] * 1000, rel=1e-12), (vintage, source)


@pytest.mark.parametrize(("metric", "column"), [("net_change", "D"), ("replacement_demand", "E"), ("total_requirement", "F")])
def test_every_replacement_figure_equals_its_cell_times_a_thousand(marts: duckdb.DuckDBPyConnection, cells: dict, metric: str, column: str) -> None:
    rows = traced(marts, metric)
    assert len(rows) >= 50
    for vintage, value, source, _ in rows:
        sheet, span = source.split("!")
        line = "".join(character for character in span.split(":")[0] if character.isdigit())
        assert value == pytest.approx(cells[vintage][sheet, f"{column}{line}"] * 1000, rel=1e-12), (vintage, source)


def test_every_growth_is_that_of_its_two_cells(marts: duckdb.DuckDBPyConnection, cells: dict) -> None:
    grown: dict[tuple[str, float, str], list[float]] = {}
    for row_key, vintage, value, source in marts.execute(
        "select row_key, strftime(known_from, '%Y-%m-%d'), value, source_row from marts.fct_indicator inner join marts.cell_provenance"
        " using (row_key, release_id) where metric = 'employment_projection_growth_2020_2035' and value is not null order by source_row"
    ).fetchall():
        sheet, cell = source.split("!")
        grown.setdefault((vintage, value, row_key), []).append(cells[vintage][sheet, cell])
    assert len(grown) > 100
    for (vintage, value, _), levels in grown.items():
        first, last = sorted(levels) if value > 0 else sorted(levels, reverse=True)
        assert value == pytest.approx((last / first - 1) * 100, rel=1e-9), vintage


def test_the_golden_figures_of_the_correction_come_out(marts: duckdb.DuckDBPyConnection) -> None:
    def level(metric: str, subgroup: str, period: str, known: str) -> float:
        return marts.execute(
            "select value from marts.fct_indicator where metric = ? and subgroup = ? and year(period_end) = ? and strftime(known_from, '%Y-%m-%d') = ?"
            " and breakdown in ('total', 'occupation_sub_major')",
            [metric, subgroup, period, known],
        ).fetchone()[0]

    total = marts.execute("select distinct subgroup from marts.fct_indicator where metric = 'employment_projection' and breakdown = 'total'").fetchone()[0]
    assert round(level("employment_projection", total, "2035", "2024-08-05")) == 572_851
    assert round(level("employment_projection", total, "2035", "2023-03-21")) == 572_851
    assert round(level("net_change", "21", "2035", "2024-08-05")) == 5_865
    assert round(level("employment_projection", "91", "2035", "2023-03-21"), -1) == 18_210
    assert round(level("employment_projection", "91", "2035", "2024-08-05"), -1) == 7_600
    flips = marts.execute(
        "select list(subgroup order by subgroup) from (select subgroup from marts.fct_indicator where metric = 'employment_projection_growth_2020_2035'"
        " and breakdown = 'occupation_sub_major' group by subgroup having count(distinct sign(value)) = 2)"
    ).fetchone()[0]
    assert flips == FLIPPED


@pytest.mark.parametrize(("date", "thousands"), [("2024-07-01", 18.21), ("2024-09-01", 7.60)])
def test_occupation_91_in_2035_is_what_the_vintage_known_on_the_date_said(marts: duckdb.DuckDBPyConnection, date: str, thousands: float) -> None:
    with as_known_on(published(marts), instant_of(date)) as connection:
        forecast = connection.execute("select employment_horizon, vintage_spread from marts.forecast_demand where key = '91' and area_code = 'E69000020'")
        ((employment, spread),) = forecast.fetchall()
        assert round(employment / 1000, 2) == thousands
        assert (spread is None) == (date == "2024-07-01"), "a vintage nobody had seen is in no spread"
        levels = connection.execute(
            "select value from marts.fct_indicator where metric = 'employment_projection' and breakdown = 'occupation_sub_major' and subgroup = '91'"
            " and area_code = 'E69000020' and period_label = '2035'"
        ).fetchall()
        assert [round(value / 1000, 2) for (value,) in levels] == [thousands]


def test_before_the_first_workbook_nothing_was_known(marts: duckdb.DuckDBPyConnection) -> None:
    with as_known_on(published(marts), instant_of("2023-03-20")) as connection:
        assert connection.execute("select count(*) from marts.forecast_demand").fetchone() == (0,)


def test_the_correction_flips_the_growth_of_exactly_nine_sub_major_groups_and_leaves_the_total(marts: duckdb.DuckDBPyConnection) -> None:
    growth = "from marts.revision where metric = 'employment_projection_growth_2020_2035' and area_code = 'E69000020'"
    flips = marts.execute(f"select item, reason {growth} and breakdown = 'occupation_sub_major' and sign_flip order by item").fetchall()
    assert flips == [(code, "correction") for code in FLIPPED]
    old, new, absolute = marts.execute(
        "select old, new, absolute from marts.revision where metric = 'employment_projection' and breakdown = 'occupation_sub_major' and item = '91'"
        " and area_code = 'E69000020' and period_label = '2035'"
    ).fetchone()
    assert (round(old, -1), round(new, -1), round(absolute, -1)) == (18_210, 7_600, -10_610)
    totals = "metric = 'employment_projection' and item = 'Total' and area_code = 'E69000020' and period_label = '2035'"
    assert marts.execute(f"select * from marts.revision where {totals}").fetchall() == [], "the total was confirmed"


def test_real_data_are_not_marked_as_a_sample(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("select distinct is_sample from marts.fct_indicator").fetchall() == [(False,)]

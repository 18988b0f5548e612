"""The published database as known on a date: which rows, by a reference that replays the releases, and the command that asks it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.as_known import as_known_on, instant_of
from observatory_assets.cli import main
from observatory_assets.datasets import dataset_named
from resources.lake import Release
from resources.observatory import Observatory
from resources.settings import Settings

pytestmark = pytest.mark.evidence

START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
CLAIMANTS = dataset_named("claimant_count")
TABLE = CLAIMANTS.tables[0]


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


def hold(observatory: Observatory, number: int, known: float, cells: dict[str, float]) -> None:
    """Promote a release that says ``cells``, known on day ``known``."""
    rows = [{"geography_code": area, "value": value, "_release_id": f"r{number}", "_source_row": area} for area, value in cells.items()]
    known_from, taken_in = day(known).isoformat(), day(200 + number).isoformat()
    release = Release(
        CLAIMANTS.slug, f"r{number}", f"m{number}", known_from, "publisher", known_from, taken_in, taken_in, taken_in, "", "", 1, 1, None, False, {}
    )
    with observatory.lake.scratch() as folder:
        table = pa.Table.from_pylist(rows, schema=TABLE.arrow_schema())
        observatory.lake.promote(replace(release, tables=observatory.lake.stage({TABLE.name: table}, folder)), folder)


@settings(max_examples=20, deadline=None)
@given(
    releases=st.lists(
        st.tuples(st.integers(0, 50).map(lambda half_days: half_days / 2), st.dictionaries(st.sampled_from(["A", "B", "C"]), st.integers(0, 3), min_size=1)),
        min_size=1,
        max_size=5,
        unique_by=lambda one: one[0],
    ),
    dates=st.lists(st.floats(0, 30), min_size=1, max_size=4),
)
def test_of_any_releases_taken_in_in_any_order_those_known_on_a_date_are_what_the_newest_before_it_said(releases: list, dates: list[float]) -> None:
    with tempfile.TemporaryDirectory() as home:
        observatory = Observatory(Settings(home=Path(home), profile="live"))
        for number, (known, cells) in enumerate(releases):
            hold(observatory, number, known, cells)
        with observatory.warehouse.writer("test"), observatory.warehouse.connect() as connection:
            observatory.warehouse.register(connection, [CLAIMANTS], observatory.lake.releases(CLAIMANTS.slug))
        for date in dates:
            known_then = [(known, cells) for known, cells in releases if day(known) <= day(date)]
            expected = max(known_then, key=lambda one: one[0])[1] if known_then else {}
            with as_known_on(observatory.warehouse.file, day(date)) as connection:
                found = connection.execute(f"select geography_code, value from raw.{TABLE.name} where _known_to is null").fetchall()
            assert dict(found) == {area: float(value) for area, value in expected.items()}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A published file of one fact with its history, a register and a lookup."""
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    path = tmp_path / "serving" / "observatory.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema marts; create schema seeds; create schema staging")
        connection.execute(
            "create table marts.gap_history as select * from (values ('a', 1.0, '2023-03-21 09:30:00+00'::timestamptz, '2024-08-05 08:30:00+00'::timestamptz),"
            " ('a', 2.0, '2024-08-05 08:30:00+00'::timestamptz, null)) as t (row_key, value, known_from, known_to);"
            "create table marts.gap as from marts.gap_history where known_to is null;"
            "create table marts.dim_release as select row_number() over () as release_id, known_from, known_to from marts.gap_history;"
            "create table marts.dim_area as select 'E1' as area_code; create table seeds.metric as select 'm' as metric;"
            "create view staging.stg_gap as select value, known_from, known_to from marts.gap_history"
        )
    yield tmp_path


@pytest.mark.parametrize(("date", "value"), [("2024-07-01", 1.0), ("2024-08-04", 1.0), ("2024-08-05", 2.0), ("2024-08-05T08:29:59Z", 1.0), ("2026-01-01", 2.0)])
def test_a_fact_is_what_was_known_at_the_end_of_the_day_or_at_the_instant_given(home: Path, date: str, value: float) -> None:
    with as_known_on(home / "serving" / "observatory.duckdb", instant_of(date)) as connection:
        assert connection.execute("select value, known_to from marts.gap").fetchall() == [(value, None)]


def test_what_was_not_out_yet_is_not_there_and_what_was_superseded_later_is_current(home: Path) -> None:
    with as_known_on(home / "serving" / "observatory.duckdb", instant_of("2024-07-01")) as connection:
        assert connection.execute("select count(*), count(known_to) from marts.dim_release").fetchall() == [(1, 0)]
        assert connection.execute("select value, known_to from staging.stg_gap").fetchall() == [(1.0, None)]
        assert connection.execute("select count(*) from marts.gap_history").fetchall() == [(1,)]
        assert connection.execute("select area_code, metric from marts.dim_area, seeds.metric").fetchall() == [("E1", "m")]
    with as_known_on(home / "serving" / "observatory.duckdb", instant_of("2020-01-01")) as connection:
        assert connection.execute("select * from marts.gap").fetchall() == []


def test_the_command_answers_as_known_on_a_date_and_refuses_what_is_none(home: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["sql", "--as-known-on", "2024-07-01", "select 'the value is ' || value from marts.gap"]) == 0
    assert "the value is 1.0" in capsys.readouterr().out
    assert main(["sql", "select 'the value is ' || value from marts.gap"]) == 0
    assert "the value is 2.0" in capsys.readouterr().out
    assert main(["sql", "--as-known-on", "last summer", "select 1"]) == 2
    assert "takes a date such as 2024-07-01" in capsys.readouterr().err
    assert main(["sql", "--as-known-on", "2024-07-01", "drop table observatory.marts.gap_history"]) == 2
    assert "read-only" in capsys.readouterr().err

"""History of the computed marts and the revisions it shows, by the SQL dbt compiles, against a reference that replays every build."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dbt.conftest import Built, describe, run_dbt

pytestmark = pytest.mark.evidence

START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
COLUMNS = "row_key varchar, label varchar, share double, release_id varchar, known_from timestamptz, known_to timestamptz"


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


@pytest.fixture(scope="session")
def carry_on(built: Built, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The compiled SQL of a history that has a past, on a mart of COLUMNS; the instant of the build is the parameter."""
    folder = tmp_path_factory.mktemp("history")
    copy = folder / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop table marts.ksb_signal; create schema history")
        for relation in ("marts.ksb_signal", "history.ksb_signal"):
            connection.execute(f"create table {relation} ({COLUMNS})")
    result = run_dbt(copy, built.target, "compile", "--select", "ksb_signal_history", manifest=built.manifest)
    assert result.success, describe(result)
    compiled = result.result.results[0].node.compiled_code
    started = compiled.split("greatest(cast('")[1].split("'")[0]
    return compiled.replace(f"'{started}'", "$built_at").replace('"observatory".', "")


def publish(connection: duckdb.DuckDBPyConnection, sql: str, rows: Sequence[tuple], built_at: dt.datetime) -> None:
    """One build and publication: the mart's rows replaced, its history carried on and kept."""
    connection.execute("delete from marts.ksb_signal")
    if rows:
        connection.executemany("insert into marts.ksb_signal values (?, 'label', ?, ?, ?, null)", list(rows))
    connection.execute(f"create or replace temp table carried as {sql}", {"built_at": built_at})
    connection.execute("delete from history.ksb_signal; insert into history.ksb_signal select * from carried")


@pytest.fixture
def ledger() -> duckdb.DuckDBPyConnection:
    return empty_ledger()


def empty_ledger() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; create schema marts; create schema history")
    for relation in ("marts.ksb_signal", "history.ksb_signal"):
        connection.execute(f"create table {relation} ({COLUMNS})")
    return connection


def known_on(connection: duckdb.DuckDBPyConnection, instant: dt.datetime) -> dict[str, float]:
    return dict(
        connection.execute(
            "select row_key, share from history.ksb_signal where known_from <= $d and (known_to is null or $d < known_to)", {"d": instant}
        ).fetchall()
    )


BUILDS = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3), min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(builds=BUILDS, days=st.lists(st.floats(0, 90), min_size=1, max_size=5))
def test_as_known_on_any_date_is_what_the_build_of_the_last_release_before_it_said(carry_on: str, builds: list[dict[str, int]], days: list[float]) -> None:
    connection = empty_ledger()
    # release n comes out on day 10 n and is published an hour later; each build says what that release makes of every key
    for number, said in enumerate(builds):
        rows = [(key, share, f"says {share}", day(10 * number)) for key, share in said.items()]
        publish(connection, carry_on, rows, day(10 * number) + dt.timedelta(hours=1))
    for date in days:
        last = min(int(date // 10), len(builds) - 1)
        # a key that vanished with every other row has no later release to end by: its end is the build's own instant
        instant = day(date) if date % 10 > 0.1 else day(date) + dt.timedelta(hours=3)
        assert known_on(connection, instant) == {key: float(share) for key, share in builds[last].items()}


@settings(max_examples=60, deadline=None)
@given(
    builds=st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 2), st.integers(0, 80)), max_size=3), st.integers(1, 30)),
        min_size=1,
        max_size=7,
    )
)
def test_whatever_comes_in_whatever_order_nothing_is_lost_nothing_overlaps_and_the_open_rows_are_the_mart(carry_on: str, builds: list) -> None:
    connection, built_at, seen = empty_ledger(), day(100), set()
    for said, later in builds:
        built_at += dt.timedelta(days=later)
        rows = [(key, share, "r", day(known)) for key, (share, known) in said.items()]
        publish(connection, carry_on, rows, built_at)
        seen |= {(key, float(share)) for key, (share, _) in said.items()}
        before = connection.execute("select * from history.ksb_signal order by all").fetchall()
        assert connection.execute("select row_key, share from history.ksb_signal where known_to is null order by 1").fetchall() == sorted(
            (key, float(share)) for key, (share, _) in said.items()
        )
        publish(connection, carry_on, rows, built_at + dt.timedelta(hours=1))
        assert connection.execute("select * from history.ksb_signal order by all").fetchall() == before, "the same build again changes nothing"
    assert seen <= set(connection.execute("select row_key, share from history.ksb_signal").fetchall())
    overlaps = connection.execute(
        "select * from (select *, lead(known_from) over (partition by row_key order by known_from) as next_from from history.ksb_signal)"
        " where known_to <= known_from or next_from < coalesce(known_to, 'infinity')"
    ).fetchall()
    assert overlaps == []


def test_a_number_that_changes_without_a_release_changes_when_it_was_published(carry_on: str, ledger: duckdb.DuckDBPyConnection) -> None:
    publish(ledger, carry_on, [("a", 1, "r1", day(0))], day(5))
    publish(ledger, carry_on, [("a", 2, "r1", day(0))], day(9))
    assert known_on(ledger, day(8)) == {"a": 1.0}
    assert known_on(ledger, day(9)) == {"a": 2.0}


def test_a_release_that_came_in_late_does_not_rewrite_what_was_published(carry_on: str, ledger: duckdb.DuckDBPyConnection) -> None:
    publish(ledger, carry_on, [("a", 1, "old,second", day(20))], day(21))
    publish(ledger, carry_on, [("a", 2, "late,second", day(20))], day(40))
    assert known_on(ledger, day(30)) == {"a": 1.0}
    assert known_on(ledger, day(41)) == {"a": 2.0}


def test_a_mart_that_gains_a_column_keeps_its_past_and_is_no_revision_by_that_alone(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema history; create table history.ksb_gap as select * exclude (q_value) from marts.ksb_gap")
        connection.execute(
            "update history.ksb_gap set gap_pp = gap_pp + 1, known_from = known_from - interval 1 year"
            " where row_key = (select min(row_key) from history.ksb_gap)"
        )
    result = run_dbt(copy, built.target, "build", "--select", "ksb_gap_history", "revision", "--exclude-resource-type", "unit_test", manifest=built.manifest)
    assert result.success, describe(result)
    with duckdb.connect(str(copy), read_only=True) as connection:
        rows, kept = connection.execute("select count(*), count(*) filter (where known_to is not null) from marts.ksb_gap_history").fetchone()
        assert (rows, kept) == (connection.execute("select count(*) + 1 from marts.ksb_gap").fetchone()[0], 1)
        assert connection.execute("select metric, round(absolute, 6), reason from marts.revision where mart = 'ksb_gap'").fetchall() == [
            ("gap_pp", -1.0, "routine")
        ]


def test_the_macro_gives_a_mart_as_known_at_an_instant(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    then = "{{ as_known_on('forecast_demand', \"'2024-07-01'::timestamptz\") }}"
    inline = f"select round(value, 3) as value, known_to from {then} where key = '11' and area_code = 'E69000020'"
    result = run_dbt(copy, built.target, "compile", "--inline", inline, manifest=built.manifest)
    assert result.success, describe(result)
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute(result.result.results[0].node.compiled_code).fetchall() == [(533.333, None)]


def test_the_histories_of_marts_that_keep_every_release_are_the_marts_themselves(marts: duckdb.DuckDBPyConnection) -> None:
    for mart in ("fct_indicator", "forecast_demand", "forecast_stability"):
        assert marts.execute(f"select count(*) from marts.{mart}_history").fetchall() == marts.execute(f"select count(*) from marts.{mart}").fetchall()


def test_a_revision_names_old_new_and_whether_the_sign_flipped_and_what_was_confirmed_is_none(marts: duckdb.DuckDBPyConnection) -> None:
    growth = marts.execute(
        "select round(old, 6), round(new, 6), round(absolute, 6), round(relative, 6), sign_flip, reason from marts.revision"
        " where metric = 'employment_projection_growth_2020_2035' and item = '11' and area_code = 'E69000020'"
    ).fetchall()
    assert growth == [(-10.0, 20.0, 30.0, 3.0, True, "correction")]
    assert marts.execute("select count(*) from marts.revision where old = new and old_status = new_status").fetchone() == (0,)

"""The gates of publication: each rule passes a sound mart and stops a planted fault, whatever dbt tested."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from observatory_assets.quality.gates import breaches

pytestmark = pytest.mark.evidence

SOUND = """
    select * from (values
        ('knowledge', 'knowledge.a', 'E69000020', 0.6, 6.0, 5.0, 7.0),
        ('knowledge', 'knowledge.b', 'E69000020', 0.4, 4.0, 4.0, 4.0),
        ('knowledge', 'knowledge.a', 'E69000043', 1.0, 2.0, 1.0, 3.0),
        ('knowledge', 'unmapped.knowledge', 'E69000043', null, 2.0, null, null)
    ) as t (kind, ksb_id, area_code, share, value, lower, upper)
"""


DOUBLES = ", ".join(f"{name}::double as {name}" for name in ("share", "value", "lower", "upper"))


def database(select: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(f"create table marts.ksb_demand as select * replace ({DOUBLES}) from ({select})")
    return connection


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    with database(SOUND) as connection:
        yield connection


def rules(candidate: str, published: duckdb.DuckDBPyConnection | None = None) -> set[str]:
    with database(candidate) as connection:
        return {breach.rule for breach in breaches(connection, ["ksb_demand"], published)}


def test_a_sound_mart_passes_alone_and_against_the_build_before(published: duckdb.DuckDBPyConnection) -> None:
    assert rules(SOUND) == set()
    assert rules(SOUND, published) == set()


@pytest.mark.parametrize("bad", ["'nan'::double", "'inf'::double", "'-inf'::double"])
def test_a_number_that_is_not_finite_is_stopped(bad: str) -> None:
    assert "finite" in rules(f"select * replace (case when ksb_id = 'knowledge.b' then {bad} else value end as value) from ({SOUND})")


def test_a_negative_share_is_stopped() -> None:
    assert "share_bounds" in rules(f"select * replace (case when ksb_id = 'knowledge.b' then -0.1 else share end as share) from ({SOUND})")


def test_shares_that_do_not_sum_to_one_are_stopped() -> None:
    assert rules(f"select * replace (share * 0.9 as share) from ({SOUND})") == {"shares_sum_to_one"}


def test_a_lost_area_is_stopped(published: duckdb.DuckDBPyConnection) -> None:
    assert "areas_kept" in rules(f"select * from ({SOUND}) where area_code = 'E69000020'", published)


def test_an_area_of_which_only_the_past_is_left_is_a_lost_area() -> None:
    timed = f"select *, null::timestamptz as known_to from ({SOUND})"
    with database(timed) as published:
        assert rules(timed, published) == set()
        past = f"select * replace (case when area_code = 'E69000043' then '2026-01-01'::timestamptz else known_to end as known_to) from ({timed})"
        assert "areas_kept" in rules(past, published)


def test_an_interval_that_does_not_hold_its_value_is_stopped() -> None:
    assert rules(f"select * replace (upper - 3 as value) from ({SOUND})") == {"interval_contains_value"}
    assert "interval_order" in rules(f"select * replace (upper as lower, lower as upper) from ({SOUND})")


def test_losing_most_rows_or_a_column_is_stopped(published: duckdb.DuckDBPyConnection) -> None:
    assert "volume" in rules(f"select * from ({SOUND}) limit 1", published)
    assert "contract" in rules(f"select * exclude (kind) from ({SOUND})", published)


def test_a_mart_that_is_not_there_is_stopped() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        [breach] = breaches(connection, ["ksb_gap"], None)
    assert (breach.mart, breach.rule) == ("ksb_gap", "mart_exists")

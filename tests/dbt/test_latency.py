"""Latency by dataset, against the releases it is of, on the built toy warehouse and against a brute-force count.

Belongs here: what holds of any releases. Does not belong here: golden values (dbt_project/models/marts/_unit_tests_latency.yml).
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.evidence

STAGES = ("released_to_detected", "detected_to_materialised", "materialised_to_published", "released_to_published")
MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


def sql(model: str) -> str:
    text = (MODELS / f"{model}.sql").read_text()
    text = re.sub(r"\{\{ config\(.*?\) \}\}", "", text)
    return re.sub(r"\{\{ (?:ref|source)\((?:'raw', )?'(\w+)'\) \}\}", r"\1", text)


def test_every_release_is_counted_once_in_every_stage(marts: duckdb.DuckDBPyConnection) -> None:
    by_stage = marts.execute(
        "select stage, sum(n_releases), sum(n + n_unstated + n_first_load + n_unfinished), bool_and(is_sample) from marts.latency_by_dataset group by stage"
    ).fetchall()
    releases = marts.execute("select count(*) from marts.latency").fetchone()[0]
    assert sorted(by_stage) == sorted((stage, releases, releases, True) for stage in STAGES)


def test_it_is_a_view_so_that_a_publication_is_seen_without_a_build(marts: duckdb.DuckDBPyConnection) -> None:
    kind = marts.execute("select table_type from information_schema.tables where table_name = 'latency_by_dataset'").fetchone()[0]
    assert kind == "VIEW"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.none() | st.integers(-600, 600),
            st.integers(0, 600),
            st.none() | st.integers(0, 60),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_what_was_out_before_the_first_look_is_never_counted_as_delay(releases: list[tuple[str, int | None, int, int | None]]) -> None:
    """Releases are (dataset, minute released, minute detected, minutes until published)."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            "create table release (dataset varchar, release_id varchar, released_at timestamptz, detected_at timestamptz, retrieved_at timestamptz,"
            " materialised_at timestamptz, published_at timestamptz, is_sample boolean)"
        )
        for number, (dataset, released, detected, until) in enumerate(releases):
            seen = START + dt.timedelta(minutes=detected)
            row = [
                dataset,
                str(number),
                None if released is None else START + dt.timedelta(minutes=released),
                seen,
                seen,
                seen + dt.timedelta(minutes=1),
                None if until is None else seen + dt.timedelta(minutes=1 + until),
                False,
            ]
            connection.execute(f"insert into release values ({', '.join('?' * 8)})", row)
        connection.execute(f"create table latency as {sql('latency')}")
        rows = connection.execute(f"from ({sql('latency_by_dataset')})").fetchall()
    assert [row[:2] for row in rows] == [(dataset, stage) for dataset in sorted({one[0] for one in releases}) for stage in STAGES]
    for dataset, stage, held, counted, unstated, first_load, unfinished, median, _, largest, _ in rows:
        own = [one for one in releases if one[0] == dataset]
        first_look = min(detected for _, _, detected, _ in own)
        ours = [one for one in own if one[1] is not None and one[1] >= first_look]
        if stage.startswith("released"):
            minutes = [detected - released for _, released, detected, _ in ours]
            if stage == STAGES[3]:
                minutes = [detected + 1 + until - released for _, released, detected, until in ours if until is not None]
            assert (unstated, first_load) == (sum(one[1] is None for one in own), sum(one[1] is not None and one[1] < first_look for one in own))
        else:
            minutes = [1 for _ in own] if stage == STAGES[1] else [until for *_, until in own if until is not None]
            assert (unstated, first_load) == (0, 0)
        assert (held, counted, held - counted - unstated - first_load) == (len(own), len(minutes), unfinished)
        assert (median, largest) == ((statistics.median(minutes), max(minutes)) if minutes else (None, None))

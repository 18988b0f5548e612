"""The release sensor: the four cursor cases for every dataset's detector, isolation, bounded retries, junk cursors."""

from __future__ import annotations

import datetime as dt
import json

import dagster as dg
import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from resources.observatory import Observatory
from sensors.releases import build_release_sensor, decide, evaluate, look_at_all, read_cursor

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.timezone.utc)
EVERY_DATASET = pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.slug)


def tick(observatory: Observatory, dataset: Dataset, cursor: str | None, now: dt.datetime = NOW) -> dg.SensorResult:
    return evaluate(observatory, [dataset], cursor, now)


def satisfy(observatory: Observatory, dataset: Dataset) -> None:
    [look] = look_at_all(observatory, [dataset])
    observatory.lake.satisfy(dataset.slug, look.marker, "a-release")


@EVERY_DATASET
def test_the_first_tick_requests_every_raw_table_of_the_dataset_and_nothing_else(observatory: Observatory, dataset: Dataset) -> None:
    [request] = tick(observatory, dataset, None).run_requests
    assert {key.path[-1] for key in request.asset_selection} == {table.name for table in dataset.tables}


@EVERY_DATASET
def test_a_release_already_held_is_not_requested_again(observatory: Observatory, dataset: Dataset) -> None:
    first = tick(observatory, dataset, None)
    satisfy(observatory, dataset)
    second = tick(observatory, dataset, first.cursor)
    assert not second.run_requests
    assert "nothing new" in second.skip_reason.skip_message
    assert json.loads(second.cursor)["datasets"] == {}


@EVERY_DATASET
def test_a_new_marker_is_requested_although_an_older_one_is_held(observatory: Observatory, dataset: Dataset) -> None:
    observatory.lake.satisfy(dataset.slug, "an older marker", "an-older-release")
    assert len(tick(observatory, dataset, None).run_requests) == 1


@EVERY_DATASET
def test_a_release_whose_ingest_failed_is_requested_again_after_its_delay_with_another_run_key(observatory: Observatory, dataset: Dataset) -> None:
    first = tick(observatory, dataset, None)
    too_soon = tick(observatory, dataset, first.cursor, NOW + dt.timedelta(minutes=5))
    assert not too_soon.run_requests
    later = tick(observatory, dataset, too_soon.cursor, NOW + dt.timedelta(minutes=31))
    assert len(later.run_requests) == 1
    assert later.run_requests[0].run_key != first.run_requests[0].run_key


def test_attempts_are_bounded_with_doubling_delays_and_the_tick_says_it_gave_up(observatory: Observatory) -> None:
    dataset, cursor, now, asked = all_datasets()[0], None, NOW, []
    for _ in range(60 * 24):
        result = tick(observatory, dataset, cursor, now) if not asked or now >= asked[-1] else None
        if result is not None:
            cursor = result.cursor
            if result.run_requests:
                asked.append(now)
                if len(asked) == observatory.settings.release_retry_attempts:
                    break
        now = max(now + dt.timedelta(minutes=1), dt.datetime.fromisoformat(json.loads(cursor)["datasets"][dataset.slug]["next_attempt_at"]))
    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in zip(asked, asked[1:], strict=False)]
    assert gaps == [30, 60, 120, 240]
    final = tick(observatory, dataset, cursor, now + dt.timedelta(days=30))
    assert not final.run_requests
    assert "given up after 5 attempts" in final.skip_reason.skip_message


def test_one_run_is_requested_for_all_the_datasets_that_changed(observatory: Observatory) -> None:
    result = evaluate(observatory, all_datasets(), None, NOW)
    assert len(result.run_requests) == 1
    assert result.run_requests[0].tags["observatory/datasets"].split(",") == [dataset.slug for dataset in all_datasets()]


@pytest.mark.parametrize("fault", ["http:500", "http:403", "html_200", "empty", "reset", "redirect"])
def test_one_publisher_failing_hides_no_other_release(observatory: Observatory, publisher, fault: str) -> None:
    publisher.inject("www.nomisweb.co.uk", None, fault)
    looks = {look.dataset.slug: look for look in look_at_all(observatory, all_datasets())}
    assert looks["aps_employment"].marker is None
    assert "aps_employment" in looks["aps_employment"].problem
    assert all(look.marker for slug, look in looks.items() if slug != "aps_employment")
    assert observatory.lake.looked("aps_employment")["error"]


def test_a_publisher_that_could_not_be_asked_keeps_its_attempts(observatory: Observatory, publisher) -> None:
    dataset = next(one for one in all_datasets() if one.slug == "aps_employment")
    first = tick(observatory, dataset, None)
    publisher.inject("www.nomisweb.co.uk", None, "http:503")
    second = tick(observatory, dataset, first.cursor)
    assert read_cursor(second.cursor) == read_cursor(first.cursor)


@pytest.mark.parametrize("junk", ["", "null", "[]", "not json", '{"version": 99}', '{"version": 1}', '{"version": 1, "datasets": {"x": {"odd": 1}}}', "7"])
def test_a_junk_cursor_counts_as_empty(observatory: Observatory, junk: str) -> None:
    assert read_cursor(junk) == {}


def test_a_tick_asks_for_markers_and_downloads_nothing(observatory: Observatory, publisher) -> None:
    evaluate(observatory, all_datasets(), None, NOW)
    assert publisher.requests
    assert sum(served.bytes for served in publisher.requests if served.method == "GET") < 50_000
    assert not (observatory.settings.archive / "objects").exists()


def test_decide_forgets_datasets_that_are_satisfied(observatory: Observatory) -> None:
    looks = look_at_all(observatory, all_datasets())
    _, requests = decide(observatory, looks, {}, NOW)
    for look in looks:
        observatory.lake.satisfy(look.dataset.slug, look.marker, "held")
    assert decide(observatory, looks, requests, NOW) == ([], {})


def test_the_sensor_ticks_inside_dagster(observatory: Observatory) -> None:
    sensor = build_release_sensor(observatory)
    with dg.DagsterInstance.ephemeral() as instance:
        data = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=dg.Definitions(assets=[], sensors=[])))
    assert len(data.run_requests) == 1

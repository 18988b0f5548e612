"""The release sensor: the four cursor cases for every dataset's detector, isolation, bounded retries, junk cursors."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from observatory_assets.definitions import build_defs
from observatory_assets.sample.publisher import Publisher
from observatory_assets.warehouse import DATASET_STATE
from resources.errors import TransientFetchError
from resources.http import HttpClient
from resources.observatory import Observatory
from resources.settings import Settings
from sensors import releases
from sensors.releases import ask_everything, build_daily_schedule, build_release_sensors, decide, evaluate, look_at_all, read_cursor

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
    assert {key.path[-1] for key in result.run_requests[0].asset_selection} == {table.name for dataset in all_datasets() for table in dataset.tables}


@pytest.mark.parametrize("fault", ["http:500", "http:403", "html_200", "empty", "reset", "redirect"])
def test_one_publisher_failing_hides_no_other_release(observatory: Observatory, publisher, fault: str) -> None:
    publisher.inject("www.nomisweb.co.uk", None, fault)
    looks = {look.dataset.slug: look for look in look_at_all(observatory, all_datasets())}
    failed = {dataset.slug for dataset in all_datasets() if dataset.hosts[:1] == ("www.nomisweb.co.uk",)}
    assert {slug for slug, look in looks.items() if look.marker is None} == failed
    assert all(slug in looks[slug].problem for slug in failed)
    assert all(observatory.lake.looked(slug)["error"] for slug in failed)


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
    sensor = build_release_sensors(observatory)[0]
    with dg.DagsterInstance.ephemeral() as instance:
        data = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=dg.Definitions(assets=[], sensors=[])))
    assert len(data.run_requests) == 1


def test_a_tick_over_every_dataset_ends_within_its_budget_while_half_of_the_publishers_hang(observatory: Observatory, publisher: Publisher) -> None:
    hosts = sorted({dataset.hosts[0] for dataset in all_datasets() if dataset.hosts})
    hanging = hosts[::2]
    for host in hanging:
        publisher.inject(host, None, "timeout")
    observatory.settings.marker_timeout_seconds = 1.0
    started = time.monotonic()
    looks = look_at_all(observatory, all_datasets())
    elapsed = time.monotonic() - started
    # The longest lane asks one silent publisher once; with the real 8 s a tick takes 8 s and what the answering publishers need.
    assert elapsed < 1.0 + releases.TICK_BUDGET_SECONDS / 4
    unseen = {look.dataset.hosts[0] for look in looks if look.marker is None and not look.skipped}
    assert unseen and unseen <= set(hanging)
    asked = [served.host for served in publisher.requests if served.host in hanging]
    assert sorted(asked) == sorted(unseen)  # one request each, however many data sets; a pinned edition asks nobody


def test_a_publisher_that_hangs_is_asked_for_another_dataset_at_the_next_tick(observatory: Observatory, publisher: Publisher) -> None:
    lane = [dataset for dataset in all_datasets() if dataset.hosts[:1] == ("www.nomisweb.co.uk",)]
    publisher.inject("www.nomisweb.co.uk", None, "reset")
    first = {look.dataset.slug: look.problem for look in look_at_all(observatory, lane)}
    second = {look.dataset.slug: look.problem for look in look_at_all(observatory, lane)}
    asked = [[slug for slug, problem in tick.items() if "not asked" not in problem] for tick in (first, second)]
    assert len(asked[0]) == len(asked[1]) == 1
    assert asked[0] != asked[1] or len(lane) == 1
    publisher.faults.clear()
    assert all(look.marker for look in look_at_all(observatory, lane))


def test_a_dataset_that_is_not_set_up_is_skipped_and_nobody_is_asked(observatory: Observatory, publisher: Publisher) -> None:
    observatory.settings.profile = "replay"
    needing = [replace(dataset, options=("webhook",)) for dataset in all_datasets()[:2]]
    result = evaluate(observatory, needing, None, NOW)
    assert not result.run_requests
    assert "skipped until they are set up" in result.skip_reason.skip_message
    assert not publisher.requests
    assert all(observatory.lake.looked(dataset.slug)["skipped"] for dataset in needing)


def test_every_dataset_belongs_to_exactly_one_of_the_sensors(observatory: Observatory) -> None:
    graph = build_defs(observatory).resolve_asset_graph()
    keys = [key for sensor in build_release_sensors(observatory) for target in sensor.targets for key in target.resolvable_to_job.selection.resolve(graph)]
    assert sorted(key.path[-1] for key in keys) == sorted(table.name for dataset in all_datasets() for table in dataset.tables)


def test_the_daily_schedule_asks_for_what_the_sensor_has_given_up_and_for_the_register_of_what_is_stale(observatory: Observatory) -> None:
    request = ask_everything(observatory, NOW.date())
    assert set(request.asset_selection) == {DATASET_STATE, *(dg.AssetKey(["raw", table.name]) for dataset in all_datasets() for table in dataset.tables)}
    for look in look_at_all(observatory, all_datasets()):
        if look.marker:
            observatory.lake.satisfy(look.dataset.slug, look.marker, "held")
    assert ask_everything(observatory, NOW.date()).asset_selection == [DATASET_STATE]
    assert build_daily_schedule(observatory).cron_schedule == "15 10 * * *"


def test_a_host_has_one_pace_for_all_its_datasets(tmp_path: Path) -> None:
    waits: list[float] = []
    settings = Settings(
        home=tmp_path, profile="live", base_addresses={"paced.invalid": "http://127.0.0.2:9"}, seconds_between_requests=30, connect_timeout_seconds=0.2
    )
    for _ in range(2):
        with pytest.raises(TransientFetchError):
            HttpClient(settings.model_copy(update={"fetch_attempts": 1}), ["paced.invalid"], sleep=waits.append).head("https://paced.invalid/")
    assert [round(wait) for wait in waits] == [30]

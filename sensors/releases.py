"""The release sensors: ask each publisher for its marker and request one run for the datasets that changed.

Belongs here: the cursor, the retry rule, the tick, the drop folders' own sensor and the daily schedule that asks whatever the
sensors do. Does not belong here: how a marker is found (datasets) and what happens to a release (ingest). A tick never
downloads a payload.

A release is new when its marker is not the one satisfied, whatever was requested before: a failed ingest is therefore
asked for again, a bounded number of times with doubling delay, and a run_key (which dedupes for ever, failed runs
included, dagster#15982) is only a guard against asking twice for the same attempt.
https://docs.dagster.io/guides/automate/sensors
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import dagster as dg

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from observatory_assets.ingest import find_marker
from observatory_assets.operations import write
from observatory_assets.warehouse import DATASET_STATE
from resources.errors import NotSetUp, ObservatoryError, TransientFetchError
from resources.observatory import Observatory

CURSOR_VERSION = 1
TICK_BUDGET_SECONDS = 45.0  # Dagster ends a tick after 60
DROP_FOLDER_INTERVAL_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """What was last asked for one dataset: the marker, how often, and when it may be asked for again (ISO 8601)."""

    marker: str
    attempts: int
    next_attempt_at: str


@dataclass(frozen=True)
class Look:
    """One dataset's look: its marker, or why there is none; ``skipped`` where that is only because the operator has not set it up."""

    dataset: Dataset
    marker: str | None
    problem: str | None = None
    skipped: bool = False


def read_cursor(text: str | None) -> dict[str, Request]:
    """Requests by dataset. A cursor that is missing, junk or of another version counts as empty: what is satisfied is known elsewhere."""
    try:
        record = json.loads(text or "{}")
        if record.get("version") != CURSOR_VERSION:
            return {}
        return {slug: Request(**request) for slug, request in record["datasets"].items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        logging.getLogger("observatory.sensors").warning("the release sensor's cursor was unreadable and starts afresh: %.200r", text)
        return {}


def write_cursor(requests: dict[str, Request]) -> str:
    """The cursor as JSON with its version."""
    return json.dumps({"version": CURSOR_VERSION, "datasets": {slug: asdict(request) for slug, request in sorted(requests.items())}})


def look_at_all(observatory: Observatory, datasets: Sequence[Dataset]) -> list[Look]:
    """Ask all publishers at once and each one's datasets in turn, within the tick's budget; one that hangs or fails hides no other.

    A publisher that does not answer at all is asked for one dataset only: nine data sets of one host, each waiting its eight
    seconds, would outlast the tick. Which one that is changes from tick to tick, so that a single address that hangs does
    not hide its publisher's other releases for longer than a tick.
    """
    lanes: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        lanes.setdefault(dataset.hosts[0] if dataset.hosts else dataset.slug, []).append(dataset)
    looks: dict[str, Look] = {}

    def hung_last_time(dataset: Dataset) -> bool:
        record = observatory.lake.looked(dataset.slug) or {}
        return bool(record.get("error")) and record.get("asked", True)

    def look_along(lane: Sequence[Dataset]) -> None:
        silent: Dataset | None = None
        for dataset in sorted(lane, key=lambda one: (hung_last_time(one), one.slug)):
            if silent is None:
                looks[dataset.slug], hung = _look(observatory, dataset)
                silent = dataset if hung else None
            else:
                problem = f"[{dataset.slug}] not asked, since {looks[silent.slug].problem}".split("\n", 1)[0]
                observatory.lake.look(dataset.slug, marker=None, error=problem, asked=False)
                looks[dataset.slug] = Look(dataset, None, problem)

    pool = concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(lanes)))
    futures = [pool.submit(look_along, lane) for lane in lanes.values()]
    done, _ = concurrent.futures.wait(futures, timeout=TICK_BUDGET_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    for future in done:
        future.result()
    late = f"no answer within {TICK_BUDGET_SECONDS:g} s"
    return [looks.get(dataset.slug) or Look(dataset, None, f"[{dataset.slug}] {late}") for dataset in sorted(datasets, key=lambda one: one.slug)]


def _look(observatory: Observatory, dataset: Dataset) -> tuple[Look, bool]:
    """One dataset's look, and whether its publisher did not answer at all."""
    try:
        return Look(dataset, find_marker(observatory, dataset).value), False
    except NotSetUp as error:
        return Look(dataset, None, str(error), skipped=True), False
    except ObservatoryError as error:
        return Look(dataset, None, str(error)), isinstance(error, TransientFetchError) and error.rule in ("connection", "body_deadline")
    except Exception as error:
        # An unforeseen shape of one publisher's answer must not hide the others' releases; it is shown in the tick.
        return Look(dataset, None, f"[{dataset.slug}] {type(error).__name__}: {error}"), False


def decide(observatory: Observatory, looks: Sequence[Look], before: dict[str, Request], now: dt.datetime) -> tuple[list[Look], dict[str, Request]]:
    """Which datasets to request now, and the requests to remember.

    Args:
        observatory: knows which marker is satisfied.
        looks: what the publishers answered.
        before: requests remembered from the last tick.
        now: the tick's instant, with time zone.
    """
    settings = observatory.settings
    wanted, after = [], {}
    for one in looks:
        slug = one.dataset.slug
        last = before.get(slug)
        if one.marker is None:
            if last:
                after[slug] = last
            continue
        if observatory.lake.satisfied_marker(slug) == one.marker:
            continue
        attempts = last.attempts if last and last.marker == one.marker else 0
        due = attempts == 0 or now >= dt.datetime.fromisoformat(last.next_attempt_at)
        if not due or attempts >= settings.release_retry_attempts:
            after[slug] = last
            continue
        delay = dt.timedelta(minutes=settings.release_retry_delay_minutes * 2**attempts)
        after[slug] = Request(one.marker, attempts + 1, (now + delay).isoformat())
        wanted.append(one)
    return wanted, after


def evaluate(observatory: Observatory, datasets: Sequence[Dataset], cursor: str | None, now: dt.datetime) -> dg.SensorResult:
    """One tick."""
    before = read_cursor(cursor)
    looks = look_at_all(observatory, datasets)
    write(observatory)
    wanted, after = decide(observatory, looks, before, now)
    problems = [one.problem for one in looks if one.problem and not one.skipped]
    skipped = [one.dataset.slug for one in looks if one.skipped]
    given_up = [slug for slug, request in after.items() if request.attempts >= observatory.settings.release_retry_attempts]
    for problem in problems:
        logging.getLogger("observatory.sensors").warning(problem)
    if not wanted:
        notes = [f"{len(looks) - len(problems) - len(skipped)} of {len(looks)} datasets answered; nothing new to request"]
        notes += [f"skipped until they are set up: {', '.join(skipped)}"] if skipped else []
        notes += [f"given up after {after[slug].attempts} attempts: {slug} (observatory refresh --dataset {slug} asks again)" for slug in given_up]
        return dg.SensorResult(skip_reason="; ".join([*notes, *problems])[:2000], cursor=write_cursor(after))
    key = "|".join(f"{one.dataset.slug}:{one.marker}:{after[one.dataset.slug].attempts}" for one in wanted)
    return dg.SensorResult(run_requests=[_run_request(key, wanted)], cursor=write_cursor(after))


def _run_request(key: str, wanted: Sequence[Look], *also: dg.AssetKey) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=hashlib.sha256(key.encode()).hexdigest(),
        asset_selection=[*_raw_keys([one.dataset for one in wanted]), *also],
        tags={"observatory/datasets": ",".join(one.dataset.slug for one in wanted)[:250]},
    )


def build_release_sensors(observatory: Observatory) -> list[dg.SensorDefinition]:
    """``releases`` over every dataset that is asked for, ``drop_folders`` over those whose files a person places."""
    asked = [dataset for dataset in all_datasets() if not dataset.drop_folder]
    dropped = [dataset for dataset in all_datasets() if dataset.drop_folder]
    sensors = [
        (
            "releases",
            asked,
            observatory.settings.sensor_interval_seconds,
            "Asks each publisher which release is current and requests a run for those not held.",
        ),
        ("drop_folders", dropped, DROP_FOLDER_INTERVAL_SECONDS, "Looks into the drop folders and requests a run for files not yet held."),
    ]
    return [_sensor(observatory, *one) for one in sensors if one[1]]


def _sensor(observatory: Observatory, name: str, datasets: Sequence[Dataset], interval: int, description: str) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        target=dg.AssetSelection.assets(*_raw_keys(datasets)),
        minimum_interval_seconds=interval,
        default_status=dg.DefaultSensorStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultSensorStatus.STOPPED,
        description=description,
    )
    def _tick(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return evaluate(observatory, datasets, context.cursor, dt.datetime.now(dt.timezone.utc))

    return _tick


def _raw_keys(datasets: Sequence[Dataset]) -> list[dg.AssetKey]:
    return [dg.AssetKey(["raw", table.name]) for dataset in datasets for table in dataset.tables]


def ask_everything(observatory: Observatory, day: dt.date) -> dg.RunRequest:
    """The daily request: every release not yet held, given up or not, and the register of what is stale, whatever the sensors did.

    Args:
        observatory: knows which marker is satisfied.
        day: names the request, so that a day has one.
    """
    looks = look_at_all(observatory, all_datasets())
    wanted = [one for one in looks if one.marker is not None and observatory.lake.satisfied_marker(one.dataset.slug) != one.marker]
    return _run_request(f"daily:{day}", wanted, DATASET_STATE)


def build_daily_schedule(observatory: Observatory) -> dg.ScheduleDefinition:
    """Every day at 10:15, after the publishers' release times of 07:00 and 09:30; running when the sensors are."""

    @dg.schedule(
        name="daily",
        target=dg.AssetSelection.assets(*_raw_keys(all_datasets()), DATASET_STATE),
        cron_schedule="15 10 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultScheduleStatus.STOPPED,
        description="Asks every dataset once, so that a wedged sensor never means silent staleness.",
    )
    def _daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return ask_everything(observatory, context.scheduled_execution_time.date())

    return _daily

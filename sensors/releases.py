"""The release sensor: asks each publisher for its marker and requests one run for the datasets that changed.

Belongs here: the cursor, the retry rule and the tick. Does not belong here: how a marker is found (datasets) and what
happens to a release (ingest). A tick never downloads a payload.

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
from resources.errors import ObservatoryError
from resources.observatory import Observatory

CURSOR_VERSION = 1
TICK_BUDGET_SECONDS = 45.0  # Dagster ends a tick after 60
LOOKERS = 8


@dataclass(frozen=True)
class Request:
    """What was last asked for one dataset: the marker, how often, and when it may be asked for again (ISO 8601)."""

    marker: str
    attempts: int
    next_attempt_at: str


@dataclass(frozen=True)
class Look:
    """One dataset's look: its marker, or why there is none."""

    dataset: Dataset
    marker: str | None
    problem: str | None = None


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
    """Ask every publisher at once, within the tick's budget; one that hangs or fails hides no other."""

    def look(dataset: Dataset) -> Look:
        try:
            return Look(dataset, find_marker(observatory, dataset).value)
        except ObservatoryError as error:
            return Look(dataset, None, str(error))
        except Exception as error:
            # An unforeseen shape of one publisher's answer must not hide the others' releases; it is shown in the tick.
            return Look(dataset, None, f"[{dataset.slug}] {type(error).__name__}: {error}")

    pool = concurrent.futures.ThreadPoolExecutor(max_workers=LOOKERS)
    futures = {pool.submit(look, dataset): dataset for dataset in datasets}
    done, late = concurrent.futures.wait(futures, timeout=TICK_BUDGET_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    looks = [future.result() for future in done]
    looks += [Look(futures[future], None, f"[{futures[future].slug}] no answer within {TICK_BUDGET_SECONDS:g} s") for future in late]
    return sorted(looks, key=lambda one: one.dataset.slug)


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
    wanted, after = decide(observatory, looks, before, now)
    problems = [one.problem for one in looks if one.problem]
    given_up = [slug for slug, request in after.items() if request.attempts >= observatory.settings.release_retry_attempts]
    for problem in problems:
        logging.getLogger("observatory.sensors").warning(problem)
    if not wanted:
        notes = [f"{len(looks) - len(problems)} of {len(looks)} publishers answered; nothing new to request"]
        notes += [f"given up after {after[slug].attempts} attempts: {slug} (observatory refresh --dataset {slug} asks again)" for slug in given_up]
        return dg.SensorResult(skip_reason="; ".join([*notes, *problems])[:2000], cursor=write_cursor(after))
    key = "|".join(f"{one.dataset.slug}:{one.marker}:{after[one.dataset.slug].attempts}" for one in wanted)
    request = dg.RunRequest(
        run_key=hashlib.sha256(key.encode()).hexdigest(),
        asset_selection=[dg.AssetKey(["raw", table.name]) for one in wanted for table in one.dataset.tables],
        tags={"observatory/datasets": ",".join(one.dataset.slug for one in wanted)[:250]},
    )
    return dg.SensorResult(run_requests=[request], cursor=write_cursor(after))


def build_release_sensor(observatory: Observatory) -> dg.SensorDefinition:
    """The sensor over every dataset."""
    datasets = all_datasets()

    @dg.sensor(
        name="releases",
        target=dg.AssetSelection.assets(*(["raw", table.name] for dataset in datasets for table in dataset.tables)),
        minimum_interval_seconds=observatory.settings.sensor_interval_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultSensorStatus.STOPPED,
        description="Asks each publisher which release is current and requests a run for those not yet held.",
    )
    def releases(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return evaluate(observatory, datasets, context.cursor, dt.datetime.now(dt.timezone.utc))

    return releases

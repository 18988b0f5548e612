"""What is held of each dataset and how fresh it is, read from the state folder without asking anybody.

Belongs here: one row per dataset for people and scripts. Does not belong here: printing, and looking at publishers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from resources.observatory import Observatory

LOOK_AT_LEAST_EVERY = dt.timedelta(days=2)


@dataclass(frozen=True)
class Status:
    """One dataset.

    Args:
        dataset: slug.
        releases: promoted releases held.
        release, rows: of the current one; None and 0 where nothing is held.
        age: since the current release was known.
        next_expected: the publisher's announced date, else the current release plus the usual cadence.
        looked_at: when the publisher was last asked.
        state: 'current' means: the publisher's latest is held, and it was asked lately.
        problem: what went wrong last, or ''.
    """

    dataset: str
    releases: int
    release: str | None
    rows: int
    age: dt.timedelta | None
    next_expected: dt.date | None
    looked_at: dt.datetime | None
    state: str
    problem: str


def statuses(observatory: Observatory) -> list[Status]:
    """One Status per dataset, in order of slug."""
    return [_status(observatory, dataset, dt.datetime.now(dt.timezone.utc)) for dataset in all_datasets()]


def _status(observatory: Observatory, dataset: Dataset, now: dt.datetime) -> Status:
    lake = observatory.lake
    releases = lake.releases(dataset.slug)
    current = releases[-1] if releases else None
    looked = lake.looked(dataset.slug) or {}
    looked_at = dt.datetime.fromisoformat(looked["looked_at"]) if looked else None
    known_from = dt.datetime.fromisoformat(current.known_from) if current else None
    if current is None:
        state = "nothing held"
    elif looked.get("marker") and looked["marker"] != lake.satisfied_marker(dataset.slug):
        state = "new release not yet good"
    elif looked_at is None or now - looked_at > LOOK_AT_LEAST_EVERY:
        state = "stale: not looked lately"
    elif looked.get("error"):
        state = "stale: publisher not answering"
    else:
        state = "current"
    problem = looked.get("error") or ""
    quarantined = lake.quarantined(dataset.slug)
    if quarantined and (current is None or quarantined[0]["quarantined_at"] > current.materialised_at):
        problem = f"quarantined {quarantined[0]['release_id']}: {quarantined[0]['rule']}"
    if looked.get("next_expected"):
        next_expected = dt.datetime.fromisoformat(looked["next_expected"]).date()
    else:
        next_expected = (known_from + dataset.cadence).date() if known_from else None
    return Status(
        dataset=dataset.slug,
        releases=len(releases),
        release=current.release_id if current else None,
        rows=current.rows if current else 0,
        age=now - known_from if known_from else None,
        next_expected=next_expected,
        looked_at=looked_at,
        state=state,
        problem=problem,
    )

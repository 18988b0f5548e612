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
        found_at: when the marker it shows was first seen.
        state: one of STATES.
        since: when that state began, where that is known.
        problem: what went wrong last, or ''.
    """

    dataset: str
    releases: int
    release: str | None
    rows: int
    age: dt.timedelta | None
    next_expected: dt.date | None
    looked_at: dt.datetime | None
    found_at: dt.datetime | None
    state: str
    since: dt.datetime | None
    problem: str

    @property
    def is_stale(self) -> bool:
        """Whether what stands on this dataset should say so."""
        return self.state not in ("current", "skipped")


STATES = {
    "current": "the publisher's latest is held, and it was asked lately",
    "overdue": "the publisher answers, and its next release is later than it says or usually is",
    "publisher not answering": "the last look failed; what is held is used",
    "not looked lately": "nobody has asked the publisher for two days; what is held is used",
    "new release not yet good": "a newer release is out and was refused or not yet taken in; the one held is used",
    "nothing held": "no release has been taken in",
    "skipped": "the operator has not set it up, and nothing is held",
}


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
    announced = looked.get("next_expected")
    next_expected = dt.datetime.fromisoformat(announced) if announced else known_from + dataset.cadence if known_from else None
    since = None
    if current is None:
        state = "skipped" if looked.get("skipped") else "nothing held"
    elif looked.get("marker") and looked["marker"] != lake.satisfied_marker(dataset.slug):
        state, since = "new release not yet good", looked.get("detected_at")
    elif looked_at is None or now - looked_at > LOOK_AT_LEAST_EVERY:
        state, since = "not looked lately", looked.get("looked_at")
    elif looked.get("error"):
        state, since = "publisher not answering", looked.get("failing_since")
    elif next_expected and now > next_expected + dataset.publication_delay and not observatory.settings.is_sample:  # the sample's dates stand still
        state, since = "overdue", next_expected.isoformat()
    else:
        state = "current"
    problem = looked.get("error") or ""
    failure = lake.failure(dataset.slug)
    # A release that was refused says nothing any more once its marker is satisfied, whether by it or by the bytes held before.
    if failure and not problem and failure["marker"] == looked.get("marker") != lake.satisfied_marker(dataset.slug):
        problem = failure["error"]
        quarantined = lake.quarantined(dataset.slug)
        if quarantined and quarantined[0]["quarantined_at"] >= failure["at"]:
            problem = f"quarantined {quarantined[0]['release_id']}: {quarantined[0]['rule']}"
    return Status(
        dataset=dataset.slug,
        releases=len(releases),
        release=current.release_id if current else None,
        rows=current.rows if current else 0,
        age=now - known_from if known_from else None,
        next_expected=next_expected.date() if next_expected else None,
        looked_at=looked_at,
        found_at=dt.datetime.fromisoformat(looked["detected_at"]) if looked.get("detected_at") else None,
        state=state,
        since=dt.datetime.fromisoformat(since) if since else None,
        problem=problem,
    )

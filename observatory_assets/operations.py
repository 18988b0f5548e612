"""The operations registers: what changes without a new build, as Parquet files that views of the published database read.

Belongs here: the state of each dataset, incidents with what became of them, and the checks of every release. Does not belong here: marts
(dbt_project), the judging of a release (ingest, quality) or of a build (publication).

A release that is refused changes no number, so it must not change what analysts open: ``serving/observatory.duckdb`` holds views over
``operations/*.parquet`` and keeps its sha256. What is recorded lies in the lake (quarantine reports, commits, ``incidents``); the files
here are computed from it and may be deleted at any time.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets import all_datasets
from observatory_assets.quality.suite import TOLERANCES
from observatory_assets.status import statuses
from resources.errors import ObservatoryError
from resources.files import read_json, write_bytes, write_json
from resources.lake import now
from resources.warehouse import exclusive

if TYPE_CHECKING:
    import pyarrow as pa

    from resources.observatory import Observatory

# Columns by table; 'instant' is a timestamp in UTC.
TABLES: dict[str, dict[str, str]] = {
    "dataset_state": {
        "dataset": "string",
        "state": "string",
        "is_stale": "bool",
        "since": "instant",
        "next_expected": "date",
        "problem": "string",
    },
    "incident": {
        "incident_id": "string",
        "kind": "string",
        "dataset": "string",
        "mart": "string",
        "release_id": "string",
        "rule": "string",
        "expected": "string",
        "found": "string",
        "action": "string",
        "occurred_at": "instant",
        "run_id": "string",
        "resolved_at": "instant",
        "resolution": "string",
    },
    "check_result": {
        "check_name": "string",
        "dimension": "string",
        "dataset": "string",
        "relation": "string",
        "release_id": "string",
        "run_at": "instant",
        "severity": "string",
        "passed": "bool",
        "accepted": "string",
        "observed": "string",
        "expected": "string",
        "sample": "string",
        "is_sample": "bool",
    },
}

# What each check of the audit (quality.suite.CHECKS) is about.
DIMENSIONS = {
    "schema": "schema drift",
    "keys": "uniqueness",
    "values": "validity",
    "finite": "validity",
    "volume": "volume",
    "drift": "revision",
    "completeness": "completeness",
    "period": "freshness",
}

LOCK_SECONDS = 60.0  # a writer needs a fraction of a second


def write(observatory: Observatory) -> list[str]:
    """Bring the registers up to date.

    Returns:
        Names of the tables whose content changed; the files of the others are left as they are.
    """
    folder = observatory.settings.operations
    with exclusive(folder / "lock", timeout_seconds=LOCK_SECONDS, purpose="operations registers"):
        _close_published(observatory)
        rows = {"dataset_state": dataset_states(observatory), "incident": incidents(observatory), "check_result": check_results(observatory)}
        return [name for name, content in rows.items() if _replace(folder / f"{name}.parquet", _table(name, content))]


def ensure(observatory: Observatory) -> None:
    """Write the registers if one has no file, since no view can be made over a file that is not there."""
    if not all((observatory.settings.operations / f"{name}.parquet").exists() for name in TABLES):
        write(observatory)


def _table(name: str, rows: list[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    types = {"string": pa.string(), "bool": pa.bool_(), "date": pa.date32(), "instant": pa.timestamp("us", tz="UTC")}
    return pa.Table.from_pylist(rows, schema=pa.schema([(column, types[kind]) for column, kind in TABLES[name].items()]))


def _replace(path: Path, table: pa.Table) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    body = sink.getvalue().to_pybytes()
    if path.exists() and path.read_bytes() == body:
        return False
    write_bytes(path, body)
    return True


# State of each dataset


def dataset_states(observatory: Observatory) -> list[dict[str, Any]]:
    """Rows of raw.dataset_state as they should be now, in order of dataset."""
    return [
        {
            "dataset": one.dataset,
            "state": one.state,
            "is_stale": one.is_stale,
            "since": one.since,
            "next_expected": one.next_expected,
            "problem": one.problem.split("\n", 1)[0] or None,
        }
        for one in statuses(observatory)
    ]


# Incidents


def record_incident(observatory: Observatory, kind: str, error: ObservatoryError, *, marts: list[str], run_id: str | None) -> None:
    """Keep that a build or a publication was blocked, for ever, and show it in the registers.

    Args:
        observatory: whose lake.
        kind: 'build' or 'publication'.
        error: what blocked it.
        marts: the marts concerned, where they are known.
        run_id: Dagster's.
    """
    at = now()
    write_json(
        observatory.lake.root / "incidents" / f"{_instant(at):%Y%m%dT%H%M%S%fZ}-{kind}.json",
        {
            "kind": kind,
            "mart": ", ".join(marts) or None,
            "rule": error.rule,
            "problem": error.problem,
            "expected": error.expected,
            "found": error.found,
            "action": error.action,
            "at": at,
            "run_id": run_id,
        },
    )
    write(observatory)


def incidents(observatory: Observatory) -> list[dict[str, Any]]:
    """Rows of raw.incident, oldest first: refused releases, failed builds and blocked publications, with what became of each."""
    found = [*_refused_releases(observatory), *_blocked(observatory)]
    return sorted(found, key=lambda one: (one["occurred_at"], one["incident_id"]))


def open_incidents(observatory: Observatory) -> list[dict[str, Any]]:
    """Those that nothing has resolved yet."""
    return [one for one in incidents(observatory) if one["resolved_at"] is None]


def _refused_releases(observatory: Observatory) -> Iterator[dict[str, Any]]:
    for dataset in all_datasets():
        # Bytes that are asked for again and refused again are one incident, whatever release id the time of asking gave them.
        latest = {report["sha256"]: report for report in reversed(observatory.lake.quarantined(dataset.slug))}
        for fingerprint, report in latest.items():
            resolved_at, resolution = _release_resolution(observatory, dataset.slug, report)
            yield {
                "incident_id": f"release-{dataset.slug}-{fingerprint[:16]}",
                "kind": "release",
                "dataset": dataset.slug,
                "mart": None,
                "release_id": report["release_id"],
                **_cause(report),
                "occurred_at": _instant(report["quarantined_at"]),
                "run_id": None,
                "resolved_at": resolved_at,
                "resolution": resolution,
            }


def _release_resolution(observatory: Observatory, slug: str, report: Mapping[str, Any]) -> tuple[dt.datetime | None, str | None]:
    lake, refused_at = observatory.lake, report["quarantined_at"]
    accepted = lake.accepted(slug, report["sha256"])
    if accepted and accepted["at"] > refused_at:
        return _instant(accepted["at"]), f"accepted by {accepted['by']}: {accepted['reason']}"
    if later := [release.materialised_at for release in lake.releases(slug) if release.materialised_at > refused_at]:
        return _instant(min(later)), "a sound release came in"
    satisfied = lake.satisfied(slug)
    if satisfied and satisfied["at"] > refused_at:
        return _instant(satisfied["at"]), "the publisher shows the release held again"
    return None, None


def _blocked(observatory: Observatory) -> Iterator[dict[str, Any]]:
    for path, record in _recorded(observatory):
        resolved = read_json(_resolution_of(path))
        yield {
            "incident_id": path.stem,
            "kind": record["kind"],
            "dataset": None,
            "mart": record["mart"],
            "release_id": None,
            **_cause(record),
            "occurred_at": _instant(record["at"]),
            "run_id": record["run_id"],
            "resolved_at": _instant(resolved["at"]) if resolved else None,
            "resolution": resolved["resolution"] if resolved else None,
        }


def _recorded(observatory: Observatory) -> list[tuple[Path, dict[str, Any]]]:
    folder = observatory.lake.root / "incidents"
    return [(path, read_json(path)) for path in sorted(folder.glob("*.json")) if not path.name.endswith(".resolved.json")]


def _resolution_of(path: Path) -> Path:
    return path.with_suffix(".resolved.json")


def _close_published(observatory: Observatory) -> None:
    """What blocked a build or publication is resolved by the first publication after it, which is kept since builds are pruned."""
    current = observatory.settings.serving / "current"
    if not current.is_symlink():
        return
    published_at = dt.datetime.strptime(Path(os.readlink(current)).name, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=dt.timezone.utc)
    for path, record in _recorded(observatory):
        if published_at > _instant(record["at"]) and not _resolution_of(path).exists():
            write_json(_resolution_of(path), {"at": published_at.isoformat(), "resolution": "published"})


def _cause(record: Mapping[str, Any]) -> dict[str, str | None]:
    texts = {name: record[name] for name in ("rule", "expected", "found", "action")}
    texts["rule"] = texts["rule"] or record.get("error")
    texts["found"] = texts["found"] if texts["found"] is not None else record["problem"]
    return {name: value if value is None or isinstance(value, str) else json.dumps(value, default=str) for name, value in texts.items()}


# Checks of releases


def check_results(observatory: Observatory) -> list[dict[str, Any]]:
    """Rows of raw.check_result in order of dataset, run, table and check: of every promoted and every refused release."""
    lake, found = observatory.lake, []
    for dataset in all_datasets():
        for release in lake.releases(dataset.slug):
            found += [_check(dataset.slug, release.release_id, release.materialised_at, release.is_sample, check) for check in release.checks]
        for report in lake.quarantined(dataset.slug):
            about = (dataset.slug, report["release_id"], report["quarantined_at"], observatory.settings.is_sample)
            found += [_check(*about, check) for check in report["checks"]] or [_unreadable(*about, report)]
    return sorted(found, key=lambda one: (one["dataset"], one["run_at"], one["release_id"], one["relation"] or "", one["check_name"]))


def _check(slug: str, release_id: str, run_at: str, is_sample: bool, check: Mapping[str, Any]) -> dict[str, Any]:
    accepted = check.get("accepted")
    return {
        "check_name": check["check"],
        "dimension": DIMENSIONS[check["check"]],
        "dataset": slug,
        "relation": f"raw.{check['table']}",
        "release_id": release_id,
        "run_at": _instant(run_at),
        "severity": "warn" if accepted and check["check"] in TOLERANCES else "error",
        "passed": check["passed"],
        "accepted": accepted,
        "observed": check["observed"],
        "expected": check["expected"],
        "sample": json.dumps(check["sample"], ensure_ascii=False, default=str) if check["sample"] else None,
        "is_sample": is_sample,
    }


def _unreadable(slug: str, release_id: str, run_at: str, is_sample: bool, report: Mapping[str, Any]) -> dict[str, Any]:
    """A release whose layout stopped the parser: no check could run, and that is what its row says."""
    cause = _cause(report)
    return {
        "check_name": cause["rule"],
        "dimension": "schema drift",
        "dataset": slug,
        "relation": None,
        "release_id": release_id,
        "run_at": _instant(run_at),
        "severity": "error",
        "passed": False,
        "accepted": None,
        "observed": cause["found"],
        "expected": cause["expected"],
        "sample": None,
        "is_sample": is_sample,
    }


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)

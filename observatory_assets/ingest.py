"""Ingest: a dataset's new release, from the publisher to the lake, by write – audit – publish.

Belongs here: the life of a release up to promotion, and a person's decision to take a refused one. Does not belong here:
any one dataset, Dagster (raw_assets), how a release is detected (sensors) or what is built on it (warehouse).

A failing audit leaves the last good release where it is and quarantines the new one with a report.
"""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observatory_assets.areas import Areas
from observatory_assets.datasets.contract import Dataset, Lookup, Marker, Payload
from observatory_assets.quality.suite import TOLERANCES, CheckResult, as_records, audit, report_markdown
from resources.archive import Stored, utc_stamp
from resources.errors import AuditFailed, NotSetUp, ObservatoryError, SchemaDrift
from resources.files import write_bytes, write_json
from resources.lake import Lake, Release, now
from resources.observatory import Observatory
from resources.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Outcome:
    """What an ingest came to: the release now held, the marker it answers, whether it is new, and the checks run on the candidate."""

    release: Release
    marker: str
    changed: bool
    checks: list[CheckResult] = field(default_factory=list)


def given_options(settings: Settings, dataset: Dataset) -> dict[str, str | None]:
    """What the operator has set of what the dataset needs; None for what is not."""
    return {name: settings.option(name, (*dataset.hosts, "publisher.invalid")[0]) for name in dataset.needed_options}


@contextmanager
def lookup(observatory: Observatory, dataset: Dataset, *, brief: bool = False) -> Iterator[Lookup]:
    """What ``dataset`` may use to find a release, with its keys and the hosts it may ask.

    Raises:
        NotSetUp: a setting it cannot do without is not given; nobody is asked.
    """
    settings = observatory.settings
    options = given_options(settings, dataset)
    if lacking := [f"OBSERVATORY_{name.upper()}" for name, value in options.items() if value is None]:
        raise NotSetUp(
            "the dataset is skipped: it needs what the operator has not set",
            dataset=dataset.slug,
            rule="options",
            expected=", ".join(lacking),
            found="unset",
            action="set it to take the dataset in (docs say where to get it); everything else works without",
        )
    http = observatory.http(
        [*dataset.hosts, *(urlsplit(value).netloc for name, value in options.items() if name.endswith("_url"))],
        headers={one.header: options[one.option] for one in dataset.credentials if one.header},
        parameters={one.parameter: options[one.option] for one in dataset.credentials if one.parameter},
        pause=dataset.seconds_between_requests,
        brief=brief,
    )
    try:
        yield Lookup(http, Areas.from_seeds(settings.seeds), options, settings.inbox / dataset.slug)
    finally:
        http.close()


def find_marker(observatory: Observatory, dataset: Dataset) -> Marker:
    """Ask the publisher which release is current, once and briefly, and remember the look. Raises ObservatoryError naming the dataset."""
    try:
        with lookup(observatory, dataset, brief=True) as asking:
            marker = dataset.find_marker(asking)
    except ObservatoryError as error:
        error.about(dataset.slug)
        observatory.lake.look(dataset.slug, marker=None, error=str(error), skipped=isinstance(error, NotSetUp))
        raise
    observatory.lake.look(dataset.slug, marker=marker.value, next_expected=marker.next_expected)
    return marker


def ingest(observatory: Observatory, dataset: Dataset, checks: list[CheckResult] | None = None) -> Outcome:
    """Bring in the current release and count its marker as satisfied, for callers that record nothing else."""
    outcome = bring_in(observatory, dataset, checks)
    observatory.lake.satisfy(dataset.slug, outcome.marker, outcome.release.release_id)
    return outcome


def bring_in(observatory: Observatory, dataset: Dataset, checks: list[CheckResult] | None = None) -> Outcome:
    """Fetch, archive, parse, audit and promote the current release of a dataset.

    The caller satisfies the marker once it has recorded the outcome; until then the release is asked for again, which a
    conditional request answers.

    Args:
        observatory: where to keep it.
        dataset: what to ingest.
        checks: filled with the audit's results as they come, so that the caller has them when the audit fails.

    Returns:
        The release now held; ``changed`` is False when the publisher's bytes are those already held.

    Raises:
        ObservatoryError: naming dataset, release, rule, expected, found and what to do. Nothing held is touched.
    """
    checks = [] if checks is None else checks
    lake = observatory.lake
    marker = find_marker(observatory, dataset)
    held = lake.latest(dataset.slug)
    try:
        payloads = _fetch(observatory, dataset, marker)
    except ObservatoryError as error:
        error.about(dataset.slug, marker.value)
        lake.fail(dataset.slug, marker.value, str(error))
        raise
    fingerprint = observatory.archive.fingerprint(payloads)
    if held is not None and held.sha256 == fingerprint:
        return Outcome(held, marker.value, changed=False, checks=[CheckResult(**record) for record in held.checks])
    retrieved_at = max(payload.retrieved_at for payload in payloads)
    # A publisher that goes back to earlier bytes states an earlier instant; what it serves now is known from now.
    stated = marker.released_at is not None and (held is None or marker.released_at > _instant(held.known_from))
    known_from = marker.released_at.isoformat() if stated else now()
    release_id = f"{utc_stamp(_instant(known_from))}-{fingerprint[:8]}"
    observatory.archive.write_manifest(
        dataset.slug,
        release_id,
        {
            "dataset": dataset.slug,
            "release_id": release_id,
            "marker": marker.value,
            "released_at": marker.released_at.isoformat() if marker.released_at else None,
            "retrieved_at": retrieved_at,
            "licence": dataset.licence,
            "attribution": dataset.attribution,
            "is_sample": observatory.settings.is_sample,
        },
        payloads,
    )
    try:
        tables = _parse(observatory, dataset, release_id, payloads)
        for table in dataset.tables:
            previous = lake.read(held, table.name) if held and table.name in held.tables else None
            checks += audit(table, tables[table.name], previous)
        checks[:] = _with_acceptance(lake.accepted(dataset.slug, fingerprint), checks)
        _refuse_failures(dataset, release_id, checks)
    except ObservatoryError as error:
        error.about(dataset.slug, release_id)
        lake.fail(dataset.slug, marker.value, str(error))
        _quarantine(lake, dataset, release_id, fingerprint, error, checks, payloads)
        raise
    looked = lake.looked(dataset.slug) or {}
    with lake.scratch() as folder:
        staged = lake.stage(tables, folder)
        release = lake.promote(
            Release(
                dataset=dataset.slug,
                release_id=release_id,
                marker=marker.value,
                known_from=known_from,
                known_from_basis="publisher" if stated else "retrieval",
                released_at=marker.released_at.isoformat() if marker.released_at else None,
                detected_at=looked.get("detected_at") or retrieved_at,
                retrieved_at=retrieved_at,
                materialised_at=now(),
                url=payloads[0].url if len(payloads) == 1 else dataset.landing_page,
                sha256=fingerprint,
                bytes=sum(payload.size for payload in payloads),
                rows=sum(table.rows for table in staged.values()),
                previous_release_id=held.release_id if held else None,
                is_sample=observatory.settings.is_sample,
                tables=staged,
                checks=as_records(checks),
            ),
            folder,
        )
    return Outcome(release, marker.value, changed=True, checks=checks)


def _fetch(observatory: Observatory, dataset: Dataset, marker: Marker) -> list[Stored]:
    held = {(payload.url, payload.posted): payload for payload in observatory.archive.newest_payloads(dataset.slug)}
    with lookup(observatory, dataset) as asking:
        return [
            observatory.archive.keep_file(one.name, one.url, one.file, labels=one.labels, limit=observatory.settings.max_body_bytes)
            if one.file
            else observatory.archive.fetch(
                asking.http, one.name, one.url, starts_with=one.starts_with, labels=one.labels, held=held.get((one.url, one.posted)), posted=one.posted
            )
            for one in dataset.find_resources(asking, marker)
        ]


def _parse(observatory: Observatory, dataset: Dataset, release_id: str, payloads: Sequence[Stored]) -> dict[str, pa.Table]:
    import pyarrow as pa

    batches: dict[str, list[pa.Table]] = {table.name: [] for table in dataset.tables}
    ready = [
        Payload(one.name, one.url, observatory.archive.object_path(one.sha256), one.sha256, one.size, _instant(one.retrieved_at), one.labels)
        for one in payloads
    ]
    try:
        for name, batch in dataset.parse(ready):
            batches[name].append(batch)
    except ObservatoryError:
        raise
    except Exception as error:
        # A parser that trips over a shape nobody foresaw must end as a quarantined release that says so, not as a bare traceback.
        raise SchemaDrift(
            "the parser could not read this release",
            rule="parse",
            expected="the layout described in the dataset's documentation",
            found=f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-3)}",
            action="compare the archived bytes with the last release; the parser needs an update if the publisher changed the layout",
        ) from error
    tables = {}
    for table in dataset.tables:
        schema = table.arrow_schema()
        if not batches[table.name]:
            raise SchemaDrift(
                f"the release holds nothing for {table.name}",
                rule="table_present",
                expected=f"at least {table.minimum_rows} rows",
                found="0 rows",
                action="compare the archived bytes with the last release",
            )
        joined = pa.concat_tables(batches[table.name])
        joined = joined.append_column("_release_id", pa.array([release_id] * joined.num_rows, pa.string()))
        tables[table.name] = joined.select(schema.names).cast(schema)
    return tables


def _refuse_failures(dataset: Dataset, release_id: str, checks: Sequence[CheckResult]) -> None:
    failed = [check for check in checks if check.blocks]
    if failed:
        raise AuditFailed(
            f"{len(failed)} of {len(checks)} checks failed; the last good release stays in use",
            dataset=dataset.slug,
            release=release_id,
            rule=", ".join(f"{check.check} of {check.table}" for check in failed),
            expected="; ".join(check.expected for check in failed),
            found="; ".join(check.observed for check in failed),
            action=f"read lake/quarantine/{dataset.slug}/{release_id}/report.md; a sound release is promoted by itself at the next tick"
            + (
                f'; if this one is right, `observatory accept-release {dataset.slug} {release_id} --reason "..."`'
                if all(check.check in TOLERANCES for check in failed)
                else ""
            ),
        )


def _with_acceptance(accepted: Mapping[str, Any] | None, checks: Sequence[CheckResult]) -> list[CheckResult]:
    if accepted is None:
        return list(checks)
    note = f"accepted by {accepted['by']} on {accepted['at'][:10]}: {accepted['reason']}"
    return [replace(check, accepted=note) if not check.passed and check.check in TOLERANCES else check for check in checks]


def accept(observatory: Observatory, dataset: Dataset, release_id: str, *, reason: str, by: str) -> dict[str, Any]:
    """Record, for ever, that a person takes a quarantined release in spite of a tolerance it breaks.

    It goes by the content's fingerprint, so it covers these bytes whenever they are ingested again, and nothing else.

    Raises:
        ObservatoryError: no such quarantined release, no reason, or it broke a rule that is not a tolerance.
    """
    reports = {report["release_id"]: report for report in observatory.lake.quarantined(dataset.slug)}
    report = reports.get(release_id)
    if report is None:
        raise ObservatoryError(
            "there is no such release in quarantine", dataset=dataset.slug, release=release_id, rule="quarantined", expected=sorted(reports), found=release_id
        )
    if not reason.strip():
        raise ObservatoryError("a release is accepted for a reason", dataset=dataset.slug, release=release_id, rule="reason", action="give --reason")
    failed = [check for check in report["checks"] if not check["passed"]]
    wrong = [f"{check['check']} of {check['table']}" for check in failed if check["check"] not in TOLERANCES]
    if wrong or not failed:
        raise ObservatoryError(
            "this release cannot be accepted: the file itself is wrong",
            dataset=dataset.slug,
            release=release_id,
            rule="tolerance_only",
            expected=f"failures of {', '.join(TOLERANCES)} only",
            found=", ".join(wrong) or report["problem"],
            action="the publisher or the parser has to change",
        )
    record = {"release_id": release_id, "by": by, "reason": reason, "at": now(), "overruled": [f"{check['check']} of {check['table']}" for check in failed]}
    observatory.lake.accept(dataset.slug, report["sha256"], record)
    return record


def _quarantine(
    lake: Lake, dataset: Dataset, release_id: str, fingerprint: str, error: ObservatoryError, checks: Sequence[CheckResult], payloads: Sequence[Stored]
) -> None:
    folder = lake.quarantine_folder(dataset.slug, release_id)
    text = report_markdown(f"{dataset.title}: release {release_id}", f"```\n{error}\n```", checks)
    write_bytes(folder / "report.md", text.encode())
    write_json(
        folder / "report.json",
        {
            "dataset": dataset.slug,
            "release_id": release_id,
            "quarantined_at": now(),
            "sha256": fingerprint,
            "error": type(error).__name__,
            "rule": error.rule,
            "problem": error.problem,
            "expected": error.expected,
            "found": error.found,
            "action": error.action,
            "checks": as_records(checks),
            "payloads": [{"name": one.name, "url": one.url, "sha256": one.sha256, "bytes": one.size} for one in payloads],
        },
    )


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)

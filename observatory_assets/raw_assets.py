"""Raw tables as Dagster assets: one multi-asset per dataset, with its audit as asset checks.

Belongs here: the factory that turns a Dataset into assets, checks and metadata. Does not belong here: what happens to a
release (ingest). No ``from __future__ import annotations``: Dagster refuses a context whose type is text.

The gate is the promotion itself, so audits of a candidate are not blocking checks: a bad candidate must not stop marts
from being rebuilt on what is held. What blocks downstream is the ``held`` check: the promoted Parquet is what its commit
says. https://docs.dagster.io/guides/test/asset-checks
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from observatory_assets.datasets.contract import Dataset, Table
from observatory_assets.ingest import Outcome, bring_in
from observatory_assets.operations import write
from observatory_assets.quality.suite import CHECKS, CheckResult, applicable_checks
from resources.errors import NotSetUp, ObservatoryError
from resources.lake import Lake, Release
from resources.observatory import Observatory

HELD = "held"


def build_dataset_assets(dataset: Dataset) -> dg.AssetsDefinition:
    """One multi-asset per dataset: an asset per raw table, with the audit's checks."""

    specs = [
        dg.AssetSpec(
            key=["raw", table.name],
            description=f"{table.description}\n\n{dataset.title}, {dataset.publisher}. {dataset.licence}.",
            group_name="raw",
            skippable=True,
            kinds={"python", "parquet"},
            owners=["team:data-engineering"],
            tags={"dataset": dataset.slug},
            metadata={
                "dagster/column_schema": _column_schema(table),
                "dagster/table_name": f"raw.{table.name}",
                "publisher": dataset.publisher,
                "licence": dataset.licence,
                "landing_page": dg.MetadataValue.url(dataset.landing_page),
            },
            # Overdue once the publisher is later than it usually is; whether it was asked lately is in `observatory status`.
            freshness_policy=dg.FreshnessPolicy.time_window(fail_window=dataset.cadence + dataset.publication_delay),
        )
        for table in dataset.tables
    ]
    check_specs = [
        dg.AssetCheckSpec(name=check, asset=["raw", table.name], description=f"Before a release is promoted: {CHECKS[check]}.")
        for table in dataset.tables
        for check in applicable_checks(table)
    ] + [
        dg.AssetCheckSpec(
            name=HELD, asset=["raw", table.name], blocking=True, description="The promoted Parquet has the rows its commit recorded and can be read."
        )
        for table in dataset.tables
    ]

    # can_subset, since only then may a step end without its checks, as one that skips does.
    @dg.multi_asset(name=f"ingest_{dataset.slug}", specs=specs, check_specs=check_specs, op_tags={"dataset": dataset.slug}, can_subset=True)
    def _ingest(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[Any]:
        checks: list[CheckResult] = []
        chosen = [table for table in dataset.tables if dg.AssetKey(["raw", table.name]) in context.selected_asset_keys]
        wanted = context.selected_asset_check_keys
        try:
            outcome = bring_in(observatory, dataset, checks)
        except NotSetUp as error:
            # Nothing failed: the operator has not given what the dataset needs. Downstream reads what is held, or an empty table.
            context.log.warning(f"skipped: {error}")
            for table in chosen:
                yield dg.AssetObservation(asset_key=["raw", table.name], metadata={"skipped": str(error)})
            return
        except ObservatoryError as error:
            write(observatory)
            yield from (result for result in _check_results(checks) if dg.AssetCheckKey(result.asset_key, result.check_name) in wanted)
            raise dg.Failure(description=str(error), metadata={"rule": error.rule or type(error).__name__}, allow_retries=False) from error
        context.log.info(_summary(dataset, outcome))
        for table in chosen:
            yield dg.MaterializeResult(
                asset_key=["raw", table.name],
                data_version=dg.DataVersion(outcome.release.release_id),
                metadata=_metadata(observatory, dataset, table, outcome),
            )
        results = [*_check_results(outcome.checks), *(_held_check(observatory.lake, outcome.release, table) for table in dataset.tables)]
        yield from (result for result in results if dg.AssetCheckKey(result.asset_key, result.check_name) in wanted)
        # Only now, and only if every table was asked for: Dagster has recorded what was yielded. Killed before this, the release is
        # asked for again and recorded then; satisfied any earlier, it would be held and never reach a mart.
        if len(chosen) == len(dataset.tables):
            observatory.lake.satisfy(dataset.slug, outcome.marker, outcome.release.release_id)

    return _ingest


def _summary(dataset: Dataset, outcome: Outcome) -> str:
    if not outcome.changed:
        return f"{dataset.slug}: nothing new; release {outcome.release.release_id} is held"
    passed = sum(check.passed for check in outcome.checks)
    accepted = [f"; {check.check} of {check.table} failed, {check.accepted}" for check in outcome.checks if check.accepted]
    return f"{dataset.slug}: release {outcome.release.release_id} promoted, {outcome.release.rows:,} rows, {passed} checks passed{''.join(accepted)}"


def _check_results(checks: Sequence[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    for check in checks:
        yield dg.AssetCheckResult(
            asset_key=["raw", check.table],
            check_name=check.check,
            passed=check.passed,
            severity=dg.AssetCheckSeverity.WARN if check.accepted else dg.AssetCheckSeverity.ERROR,
            metadata={
                **({"accepted": check.accepted} if check.accepted else {}),
                "expected": check.expected,
                "observed": check.observed,
                "sample": dg.MetadataValue.json([dict(row) for row in check.sample]),
            },
        )


def _held_check(lake: Lake, release: Release, table: Table) -> dg.AssetCheckResult:
    import pyarrow as pa
    import pyarrow.parquet as pq

    expected = release.tables[table.name]
    try:
        found = f"{pq.read_metadata(lake.root / expected.path).num_rows:,} rows"
    except (OSError, pa.ArrowInvalid) as error:
        found = f"unreadable: {error}"
    return dg.AssetCheckResult(
        asset_key=["raw", table.name],
        check_name=HELD,
        passed=found == f"{expected.rows:,} rows",
        metadata={"expected": f"{expected.rows:,} rows", "observed": found, "path": expected.path},
    )


def _metadata(observatory: Observatory, dataset: Dataset, table: Table, outcome: Outcome) -> dict[str, Any]:
    release = outcome.release
    looked = observatory.lake.looked(dataset.slug)
    held = release.tables[table.name]
    preview = observatory.lake.read(release, table.name).slice(0, 5).to_pandas()
    return {
        "dagster/row_count": held.rows,
        "dagster/uri": str(observatory.lake.root / held.path),
        "dagster/column_schema": _column_schema(table),
        "release": release.release_id,
        "marker": release.marker,
        "new_release": outcome.changed,
        "known_from": f"{release.known_from} ({release.known_from_basis})",
        "url": dg.MetadataValue.url(release.url),
        "sha256": release.sha256,
        "bytes": release.bytes,
        "retrieved_at": release.retrieved_at,
        "last_looked": looked["looked_at"],
        "last_found": looked["detected_at"],
        "next_expected": looked["next_expected"] or "not announced",
        "licence": dataset.licence,
        "is_sample": release.is_sample,
        "preview": dg.MetadataValue.md(preview.to_markdown(index=False)),
    }


def _column_schema(table: Table) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=table.keys == (column.name,)),
            )
            for column in table.columns
        ]
    )

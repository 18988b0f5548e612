"""Audit of a candidate release against its contract and the last good release, with Great Expectations.

Belongs here: turning a Table contract into a suite, running it on a frame, and the report a person reads.
Does not belong here: what a dataset's rules are (its contract) or what follows a failure (ingest).

Great Expectations is imported inside the functions: its import takes 3-8 s and definitions must load without it.
It checks pandas frames only; its DuckDB path fails on every expectation (performance.md, trap 7).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import PROVENANCE, STATUSES_WITH_VALUE, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# A check is one family of expectations, shown as one Dagster asset check per raw table.
CHECKS = {
    "schema": "the columns are the contract's",
    "keys": "the key columns identify a row",
    "values": "codes, bounds, patterns and required values hold",
    "finite": "every number is finite, and NULL exactly where its status says so",
    "volume": "the number of rows is near the last good release's",
    "drift": "the mean of the measure is near the last good release's (catches changed units)",
    "completeness": "no area or code of the last good release is lost",
    "period": "the newest period does not go backwards",
}


# Comparisons with the last good release, which a person may overrule; the others say that the file itself is wrong.
TOLERANCES = ("volume", "drift", "completeness", "period")


@dataclass(frozen=True)
class CheckResult:
    """One check of one table: ``sample`` holds up to five offending rows; ``accepted`` says who overruled a failure, and why."""

    table: str
    check: str
    passed: bool
    expected: str
    observed: str
    sample: tuple[Mapping[str, Any], ...] = ()
    accepted: str | None = None

    @property
    def blocks(self) -> bool:
        return not self.passed and self.accepted is None


def applicable_checks(table: Table) -> tuple[str, ...]:
    """Names of the checks a table has, from its contract alone."""
    names = ["schema", "keys", "values", "finite", "volume"]
    if table.total_column:
        names.append("drift")
    if table.complete_by:
        names.append("completeness")
    if table.period_column:
        names.append("period")
    return tuple(names)


def audit(table: Table, candidate: pa.Table, previous: pa.Table | None) -> list[CheckResult]:
    """Run the suite of ``table`` on ``candidate``.

    Args:
        table: the contract.
        candidate: rows with the contract's columns and the provenance columns.
        previous: the same table of the last good release, or None for the first.

    Returns:
        One result per applicable check, in the order of CHECKS.
    """
    frame = candidate.to_pandas()
    # A column the contract has gained since has nothing to be compared with: reindexed, it is all NULL in the last release.
    # An empty table of the last release (a dropped file that was not there yet) is nothing to compare with either.
    held = previous.to_pandas().reindex(columns=[*table.column_names, *PROVENANCE]) if previous is not None and previous.num_rows else None
    tagged = _expectations(table, frame, held)
    results = _validate(table, frame, [expectation for _, _, expectation in tagged])
    outcome = []
    for check in applicable_checks(table):
        own = [(description, result) for (name, description, _), result in zip(tagged, results, strict=True) if name == check]
        failed = [(description, result) for description, result in own if not result["success"]]
        shown = failed or own
        outcome.append(
            CheckResult(
                table=table.name,
                check=check,
                passed=not failed,
                expected="; ".join(description for description, _ in shown) or "nothing to compare with yet",
                observed="; ".join(_observed(result, frame) for _, result in shown) or "first release",
                sample=tuple(_sample(frame, table, failed)),
            )
        )
    return outcome


def _expectations(table: Table, frame: pd.DataFrame, held: pd.DataFrame | None) -> list[tuple[str, str, Any]]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    names = [*table.column_names, *PROVENANCE]
    found: list[tuple[str, str, Any]] = [
        ("schema", f"columns {', '.join(names)}", gxe.ExpectTableColumnsToMatchOrderedList(column_list=names)),
        (
            "keys",
            f"unique on {', '.join(table.keys)}",
            gxe.ExpectCompoundColumnsToBeUnique(column_list=list(table.keys))
            if len(table.keys) > 1
            else gxe.ExpectColumnValuesToBeUnique(column=table.keys[0]),
        ),
    ]
    for column in table.columns:
        if not column.nullable or column.name in table.keys and not column.nullable:
            found.append(("values", f"{column.name} is never NULL", gxe.ExpectColumnValuesToNotBeNull(column=column.name)))
        if column.allowed is not None:
            found.append(
                (
                    "values",
                    f"{column.name} is one of {', '.join(column.allowed)}",
                    gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed)),
                )
            )
        if column.pattern is not None:
            found.append(
                ("values", f"{column.name} matches {column.pattern}", gxe.ExpectColumnValuesToMatchRegex(column=column.name, regex=f"^(?:{column.pattern})$"))
            )
        if column.minimum is not None or column.maximum is not None:
            found.append(
                (
                    "values",
                    f"{column.name} within [{column.minimum}, {column.maximum}]",
                    gxe.ExpectColumnValuesToBeBetween(column=column.name, min_value=column.minimum, max_value=column.maximum),
                )
            )
        if column.type == "float":
            found.append(
                (
                    "finite",
                    f"{column.name} is finite",
                    gxe.ExpectColumnValuesToBeBetween(column=column.name, min_value=-sys.float_info.max, max_value=sys.float_info.max),
                )
            )
    for value, status in _measures(table):
        carries = ", ".join(STATUSES_WITH_VALUE)
        found.append(("finite", f"{status} is never 'nonfinite'", gxe.ExpectColumnValuesToNotBeInSet(column=status, value_set=["nonfinite"])))
        found.append(
            (
                "finite",
                f"{value} is a number exactly where {status} is one of {carries}",
                gxe.ExpectColumnValuesToNotBeNull(column=value, row_condition=Column(status).is_in(list(STATUSES_WITH_VALUE))),
            )
        )
        found.append(
            (
                "finite",
                f"{value} is NULL where {status} carries no number",
                gxe.ExpectColumnValuesToBeNull(column=value, row_condition=Column(status).is_not_in(list(STATUSES_WITH_VALUE))),
            )
        )
    least = table.minimum_rows if held is None else max(table.minimum_rows, int(len(held) * (1 - table.volume_tolerance)))
    # A release may gain whole periods or areas, so growth is bounded only against gross duplication.
    most = None if held is None else int(len(held) * 3) + 10
    found.append(("volume", f"between {least:,} and {most or 'any number of'} rows", gxe.ExpectTableRowCountToBeBetween(min_value=least, max_value=most)))
    if held is None:
        return found
    if table.total_column and (mean := held[table.total_column].mean()) == mean and mean:
        low, high = sorted((mean * (1 - table.total_tolerance), mean * (1 + table.total_tolerance)))
        found.append(
            (
                "drift",
                f"mean {table.total_column} within {table.total_tolerance:.0%} of {mean:,.4g}",
                gxe.ExpectColumnMeanToBeBetween(column=table.total_column, min_value=low, max_value=high),
            )
        )
    for column in table.complete_by:
        codes = sorted(held[column].dropna().unique().tolist())
        found.append(
            ("completeness", f"{column} still has its {len(codes)} values", gxe.ExpectColumnDistinctValuesToContainSet(column=column, value_set=codes))
        )
    if table.period_column and held[table.period_column].notna().any():
        # Periods are labels ("202526", "2025-09") that sort as text; Great Expectations takes the maximum of numbers only,
        # so the suite asks for whichever of the two newest labels sorts last, which a release gone backwards lacks.
        newest = held[table.period_column].max()
        wanted = max([newest, *frame[table.period_column].dropna().unique()]) if table.period_column in frame else newest
        found.append(
            (
                "period",
                f"newest {table.period_column} at least {newest}",
                gxe.ExpectColumnDistinctValuesToContainSet(column=table.period_column, value_set=[wanted]),
            )
        )
    return found


def _measures(table: Table) -> list[tuple[str, str]]:
    """(value column, status column) pairs: ``x`` with ``x_status``, else every float with the table's ``status``."""
    names = set(table.column_names)
    pairs = [(name, f"{name}_status") for name in table.column_names if f"{name}_status" in names]
    if "status" in names and not pairs:
        floats = [column.name for column in table.columns if column.type == "float"]
        pairs = [(name, "status") for name in floats if name in ("value", table.total_column)]
    return pairs


def _validate(table: Table, frame: pd.DataFrame, expectations: Sequence[Any]) -> list[Mapping[str, Any]]:
    import logging

    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = (
        context.data_sources.add_pandas("candidate")
        .add_dataframe_asset(table.name)
        .add_batch_definition_whole_dataframe("release")
        .get_batch({"dataframe": frame})
    )
    suite = gx.ExpectationSuite(name=table.name)
    for number, expectation in enumerate(expectations):
        expectation.meta = {"number": number}
        suite.add_expectation(expectation)
    outcome = batch.validate(suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 5})
    by_number = {}
    for result in outcome.results:
        record = result.to_json_dict()
        by_number[record["expectation_config"]["meta"]["number"]] = record
    return [by_number[number] for number in range(len(expectations))]


def _observed(result: Mapping[str, Any], frame: pd.DataFrame) -> str:
    details = result.get("result") or {}
    kwargs = result["expectation_config"]["kwargs"]
    if result["expectation_config"]["type"] == "expect_column_distinct_values_to_contain_set" and kwargs["column"] in frame:
        lost = sorted(set(kwargs["value_set"]) - set(frame[kwargs["column"]].dropna()))
        return f"lost {', '.join(map(str, lost))}"[:400] if lost else "all there"
    if result.get("exception_info", {}).get("exception_message"):
        return f"could not be checked: {result['exception_info']['exception_message']}"
    if "observed_value" in details:
        return str(details["observed_value"])[:400]
    if "unexpected_count" in details:
        values = details.get("partial_unexpected_list") or []
        return f"{details['unexpected_count']:,} of {details.get('element_count', 0):,} rows break it{': ' + str(values[:5])[:300] if values else ''}"
    return "holds" if result["success"] else json.dumps(details, default=str)[:400]


def _sample(frame: pd.DataFrame, table: Table, failed: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    shown = [name for name in (*table.keys, *PROVENANCE[1:]) if name in frame.columns]
    for _, result in failed:
        for index in ((result.get("result") or {}).get("partial_unexpected_index_list") or [])[: 5 - len(rows)]:
            if isinstance(index, int) and index < len(frame):
                rows.append({name: str(value) for name, value in frame.iloc[index][shown].items()})
    return rows[:5]


def report_markdown(title: str, problem: str, results: Sequence[CheckResult]) -> str:
    """The report kept beside a quarantined release, for a person to read."""
    lines = [f"# {title}", "", f"Quarantined {dt.datetime.now(dt.timezone.utc):%Y-%m-%d %H:%M} UTC. The last good release stays in use.", "", problem, ""]
    if results:
        lines += ["| table | check | result | expected | observed |", "|---|---|---|---|---|"]
        for one in results:
            outcome = "passed" if one.passed else "failed, accepted" if one.accepted else "**failed**"
            lines.append(f"| {one.table} | {one.check} | {outcome} | {_cell(one.expected)} | {_cell(one.observed)} |")
    for one in results:
        if one.sample:
            lines += ["", f"## Rows that break {one.check} of {one.table}", ""]
            lines += [f"- {', '.join(f'{name} = {value}' for name, value in row.items())}" for row in one.sample]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:500]


def as_records(results: Sequence[CheckResult]) -> list[dict[str, Any]]:
    """Plain dictionaries for report.json."""
    return [asdict(one) for one in results]

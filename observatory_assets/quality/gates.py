"""Gates of publication: what every mart must satisfy before analysts see it, whatever dbt tested.

Belongs here: SQL over a candidate build, alone and against the build published before. Does not belong here: swapping files.
The rules go by column names, so a new mart is guarded without being listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

SHARE_TOLERANCE = 1e-6
INTERVAL_TOLERANCE = 1e-9
LARGEST_FALL = 0.5  # a mart losing half its rows is not a release, it is an accident


@dataclass(frozen=True)
class Breach:
    """One broken rule: ``rows`` is how many rows break it."""

    mart: str
    rule: str
    expected: str
    found: str


def breaches(candidate: duckdb.DuckDBPyConnection, marts: list[str], published: duckdb.DuckDBPyConnection | None) -> list[Breach]:
    """Every broken rule of the candidate's schema ``marts``.

    Args:
        candidate: connection to the build database.
        marts: relations that must exist.
        published: connection to the last published build, or None.
    """
    found: list[Breach] = []
    columns = _columns(candidate)
    # What a view shows changes without a build; the tables it stands on are compared themselves.
    views = {row[0] for row in candidate.execute("select table_name from information_schema.views where table_schema = 'marts'").fetchall()}
    before = {mart: kept for mart, kept in _columns(published).items() if mart not in views} if published is not None else {}
    for mart in marts:
        if mart not in columns:
            found.append(Breach(mart, "mart_exists", "the mart", "no such relation"))
            continue
        found += _finite(candidate, mart, columns[mart])
        found += _intervals(candidate, mart, columns[mart])
        found += _shares(candidate, mart, columns[mart])
        if published is not None and mart in before:
            found += _losses(candidate, published, mart, columns[mart], before[mart])
    return found


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where database_name = current_database() and schema_name = 'marts'"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _count(connection: duckdb.DuckDBPyConnection, mart: str, condition: str) -> int:
    return connection.execute(f'select count(*) from marts."{mart}" where {condition}').fetchone()[0]


def _finite(connection: duckdb.DuckDBPyConnection, mart: str, columns: dict[str, str]) -> list[Breach]:
    doubles = [name for name, kind in columns.items() if kind == "DOUBLE"]
    if not doubles:
        return []
    broken = _count(connection, mart, " or ".join(f'not isfinite("{name}")' for name in doubles))
    return [Breach(mart, "finite", "no NaN or infinity", f"{broken:,} rows")] if broken else []


def _intervals(connection: duckdb.DuckDBPyConnection, mart: str, columns: dict[str, str]) -> list[Breach]:
    found = []
    if {"lower", "upper"} <= columns.keys():
        if broken := _count(connection, mart, "lower > upper"):
            found.append(Breach(mart, "interval_order", "lower ≤ upper", f"{broken:,} rows"))
        if "value" in columns and (
            broken := _count(
                connection,
                mart,
                f"value < lower - {INTERVAL_TOLERANCE} * greatest(1, abs(lower)) or value > upper + {INTERVAL_TOLERANCE} * greatest(1, abs(upper))",
            )
        ):
            found.append(Breach(mart, "interval_contains_value", "value within [lower, upper]", f"{broken:,} rows"))
    return found


def _shares(connection: duckdb.DuckDBPyConnection, mart: str, columns: dict[str, str]) -> list[Breach]:
    found = []
    for share in [name for name in columns if name == "share" or name.endswith("_share")]:
        if broken := _count(connection, mart, f'"{share}" < 0 or "{share}" > 1 + {SHARE_TOLERANCE}'):
            found.append(Breach(mart, "share_bounds", f"0 ≤ {share} ≤ 1", f"{broken:,} rows"))
        grain = [
            name
            for name in ("kind", "level", "area_code", "boundary_version", "sector", "basis", "demand_basis", "supply_basis", "provision", "period_label")
            if name in columns
        ]
        if "kind" in columns and "ksb_id" in columns:
            current = " where known_to is null" if "known_to" in columns else ""  # of a history, what was known at one time
            sums = connection.execute(
                f'select count(*), min(total), max(total) from (select sum("{share}") as total from marts."{mart}"{current}'
                f' group by {", ".join(grain)} having count("{share}") > 0) where abs(total - 1) > {SHARE_TOLERANCE}'
            ).fetchone()
            if sums[0]:
                found.append(Breach(mart, "shares_sum_to_one", f"Σ {share} = 1 within each kind", f"{sums[0]:,} groups, sums {sums[1]:.6f} to {sums[2]:.6f}"))
    return found


def _losses(
    candidate: duckdb.DuckDBPyConnection, published: duckdb.DuckDBPyConnection, mart: str, columns: dict[str, str], before: dict[str, str]
) -> list[Breach]:
    found = []
    if lost := sorted(before.keys() - columns.keys()):
        found.append(Breach(mart, "contract", "every published column", f"lost {', '.join(lost)}"))
    old = _count(published, mart, "true")
    new = _count(candidate, mart, "true")
    if old and new < old * (1 - LARGEST_FALL):
        found.append(Breach(mart, "volume", f"at least {1 - LARGEST_FALL:.0%} of the {old:,} rows published before", f"{new:,} rows"))
    if "area_code" in columns and "area_code" in before:
        current = " and known_to is null" if "known_to" in columns and "known_to" in before else ""  # what was once known of an area does not replace it
        query = f'select distinct area_code from marts."{mart}" where area_code is not null{current}'
        areas = {row[0] for row in candidate.execute(query).fetchall()}
        if gone := sorted({row[0] for row in published.execute(query).fetchall()} - areas):
            found.append(Breach(mart, "areas_kept", "every area published before", f"lost {', '.join(gone[:10])}"))
    return found

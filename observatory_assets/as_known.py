"""The published database as it would have been known on a date: the same names, the rows that were known then.

Belongs here: which rows of which relation were known. Does not belong here: keeping history (dbt macro history_of, publication), printing (cli).

A fact mart is read from its history: the rows of which known_from <= instant < known_to, and known_to is empty, since nobody knew it yet. Whatever
else carries known_from is cut off at the instant; seeds and lookups without it are today's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

SCHEMAS = ("marts", "staging", "raw", "seeds")


def instant_of(text: str) -> dt.datetime:
    """The instant meant by ``text``: a date is its last microsecond in UTC, since what came out on a day was known on it; a time without zone is UTC.

    Raises:
        ValueError: neither a date nor a time in ISO 8601.
    """
    try:
        if len(text) == len("2024-07-01"):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, dt.timezone.utc)
        instant = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ValueError(f"--as-known-on takes a date such as 2024-07-01 or a time in ISO 8601, not {text!r}") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.timezone.utc)


@contextmanager
def as_known_on(published: Path, instant: dt.datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which marts.<mart>, staging.<model>, raw.<table> and seeds.<seed> are those of ``published`` as known at ``instant``.

    Args:
        published: serving/observatory.duckdb, opened read-only; nothing is written.
        instant: with a time zone.
    """
    import duckdb

    # Views of the file name it as their catalog, so it is attached by its own name; what stands in their place lives in memory.
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{str(published).replace(chr(39), chr(39) * 2)}' as observatory (read_only)")
        connection.execute("set variable instant = ?::timestamptz", [instant])
        columns: dict[tuple[str, str], set[str]] = {}
        for schema, name, column in connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'observatory'"
        ).fetchall():
            columns.setdefault((schema, name), set()).add(column)
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        for (schema, name), own in columns.items():
            if schema in SCHEMAS:
                history = f"{name}_history" if (schema, f"{name}_history") in columns else None
                connection.execute(f'create view {schema}."{name}" as {_known(schema, history or name, own, is_fact=history is not None)}')
        yield connection


def _known(schema: str, relation: str, columns: set[str], *, is_fact: bool) -> str:
    prefix = "_" if schema == "raw" and "_known_from" in columns else ""
    known_from, known_to, instant = f"{prefix}known_from", f"{prefix}known_to", "getvariable('instant')"
    source = f'observatory.{schema}."{relation}"'
    if known_from not in columns:
        return f"select * from {source}"
    if known_to not in columns:
        return f"select * from {source} where {known_from} <= {instant}"
    until = f" and ({known_to} is null or {known_to} > {instant})" if is_fact else ""
    return f"select * replace (case when {known_to} <= {instant} then {known_to} end as {known_to}) from {source} where {known_from} <= {instant}{until}"

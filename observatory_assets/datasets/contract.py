"""What a dataset is: its contract, where its releases are found and how they are read.

Belongs here: the types every dataset module fills in. Does not belong here: any one dataset, HTTP, Dagster.
A dataset module defines one module-level ``DATASET = Dataset(...)``; ``observatory_assets.datasets`` lists them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from observatory_assets.areas import Areas
    from resources.http import HttpClient

ColumnType = Literal["string", "integer", "float", "boolean", "date", "timestamp"]

# metrics.md §5.9. Only these carry a number; the rest keep value NULL.
STATUSES_WITH_VALUE = ("ok", "u", "low_reliability", "low_base", "partial")
STATUSES = (*STATUSES_WITH_VALUE, "c", "low", "z", "x", "no_supply", "nonfinite")

# Columns ingest adds to, or demands of, every raw table.
PROVENANCE = ("_release_id", "_source_file", "_source_row")


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    Args:
        name: snake_case name.
        type: logical type; stored as the matching Arrow type.
        description: its meaning, with unit where it has one.
        nullable: whether NULL is allowed.
        allowed: closed set of values, if it has one.
        pattern: regular expression each value must fully match.
        minimum, maximum: inclusive bounds of a number.
    """

    name: str
    type: ColumnType
    description: str
    nullable: bool = True
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Table:
    """One raw table of a dataset: Parquet under lake/raw/<name>/release=<id>/.

    Args:
        name: ``<publisher>__<table>``.
        description: the grain in its first sentence.
        columns: every column but the provenance ones.
        keys: columns that identify a row within a release.
        minimum_rows: fewest rows a sound release can have.
        complete_by: columns whose value sets may not shrink between releases (areas, codes).
        volume_tolerance: largest relative fall or rise of the row count against the last good release.
        total_column: numeric column whose sum is compared with the last good release.
        total_tolerance: largest relative change of the total; catches units ×1000.
        period_column: column whose largest value may not go backwards.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    minimum_rows: int = 1
    complete_by: tuple[str, ...] = ()
    volume_tolerance: float = 0.10
    total_column: str | None = None
    total_tolerance: float = 0.25
    period_column: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the stored Parquet, provenance columns last."""
        import pyarrow as pa

        types = {
            "string": pa.string(),
            "integer": pa.int64(),
            "float": pa.float64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
            "timestamp": pa.timestamp("us", tz="UTC"),
        }
        fields = [pa.field(column.name, types[column.type]) for column in self.columns]
        return pa.schema([*fields, *(pa.field(name, pa.string()) for name in PROVENANCE)])


@dataclass(frozen=True)
class Marker:
    """A publisher's cheap sign of which release is current.

    Args:
        value: opaque string; a different one means a new release may be out.
        released_at: publication instant in UTC if the publisher states one.
        next_expected: the publisher's announced next release, if any.
    """

    value: str
    released_at: dt.datetime | None = None
    next_expected: dt.datetime | None = None


@dataclass(frozen=True)
class Resource:
    """One thing to fetch for a release.

    Args:
        name: file name in the archive, unique within the release, no separators.
        url: the publisher's own address (the profile decides where it is asked).
        starts_with: byte prefixes one of which the body must have, to catch HTML served as data.
        labels: what the parser needs to know of it, e.g. {"area": "E69000020"}.
        posted: JSON text to POST; None asks with GET.
        file: a file of the drop folder, taken instead of asking; ``url`` is then ``dropped:<slug>/<file name>``.
    """

    name: str
    url: str
    starts_with: tuple[bytes, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    posted: str | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Credential:
    """How a key goes to a publisher: as a header or as a query parameter of each request, added when it is sent.

    Args:
        option: the setting that holds it, without its prefix.
        header: name of the header, or None.
        parameter: name of the query parameter, or None.
    """

    option: str
    header: str | None = None
    parameter: str | None = None


@dataclass(frozen=True)
class Payload:
    """An archived resource, ready to parse: ``path`` holds the bytes exactly as received."""

    name: str
    url: str
    path: Path
    sha256: str
    size: int
    retrieved_at: dt.datetime
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lookup:
    """What a dataset may use to find a release.

    Args:
        http: client for the dataset's hosts.
        areas: the areas of interest, from the seeds.
        options: the settings the dataset asked for by name, all of them given.
        inbox: the dataset's own drop folder, which may not exist.
    """

    http: HttpClient
    areas: Areas
    options: Mapping[str, str] = field(default_factory=dict)
    inbox: Path = Path("inbox")


@dataclass(frozen=True)
class Dataset:
    """A public dataset: contract, release discovery, parser and tolerances.

    Args:
        slug: asset name, snake_case.
        title, publisher, landing_page, licence, attribution: as the publisher gives them.
        description: what it is, in one paragraph, with known traps.
        hosts: every host its requests may go to.
        cadence: usual time between releases.
        publication_delay: usual lateness against the cadence before the data count as stale.
        tables: raw tables a release is parsed into.
        find_marker: asks the publisher for the current marker; never downloads a payload.
        find_resources: resolves the addresses to fetch for that marker, afresh each time.
        parse: payloads -> (table name, Arrow table) pairs with every contract column and
            ``_source_file``/``_source_row``; raises SchemaDrift or UnexpectedPayload.
        known_from: publication instant stated inside the payloads, where the marker has none.
        evidence: how sure the wire contract is, for the docs page.
        options: settings (without the prefix OBSERVATORY_) without which the dataset is skipped. One that ends in ``_url`` is
            an address; its host may be asked too.
        credentials: how keys are sent; their options count among ``options``.
        drop_folder: its files are placed by a person in ``inbox/<slug>`` of the state folder, which a sensor of its own watches.
        seconds_between_requests: a longer pause than the setting's, where the publisher states a limit.
    """

    slug: str
    title: str
    publisher: str
    landing_page: str
    licence: str
    attribution: str
    description: str
    hosts: tuple[str, ...]
    cadence: dt.timedelta
    publication_delay: dt.timedelta
    tables: tuple[Table, ...]
    find_marker: Callable[[Lookup], Marker]
    find_resources: Callable[[Lookup, Marker], Sequence[Resource]]
    parse: Callable[[Sequence[Payload]], Iterator[tuple[str, pa.Table]]]
    evidence: str = ""
    options: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] = ()
    drop_folder: bool = False
    seconds_between_requests: float = 0.0

    @property
    def needed_options(self) -> tuple[str, ...]:
        """Every setting the dataset cannot do without, credentials' included."""
        return tuple(dict.fromkeys((*self.options, *(credential.option for credential in self.credentials))))

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)

"""The warehouse: dbt's DuckDB build database, with exactly one writer at a time.

Belongs here: the writer's lock, connections, and the raw and derived views over the lake's Parquet.
Does not belong here: running dbt (observatory_assets.warehouse) or publishing (observatory_assets.publication).

The file is always at the same path, because a changing path makes dbt parse everything again (6.7 s against 5.1 s),
and the lock is flock, because the kernel frees it when its holder dies (a Dagster pool slot stays taken after kill -9).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.errors import WarehouseBusy
from resources.files import read_json, write_bytes, write_json

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from resources.lake import Lake, Release
    from resources.settings import Settings


@contextmanager
def exclusive(path: Path, *, timeout_seconds: float, purpose: str) -> Iterator[None]:
    """Hold ``path`` under flock. Raises WarehouseBusy naming the holder once the time-out is over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise WarehouseBusy(
                        f"{purpose} waited {timeout_seconds:g} s for another process",
                        rule="single_writer",
                        expected="the lock to be free",
                        found=os.pread(descriptor, 200, 0).decode(errors="replace") or "held by an unnamed process",
                        action="let the other run finish, or stop it; a dead process holds no lock",
                    ) from error
                time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"held by process {os.getpid()} for {purpose}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


class Warehouse:
    """The build database under ``settings.warehouse``."""

    def __init__(self, settings: Settings, lake: Lake) -> None:
        self.settings = settings
        self.lake = lake
        self.root = settings.warehouse
        self.file = self.root / "next" / "observatory.duckdb"

    @contextmanager
    def writer(self, purpose: str) -> Iterator[None]:
        """Hold the warehouse as its only writer."""
        with exclusive(self.root / "lock", timeout_seconds=self.settings.warehouse_lock_timeout_seconds, purpose=purpose):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            yield

    @contextmanager
    def connect(self, path: Path | None = None, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that is closed on leaving. Writers call it inside ``writer``."""
        import duckdb

        connection = duckdb.connect(
            str(path or self.file),
            read_only=read_only,
            config={"memory_limit": self.settings.duckdb_memory_limit, "threads": str(self.settings.duckdb_threads)},
        )
        try:
            connection.execute("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()

    # What a build reads: pinned once per run, so that a release promoted meanwhile waits for the next run.

    def pin(self, run_id: str, datasets: Iterable[Any]) -> list[Release]:
        """The releases this run reads; taken at its first call, the same at every later one."""
        path = self.root / "pin.json"
        pinned = read_json(path)
        datasets = list(datasets)
        if pinned is None or pinned["run_id"] != run_id:
            pinned = {"run_id": run_id, "releases": [[release.dataset, release.release_id] for one in datasets for release in self.lake.releases(one.slug)]}
            write_json(path, pinned)
        wanted = {tuple(pair) for pair in pinned["releases"]}
        return [release for one in datasets for release in self.lake.releases(one.slug) if (release.dataset, release.release_id) in wanted]

    def register(self, connection: duckdb.DuckDBPyConnection, datasets: Iterable[Any], releases: Iterable[Release]) -> None:
        """(Re)create schemas ``raw`` and ``derived``: tables release and dataset, one view per raw and derived table.

        Every raw view holds all releases with ``_known_from``, ``_known_to`` (NULL for the current one) and ``_is_sample``.
        A table without a release is an empty view of the contract's columns, so that one dead source stops nobody else.
        """
        datasets, releases = list(datasets), list(releases)
        for schema in ("raw", "derived"):
            connection.execute(f"create schema if not exists {schema}")
        self._write_registers(connection, datasets, releases)
        for dataset in datasets:
            held = [release for release in releases if release.dataset == dataset.slug]
            for table in dataset.tables:
                files = [str(self.lake.root / release.tables[table.name].path) for release in held if table.name in release.tables]
                connection.execute(f"create or replace view raw.{table.name} as {self._raw_select(dataset.slug, table, files)}")
        for name, path in self.derived_files().items():
            connection.execute(f"create or replace view derived.{name} as select * from read_parquet({_literal(str(path))})")

    def write_states(self, connection: duckdb.DuckDBPyConnection, states: Iterable[tuple[Any, ...]], inputs: Iterable[tuple[str, str]]) -> None:
        """(Re)create raw.dataset_state and raw.mart_input.

        Args:
            connection: the writer's.
            states: dataset, state, is_stale, since, next_expected, problem.
            inputs: mart and dataset it stands on.
        """
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create or replace table raw.dataset_state"
            " (dataset varchar, state varchar, is_stale boolean, since timestamptz, next_expected date, problem varchar)"
        )
        connection.execute("create or replace table raw.mart_input (mart varchar, dataset varchar)")
        for name, rows in (("dataset_state", list(states)), ("mart_input", list(inputs))):
            if rows:
                connection.executemany(f"insert into raw.{name} values ({', '.join('?' * len(rows[0]))})", rows)

    def states(self) -> list[tuple[Any, ...]]:
        """What raw.dataset_state says, in order of dataset; [] where there is none yet."""
        if not self.file.exists():
            return []
        with self.connect(read_only=True) as connection:
            known = connection.execute("select count(*) from information_schema.tables where table_schema = 'raw' and table_name = 'dataset_state'").fetchone()
            return connection.execute("select * from raw.dataset_state order by dataset").fetchall() if known[0] else []

    def _raw_select(self, slug: str, table: Any, files: list[str]) -> str:
        if not files:
            types = {"string": "varchar", "int64": "bigint", "double": "double", "bool": "boolean", "date32[day]": "date"}
            columns = ", ".join(f'null::{types.get(str(field.type), "timestamptz")} as "{field.name}"' for field in table.arrow_schema())
            return f"select {columns}, null::timestamptz as _known_from, null::timestamptz as _known_to, null::boolean as _is_sample where false"
        paths = ", ".join(_literal(path) for path in files)
        return (
            f"select t.*, r.known_from as _known_from, r.known_to as _known_to, r.is_sample as _is_sample "
            f"from read_parquet([{paths}], union_by_name = true, hive_partitioning = false) as t "
            f"inner join raw.release as r on r.dataset = {_literal(slug)} and r.release_id = t._release_id"
        )

    def _write_registers(self, connection: duckdb.DuckDBPyConnection, datasets: list[Any], releases: list[Release]) -> None:
        published = read_json(self.settings.serving / "published.json") or {}
        connection.execute(
            "create or replace table raw.release (dataset varchar, release_id varchar, marker varchar, known_from timestamptz, known_to timestamptz,"
            " known_from_basis varchar, released_at timestamptz, detected_at timestamptz, retrieved_at timestamptz, materialised_at timestamptz,"
            " published_at timestamptz, url varchar, sha256 varchar, bytes bigint, rows bigint, previous_release_id varchar, is_sample boolean)"
        )
        rows = []
        for dataset in datasets:
            held = [release for release in releases if release.dataset == dataset.slug]
            for release, following in zip_longest(held, held[1:]):
                rows.append(
                    (
                        release.dataset,
                        release.release_id,
                        release.marker,
                        release.known_from,
                        following.known_from if following else None,
                        release.known_from_basis,
                        release.released_at,
                        release.detected_at,
                        release.retrieved_at,
                        release.materialised_at,
                        published.get(f"{release.dataset}/{release.release_id}"),
                        release.url,
                        release.sha256,
                        release.bytes,
                        release.rows,
                        release.previous_release_id,
                        release.is_sample,
                    )
                )
        if rows:
            connection.executemany(f"insert into raw.release values ({', '.join('?' * 17)})", rows)
        connection.execute(
            "create or replace table raw.dataset (slug varchar, title varchar, publisher varchar, landing_page varchar, licence varchar,"
            " attribution varchar, cadence_days double, description varchar)"
        )
        connection.executemany(
            "insert into raw.dataset values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(d.slug, d.title, d.publisher, d.landing_page, d.licence, d.attribution, d.cadence.total_seconds() / 86400, d.description) for d in datasets],
        )

    # Derived tables: what Python computes between dbt models, as content-addressed Parquet

    def derived_files(self) -> dict[str, Path]:
        record = read_json(self.root / "derived.json") or {}
        return {name: self.lake.root / relative for name, relative in record.items()}

    def write_derived(self, tables: Mapping[str, pa.Table]) -> dict[str, str]:
        """Keep each table as Parquet named by its content and make it current. Returns table -> content hash."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        record = read_json(self.root / "derived.json") or {}
        hashes = {}
        for name, table in tables.items():
            sink = pa.BufferOutputStream()
            pq.write_table(table, sink, compression="zstd")
            body = sink.getvalue().to_pybytes()
            hashes[name] = hashlib.sha256(body).hexdigest()
            relative = f"derived/{name}/{hashes[name][:16]}.parquet"
            path = self.lake.root / relative
            if not path.exists():
                write_bytes(path, body)
            record[name] = relative
        write_json(self.root / "derived.json", record)
        return hashes

    # Which models are half built: set before dbt starts on them, cleared when it has finished.

    def begin(self, nodes: Iterable[str]) -> None:
        write_json(self.root / "unfinished.json", sorted({*self.unfinished(), *nodes}))

    def finish(self, nodes: Iterable[str]) -> None:
        write_json(self.root / "unfinished.json", sorted({*self.unfinished()} - {*nodes}))

    def unfinished(self) -> list[str]:
        """Models a killed or failed build left behind; publication refuses while there are any."""
        return read_json(self.root / "unfinished.json") or []


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

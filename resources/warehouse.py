"""The warehouse: dbt's DuckDB build database, with exactly one writer at a time.

Belongs here: the writer's lock, connections, and the raw, derived and history views over the lake's Parquet.
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
from resources.files import read_json, scratch_folder, sync_folder, write_bytes, write_json

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
        """(Re)create schemas ``raw``, ``derived`` and ``history``: tables release and dataset, one view per raw, derived and kept table.

        Every raw view holds all releases with ``_known_from``, ``_known_to`` (NULL for the current one) and ``_is_sample``.
        A table without a release is an empty view of the contract's columns, so that one dead source stops nobody else.
        """
        datasets, releases = list(datasets), list(releases)
        for schema in ("raw", "derived", "history"):
            connection.execute(f"create schema if not exists {schema}")
        self._write_registers(connection, datasets, releases)
        for dataset in datasets:
            held = [release for release in releases if release.dataset == dataset.slug]
            for table in dataset.tables:
                files = [str(self.lake.root / release.tables[table.name].path) for release in held if table.name in release.tables]
                connection.execute(f"create or replace view raw.{table.name} as {self._raw_select(dataset.slug, table, files)}")
        for name, path in self.derived_files().items():
            connection.execute(f"create or replace view derived.{name} as select * from read_parquet({_literal(str(path))})")
        self.register_operations(connection)
        for mart, path in self.history_files().items():
            connection.execute(f"create or replace view history.{mart} as select * from read_parquet({_literal(str(path))})")

    def register_operations(self, connection: duckdb.DuckDBPyConnection) -> None:
        """(Re)create the views of schema ``raw`` over the operations registers, which change without a build."""
        connection.execute("create schema if not exists raw")
        # A state folder of before these registers were files holds one as a table, which no view replaces.
        tables = {row[0] for row in connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()}
        for path in sorted(self.settings.operations.glob("*.parquet")):
            if path.stem in tables:
                connection.execute(f"drop table raw.{path.stem}")
            connection.execute(f"create or replace view raw.{path.stem} as select * from read_parquet({_literal(str(path))})")

    def write_inputs(self, connection: duckdb.DuckDBPyConnection, inputs: Iterable[tuple[str, str]]) -> None:
        """(Re)create raw.mart_input: mart and dataset it stands on."""
        connection.execute("create schema if not exists raw")
        connection.execute("create or replace table raw.mart_input (mart varchar, dataset varchar)")
        if rows := list(inputs):
            connection.executemany("insert into raw.mart_input values (?, ?)", rows)

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

    # History of the marts that are computed anew at each build: what publication has kept, one whole file for each build that changed it

    def history_files(self) -> dict[str, Path]:
        """The newest history kept of each mart, as Parquet."""
        return {folder.name: max(folder.glob("*.parquet")) for folder in sorted((self.lake.root / "history").glob("*")) if any(folder.glob("*.parquet"))}

    def keep_history(self, connection: duckdb.DuckDBPyConnection, build_id: str) -> list[str]:
        """Keep what the tables marts.<mart>_history of ``connection`` say, for the next build to carry on. Returns the marts whose history changed.

        Histories that are views are those of marts that keep every release's rows themselves.
        """
        held = self.history_files()
        changed = []
        tables = (
            "select table_name from information_schema.tables where table_schema = 'marts' and table_type = 'BASE TABLE' and suffix(table_name, '_history')"
        )
        for (table,) in connection.execute(f"{tables} order by 1").fetchall():
            mart = table.removesuffix("_history")
            if mart in held and _content(connection, f"read_parquet({_literal(str(held[mart]))})") == _content(connection, f'marts."{table}"'):
                continue
            folder = self.lake.root / "history" / mart
            folder.mkdir(parents=True, exist_ok=True)
            with scratch_folder(self.lake.root / "incoming") as scratch:
                target = scratch / "history.parquet"
                connection.execute(
                    f'copy (select * from marts."{table}" order by row_key, known_from) to {_literal(str(target))} (format parquet, compression zstd)'
                )
                with target.open("rb+") as file:
                    os.fsync(file.fileno())
                os.rename(target, folder / f"{build_id}.parquet")
            sync_folder(folder)
            # Each file holds the whole of it; a few are kept against a mishap.
            for old in sorted(folder.glob("*.parquet"))[: -1 - self.settings.keep_builds]:
                old.unlink()
            changed.append(mart)
        return changed

    # Which models are half built: set before dbt starts on them, cleared when it has finished.

    def begin(self, nodes: Iterable[str]) -> None:
        write_json(self.root / "unfinished.json", sorted({*self.unfinished(), *nodes}))

    def finish(self, nodes: Iterable[str]) -> None:
        write_json(self.root / "unfinished.json", sorted({*self.unfinished()} - {*nodes}))

    def unfinished(self) -> list[str]:
        """Models a killed or failed build left behind; publication refuses while there are any."""
        return read_json(self.root / "unfinished.json") or []


def _content(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    return connection.execute(f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from (select * from {relation}) as t").fetchone()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

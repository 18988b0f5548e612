"""Publication: from the build database to what analysts open, in one swap, or not at all.

Belongs here: gates, the serving database, Parquet, the data dictionary, the swap. Does not belong here: building marts.

serving/builds/<id>/ is finished first, then serving/current is pointed at it by one os.replace; observatory.duckdb,
parquet/ and dictionary.json reach through it, so that they change together. The file keeps its name, because views
store it as their catalog, and the build before stays valid for whoever has it open.
"""

import datetime as dt
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from observatory_assets.operations import record_incident, write
from observatory_assets.quality.gates import Breach, breaches
from observatory_assets.warehouse import REBUILD
from resources.errors import GateFailed
from resources.files import read_json, replace_link, scratch_folder, sync_folder, write_json
from resources.observatory import Observatory

if TYPE_CHECKING:
    import duckdb

ASSET_KEY = dg.AssetKey(["serving", "observatory"])
# For whoever opens the file without our command: from marts.as_known_on('ksb_gap', '2026-10-01'). A date means its end in UTC.
AS_KNOWN_ON = """
create or replace macro marts.as_known_on(mart, instant) as table
select history.* replace (cast(null as timestamptz) as known_to)
from query_table('marts.' || mart || '_history') as history, (
    select case
        when length(instant::varchar) = 10 then timezone('UTC', (instant::varchar::date + 1)::timestamp) - interval 1 microsecond
        else instant::timestamptz
    end as then_known
)
where known_from <= then_known and (known_to is null or then_known < known_to)
"""
LINKS = ("observatory.duckdb", "parquet", "dictionary.json")


def publish(observatory: Observatory, marts: list[str]) -> dict[str, Any]:
    """Gate the build database and publish it.

    Args:
        observatory: whose warehouse and serving folders.
        marts: relations of schema ``marts`` that make up the contract.

    Returns:
        build_id, rows by mart that is a table, and the marts' columns as (mart.column, type, description).

    Raises:
        GateFailed: naming every broken rule; the last published build stays.
    """
    warehouse, serving = observatory.warehouse, observatory.settings.serving
    _refuse_unfinished(warehouse.unfinished())
    current = serving / "observatory.duckdb"
    with ExitStack() as stack:
        candidate = stack.enter_context(warehouse.connect(read_only=True))
        published = stack.enter_context(warehouse.connect(current, read_only=True)) if current.exists() else None
        _refuse_breaches(breaches(candidate, marts, published), published is not None)
        tables = _tables(candidate, marts)
        rows = {mart: candidate.execute(f'select count(*) from marts."{mart}"').fetchone()[0] for mart in tables}
        columns = candidate.execute(
            "select table_name || '.' || column_name, data_type, comment from duckdb_columns()"
            " where database_name = current_database() and schema_name = 'marts' order by table_name, column_index"
        ).fetchall()
    instant = dt.datetime.now(dt.timezone.utc)
    build_id = instant.strftime("%Y%m%dT%H%M%S%fZ")
    with scratch_folder(serving / "incoming") as folder:
        shutil.copyfile(warehouse.file, folder / "observatory.duckdb")
        with warehouse.connect(folder / "observatory.duckdb") as build:
            _stamp_publication(build, instant)
            _export_parquet(build, tables, folder / "parquet")
            write_json(folder / "dictionary.json", dictionary(build, build_id, observatory.settings.is_sample))
            releases = build.execute("select dataset || '/' || release_id from raw.release").fetchall()
            build.execute("drop schema if exists history cascade")  # what it held is in the marts' own history tables
            build.execute(AS_KNOWN_ON)
            build.execute("checkpoint")
        _open_and_check(observatory, folder / "observatory.duckdb", marts)
        with warehouse.connect(folder / "observatory.duckdb", read_only=True) as build:
            warehouse.keep_history(build, build_id)  # before the swap: what analysts have seen is never missing from it
        _sync_tree(folder)
        (serving / "builds").mkdir(parents=True, exist_ok=True)
        os.rename(folder, serving / "builds" / build_id)
        folder.mkdir()  # the scratch context removes it again
    sync_folder(serving / "builds")
    replace_link(serving / "current", f"builds/{build_id}")
    for name in LINKS:
        if not (serving / name).is_symlink():
            replace_link(serving / name, f"current/{name}")
    _remember_first_publication(serving, [row[0] for row in releases], instant)
    _prune(serving, observatory.settings.keep_builds)
    return {"build_id": build_id, "rows": rows, "columns": columns}


def _refuse_unfinished(models: list[str]) -> None:
    if models:
        raise GateFailed(
            "the build database is half built",
            rule="build_finished",
            expected="no model left unfinished by a killed or failed build",
            found=", ".join(models),
            action="run `observatory refresh`: it rebuilds what is unfinished and then publishes",
        )


def _refuse_breaches(found: list[Breach], has_published: bool) -> None:
    if found:
        raise GateFailed(
            f"{len(found)} rules of publication are broken; " + ("the last published build stays" if has_published else "nothing is published"),
            rule=", ".join(f"{breach.rule} of {breach.mart}" for breach in found),
            expected="; ".join(f"{breach.mart}: {breach.expected}" for breach in found),
            found="; ".join(f"{breach.mart}: {breach.found}" for breach in found),
            action="look at the candidate in warehouse/next/observatory.duckdb; mend the source or the model and refresh",
        )


def _stamp_publication(build: "duckdb.DuckDBPyConnection", instant: dt.datetime) -> None:
    """Fill in the instant that only now is known, for releases published for the first time."""
    build.execute("update raw.release set published_at = ? where published_at is null", [instant])
    build.execute("update marts.dim_release set published_at = ? where published_at is null", [instant])
    build.execute(
        "update marts.latency set published_at = ?::timestamptz, publish_minutes = date_diff('second', materialised_at, ?::timestamptz) / 60"
        " where published_at is null",
        [instant, instant],
    )


def _tables(build: "duckdb.DuckDBPyConnection", marts: list[str]) -> list[str]:
    """The marts that hold rows of their own: a view repeats or joins what these hold, or shows what is so at the moment it is asked."""
    views = {row[0] for row in build.execute("select table_name from information_schema.views where table_schema = 'marts'").fetchall()}
    return [mart for mart in marts if mart not in views]


def _export_parquet(build: "duckdb.DuckDBPyConnection", tables: list[str], folder: Path) -> None:
    folder.mkdir()
    for mart in tables:
        target = str(folder / f"{mart}.parquet").replace("'", "''")
        build.execute(f"copy (select * from marts.\"{mart}\") to '{target}' (format parquet, compression zstd)")


def dictionary(build: "duckdb.DuckDBPyConnection", build_id: str, is_sample: bool) -> dict[str, Any]:
    """The machine-readable data dictionary: every mart, staging and raw relation with its columns, types and meaning."""
    relations = build.execute(
        "select schema_name, table_name, comment from duckdb_tables() where database_name = current_database() union all"
        " select schema_name, view_name, comment from duckdb_views() where database_name = current_database() and not internal order by 1, 2"
    ).fetchall()
    columns = build.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
        " where database_name = current_database() order by schema_name, table_name, column_index"
    ).fetchall()
    datasets = build.execute("select slug, title, publisher, landing_page, licence, attribution from raw.dataset order by slug").fetchall()
    return {
        "build_id": build_id,
        "is_sample": is_sample,
        "note": "SAMPLE: synthetic values in the publishers' formats; not statistics." if is_sample else "Values are the publishers'; see each release.",
        "sources": [dict(zip(("slug", "title", "publisher", "landing_page", "licence", "attribution"), row, strict=True)) for row in datasets],
        "relations": [
            {
                "schema": schema,
                "name": name,
                "description": comment,
                "columns": [{"name": c[2], "type": c[3], "description": c[4]} for c in columns if (c[0], c[1]) == (schema, name)],
            }
            for schema, name, comment in relations
            if schema in ("marts", "staging", "raw")
        ],
    }


def _open_and_check(observatory: Observatory, path: Path, marts: list[str]) -> None:
    # dbt can report success for a file it no longer holds (performance.md, trap 3): the copy must hold the marts.
    with observatory.warehouse.connect(path, read_only=True) as connection:
        held = {row[0] for row in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()}
    if missing := sorted(set(marts) - held):
        raise GateFailed("the finished build lacks marts", rule="marts_in_file", expected=sorted(marts), found=f"missing {', '.join(missing)}")


def _sync_tree(folder: Path) -> None:
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _remember_first_publication(serving: Path, releases: list[str], instant: dt.datetime) -> None:
    known = read_json(serving / "published.json") or {}
    write_json(serving / "published.json", {**{release: instant.isoformat() for release in releases}, **known})


def _prune(serving: Path, keep: int) -> None:
    current = os.readlink(serving / "current").removeprefix("builds/")
    others = sorted((path for path in (serving / "builds").iterdir() if path.name != current), reverse=True)
    for path in others[keep:]:
        shutil.rmtree(path)


def build_publication_asset(marts: list[str]) -> dg.AssetsDefinition:
    """The asset that publishes; it depends on every mart."""

    @dg.asset(
        key=ASSET_KEY,
        deps=[dg.AssetKey(["marts", mart]) for mart in marts],
        group_name="serving",
        kinds={"duckdb", "parquet"},
        owners=["team:data-engineering"],
        description="What analysts open: serving/observatory.duckdb, Parquet and the data dictionary, swapped in together after every gate has passed.",
        automation_condition=REBUILD,
    )
    def _publication(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> dg.MaterializeResult:
        try:
            with observatory.warehouse.writer("publication"):
                outcome = publish(observatory, marts)
        except GateFailed as error:
            concerned = {part.partition(" of ")[2] for part in (error.rule or "").split(", ")}
            record_incident(observatory, "publication", error, marts=sorted(concerned & set(marts)), run_id=context.run.run_id)
            raise dg.Failure(description=str(error), metadata={"rule": error.rule or ""}, allow_retries=False) from error
        write(observatory)  # what blocked the builds before is resolved by this one
        return dg.MaterializeResult(
            data_version=dg.DataVersion(outcome["build_id"]),
            metadata={
                "build": outcome["build_id"],
                "dagster/row_count": sum(outcome["rows"].values()),
                "dagster/uri": str(observatory.settings.serving / "observatory.duckdb"),
                "rows": outcome["rows"],
                "dagster/column_schema": dg.TableSchema(columns=[dg.TableColumn(*column) for column in outcome["columns"]]),
            },
        )

    return _publication

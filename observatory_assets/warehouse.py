"""The warehouse's assets: dbt models by domain, run in this process, and the register of releases they read.

Belongs here: translating the dbt graph to Dagster and running dbt under the single writer's lock.
Does not belong here: SQL (dbt_project), the lake, or publication.

dbt runs through dbtRunner because its command line costs a second import, parse and adapter start (4-5 s each time),
and every connection is closed after it: dbt otherwise keeps the file open, and the next run in a long-lived process
builds into a deleted file and reports success. https://docs.dagster.io/integrations/libraries/dbt
"""

import functools
import hashlib
import json
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY

from observatory_assets.datasets import all_datasets
from observatory_assets.manifest import DBT_PROJECT, MANIFEST, mart_inputs
from observatory_assets.operations import TABLES as OPERATIONS
from observatory_assets.operations import ensure, record_incident, write
from resources.errors import GateFailed
from resources.observatory import Observatory
from resources.warehouse import Warehouse, exclusive

if TYPE_CHECKING:
    import duckdb

PARSED = DBT_PROJECT / "target" / "partial_parse.msgpack"  # the same, as dbt itself reads it

# One @dbt_assets step per domain, so that one dead source never skips the models that do not need it (dagster#12070).
DOMAINS = {
    "reference": "tag:reference resource_type:seed",
    "labour_market": "tag:labour_market",
    "learning": "tag:learning",
    "statements": "tag:statements",
    "indicators": "tag:indicators",
    "ksb": "tag:ksb",
    "gap": "tag:gap",
}

PARSE_SECONDS = 120.0  # a parse takes 5-7 s, on a busy machine three times that

REGISTERS = {
    "release": "One row per promoted release: when it was published, detected, fetched and promoted, its address and sha256.",
    "dataset": "One row per public dataset: publisher, landing page, licence, cadence.",
}
STATE_REGISTERS = {
    "dataset_state": "One row per dataset: whether its latest release is held, and why not.",
    "incident": "One row per refused release, failed build and blocked publication: what was expected and found, what to do, and what became of it.",
    "check_result": "One row per check of a promoted or refused release: what was expected and observed.",
    "mart_input": "One row per mart and dataset it stands on, through however many models.",
}
"""Tables of schema raw that no publisher gives: name -> description. Those of state change without a release, so they are assets of their own."""

# The version of a register that is a view over a file: whatever the file says, nothing built on the view is out of date.
LIVE = dg.DataVersion("live")

DATASET_STATE = dg.AssetKey(["raw", "dataset_state"])

# Rebuild when an input's content or this asset's own code changed. will_be_requested takes the whole closure in one
# tick and one run; data_version_changed makes a re-run that brought nothing new cost nothing downstream. A raw table may be
# missing for ever (no key, no file, a publisher that is down from the first day on): its view is empty, and what reads it is
# built once anything has been ingested, so that one absent dataset holds nobody else up.
_CHANGED = (
    dg.AutomationCondition.any_deps_match(dg.AutomationCondition.data_version_changed() | dg.AutomationCondition.will_be_requested())
    | dg.AutomationCondition.code_version_changed()
)
_POSSIBLE = (
    dg.AutomationCondition.all_deps_blocking_checks_passed()
    & ~dg.AutomationCondition.any_deps_missing().ignore(dg.AssetSelection.groups("raw"))
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
)
REGISTER_AGAIN = _CHANGED.since_last_handled().with_label("a release came in") & _POSSIBLE
REBUILD = (
    _CHANGED | (dg.AutomationCondition.missing() & dg.AutomationCondition.asset_matches(dg.AssetKey(["raw", "release"]), ~dg.AutomationCondition.missing()))
).since_last_handled().with_label("an input changed") & _POSSIBLE


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: keys by schema, groups by layer, owners, and the rebuild condition."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True, enable_code_references=False))

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        node = {**manifest["nodes"], **manifest["sources"]}[unique_id]
        spec = super().get_asset_spec(manifest, unique_id, project)
        if node["resource_type"] == "source":
            return spec
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["name"]]),
            group_name=node["schema"],
            owners=["team:analytics-engineering"],
            automation_condition=REBUILD,
        )


def project_files() -> list[Path]:
    """Files whose change makes the manifest out of date."""
    kept = (".sql", ".yml", ".yaml", ".csv", ".md", ".py")
    return [path for path in DBT_PROJECT.rglob("*") if path.suffix in kept and not {"target", "logs"} & set(path.relative_to(DBT_PROJECT).parts)]


def prepare_manifest() -> Path:
    """Parse the dbt project if its manifest is missing or older than the project; called at set-up and, if need be, on load."""
    # Two processes may find it old at once, and dbt writes in place: one would read what the other has half written.
    with exclusive(MANIFEST.with_name("lock"), timeout_seconds=PARSE_SECONDS, purpose="parsing the dbt project"):
        started, newest = time.time(), max((path.stat().st_mtime for path in project_files()), default=0.0)
        if not (MANIFEST.exists() and PARSED.exists()) or MANIFEST.stat().st_mtime < newest:
            # Parsed whole: a description moved from one yml to another is there twice to dbt's partial parse, which then fails for ever.
            _invoke(["parse", "--no-partial-parse"], None)
            os.utime(MANIFEST, (started, started))  # what is changed while dbt parses is newer than that
            _parsed_manifest.cache_clear()
    return MANIFEST


def mart_names() -> list[str]:
    """The relations of schema ``marts``, from the dbt manifest."""
    nodes = json.loads(prepare_manifest().read_bytes())["nodes"].values()
    return sorted(node["alias"] for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts")


def asset_keys_of(unique_ids: Sequence[str]) -> list[dg.AssetKey]:
    """Asset keys of dbt nodes; ids the project no longer has are left out."""
    nodes = json.loads(prepare_manifest().read_bytes())["nodes"]
    return [dg.AssetKey([nodes[one]["schema"], nodes[one]["name"]]) for one in unique_ids if one in nodes]


def build_warehouse_assets() -> list[dg.AssetsDefinition]:
    """The register of releases and one dbt asset set per domain."""
    manifest = json.loads(prepare_manifest().read_bytes())
    translator = Translator()
    return [_release_register(), _state_register(manifest), *(_domain_assets(domain, select, manifest, translator) for domain, select in DOMAINS.items())]


def _release_register() -> dg.AssetsDefinition:
    raw = [dg.AssetKey(["raw", table.name]) for dataset in all_datasets() for table in dataset.tables]

    @dg.multi_asset(
        name="release_register",
        specs=[
            dg.AssetSpec(
                ["raw", name],
                deps=raw,
                group_name="raw",
                kinds={"python", "duckdb"},
                owners=["team:data-engineering"],
                description=description,
                automation_condition=REGISTER_AGAIN,
            )
            for name, description in REGISTERS.items()
        ],
    )
    def _register(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[dg.MaterializeResult]:
        with observatory.warehouse.writer("release register"):
            releases = _register_raw(observatory, context.run.run_id)
            with observatory.warehouse.connect() as connection:
                for name, volatile in (("release", ("published_at",)), ("dataset", ())):
                    count, version = relation_version(connection, "raw", name, volatile)
                    yield dg.MaterializeResult(
                        asset_key=["raw", name],
                        data_version=dg.DataVersion(version),
                        metadata={"dagster/row_count": count, "dagster/column_schema": column_schema(connection, "raw", name)},
                    )
        context.log.info(f"{len(releases)} releases are read by this build")

    return _register


def _state_register(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    raw = [dg.AssetKey(["raw", table.name]) for dataset in all_datasets() for table in dataset.tables]

    @dg.multi_asset(
        name="state_register",
        specs=[
            dg.AssetSpec(
                ["raw", name],
                deps=raw,
                group_name="raw",
                kinds={"python", "duckdb"},
                owners=["team:data-engineering"],
                description=description,
                automation_condition=REGISTER_AGAIN,
                code_version=hashlib.sha256(json.dumps(mart_inputs(manifest)).encode()).hexdigest()[:16] if name == "mart_input" else None,
            )
            for name, description in STATE_REGISTERS.items()
        ],
        can_subset=True,
    )
    def _register(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[dg.MaterializeResult]:
        warehouse = observatory.warehouse
        write(observatory)
        with warehouse.writer("state register"), warehouse.connect() as connection:
            warehouse.register_operations(connection)
            warehouse.write_inputs(connection, mart_inputs(manifest))
            for name in STATE_REGISTERS:
                if dg.AssetKey(["raw", name]) in context.selected_asset_keys:
                    count, version = relation_version(connection, "raw", name)
                    yield dg.MaterializeResult(
                        asset_key=["raw", name],
                        data_version=LIVE if name in OPERATIONS else dg.DataVersion(version),
                        metadata={"dagster/row_count": count, "dagster/column_schema": column_schema(connection, "raw", name)},
                    )

    return _register


def _domain_assets(domain: str, select: str, manifest: Mapping[str, Any], translator: Translator) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        select=select,
        name=f"dbt_{domain}",
        dagster_dbt_translator=translator,
    )
    def _models(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[Any]:
        yield from build_models(context, observatory, manifest)

    return _models


def build_models(context: dg.AssetExecutionContext, observatory: Observatory, manifest: Mapping[str, Any]) -> Iterator[Any]:
    """Run `dbt build` for the selected assets of this step and report each model and test to Dagster.

    Raises:
        GateFailed: a model or an error-severity test failed; the message names it and what it found.
    """
    specs = context.assets_def.specs_by_key
    chosen = {specs[key].metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: key for key in context.selected_asset_keys}
    checks = {
        spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: spec for spec in context.assets_def.check_specs if spec.key in context.selected_asset_check_keys
    }
    warehouse = observatory.warehouse
    with warehouse.writer(f"dbt {context.op_execution_context.op.name}"):
        _register_raw(observatory, context.run.run_id)
        warehouse.begin(chosen)
        names = sorted(manifest["nodes"][unique_id]["fqn"][-1] for unique_id in [*chosen, *_runnable(warehouse, manifest, chosen, checks)])
        # The tests are those of the selected assets, named one by one; dbt adds none.
        command = ["build", "--select", *names, "--exclude-resource-type", "unit_test", "--indirect-selection", "empty"]
        try:
            with dbt_environment(observatory):
                results = _invoke(command, observatory)
        except GateFailed as error:
            record_incident(observatory, "build", error, marts=[], run_id=context.run.run_id)
            raise
        failures = {}
        with warehouse.connect() as connection:
            for result in results:
                node = result["unique_id"]
                if node in chosen and result["status"] == "success":
                    schema, name = manifest["nodes"][node]["schema"], manifest["nodes"][node]["alias"]
                    count, version = relation_version(connection, schema, name)
                    yield dg.MaterializeResult(
                        asset_key=chosen[node],
                        data_version=dg.DataVersion(version),
                        metadata={
                            "dagster/row_count": count,
                            "dagster/column_schema": column_schema(connection, schema, name),
                            "seconds": result["execution_time"],
                        },
                    )
                elif node in checks:
                    yield dg.AssetCheckResult(
                        asset_key=checks[node].asset_key,
                        check_name=checks[node].name,
                        passed=result["status"] in ("pass", "warn"),
                        severity=dg.AssetCheckSeverity.ERROR if result["status"] in ("fail", "error") else dg.AssetCheckSeverity.WARN,
                        metadata={
                            "expected": "no row breaks the test",
                            "observed": result["message"] or result["status"],
                            "failures": result["failures"] or 0,
                            "sample": dg.MetadataValue.json(failing_rows(connection, result["compiled_code"]) if result["status"] == "fail" else []),
                        },
                    )
                if result["status"] in ("error", "fail", "runtime error"):
                    failures[node] = f"{node.split('.')[2]}: {result['message']}"
        if failures:
            error = GateFailed(
                f"{len(failures)} dbt nodes failed in {context.op_execution_context.op.name}; the last published build stays",
                rule="dbt_build",
                expected="every model built and every test passed",
                found="; ".join(failures.values()),
                action="see the failed checks in the Dagster UI, or logs/dbt.log in the state folder",
            )
            record_incident(observatory, "build", error, marts=_marts_behind(manifest, failures), run_id=context.run.run_id)
            raise dg.Failure(description=str(error), allow_retries=False) from error
        warehouse.finish(chosen)


def _marts_behind(manifest: Mapping[str, Any], nodes: Iterable[str]) -> list[str]:
    """The marts that failed nodes are, or test."""
    concerned = {one for node in nodes for one in (node, *manifest["nodes"][node]["depends_on"]["nodes"]) if node.startswith("test.") or one == node}
    return sorted(node["alias"] for node in map(manifest["nodes"].get, concerned) if node and node["resource_type"] == "model" and node["schema"] == "marts")


def _runnable(warehouse: Warehouse, manifest: Mapping[str, Any], chosen: Collection[str], tests: Iterable[str]) -> list[str]:
    """Tests whose every parent is built by this step or was built before; one that also reads a model never built yet waits for it."""
    with warehouse.connect() as connection:
        built = {tuple(row) for row in connection.execute("select table_schema, table_name from information_schema.tables").fetchall()}
    runnable = []
    for test in tests:
        parents = [one for one in manifest["nodes"][test]["depends_on"]["nodes"] if one in manifest["nodes"] and one not in chosen]
        if all((manifest["nodes"][one]["schema"], manifest["nodes"][one]["alias"]) in built for one in parents):
            runnable.append(test)
    return runnable


@contextmanager
def dbt_environment(observatory: Observatory) -> Iterator[None]:
    """The variables profiles.yml reads, set for the duration of one invocation."""
    values = {
        "OBSERVATORY_WAREHOUSE_FILE": str(observatory.warehouse.file),
        "OBSERVATORY_DUCKDB_MEMORY_LIMIT": observatory.settings.duckdb_memory_limit,
        "OBSERVATORY_DUCKDB_THREADS": str(observatory.settings.duckdb_threads),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@functools.cache
def _parsed_manifest() -> Any:
    """The prepared manifest as dbt's own object: 0.2 CPU s, where parsing for a new state folder's path took 3.1-4.8."""
    from dbt.contracts.graph.manifest import Manifest

    prepare_manifest()
    return Manifest.from_msgpack(PARSED.read_bytes())


def _flags(observatory: Observatory | None) -> list[str]:
    quiet = ["--no-send-anonymous-usage-stats", "--no-use-colors", "--log-level", "none"]
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    if observatory is None:
        return [*project, *quiet, "--log-level-file", "none"]
    settings = observatory.settings
    # Nothing here reads the JSON files that dbt would write after each command (about 2 CPU s over the seven of a full build).
    return [
        *project,
        *quiet,
        "--no-write-json",
        "--log-level-file",
        "info",
        "--log-path",
        str(settings.logs),
        "--target-path",
        str(settings.warehouse / "target"),
    ]


def _invoke(arguments: Sequence[str], observatory: Observatory | None) -> list[dict[str, Any]]:
    """Run one dbt command in this process and close its connections. Returns the results as plain dictionaries."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manifest = None if arguments[0] == "parse" else _parsed_manifest()
    try:
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *_flags(observatory)])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise GateFailed(
            f"dbt {arguments[0]} could not run", rule="dbt", found=str(outcome.exception), action="mend the dbt project; logs/dbt.log has the details"
        ) from outcome.exception
    return [
        {
            "unique_id": result.node.unique_id,
            "status": str(result.status),
            "message": result.message,
            "failures": result.failures,
            "execution_time": result.execution_time,
            "compiled_code": getattr(result.node, "compiled_code", None),
        }
        for result in getattr(outcome.result, "results", [])
    ]


def _register_raw(observatory: Observatory, run_id: str) -> list[Any]:
    releases = observatory.warehouse.pin(run_id, all_datasets())
    ensure(observatory)
    with observatory.warehouse.connect() as connection:
        observatory.warehouse.register(connection, all_datasets(), releases)
    return releases


def relation_version(connection: "duckdb.DuckDBPyConnection", schema: str, name: str, volatile: Sequence[str] = ()) -> tuple[int, str]:
    """(rows, content version) of a relation; the version does not depend on row order. A view among the marts has no rows of its own."""
    left_out = f" exclude ({', '.join(volatile)})" if volatile else ""
    views = "select count(*) from information_schema.views where table_schema = 'marts' and table_schema = ? and table_name = ?"
    if connection.execute(views, [schema, name]).fetchone()[0]:
        count, total = 0, 0  # cell_provenance is 77 million rows on the sample, and what it joins is counted itself
    else:
        contents = f'(select *{left_out} from "{schema}"."{name}") as t'
        count, total = connection.execute(f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from {contents}").fetchone()
    columns = connection.execute(f'select md5(string_agg(column_name || column_type, \',\')) from (describe "{schema}"."{name}")').fetchone()[0]
    return count, f"{count}-{total:x}-{columns[:8]}"


def column_schema(connection: "duckdb.DuckDBPyConnection", schema: str, name: str) -> dg.TableSchema:
    """Columns, types and comments as DuckDB has them."""
    rows = connection.execute(
        "select column_name, data_type, comment, is_nullable from duckdb_columns()"
        " where database_name = current_database() and schema_name = ? and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column, kind, description=comment, constraints=dg.TableColumnConstraints(nullable=nullable))
            for column, kind, comment, nullable in rows
        ]
    )


def failing_rows(connection: "duckdb.DuckDBPyConnection", compiled_code: str | None) -> list[dict[str, str]]:
    """Up to five rows that break a dbt test, by running its compiled SQL again."""
    if not compiled_code:
        return []
    cursor = connection.execute(f"select * from ({compiled_code}) limit 5")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(str, row), strict=True)) for row in cursor.fetchall()]

"""The plain script's plan, taken from a finished refresh, and the comparison of what the two built.

Belongs here: turning what dbt compiled into statements in the order they must run; rows that differ between two databases.
Does not belong here: running either side, or measuring.
"""

from __future__ import annotations

import graphlib
import json
from pathlib import Path
from typing import Any

from observatory_assets.datasets import all_datasets
from observatory_assets.derivations import derivations
from observatory_assets.ingest import given_options
from observatory_assets.manifest import mart_inputs
from observatory_assets.warehouse import mart_names, prepare_manifest
from resources.lake import Lake
from resources.observatory import Observatory
from resources.settings import Settings

# When each side looked, fetched and published: true of one run alone. Everything else must be equal, release ids included.
VOLATILE = ("detected_at", "retrieved_at", "materialised_at", "published_at", "detect_minutes", "materialise_minutes", "publish_minutes", "evaluated_at")

# Views of marts that are compared: all rows of the first at once are 77 million on the sample, the second is made of VOLATILE columns alone.
DERIVED_VIEWS = ("cell_provenance", "latency_by_dataset")


def make_plan(settings: Settings) -> dict[str, Any]:
    """What the plain script needs of a refresh finished in the state folder of ``settings``.

    Returns:
        ``settings`` (those that decide results or speed), ``known_from`` by dataset, ``operations`` (the folder of its registers), the rows of
        raw.mart_input, and ``steps``: {"do": "create" | "test" | "derive", "name", "sql"}, each after what it reads.
    """
    target = settings.warehouse / "target"
    nodes = json.loads(prepare_manifest().read_bytes())["nodes"]
    reads = {name: set(node["depends_on"].get("nodes", ())) for name, node in nodes.items()}
    derived = {derivation.name: derivation for derivation in derivations(Observatory(settings))}
    for name, derivation in derived.items():
        reads[name] = {f"model.observatory.{table}" for table in derivation.reads}
        reads |= {f"source.observatory.derived.{table}": {name} for table in derivation.tables}
    steps = []
    for name in graphlib.TopologicalSorter(reads).static_order():
        if name in derived:
            steps.append({"do": "derive", "name": name, "sql": ""})
        elif name in nodes:
            steps.append(_step(nodes[name], target, settings.seeds))
    return {
        "settings": {
            "is_sample": settings.is_sample,
            "seeds": str(settings.seeds),
            "draws": settings.simulation_draws,
            "seed": settings.simulation_seed,
            "memory_limit": settings.duckdb_memory_limit,
            "threads": settings.duckdb_threads,
            "options": {name: value for dataset in all_datasets() for name, value in given_options(settings, dataset).items()},
            "inbox": str(settings.inbox),
        },
        # Where a publisher states no instant a release is known from when it came, which differs from run to run.
        "known_from": {dataset.slug: release.known_from for dataset in all_datasets() if (release := Lake(settings.lake).latest(dataset.slug))},
        "operations": str(settings.operations),
        "inputs": mart_inputs(json.loads(prepare_manifest().read_bytes())),
        "steps": steps,
    }


def _step(node: dict[str, Any], target: Path, seeds: Path) -> dict[str, str]:
    kind = node["resource_type"]
    if kind == "seed":
        path = str(seeds / f"{node['name']}.csv").replace("'", "''")
        types = ", ".join(f"'{column}': '{type_}'" for column, type_ in node["config"]["column_types"].items())
        body = f"select * from read_csv('{path}', header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', types = {{{types}}})"
    else:
        folder = target / "compiled" / "observatory" / node["original_file_path"]
        body = (folder if folder.is_file() else folder / node["path"]).read_text()
    if kind == "test":
        return {"do": "test", "name": node["name"], "sql": f"select count(*) from (\n{body}\n)"}
    made = "view" if node["config"]["materialized"] == "view" else "table"
    return {"do": "create", "name": node["name"], "sql": f"create {made} {node['schema']}.{node['alias']} as (\n{body}\n)"}


def differences(one: Path, other: Path) -> list[str]:
    """Marts that are not equal row for row, in words; columns that only say when a run looked (VOLATILE) are left out.

    Args:
        one, other: DuckDB files that both hold every mart of the dbt project.
    """
    import duckdb

    found = []
    with duckdb.connect(str(one), read_only=True) as first, duckdb.connect(str(other), read_only=True) as second, duckdb.connect(":memory:") as both:
        for mart in mart_names():
            if mart in DERIVED_VIEWS:
                continue
            tables = [connection.execute(f"select * from marts.{mart}").to_arrow_table() for connection in (first, second)]
            tables = [table.drop_columns([name for name in VOLATILE if name in table.schema.names]) for table in tables]
            if tables[0].schema != tables[1].schema:
                found.append(f"{mart}: {tables[0].schema} and {tables[1].schema}")
                continue
            for name, table in zip(("first", "second"), tables, strict=True):
                both.register(name, table)
            lost, added = (
                both.execute(f"select count(*) from (from {a} except all from {b})").fetchone()[0] for a, b in (("first", "second"), ("second", "first"))
            )
            if lost or added:
                found.append(f"{mart}: {tables[0].num_rows:,} and {tables[1].num_rows:,} rows, {lost:,} only in the first, {added:,} only in the second")
    return found

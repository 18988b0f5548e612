"""What dbt's manifest says of the marts, read without Dagster or dbt.

Belongs here: reading the manifest as JSON. Does not belong here: preparing it (warehouse).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from observatory_assets.datasets import all_datasets
from resources.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
MANIFEST = DBT_PROJECT / "target" / "manifest.json"


def mart_inputs(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(mart, slug of a dataset it stands on) in order, through however many models.

    Tables that Python derives between models name what they are made from in their source's ``meta.reads``.
    """
    nodes = {**manifest["nodes"], **manifest["sources"]}
    by_name = {node["name"]: unique_id for unique_id, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    dataset_of = {table.name: dataset.slug for dataset in all_datasets() for table in dataset.tables}

    @functools.cache
    def behind(unique_id: str) -> frozenset[str]:
        node = nodes[unique_id]
        if node["resource_type"] == "source" and node["source_name"] == "raw":
            return frozenset({dataset_of[node["name"]]} if node["name"] in dataset_of else ())
        if node["resource_type"] == "source":
            return frozenset().union(*(behind(by_name[name]) for name in node["config"]["meta"]["reads"]))
        return frozenset().union(*map(behind, node["depends_on"].get("nodes", [])))  # a seed has none

    marts = sorted((node["alias"], unique_id) for unique_id, node in nodes.items() if node["resource_type"] == "model" and node["schema"] == "marts")
    return [(mart, dataset) for mart, unique_id in marts for dataset in sorted(behind(unique_id))]

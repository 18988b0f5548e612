"""The asset graph did not change by accident, and every asset says what it is.

After a wanted change: OBSERVATORY_UPDATE_SNAPSHOT=1 make test, and commit graph.json with the change that explains it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg
import pytest

from observatory_assets.definitions import build_defs

DEFS = build_defs()
SNAPSHOT = Path(__file__).with_name("graph.json")


def graph_now() -> dict[str, object]:
    graph = DEFS.resolve_asset_graph()
    return {
        "assets": {
            key.to_user_string(): {
                "group": graph.get(key).group_name,
                "kinds": sorted(graph.get(key).kinds),
                "depends_on": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
            }
            for key in sorted(graph.materializable_asset_keys)
        },
        "checks": sorted(f"{check.asset_key.to_user_string()}: {check.name}" for check in graph.asset_check_keys),
        "jobs": sorted(job.name for job in DEFS.jobs),
        "schedules": sorted(schedule.name for schedule in DEFS.schedules),
        "sensors": sorted(sensor.name for sensor in DEFS.sensors),
    }


def test_the_graph_is_the_committed_one() -> None:
    found = graph_now()
    if os.environ.get("OBSERVATORY_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(DEFS)


@pytest.mark.parametrize("key", sorted(DEFS.resolve_asset_graph().materializable_asset_keys), ids=lambda key: key.to_user_string())
def test_every_asset_has_a_group_a_kind_an_owner_and_a_description(key: dg.AssetKey) -> None:
    node = DEFS.resolve_asset_graph().get(key)
    assert node.group_name != "default"
    assert node.kinds
    assert node.owners
    assert len(node.description or "") > 20


def test_every_asset_that_is_not_ingested_rebuilds_by_condition() -> None:
    graph = DEFS.resolve_asset_graph()
    without = {key.to_user_string() for key in graph.materializable_asset_keys if graph.get(key).automation_condition is None}
    ingested = {key.to_user_string() for key in graph.materializable_asset_keys if key.path[0] == "raw" and not graph.get(key).parent_keys}
    assert without == ingested

"""Everything Dagster knows, composed. Read this first.

Belongs here: putting parts together. Does not belong here: any behaviour.

raw (datasets, ingest, raw_assets) -> staging, intermediate, marts (warehouse, dbt) with derived (ksb_assets) between -> serving (publication);
the sensors decide when. https://docs.dagster.io/guides/build/projects-and-components
"""

from __future__ import annotations

import dagster as dg

from observatory_assets.datasets import all_datasets
from observatory_assets.ksb_assets import build_ksb_assets
from observatory_assets.maintenance import build_maintenance_schedule, maintenance
from observatory_assets.progress import progress_logger
from observatory_assets.publication import build_publication_asset
from observatory_assets.raw_assets import build_dataset_assets
from observatory_assets.warehouse import build_warehouse_assets, mart_names
from resources.observatory import Observatory
from sensors.automation import build_automation_sensor
from sensors.failures import build_failure_sensor
from sensors.releases import build_daily_schedule, build_release_sensors


def build_defs(observatory: Observatory | None = None) -> dg.Definitions:
    """The code location, bound to one state folder (default: the one the environment names)."""
    observatory = observatory or Observatory()
    return dg.Definitions(
        assets=[
            *(build_dataset_assets(dataset) for dataset in all_datasets()),
            *build_warehouse_assets(),
            *build_ksb_assets(observatory),
            build_publication_asset(mart_names()),
        ],
        jobs=[maintenance],
        schedules=[build_daily_schedule(observatory), build_maintenance_schedule(observatory)],
        sensors=[*build_release_sensors(observatory), build_automation_sensor(observatory), build_failure_sensor(observatory)],
        resources={"observatory": observatory},
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
        # One writer and light steps: 5 steps took 80 s in the multiprocess executor, 29-37 s in this one (anchors.md, pain 2).
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` loads; built when asked for, so that importing this module builds nothing."""
    return build_defs()

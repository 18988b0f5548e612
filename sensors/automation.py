"""The automation sensor: rebuilds what depends on changed data, by each asset's own condition (warehouse.REBUILD).

Belongs here: which assets it watches and how often. Does not belong here: the condition itself.
Dagster's default automation sensor is stopped by default; this one starts with the release sensor.
"""

from __future__ import annotations

import dagster as dg

from resources.observatory import Observatory


def build_automation_sensor(observatory: Observatory) -> dg.AutomationConditionSensorDefinition:
    """One sensor over every asset that has a condition."""
    return dg.AutomationConditionSensorDefinition(
        name="rebuild",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultSensorStatus.STOPPED,
        description="Rebuilds the assets whose inputs' content changed, once their blocking checks have passed.",
    )

"""The failure sensor: tells people that a run failed, once per run, with the reason its error gives.

Belongs here: what is told. Does not belong here: sending (resources/notifier.py).
"""

from __future__ import annotations

import dagster as dg

from observatory_assets.progress import failure_reason
from resources.notifier import Notifier
from resources.observatory import Observatory


def failure_text(context: dg.RunFailureSensorContext) -> str:
    """One message: the run, its steps that failed and their reasons, at most 1,500 characters."""
    reasons = [f"{event.step_key}: {failure_reason(event)}" for event in context.get_step_failure_events()]
    datasets = context.dagster_run.tags.get("observatory/datasets")
    about = f" ({datasets})" if datasets else ""
    return f"Run {context.dagster_run.run_id[:8]}{about} failed. {' | '.join(reasons) or context.failure_event.message}"[:1500]


def build_failure_sensor(observatory: Observatory) -> dg.SensorDefinition:
    """Runs while the others run."""

    @dg.run_failure_sensor(
        name="failures",
        default_status=dg.DefaultSensorStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultSensorStatus.STOPPED,
        description="Logs each failed run and posts it to OBSERVATORY_WEBHOOK if that is set.",
    )
    def failures(context: dg.RunFailureSensorContext) -> None:
        Notifier(observatory.settings).tell(failure_text(context))

    return failures

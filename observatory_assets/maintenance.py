"""Housekeeping of Dagster's own storage. Belongs here: pruning old runs. Does not belong here: data; a run deletes none.

Dagster's retention settings cover ticks only (dagster#33785); a run kept costs about 1.2 MB of SQLite.
"""

import datetime as dt

import dagster as dg

from resources.observatory import Observatory

KEEP_DAYS = 60


@dg.op(description=f"Deletes the event logs of runs that ended more than {KEEP_DAYS} days ago; marts and releases are not touched.")
def prune_runs(context: dg.OpExecutionContext) -> int:
    """Delete the event logs of old, ended runs; returns how many."""
    before = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=KEEP_DAYS)
    old = context.instance.get_run_records(filters=dg.RunsFilter(updated_before=before), limit=1000)
    ended = [record.dagster_run.run_id for record in old if record.dagster_run.is_finished]
    for run_id in ended:
        context.instance.delete_run(run_id)
    context.log.info(f"{len(ended)} old runs deleted")
    return len(ended)


@dg.job(description="Prunes old Dagster runs.", executor_def=dg.in_process_executor)
def maintenance() -> None:
    """Housekeeping, weekly."""
    prune_runs()


def build_maintenance_schedule(observatory: Observatory) -> dg.ScheduleDefinition:
    """Sundays at 04:15, running when the sensors are."""
    return dg.ScheduleDefinition(
        job=maintenance,
        cron_schedule="15 4 * * 0",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING if observatory.settings.sensors_running else dg.DefaultScheduleStatus.STOPPED,
    )

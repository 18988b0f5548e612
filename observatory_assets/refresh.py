"""One refresh: look at every publisher, ingest what is new, rebuild what depends on it, publish.

Belongs here: the order of a refresh and its outcome. Does not belong here: printing (cli) or what any step does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from observatory_assets.operations import write
from resources.observatory import Observatory
from resources.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import dagster as dg


OWN_RUN = "observatory/refresh"  # tag of runs executed by `observatory refresh` in its own process


@dataclass
class Refresh:
    """What a refresh did: slugs ingested, assets rebuilt, checks, and problems in words."""

    new: list[str] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)
    published: bool = False
    checks_passed: int = 0
    checks_failed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def dagster_home(observatory: Observatory) -> Path:
    """The state folder's DAGSTER_HOME, with the committed dagster.yaml in it; set in the environment too."""
    home = observatory.settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    source, target = PROJECT_ROOT / "dagster.yaml", home / "dagster.yaml"
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs of killed refreshes as failed; call it holding the refresh lock, which a live refresh would hold.

    Dagster leaves such a run STARTED for ever, and one STARTED run fills the queue that dagster.yaml limits to one.
    """
    import dagster as dg

    unended = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=unended, tags={OWN_RUN: "true"})):
        instance.report_run_failed(run, message="the process of this refresh was killed; the next refresh completes its work")


def refresh(observatory: Observatory, slugs: Sequence[str] | None = None, *, force: bool = False, say: Callable[[str], None] = print) -> Refresh:
    """Bring the state folder up to date.

    Args:
        observatory: the state folder.
        slugs: datasets to look at (default all).
        force: ingest the looked-at datasets even if their marker is satisfied.
        say: where lines of progress go.

    Returns:
        What was done. A failed dataset leaves its last good release in use and is listed in ``problems``; so is a failed gate.
    """
    import dagster as dg

    outcome = Refresh()
    with observatory.refreshing():
        datasets = [dataset for dataset in all_datasets() if slugs is None or dataset.slug in slugs]
        say("1 Looking for new releases")
        wanted = _look(observatory, datasets, outcome, force, say)
        dagster_home(observatory)
        from observatory_assets.definitions import build_defs

        definitions = build_defs(observatory)
        with dg.DagsterInstance.get() as instance:
            end_dead_runs(instance)
            if wanted:
                say(f"2 Ingesting {', '.join(dataset.slug for dataset in wanted)}")
                keys = [dg.AssetKey(["raw", table.name]) for dataset in wanted for table in dataset.tables]
                done = _run(definitions, instance, keys, outcome)
                ingested = {key.path[-1] for key in done}
                outcome.new = [dataset.slug for dataset in wanted if ingested.issuperset(table.name for table in dataset.tables)]
            else:
                say("2 Ingesting: nothing to ingest")
            _rebuild(observatory, definitions, instance, outcome, say)
        write(observatory)  # a publisher that fell silent changes what is said of the marts, and nothing of what is published
    return outcome


def _look(observatory: Observatory, datasets: Sequence[Dataset], outcome: Refresh, force: bool, say: Callable[[str], None]) -> list[Dataset]:
    from sensors.releases import look_at_all

    wanted = []
    for one in look_at_all(observatory, datasets):
        slug = one.dataset.slug
        if one.skipped:
            say(f"    – {slug}: skipped: {one.problem}")
            continue
        if one.problem:
            outcome.problems.append(one.problem)
            say(f"    ✗ {slug}: {one.problem}")
            continue
        is_new = force or observatory.lake.satisfied_marker(slug) != one.marker
        say(f"    {'+' if is_new else '='} {slug}  {'new release ' if is_new else 'nothing new since '}{one.marker}")
        if is_new:
            wanted.append(one.dataset)
    return wanted


def _rebuild(observatory: Observatory, definitions: dg.Definitions, instance: dg.DagsterInstance, outcome: Refresh, say: Callable[[str], None]) -> None:
    from observatory_assets.publication import ASSET_KEY
    from observatory_assets.staleness import stale_assets
    from observatory_assets.warehouse import asset_keys_of

    unfinished = asset_keys_of(observatory.warehouse.unfinished())
    stale = stale_assets(definitions, instance, unfinished=unfinished, built=observatory.warehouse.file.exists())
    if not stale:
        say("3 Rebuilding: nothing depends on anything new")
        return
    say(f"3 Rebuilding {len(stale)} assets and publishing")
    done = _run(definitions, instance, stale, outcome)
    outcome.rebuilt = [key.to_user_string() for key in done]
    outcome.published = ASSET_KEY in done


def _run(definitions: dg.Definitions, instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey], outcome: Refresh) -> list[dg.AssetKey]:
    """Execute the assets in this process; returns those materialised, and notes checks and failures in ``outcome``."""
    import dagster as dg

    from observatory_assets.progress import failure_reason

    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, asset_selection=list(keys), raise_on_error=False, run_config={"loggers": {"progress": {}}}, tags={OWN_RUN: "true"}
    )
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            if event.asset_check_evaluation_data.passed:
                outcome.checks_passed += 1
            else:
                outcome.checks_failed += 1
        elif event.is_step_failure:
            outcome.problems.append(f"{event.step_key}: {failure_reason(event)}")
    return [event.asset_key for event in result.get_asset_materialization_events()]

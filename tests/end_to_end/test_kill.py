"""kill -9 at every stage of a refresh: what is served stays readable and whole, and the next refresh completes.

The refresh runs as the command line does, in a process of its own; it is killed on the line of progress that announces
the stage, or as soon as a file of that stage appears.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.instance.ref import InstanceRef

from observatory_assets.datasets import all_datasets
from resources.settings import PROJECT_ROOT
from tests.end_to_end.conftest import Story

pytestmark = pytest.mark.xdist_group("kill")


def start(story: Story) -> subprocess.Popen:
    settings = story.observatory.settings
    environment = {
        **os.environ,
        "OBSERVATORY_HOME": str(settings.home),
        "OBSERVATORY_PROFILE": "sample",
        "OBSERVATORY_PUBLISHER_ADDRESS": story.publisher.address,
        "OBSERVATORY_SIMULATION_DRAWS": "200",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "observatory_assets.cli", "refresh"]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def kill_when(process: subprocess.Popen, line: str, then: Callable[[], bool] = lambda: True) -> str:
    """Kill the process group when it has printed ``line`` and ``then`` holds (polled every millisecond). Returns what it printed."""
    printed = []
    for text in process.stdout:
        printed.append(text)
        if line in text:
            deadline = time.monotonic() + 20
            while not then() and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.001)
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.wait()
    assert process.returncode == -signal.SIGKILL, "".join(printed)
    return "".join(printed)


def served(story: Story) -> tuple[int, int]:
    """(rows, releases) of the published database, read through the link that analysts use."""
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        rows = connection.execute("select count(*) from marts.fct_indicator").fetchone()[0]
        assert connection.execute("select count(*) from raw.nomis__aps_employment").fetchone()[0] > 0
        return rows, connection.execute("select count(*) from marts.dim_release").fetchone()[0]


def assert_everything_kept_is_whole(story: Story) -> None:
    observatory = story.observatory
    for path in (observatory.settings.archive / "objects").rglob("*"):
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    for dataset in all_datasets():
        for release in observatory.lake.releases(dataset.slug):
            for table in release.tables:
                assert observatory.lake.read(release, table).num_rows == release.tables[table].rows


def runs_left_open(story: Story) -> int:
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(story.observatory.settings.home / "dagster"))) as instance:
        return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]))


def appears(folder: Path, pattern: str, beyond: int) -> Callable[[], bool]:
    return lambda: len(list(folder.glob(pattern))) > beyond


def changes(path: Path) -> Callable[[], bool]:
    before = path.read_bytes()
    return lambda: path.read_bytes() != before


STAGES = {
    "fetch": ("… ingest_aps_employment", lambda home: appears(home / "archive", "incoming/*/*", 0)),
    "promote": ("… ingest_aps_employment", lambda home: appears(home / "lake", "raw/nomis__aps_employment/release=*", 1)),
    "record": ("… ingest_aps_employment", lambda home: changes(home / "lake" / "markers" / "aps_employment.satisfied.json")),
    "dbt": ("… dbt_labour_market", lambda home: lambda: (home / "warehouse" / "unfinished.json").read_text() != "[]"),
    "publication": ("… serving__observatory", lambda home: appears(home / "serving", "incoming/*/observatory.duckdb", 0)),
}


# Each is a refresh and a half. By default one stage of ingestion and the last; `make faults` kills at every stage.
BY_DEFAULT = ("promote", "publication")


@pytest.mark.parametrize("stage", STAGES if "EVERY_FAULT" in os.environ else BY_DEFAULT)
def test_a_refresh_killed_at_any_stage_leaves_what_is_served_whole_and_the_next_one_completes(story: Story, stage: str) -> None:
    before = served(story)
    build = os.readlink(story.observatory.settings.serving / "current")
    story.publisher.phase = 2
    line, then = STAGES[stage]
    kill_when(start(story), line, then(story.observatory.settings.home))
    assert served(story) == before
    assert os.readlink(story.observatory.settings.serving / "current") == build
    assert_everything_kept_is_whole(story)
    outcome = story.refresh()
    assert outcome.ok, outcome.problems
    assert outcome.published
    assert not story.observatory.warehouse.unfinished()
    assert runs_left_open(story) == 0
    assert served(story)[1] == before[1] + 1
    assert_everything_kept_is_whole(story)

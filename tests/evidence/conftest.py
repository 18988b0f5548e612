"""State folders with a finished refresh, put back as they were for every case: of the sample, and of a real workbook with everybody else silent.

Belongs here: making, restoring and reading them. Does not belong here: what is done to them.

Each is restored at the very path it was made at, since views over Parquet hold absolute paths: what a copy elsewhere served would be the
original's operations registers.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.instance.ref import InstanceRef

from observatory_assets.refresh import Refresh, refresh
from observatory_assets.sample.build import place_dropped
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.observatory import Observatory
from resources.settings import Settings
from tests.end_to_end.test_real_workbooks import entries


@dataclass
class Held:
    """A state folder whose refresh was finished, and a copy of it to start each case from."""

    home: Path
    pristine: Path
    profile: str

    def restore(self) -> None:
        """Put the folder back as the refresh left it."""
        shutil.rmtree(self.home)
        shutil.copytree(self.pristine, self.home, symlinks=True)

    def observatory(self, address: str | None = None) -> Observatory:
        """The folder's observatory, asking the publisher at ``address``."""
        return Observatory(Settings(home=self.home, profile=self.profile, publisher_address=address, backoff_seconds=0.0, simulation_draws=200))

    def refresh(self, recording: Path, phase: int, slugs: Sequence[str] | None = None) -> Refresh:
        """One refresh while the publisher serves ``phase`` of ``recording``."""
        with Publisher(recording, phase=phase) as publisher:
            return refresh(self.observatory(publisher.address), slugs, say=lambda _: None)

    def sha256(self) -> str:
        """Of the file analysts open."""
        return hashlib.sha256((self.home / "serving" / "observatory.duckdb").read_bytes()).hexdigest()

    def served(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query against the file analysts open, read only."""
        with duckdb.connect(str(self.home / "serving" / "observatory.duckdb"), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def failures_of_last_run(self) -> str:
        """What the failed steps of the newest run say in Dagster's event log, which its web interface shows."""
        with self.instance() as instance:
            [record] = instance.get_run_records(limit=1)
            events = [entry.dagster_event for entry in instance.all_logs(record.dagster_run.run_id) if entry.dagster_event]
        return "\n".join(event.step_failure_data.user_failure_data.description for event in events if event.is_step_failure)

    def instance(self) -> dg.DagsterInstance:
        """The folder's Dagster instance."""
        return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(self.home / "dagster")))


def _kept(held: Held) -> Held:
    shutil.copytree(held.home, held.pristine, symlinks=True)
    return held


@pytest.fixture(scope="session")
def sample_held(sample_recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The whole sample, refreshed once."""
    folder = tmp_path_factory.mktemp("evidence")
    held = Held(folder / "home", folder / "pristine", "sample")
    place_dropped(sample_recording, held.home / "inbox", 1)
    outcome = held.refresh(sample_recording, 1)
    assert outcome.published, outcome.problems
    return _kept(held)


@pytest.fixture(scope="session")
def real_held(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The real Leicester workbook of March 2023, refreshed once while every other publisher is silent."""
    folder = tmp_path_factory.mktemp("evidence_real")
    write_recording(folder / "recording", {1: list(entries(recorded, 1))}, synthetic=False, description="One real vintage.")
    held = Held(folder / "home", folder / "pristine", "replay")
    outcome = held.refresh(folder / "recording", 1)
    assert outcome.published, outcome.problems
    return _kept(held)


@pytest.fixture
def sample(sample_held: Held) -> Iterator[Held]:
    """The sample's state folder as its refresh left it."""
    sample_held.restore()
    yield sample_held


@pytest.fixture
def real(real_held: Held) -> Iterator[Held]:
    """The real workbook's state folder as its refresh left it."""
    real_held.restore()
    yield real_held

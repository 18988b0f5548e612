"""One real refresh of the sample, shared: each test works on its own copy of the finished state folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from observatory_assets.refresh import Refresh, refresh
from observatory_assets.sample import aps_employment, skills_imperative
from observatory_assets.sample.build import generators, place_dropped, write_dropped
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.observatory import Observatory
from resources.settings import Settings
from resources.warehouse import exclusive


@dataclass
class Story:
    """A state folder, the publisher it asks, and what its last refresh did."""

    observatory: Observatory
    publisher: Publisher
    outcome: Refresh | None = None

    def refresh(self) -> Refresh:
        self.outcome = refresh(self.observatory, say=lambda _: None)
        return self.outcome

    @property
    def serving(self) -> Path:
        return self.observatory.settings.serving / "observatory.duckdb"


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phase 1 everything; phase 2 a new release of the APS alone; phase 3 the correction of the projections alone."""
    folder = tmp_path_factory.mktemp("recording") / "story"
    modules = generators()
    first = [entry for module in modules if hasattr(module, "entries") for entry in module.entries(1)]
    phases = {1: first, 2: list(aps_employment.entries(2)), 3: list(skills_imperative.entries(3))}
    write_recording(folder, phases, synthetic=True, description="SAMPLE: one dataset changes at a time")
    write_dropped(folder, modules, [1])
    return folder


@pytest.fixture(scope="session")
def finished(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Refresh]:
    """The state folder after a first refresh, and what that refresh did; made once for all processes of a run, since it takes over a minute."""
    folder = tmp_path_factory.getbasetemp()
    home = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "finished" / "home"
    record = home.with_name("outcome.json")
    with exclusive(home.with_name("lock"), timeout_seconds=600, purpose="the first refresh"):
        if not record.exists():
            shutil.rmtree(home, ignore_errors=True)
            place_dropped(recording, home / "inbox", 1)
            with Publisher(recording) as publisher:
                outcome = refresh(Observatory(settings(home, publisher)), say=lambda _: None)
            assert outcome.ok, outcome.problems
            record.write_text(json.dumps(asdict(outcome)))
    return home, Refresh(**json.loads(record.read_text()))


@pytest.fixture
def story(recording: Path, finished: tuple[Path, Refresh], tmp_path: Path) -> Iterator[Story]:
    """A copy of the finished state folder with its own publisher at phase 1."""
    home = tmp_path / "home"
    shutil.copytree(finished[0], home, symlinks=True)
    with Publisher(recording) as publisher:
        yield Story(Observatory(settings(home, publisher)), publisher)


def settings(home: Path, publisher: Publisher) -> Settings:
    return Settings(home=home, profile="sample", publisher_address=publisher.address, backoff_seconds=0.0, simulation_draws=200)


@pytest.fixture
def tree() -> Callable[[Path], dict[str, tuple[int, int]]]:
    """Every file below a folder with its size and time of change, to show that nothing was written."""
    return lambda folder: {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}

"""Fixtures every test may use: the recorded payloads, the bundled sample, and an observatory that asks it.

Belongs here: what more than one folder of tests needs. Does not belong here: anything of one folder alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from observatory_assets.sample.build import build_sample, place_dropped
from observatory_assets.sample.publisher import Publisher
from resources.observatory import Observatory
from resources.settings import PROJECT_ROOT, Settings

# A long group begun last would leave the other process idle; kill waits for the first refresh, which end_to_end makes.
LONGEST_FIRST = ("end_to_end", "evidence", "real_workbooks", "matrix", "faults", "kill", "ingest", "datasets")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a folder's tests in one process, so that what a session fixture of the folder builds is built once, and leave out what is slow."""
    here, groups = Path(__file__).parent, {}
    for item in items:
        marker = item.get_closest_marker("xdist_group")  # a module may say that it is worth building its fixtures once more
        groups[item] = marker.args[0] if marker else item.path.relative_to(here).parts[0]
        if marker is None:
            item.add_marker(pytest.mark.xdist_group(groups[item]))
        if item.get_closest_marker("slow_evidence") and "OBSERVATORY_EVIDENCE" not in os.environ:
            item.add_marker(pytest.mark.skip(reason="takes long: `make evidence` runs it"))
    items.sort(key=lambda item: LONGEST_FIRST.index(groups[item]) if groups[item] in LONGEST_FIRST else len(LONGEST_FIRST))


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of real recorded payloads beside the project; read only."""
    folder = PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("recorded payloads (../shared/data) are not here")
    return folder


@pytest.fixture(scope="session")
def sample_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample, built once for all workers of a run; read only."""
    folder = tmp_path_factory.getbasetemp()
    return build_sample((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "sample")


@pytest.fixture
def publisher(sample_recording: Path) -> Iterator[Publisher]:
    """The sample served over loopback HTTP, in phase 1."""
    with Publisher(sample_recording) as running:
        yield running


@pytest.fixture
def observatory(publisher: Publisher, sample_recording: Path, tmp_path: Path) -> Observatory:
    """An empty observatory of the profile sample that asks ``publisher``, has its files in the drop folders, and does not wait between attempts."""
    place_dropped(sample_recording, tmp_path / "home" / "inbox", 1)
    return Observatory(Settings(home=tmp_path / "home", profile="sample", publisher_address=publisher.address, backoff_seconds=0.0))

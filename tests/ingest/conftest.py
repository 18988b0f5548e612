"""The sample's first release of every dataset, ingested once and shared."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.ingest import ingest
from observatory_assets.sample.build import place_dropped
from observatory_assets.sample.publisher import Publisher
from resources.observatory import Observatory
from resources.settings import Settings


def open_observatory(home: Path, publisher: Publisher, **settings: object) -> Observatory:
    return Observatory(Settings(home=home, profile="sample", publisher_address=publisher.address, backoff_seconds=0.0, **settings))


@pytest.fixture(scope="session")
def first_releases(sample_recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that holds phase 1 of every dataset; read only."""
    home = tmp_path_factory.mktemp("ingested") / "home"
    place_dropped(sample_recording, home / "inbox", 1)
    with Publisher(sample_recording) as publisher:
        for dataset in all_datasets():
            assert ingest(open_observatory(home, publisher), dataset).changed, dataset.slug
    return home


@pytest.fixture(scope="module")
def own_releases(first_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of ``first_releases`` that the module may add to."""
    return shutil.copytree(first_releases, tmp_path_factory.mktemp("own") / "home")


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, tuple[int, int]]]:
    """Every file below a folder with its size and time of change: equal before and after, nothing was written."""
    return lambda folder: {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}

"""Drop-folder datasets in tests: their sample's files placed in a folder, and read as a run reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from observatory_assets.datasets.contract import Lookup
from tests.datasets.fetched import AREAS, payload, read


def place(inbox: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write files into a drop folder, made if it is not there."""
    inbox.mkdir(parents=True, exist_ok=True)
    for name, body in files:
        (inbox / name).write_bytes(body)
    return inbox


def take(dataset, inbox: Path):
    """(marker, names of the files taken, tables) of what lies in the drop folder. Nobody is asked: there is no client."""
    lookup = Lookup(None, AREAS, {}, inbox)
    marker = dataset.find_marker(lookup)
    resources = dataset.find_resources(lookup, marker)
    assert all(resource.url == f"dropped:{dataset.slug}/{resource.name}" and resource.file for resource in resources)
    return marker, [resource.name for resource in resources], read(dataset, [payload(resource.file, **resource.labels) for resource in resources])

"""Fetching and parsing a dataset in tests: through the bundled publisher and the real client, or from bytes at hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa

from observatory_assets.areas import Areas
from observatory_assets.datasets.contract import Lookup, Payload
from observatory_assets.ingest import given_options
from observatory_assets.publishers.tabular import without_release
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.http import HttpClient
from resources.settings import Settings

AREAS = Areas.from_seeds(Settings().seeds)


def payload(path: Path, body: bytes | None = None, **labels: str) -> Payload:
    """A payload of a file, written first if a body is given."""
    if body is not None:
        path.write_bytes(body)
    return Payload(path.name, f"https://publisher.invalid/{path.name}", path, "", path.stat().st_size, dt.datetime.now(dt.timezone.utc), labels)


def fetch(dataset, entries_by_phase, folder: Path, phase: int = 1):
    """(marker, payloads) of a dataset as a run gets them from these entries in this phase."""
    recording = write_recording(folder / "recording", entries_by_phase, synthetic=True, description="test")
    with Publisher(recording, phase=phase) as publisher:
        settings = Settings(profile="sample", publisher_address=publisher.address)
        options = given_options(settings, dataset)
        http = HttpClient(
            settings,
            dataset.hosts,
            headers={one.header: options[one.option] for one in dataset.credentials if one.header},
            parameters={one.parameter: options[one.option] for one in dataset.credentials if one.parameter},
        )
        lookup = Lookup(http, AREAS, options)
        marker = dataset.find_marker(lookup)
        payloads = []
        for resource in dataset.find_resources(lookup, marker):
            path = folder / f"{phase}_{resource.name}"
            http.download(resource.url, path, starts_with=resource.starts_with, posted=resource.posted)
            payloads.append(payload(path, **resource.labels))
        http.close()
    return marker, payloads


def read(dataset, payloads) -> dict[str, pa.Table]:
    """Every table of a release, whole, after checking that each batch has exactly the contract's columns and types."""
    batches: dict[str, list[pa.Table]] = {}
    for name, table in dataset.parse(payloads):
        assert table.schema.equals(without_release(dataset.table(name).arrow_schema())), name
        batches.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in batches.items()}


def duplicates(table: pa.Table, keys) -> int:
    return table.num_rows - table.group_by(list(keys)).aggregate([]).num_rows

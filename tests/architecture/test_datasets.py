"""What every registered dataset must have besides its module: a page, dbt's sources, staging models, a sample release."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from observatory_assets.sample.build import DROPPED
from observatory_assets.sample.recording import read_recording
from observatory_assets.warehouse import prepare_manifest
from resources.settings import PROJECT_ROOT


def lacking(dataset: Dataset, manifest: Mapping[str, Any], pages: Path, sampled: Collection[str]) -> list[str]:
    """What a dataset lacks, in words.

    Args:
        dataset: the one in question.
        manifest: dbt's.
        pages: folder of the generated pages.
        sampled: hosts the sample answers for, and slugs it has files for drop folders of.
    """
    sources = {node["name"] for node in manifest["sources"].values() if node["source_name"] == "raw"}
    staging = {
        parent.split(".")[-1]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "staging"
        for parent in node["depends_on"]["nodes"]
    }
    found = [] if (pages / f"{dataset.slug}.md").is_file() else ["a page in docs/datasets (python -m observatory_assets.docs)"]
    for table in dataset.tables:
        found += [] if table.name in sources else [f"a dbt source for {table.name} (python -m observatory_assets.docs)"]
        found += [] if table.name in staging else [f"a staging model that reads {table.name}"]
    if not ({dataset.slug} if dataset.drop_folder else set(dataset.hosts)) & set(sampled):
        found.append(f"a sample release (observatory_assets/sample/{dataset.slug}.py)")
    return found


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads(prepare_manifest().read_bytes())


@pytest.fixture(scope="module")
def sampled(sample_recording: Path) -> set[str]:
    return {entry.host for entry in read_recording(sample_recording).entries} | {path.name for path in (sample_recording / DROPPED).glob("*/*")}


@pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.slug)
def test_a_dataset_has_its_page_its_sources_its_staging_models_and_a_sample_release(dataset: Dataset, manifest: dict[str, Any], sampled: set[str]) -> None:
    assert lacking(dataset, manifest, PROJECT_ROOT / "docs" / "datasets", sampled) == []


def test_a_dataset_without_them_is_told_what_it_lacks(manifest: dict[str, Any], sampled: set[str]) -> None:
    known = all_datasets()[0]
    bare = replace(known, slug="bare", hosts=("bare.invalid",), tables=(replace(known.tables[0], name="bare__table"),))
    assert [one.split(" (")[0] for one in lacking(bare, manifest, PROJECT_ROOT / "docs" / "datasets", sampled)] == [
        "a page in docs/datasets",
        "a dbt source for bare__table",
        "a staging model that reads bare__table",
        "a sample release",
    ]


def test_every_page_belongs_to_a_dataset() -> None:
    assert {path.stem for path in (PROJECT_ROOT / "docs" / "datasets").glob("*.md")} == {dataset.slug for dataset in all_datasets()}

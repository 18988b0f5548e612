"""Every public dataset, one module each. A module here that defines ``DATASET`` is a dataset; nothing else registers it."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from observatory_assets.datasets.contract import Dataset


@functools.cache
def all_datasets() -> tuple[Dataset, ...]:
    """The datasets in alphabetical order of slug. Raises ValueError if two claim the same slug or raw table."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    datasets = sorted((module.DATASET for module in modules if hasattr(module, "DATASET")), key=lambda dataset: dataset.slug)
    for what, names in (
        ("slug", [dataset.slug for dataset in datasets]),
        ("raw table", [table.name for dataset in datasets for table in dataset.tables]),
    ):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"{what} defined by more than one dataset: {', '.join(sorted(twice))}")
    return tuple(datasets)


def dataset_named(slug: str) -> Dataset:
    """The dataset with this slug. Raises KeyError listing the known ones."""
    for dataset in all_datasets():
        if dataset.slug == slug:
            return dataset
    raise KeyError(f"no dataset named {slug!r}; known: {', '.join(dataset.slug for dataset in all_datasets())}")

"""A dataset that needs what the operator has not given: its assets are skipped with the reason, and nothing fails."""

from __future__ import annotations

import dagster as dg
import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset
from observatory_assets.raw_assets import build_dataset_assets
from observatory_assets.status import statuses
from resources.observatory import Observatory

NEEDY = [dataset for dataset in all_datasets() if dataset.needed_options or dataset.drop_folder]


@pytest.mark.parametrize("dataset", NEEDY, ids=lambda dataset: dataset.slug)
def test_its_assets_are_skipped_with_a_reason_that_says_what_to_set_or_where_to_put_the_file(observatory: Observatory, dataset: Dataset) -> None:
    observatory.settings.profile = "replay"  # the sample makes up what is not set
    for path in (observatory.settings.inbox / dataset.slug).glob("*"):
        path.unlink()
    result = dg.materialize([build_dataset_assets(dataset)], resources={"observatory": observatory}, instance=dg.DagsterInstance.ephemeral())
    assert result.success
    assert not result.get_asset_materialization_events()
    reasons = {
        event.asset_key.path[-1]: event.asset_observation_data.asset_observation.metadata["skipped"].text for event in result.get_asset_observation_events()
    }
    assert set(reasons) == {table.name for table in dataset.tables}
    wanted = [f"OBSERVATORY_{name.upper()}" for name in dataset.needed_options] or [f"inbox/{dataset.slug}"]
    assert all(word in reason for reason in reasons.values() for word in wanted)
    [status] = [one for one in statuses(observatory) if one.dataset == dataset.slug]
    assert (status.state, status.is_stale) == ("skipped", False)

"""The plain script of `make bench` builds what the refresh builds; without that its time would be no yardstick."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from observatory_assets.refresh import Refresh
from observatory_assets.sample.publisher import Publisher
from tests.bench.plain_script import run
from tests.bench.plan import differences, make_plan
from tests.end_to_end.conftest import settings


def test_the_plain_script_builds_the_refreshs_marts_row_for_row(finished: tuple[Path, Refresh], recording: Path, tmp_path: Path) -> None:
    home = finished[0]
    with Publisher(recording) as publisher:
        built = run(make_plan(settings(home, publisher)), publisher.address, tmp_path / "plain")
    published = home / "serving" / "observatory.duckdb"
    assert differences(published, built) == []

    changed = shutil.copyfile(published, tmp_path / "observatory.duckdb")
    with duckdb.connect(str(changed)) as connection:
        connection.execute("update marts.ksb_gap set gap_pp = gap_pp + 1e-9")
    assert [line.split(":")[0] for line in differences(changed, built)] == ["ksb_gap"]

"""Marts while publishers are down: rebuilt where they can be, and saying what they stand on and how old it is.

One real refresh of the sample from an empty state folder on, and two more on what it left; each takes half a minute, so they are left
to ``make faults``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.manifest import mart_inputs
from observatory_assets.refresh import Refresh, refresh
from observatory_assets.sample.build import generators, place_dropped, write_dropped
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from observatory_assets.status import statuses
from observatory_assets.warehouse import mart_names, prepare_manifest
from resources.observatory import Observatory
from resources.settings import Settings

pytestmark = [pytest.mark.xdist_group("marts"), pytest.mark.skipif("EVERY_FAULT" not in os.environ, reason="three full refreshes: `make faults` runs them")]
ABSENT = "ofqual_register"  # down from the first day on, with a publisher of its own
CHANGED = "aps_employment"  # has a new release while half of the others are down


@dataclass
class Place:
    """A state folder and the publisher it asks."""

    observatory: Observatory
    publisher: Publisher

    def refresh(self) -> Refresh:
        return refresh(self.observatory, say=lambda _: None)

    def served(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.observatory.settings.serving / "observatory.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def freshness(self) -> dict[tuple[str, str], dict[str, Any]]:
        """marts.mart_freshness by mart and data set."""
        with duckdb.connect(str(self.observatory.settings.serving / "observatory.duckdb"), read_only=True) as connection:
            rows = connection.execute("select * from marts.mart_freshness")
            names = [column[0] for column in rows.description]
            found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        return {(one["mart"], one["dataset"]): one for one in found}


def hosts(slug: str) -> set[str]:
    return {host for dataset in all_datasets() if dataset.slug == slug for host in dataset.hosts}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty state folder; the second phase has a new release of one data set and nothing else."""
    folder, home = tmp_path_factory.mktemp("marts") / "recording", tmp_path_factory.mktemp("marts") / "home"
    modules = generators()
    first = [entry for module in modules if hasattr(module, "entries") for entry in module.entries(1)]
    [changing] = [module for module in modules if module.__name__.endswith(f".{CHANGED}")]
    write_recording(folder, {1: first, 2: list(changing.entries(2))}, synthetic=True, description="SAMPLE: one data set changes")
    write_dropped(folder, modules, [1])
    place_dropped(folder, home / "inbox", 1)
    with Publisher(folder) as publisher:
        settings = Settings(home=home, profile="sample", publisher_address=publisher.address, backoff_seconds=0.0, simulation_draws=200)
        yield Place(Observatory(settings), publisher)


@pytest.fixture(scope="module")
def inputs() -> set[tuple[str, str]]:
    """(mart, data set it stands on), from the dbt graph."""
    return set(mart_inputs(json.loads(Path(prepare_manifest()).read_bytes())))


@pytest.fixture(scope="module")
def first(place: Place) -> Refresh:
    """The first refresh, with one publisher down from the start."""
    for host in hosts(ABSENT):
        place.publisher.inject(host, None, "down")
    return place.refresh()


def test_a_publisher_that_is_down_from_the_first_day_keeps_no_mart_from_being_published(place: Place, first: Refresh) -> None:
    assert first.published
    assert len(first.problems) == 1 and f"[{ABSENT}]" in first.problems[0] and hosts(ABSENT) & set(first.problems[0].replace("/", " ").split())
    assert set(first.new) == {dataset.slug for dataset in all_datasets()} - {ABSENT}
    tables = {row[0] for row in place.served("select table_name from information_schema.tables where table_schema = 'marts'")}
    assert tables == set(mart_names())


def test_what_was_never_held_is_empty_and_never_zero(place: Place, first: Refresh, inputs: set[tuple[str, str]]) -> None:
    [status] = [one for one in statuses(place.observatory) if one.dataset == ABSENT]
    assert (status.state, status.is_stale, status.release) == ("nothing held", True, None)
    for dataset in all_datasets():
        for table in dataset.tables if dataset.slug == ABSENT else ():
            assert place.served(f"select count(*) from raw.{table.name}") == [(0,)]
    cells = place.freshness()
    on_it = {mart for mart, slug in inputs if slug == ABSENT}
    for mart in on_it:
        cell = cells[mart, ABSENT]
        assert (cell["is_stale"], cell["state"], cell["release_id"], cell["age_days"]) == (True, "nothing held", None, None)
        assert ABSENT in cell["problem"]
    alone = {mart for mart in on_it if {slug for one, slug in inputs if one == mart} == {ABSENT}}
    for mart in alone:
        assert place.served(f"select count(*) from marts.{mart}") == [(0,)], "a mart that stands on nothing else has no rows"
    assert place.served("select count(*) from marts.fct_indicator where value = 0 and status <> 'ok'") == [(0,)], "nothing missing reads as 0"


def test_half_of_the_publishers_down_and_a_new_release_comes_in(place: Place, first: Refresh, inputs: set[tuple[str, str]]) -> None:
    place.publisher.faults.clear()
    everybody = sorted({dataset.hosts[0] for dataset in all_datasets() if dataset.hosts})
    down = set(everybody[::2]) - hosts(CHANGED)
    assert len(down) >= len(everybody) // 2 - 1
    for host in down:
        place.publisher.inject(host, None, "down")
    place.publisher.phase = 2
    outcome = place.refresh()

    silent = {status.dataset for status in statuses(place.observatory) if status.is_stale}
    assert silent and silent <= {dataset.slug for dataset in all_datasets() if set(dataset.hosts) & down}
    looked = {slug for slug in silent if any(problem.startswith(f"[{slug}]") for problem in outcome.problems)}
    assert looked == silent and all(any(host in problem for host in down) for problem in outcome.problems), outcome.problems
    assert CHANGED in outcome.new and outcome.published
    # A mart of the new release stands on the new release.
    assert place.served(f"select count(*), count(known_to) from marts.dim_release where dataset = '{CHANGED}'") == [(2, 1)]
    check_flags(place, silent, inputs)

    place.publisher.faults.clear()
    healed = place.refresh()
    assert healed.ok, healed.problems
    assert healed.published == bool(healed.new), "that everybody answers again changes what is said of the marts, and is no publication"
    check_flags(place, set(), inputs)


def check_flags(place: Place, silent: set[str], inputs: set[tuple[str, str]]) -> None:
    """Exactly the marts that stand on a silent publisher's data sets are flagged, with the age of what they stand on."""
    cells = place.freshness()
    assert set(cells) == inputs
    assert {(mart, slug) for (mart, slug), cell in cells.items() if cell["is_stale"]} == {(mart, slug) for mart, slug in inputs if slug in silent}
    for (_, slug), cell in cells.items():
        assert (cell["release_id"] is None) == (place.observatory.lake.latest(slug) is None)
        assert cell["age_days"] is None if cell["release_id"] is None else cell["age_days"] >= 0
        if slug in silent:
            assert f"[{slug}]" in cell["problem"] and cell["stale_since"] is not None
        else:
            assert cell["problem"] is None

"""The lake: a release is its commit file, promotion is all or nothing, and what was seen first stays known."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources import lake as lake_module
from resources.lake import Lake, Release, TableFile


def release(release_id: str = "r1", known_from: str = "2026-01-01T00:00:00+00:00", **changes: object) -> Release:
    given = Release(
        dataset="places",
        release_id=release_id,
        marker=f"marker of {release_id}",
        known_from=known_from,
        known_from_basis="publisher",
        released_at=known_from,
        detected_at=known_from,
        retrieved_at=known_from,
        materialised_at=lake_module.now(),
        url="https://www.publisher.test/data.csv",
        sha256="0" * 64,
        bytes=10,
        rows=2,
        previous_release_id=None,
        is_sample=True,
        tables={},
    )
    return replace(given, **changes)


def promote(lake: Lake, one: Release, values: tuple[int, ...] = (1, 2)) -> Release:
    with lake.scratch() as folder:
        tables = {"places__a": pa.table({"value": values}), "places__b": pa.table({"value": values[:1]})}
        return lake.promote(replace(one, tables=lake.stage(tables, folder)), folder)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def test_a_promoted_release_is_read_back_with_everything_known_of_it(lake):
    promoted = promote(lake, release())
    assert lake.releases("places") == [promoted] and lake.latest("places") == promoted
    assert promoted.tables["places__a"] == TableFile("raw/places__a/release=r1/data.parquet", 2, promoted.tables["places__a"].bytes)
    assert lake.read(promoted, "places__a")["value"].to_pylist() == [1, 2]
    assert all((lake.root / table.path).stat().st_size == table.bytes for table in promoted.tables.values())
    assert list((lake.root / "incoming").iterdir()) == []


def test_a_dataset_without_releases_has_none(lake):
    assert lake.releases("places") == [] and lake.latest("places") is None
    assert lake.satisfied_marker("places") is None and lake.looked("places") is None and lake.quarantined("places") == []


def test_a_failed_ingest_is_remembered_with_its_marker_until_the_next_one_fails(lake):
    assert lake.failure("places") is None
    lake.fail("places", "m1", "[places] it broke")
    lake.look("places", marker="m1")
    assert (lake.failure("places")["marker"], lake.failure("places")["error"]) == ("m1", "[places] it broke")
    lake.fail("places", "m2", "[places] it broke again")
    assert lake.failure("places")["marker"] == "m2"


def test_a_release_without_its_commit_file_does_not_exist(lake):
    promote(lake, release())
    (lake.root / "releases" / "places" / "r1.json").unlink()
    assert (lake.root / "raw" / "places__a" / "release=r1" / "data.parquet").exists()
    assert lake.releases("places") == []


def test_a_process_that_dies_before_the_commit_leaves_nothing_anyone_reads(lake, monkeypatch):
    promote(lake, release("r0", "2025-01-01T00:00:00+00:00"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(lake_module, "write_json", die)
        promote(lake, release(), (8, 9))
    assert [one.release_id for one in lake.releases("places")] == ["r0"]
    promoted = promote(lake, release(), (1, 2))
    assert lake.latest("places") == promoted
    assert lake.read(promoted, "places__a")["value"].to_pylist() == [1, 2], "the leftovers of the dead process are replaced"


def test_a_committed_release_is_never_rewritten(lake):
    promoted = promote(lake, release())
    files = {path: path.stat().st_mtime_ns for path in lake.root.rglob("*") if path.is_file()}
    assert promote(lake, release(marker="another"), (8, 9)) == promoted
    assert {path: path.stat().st_mtime_ns for path in lake.root.rglob("*") if path.is_file()} == files


def test_history_is_in_order_of_knowledge_and_a_correction_of_the_same_instant_follows(lake):
    promote(lake, release("late", "2026-03-01T00:00:00+00:00"))
    promote(lake, release("early", "2026-01-01T00:00:00+00:00"))
    time.sleep(0.001)
    promote(lake, release("corrected", "2026-03-01T00:00:00+00:00"))
    assert [one.release_id for one in lake.releases("places")] == ["early", "late", "corrected"]
    assert lake.latest("places").release_id == "corrected"


def test_releases_of_datasets_are_kept_apart(lake):
    promote(lake, release())
    assert lake.releases("place") == lake.releases("other") == []


# Markers


def test_looking_does_not_satisfy(lake):
    lake.look("places", marker="b")
    assert lake.satisfied_marker("places") is None
    lake.satisfy("places", "a", "r1")
    lake.look("places", marker="b")
    assert (lake.satisfied_marker("places"), lake.looked("places")["marker"]) == ("a", "b")


def test_a_marker_is_detected_when_it_is_first_seen_and_a_failed_look_forgets_nothing(lake):
    lake.look("places", marker=None, error="down")
    assert lake.looked("places")["detected_at"] is None
    lake.look("places", marker="a", next_expected=dt.datetime(2027, 1, 1, tzinfo=dt.timezone.utc))
    first = lake.looked("places")
    assert first["error"] is None and first["next_expected"] == "2027-01-01T00:00:00+00:00"
    lake.look("places", marker=None, error="down again")
    failed = lake.looked("places")
    assert (failed["marker"], failed["detected_at"], failed["error"]) == ("a", first["detected_at"], "down again")
    lake.look("places", marker="a")
    assert lake.looked("places")["detected_at"] == first["detected_at"]
    lake.look("places", marker="b")
    assert lake.looked("places")["detected_at"] > first["detected_at"]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1))
def test_any_marker_is_remembered_as_it_is(tmp_path_factory, marker):
    lake = Lake(tmp_path_factory.mktemp("lake"))
    lake.look("places", marker=marker)
    lake.satisfy("places", marker, "r1")
    assert lake.looked("places")["marker"] == lake.satisfied_marker("places") == marker


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.sampled_from("ab"), max_size=8))
def test_the_instant_of_detection_is_that_of_the_first_look_of_a_run_of_the_same_marker(tmp_path_factory, looks):
    lake = Lake(tmp_path_factory.mktemp("lake"))
    current, since = None, None
    for marker in looks:
        lake.look("places", marker=marker)
        looked = lake.looked("places")
        if marker is not None and marker != current:
            assert looked["detected_at"] >= (since or "")
            current, since = marker, looked["detected_at"]
        assert (looked["marker"], looked["detected_at"]) == (current, since)


def test_quarantine_lists_the_newest_refusal_first(lake):
    for release_id, at in (("r1", "2026-01-01"), ("r3", "2026-03-01"), ("r2", "2026-02-01")):
        lake_module.write_json(lake.quarantine_folder("places", release_id) / "report.json", {"release_id": release_id, "quarantined_at": at})
    (lake.quarantine_folder("places", "half")).mkdir()
    assert [report["release_id"] for report in lake.quarantined("places")] == ["r3", "r2", "r1"]

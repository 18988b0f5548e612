"""The operations registers: a refused release is an open incident until a person or the publisher resolves it, and nothing is written without need."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from observatory_assets.cli import main
from observatory_assets.datasets import dataset_named
from observatory_assets.ingest import ingest
from observatory_assets.operations import TABLES, open_incidents, record_incident, write
from observatory_assets.quality.gates import breaches
from observatory_assets.sample.publisher import Publisher
from resources.errors import GateFailed, ObservatoryError
from resources.files import replace_link
from resources.observatory import Observatory
from tests.ingest.conftest import open_observatory
from tests.ingest.corrupt import spoil
from tests.ingest.test_bad_input import SPOILT

pytestmark = pytest.mark.evidence
DROPPED, TWICE, RENAMED = "a dropped district of apprenticeships", "a duplicated key of apprenticeships", "a renamed column of apprenticeships"


def register(observatory: Observatory, name: str) -> list[dict[str, Any]]:
    """Rows of an operations register as its file has them."""
    return pq.read_table(observatory.settings.operations / f"{name}.parquet").to_pylist()


@pytest.fixture
def home(first_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that holds phase 1 of every dataset."""
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path / "home"))
    return shutil.copytree(first_releases, tmp_path / "home")


def ingest_spoilt(name: str, home: Path, sample_recording: Path, folder: Path, phase: int = 2) -> Observatory:
    """Ingest what ``SPOILT`` says (phase 1: the sample itself), whatever comes of it, and write the registers."""
    case = SPOILT[name]
    recording = folder / name if (folder / name).exists() else spoil(sample_recording, folder / name, dataset_named(case.slug), case.path, case.alter)
    with Publisher(recording, phase=phase) as publisher:
        observatory = open_observatory(home, publisher)
        try:
            ingest(observatory, dataset_named(case.slug))
        except ObservatoryError as error:
            assert phase == 2, error
        write(observatory)
    return observatory


@pytest.mark.parametrize("name", [DROPPED, TWICE, RENAMED, "apprenticeships in other units", "Inf and NaN in apprenticeships"])
def test_a_refused_release_is_an_open_incident_that_names_its_cause(name: str, home: Path, sample_recording: Path, tmp_path: Path) -> None:
    observatory = ingest_spoilt(name, home, sample_recording, tmp_path)
    [incident] = register(observatory, "incident")
    assert [incident] == open_incidents(observatory)
    assert (incident["kind"], incident["dataset"], incident["mart"], incident["resolved_at"]) == ("release", SPOILT[name].slug, None, None)
    assert SPOILT[name].rule in incident["rule"] and incident["release_id"] and incident["action"]
    assert SPOILT[name].said in f"{incident['expected']} {incident['found']} {observatory.lake.quarantined(SPOILT[name].slug)[0]['problem']}"
    failed = [one for one in register(observatory, "check_result") if one["release_id"] == incident["release_id"] and not one["passed"]]
    assert failed and all(one["severity"] == "error" and one["is_sample"] for one in failed)


def test_every_check_of_every_release_held_is_registered_with_its_dimension(home: Path, sample_recording: Path) -> None:
    with Publisher(sample_recording) as publisher:
        observatory = open_observatory(home, publisher)
    write(observatory)
    rows = register(observatory, "check_result")
    assert len(rows) == sum(len(release.checks) for release in observatory.lake.releases("apprenticeships")) + sum(
        one["dataset"] != "apprenticeships" for one in rows
    )
    assert {one["dimension"] for one in rows} == {"schema drift", "uniqueness", "validity", "volume", "revision", "completeness", "freshness"}
    assert all(one["passed"] for one in rows)


def test_accepting_resolves_the_incident_and_the_release_comes_in(home: Path, sample_recording: Path, tmp_path: Path) -> None:
    observatory = ingest_spoilt(DROPPED, home, sample_recording, tmp_path)
    [incident] = register(observatory, "incident")
    assert main(["accept-release", "apprenticeships", incident["release_id"], "--reason", "the district was merged", "--by", "an analyst"]) == 0
    [resolved] = register(observatory, "incident")
    assert resolved["resolution"] == "accepted by an analyst: the district was merged"
    assert resolved["resolved_at"] > resolved["occurred_at"] == incident["occurred_at"]
    ingest_spoilt(DROPPED, home, sample_recording, tmp_path)
    assert register(observatory, "incident") == [resolved], "what was accepted stays who accepted it, also when the release has come in"
    checks = [one for one in register(observatory, "check_result") if not one["passed"]]
    assert sorted((one["severity"], one["accepted"] is None) for one in checks) == [("error", True), ("warn", False)], "as refused, and as taken"


@pytest.mark.parametrize("name", [TWICE, RENAMED])
def test_what_is_wrong_with_the_file_itself_cannot_be_accepted_and_stays_open(name: str, home: Path, sample_recording: Path, tmp_path: Path) -> None:
    observatory = ingest_spoilt(name, home, sample_recording, tmp_path)
    [incident] = register(observatory, "incident")
    assert main(["accept-release", "apprenticeships", incident["release_id"], "--reason", "we like it"]) == 1
    write(observatory)
    assert register(observatory, "incident") == [incident]
    assert incident["resolved_at"] is None


def test_a_sound_release_resolves_the_incident_and_so_does_a_publisher_that_goes_back(home: Path, sample_recording: Path, tmp_path: Path) -> None:
    observatory = ingest_spoilt(TWICE, home, sample_recording, tmp_path)
    ingest_spoilt(TWICE, home, sample_recording, tmp_path, phase=1)
    [incident] = register(observatory, "incident")
    assert incident["resolution"] == "the publisher shows the release held again"

    case = SPOILT[TWICE]
    other = spoil(sample_recording, tmp_path / "other", dataset_named(case.slug), case.path, lambda body: body.replace(b"\n", b"\r\n"))
    ingest_spoilt(TWICE, home, sample_recording, tmp_path)
    with Publisher(other, phase=2) as publisher:
        assert ingest(open_observatory(home, publisher), dataset_named(case.slug)).changed
    write(observatory)
    [incident] = register(observatory, "incident")
    assert incident["resolution"] == "a sound release came in" and incident["resolved_at"] > incident["occurred_at"]


def test_a_blocked_publication_stays_open_until_a_build_is_published_and_is_kept_as_it_was(observatory: Observatory) -> None:
    error = GateFailed("1 rules of publication are broken", rule="finite of ksb_gap", expected="ksb_gap: no NaN", found="ksb_gap: 1 rows", action="mend it")
    serving = observatory.settings.serving
    replace_link(serving / "current", "builds/20200101T000000000000Z")
    record_incident(observatory, "publication", error, marts=["ksb_gap"], run_id="run")
    [incident] = register(observatory, "incident")
    assert (incident["kind"], incident["mart"], incident["rule"], incident["found"], incident["run_id"]) == (
        "publication", "ksb_gap", "finite of ksb_gap", "ksb_gap: 1 rows", "run",
    )  # fmt: skip
    assert incident["resolved_at"] is None
    replace_link(serving / "current", "builds/29990101T000000000000Z")
    assert write(observatory) == ["incident"]
    [resolved] = register(observatory, "incident")
    assert (resolved["resolution"], resolved["resolved_at"].year) == ("published", 2999)
    replace_link(serving / "current", "builds/29990102T000000000000Z")
    assert write(observatory) == [], "resolved once, by the first publication after it"


def test_registers_are_there_when_empty_and_written_only_when_they_change(observatory: Observatory) -> None:
    assert sorted(write(observatory)) == sorted(TABLES)
    assert (register(observatory, "incident"), register(observatory, "check_result")) == ([], [])
    assert {one["state"] for one in register(observatory, "dataset_state")} == {"nothing held"}
    assert write(observatory) == []
    shutil.rmtree(observatory.settings.operations)
    assert sorted(write(observatory)) == sorted(TABLES), "computed from the lake, the registers may be deleted"


def test_a_table_of_before_the_registers_were_files_gives_way_to_a_view(observatory: Observatory) -> None:
    write(observatory)
    with observatory.warehouse.writer("test"), observatory.warehouse.connect() as connection:
        connection.execute("create schema raw; create table raw.dataset_state as select 'old' as dataset")
        for _ in range(2):
            observatory.warehouse.register_operations(connection)
            assert connection.execute("select count(*) from raw.dataset_state where dataset <> 'old'").fetchone()[0] > 1
    record_incident(observatory, "build", GateFailed("a test failed", rule="dbt_build", found="x"), marts=[], run_id=None)
    with observatory.warehouse.connect(read_only=True) as connection:
        assert connection.execute("select kind, found from raw.incident").fetchall() == [("build", "x")], "seen without touching the database"


def test_a_published_build_whose_registers_are_gone_does_not_keep_the_next_from_its_gates(tmp_path: Path) -> None:
    def build(connection: duckdb.DuckDBPyConnection, register: Path, area: str) -> None:
        connection.execute(f"copy (select '{area}' as area_code, 1.0::double as value) to '{register}' (format parquet)")
        connection.execute(f"create schema marts; create view marts.incident as select * from read_parquet('{register}')")

    with duckdb.connect() as published, duckdb.connect() as candidate:
        build(published, tmp_path / "moved.parquet", "A")
        build(candidate, tmp_path / "here.parquet", "B")
        (tmp_path / "moved.parquet").unlink()
        assert breaches(candidate, ["incident"], published) == []

"""A person overrules a tolerance, never an error of the file; the decision is kept and shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory_assets.cli import main
from observatory_assets.datasets import dataset_named
from observatory_assets.ingest import ingest
from observatory_assets.sample.publisher import Publisher
from resources.errors import AuditFailed
from tests.ingest.conftest import open_observatory
from tests.ingest.corrupt import spoil
from tests.ingest.test_bad_input import SPOILT


@pytest.fixture
def refused(sample_recording: Path, first_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ingest a spoilt second release; returns (home, recording, id of the quarantined release)."""

    def refuse(name: str) -> tuple[Path, Path, str]:
        case = SPOILT[name]
        home = shutil.copytree(first_releases, tmp_path / "home")
        monkeypatch.setenv("OBSERVATORY_HOME", str(home))
        recording = spoil(sample_recording, tmp_path / "recording", dataset_named(case.slug), case.path, case.alter)
        with Publisher(recording, phase=2) as publisher, pytest.raises(AuditFailed) as failed:
            ingest(open_observatory(home, publisher), dataset_named(case.slug))
        return home, recording, failed.value.release

    return refuse


def test_an_accepted_release_is_promoted_and_says_who_took_it_and_why(refused, capsys: pytest.CaptureFixture) -> None:
    home, recording, release = refused("a dropped district of apprenticeships")
    assert main(["accept-release", "apprenticeships", release, "--reason", "the district was merged", "--by", "an analyst"]) == 0
    assert "completeness of dfe__apprenticeships_by_district" in capsys.readouterr().out
    with Publisher(recording, phase=2) as publisher:
        outcome = ingest(open_observatory(home, publisher), dataset_named("apprenticeships"))
    assert outcome.changed
    [taken] = [check for check in outcome.checks if not check.passed]
    assert not taken.blocks
    assert "an analyst" in taken.accepted and "the district was merged" in taken.accepted
    record = open_observatory(home, publisher).lake.accepted("apprenticeships", outcome.release.sha256)
    assert (record["by"], record["reason"], record["release_id"]) == ("an analyst", "the district was merged", release)


def test_the_error_of_a_broken_tolerance_shows_the_command_that_accepts_it(sample_recording: Path, first_releases: Path, tmp_path: Path) -> None:
    case = SPOILT["a dropped district of apprenticeships"]
    home = shutil.copytree(first_releases, tmp_path / "home")
    recording = spoil(sample_recording, tmp_path / "recording", dataset_named(case.slug), case.path, case.alter)
    with Publisher(recording, phase=2) as publisher, pytest.raises(AuditFailed, match="observatory accept-release apprenticeships"):
        ingest(open_observatory(home, publisher), dataset_named(case.slug))


def test_a_release_whose_file_is_wrong_cannot_be_accepted(refused, capsys: pytest.CaptureFixture) -> None:
    home, _, release = refused("a duplicated key of apprenticeships")
    assert main(["accept-release", "apprenticeships", release, "--reason", "we like it"]) == 1
    assert "keys of dfe__apprenticeships_by_district" in capsys.readouterr().err
    assert not (home / "lake" / "accepted").exists()


def test_accepting_needs_a_quarantined_release_and_a_reason(refused, capsys: pytest.CaptureFixture) -> None:
    _, _, release = refused("a dropped district of apprenticeships")
    assert main(["accept-release", "apprenticeships", "no-such-release", "--reason", "x"]) == 1
    assert main(["accept-release", "apprenticeships", release, "--reason", " "]) == 1
    printed = capsys.readouterr().err
    assert release in printed and "for a reason" in printed

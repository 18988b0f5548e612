"""The command line: what it prints, how it refuses wrong use, and its exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from observatory_assets.cli import _publisher, main
from observatory_assets.datasets import all_datasets
from observatory_assets.ksb import model
from observatory_assets.sample.recording import Entry, write_recording
from resources.settings import Settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OBSERVATORY_PROFILE", raising=False)
    return tmp_path / "home"


def test_status_of_an_empty_state_folder_lists_every_dataset_as_not_held(capsys: pytest.CaptureFixture) -> None:
    assert main(["status"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("nothing held") == len(all_datasets())


def test_sql_and_explain_before_a_refresh_say_what_to_do(capsys: pytest.CaptureFixture) -> None:
    assert main(["sql", "select 1"]) == 1
    assert main(["explain", "ksb_gap", "x"]) == 1
    assert capsys.readouterr().err.count("run `observatory refresh` first") == 2


def test_an_unknown_dataset_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture) -> None:
    assert main(["refresh", "--dataset", "census_1801"]) == 2
    assert "aps_employment" in capsys.readouterr().err


def test_the_replay_profile_without_a_folder_says_how_to_give_one(capsys: pytest.CaptureFixture) -> None:
    assert main(["refresh", "--profile", "replay"]) == 2
    assert "RECORDINGS=<folder>" in capsys.readouterr().err


def test_a_recording_that_is_not_one_is_refused_by_name(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OBSERVATORY_RECORDINGS", str(tmp_path))
    assert main(["refresh", "--profile", "replay"]) == 1
    assert "index.json" in capsys.readouterr().err


def test_a_setting_that_is_no_number_is_refused_by_name(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATORY_FETCH_ATTEMPTS", "many")
    assert main(["status"]) == 2
    assert "fetch_attempts" in capsys.readouterr().err.lower()


def test_the_sample_advances_phase_by_phase_stops_at_the_last_and_can_be_reset(capsys: pytest.CaptureFixture) -> None:
    assert [main(["sample", "advance"]) for _ in range(3)] == [0, 0, 1]
    assert main(["sample", "reset"]) == 0
    assert main(["sample", "phase"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("sample phase 1 of 3")


def test_synthetic_and_real_data_do_not_share_a_state_folder(capsys: pytest.CaptureFixture, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "profile.json").write_text('{"kind": "synthetic"}')
    monkeypatch.setenv("OBSERVATORY_PUBLISHER_ADDRESS", "http://127.0.0.1:9")
    assert main(["refresh", "--profile", "replay"]) == 1
    assert "set OBSERVATORY_HOME to another folder" in capsys.readouterr().err


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_replay_is_marked_synthetic_exactly_where_its_recording_says_so(synthetic: bool, tmp_path: Path) -> None:
    write_recording(tmp_path / "recording", {1: [Entry("www.gov.uk", "/x.json", b"{}")]}, synthetic=synthetic, description="One answer.")
    settings = Settings(profile="replay", recordings=tmp_path / "recording", home=tmp_path / "home")
    with _publisher(settings):
        assert settings.is_sample is synthetic


def _matched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, given: bytes, *options: str) -> list[dict]:
    monkeypatch.setattr(model, "installed_model", lambda: None)  # words alone: the model's share is tested with the matcher
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert main(["match", *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_match_answers_every_line_in_order(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    records = _matched(monkeypatch, capsys, b"Honest and trustworthy\r\n\nSalary and annual leave\nDraft letters and contracts\n")
    assert [record["area"] for record in records] == ["honest", "NONE", "NONE", "written communication"]
    assert [record["kind"] for record in records] == ["behaviour", None, None, "skill"]


def test_match_takes_the_kind_it_is_told(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [record["kind"] for record in _matched(monkeypatch, capsys, b"Leadership\nDiversity", "--kind", "knowledge")] == ["knowledge"] * 2


def test_match_survives_bytes_that_are_no_text_and_control_characters(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    records = _matched(monkeypatch, capsys, b"\xff\xfe\x00\nWork\x0bas part\x1cof a team\n" + b"word " * 2_000 + "\n\u2028🎉".encode())
    assert [record["area"] for record in records] == ["NONE", "team working", "NONE", "NONE"]


def test_match_of_nothing_prints_nothing_and_an_unknown_kind_is_wrong_use(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _matched(monkeypatch, capsys, b"") == []
    with pytest.raises(SystemExit) as left:
        main(["match", "--kind", "attitude"])
    assert left.value.code == 2


def test_wrong_use_exits_with_2() -> None:
    with pytest.raises(SystemExit) as left:
        main(["polish"])
    assert left.value.code == 2

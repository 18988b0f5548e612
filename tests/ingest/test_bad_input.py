"""What publishers send when something is wrong: each is refused by name, and what is held stays as it was.

Everything goes the real way: loopback HTTP, archive, parser, audit.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from observatory_assets.datasets import dataset_named
from observatory_assets.ingest import ingest
from observatory_assets.sample.publisher import Publisher
from resources.errors import AuditFailed, ObservatoryError, PermanentFetchError, SchemaDrift, TransientFetchError, UnexpectedPayload
from tests.ingest.conftest import open_observatory
from tests.ingest.corrupt import Alter, lines, member, pattern, spoil, workbook

DISTRICT_CSV, STANDARD_ZIP, NOMIS_CSV = "000000000001$", "000000000002$", r"data\.csv$"
PROJECTIONS, LEICESTER = "LSIP_projections.zip$", "LL_LSIP_MainTables.Main.xlsm"
STANDARDS_LIST, SOC = "apprenticeshipstandards$", r"^/file\?uri=.*soc2020volume1"
OADBY = "E07000135"


@dataclass(frozen=True)
class Spoilt:
    """A release whose bytes arrive whole and are wrong."""

    slug: str
    path: str
    alter: Alter
    error: type[ObservatoryError]
    rule: str
    said: str


def thousandfold(*columns: int) -> Alter:
    """CSV columns, counted from the end, in other units."""

    def change(rows: list[str]) -> list[str]:
        found = rows[:1]
        for row in rows[1:]:
            cells = row.split(",")
            for column in columns:
                cells[-column] = f"{float(cells[-column]) * 1000:g}" if re.fullmatch(r"\d+", cells[-column]) else cells[-column]
            found.append(",".join(cells))
        return found

    return lines(change)


def put(sheet: str, cell: str, value: object) -> Alter:
    return member(LEICESTER, workbook(lambda book: book[sheet].__setitem__(cell, value)))


def written(sheet: str, cell: str, text: bytes) -> Alter:
    """A number as no spreadsheet program writes it, put into the sheet's XML."""
    return member(LEICESTER, lambda body: member(".xml", lambda xml: xml.replace(b"<v>123456.5</v>", b"<v>" + text + b"</v>"))(
        workbook(lambda book: book[sheet].__setitem__(cell, 123456.5))(body)
    ))  # fmt: skip


def records(change) -> Alter:
    return lambda body: json.dumps(change(json.loads(body))).encode()


def without_ksbs(found: list) -> list:
    return [record and {name: value for name, value in record.items() if name not in ("knowledges", "skills", "behaviours")} for record in found]


SPOILT = {
    "a truncated zip of projections": Spoilt(
        "skills_imperative", PROJECTIONS, lambda body: body[: len(body) // 2], UnexpectedPayload, "zip_whole", "truncated or not a zip"
    ),
    "a truncated zip of achievements": Spoilt("apprenticeships", STANDARD_ZIP, lambda body: body[:-30], UnexpectedPayload, "zip_whole", "complete zip"),
    "a truncated workbook": Spoilt("soc2020", SOC, lambda body: body[: len(body) // 2], UnexpectedPayload, "readable_workbook", "xlsx"),
    "a truncated list": Spoilt("apprenticeship_standards", STANDARDS_LIST, lambda body: body[:-40], UnexpectedPayload, "readable_json", "whole JSON"),
    "a renamed column of apprenticeships": Spoilt(
        "apprenticeships", DISTRICT_CSV, pattern(r",starts,", ",apprenticeship_starts,", 1), SchemaDrift, "columns", "lacks or repeats column(s) starts"
    ),
    "a renamed column inside a zip": Spoilt(
        "apprenticeships", STANDARD_ZIP, member(".csv", pattern("learner_home_lad_code", "home_district", 1)), SchemaDrift, "columns", "home_district"
    ),
    "a renamed column of Nomis": Spoilt("aps_employment", NOMIS_CSV, pattern("OBS_VALUE", "OBSERVATION", 1), SchemaDrift, "columns", "OBS_VALUE"),
    "a renamed member of the list": Spoilt(
        "apprenticeship_standards", STANDARDS_LIST, records(without_ksbs), AuditFailed, "volume of skills_england__statements", "rows"
    ),
    "a renamed heading of SOC": Spoilt(
        "soc2020", SOC, workbook(lambda book: rename(book["SOC2020 descriptions"], "Tasks", "Duties")), SchemaDrift, "workbook_layout", "'Tasks'"
    ),
    "a dropped district of apprenticeships": Spoilt(
        "apprenticeships", DISTRICT_CSV, lines(lambda rows: [row for row in rows if OADBY not in row]), AuditFailed, "completeness", OADBY
    ),
    "a dropped district of achievements by standard": Spoilt(
        "apprenticeships", STANDARD_ZIP, member(".csv", lines(lambda rows: [row for row in rows if OADBY not in row])), AuditFailed, "completeness", OADBY
    ),
    "a dropped district of Nomis": Spoilt(
        "aps_employment", NOMIS_CSV, lines(lambda rows: [row for row in rows if OADBY not in row]), UnexpectedPayload, "record_count", "each record"
    ),
    "a district answered as another": Spoilt("aps_employment", NOMIS_CSV, pattern(OADBY, "E07000999"), SchemaDrift, "codes_asked", OADBY),
    "a dropped group of SOC": Spoilt(
        "soc2020", SOC, workbook(lambda book: book["SOC2020 descriptions"].delete_rows(12)), SchemaDrift, "workbook_layout", "without their parent"
    ),
    "a duplicated key of apprenticeships": Spoilt(
        "apprenticeships", DISTRICT_CSV, lines(lambda rows: [*rows, rows[5]]), AuditFailed, "keys of dfe__apprenticeships_by_district", "unique on"
    ),
    "a duplicated key of Nomis": Spoilt("aps_employment", NOMIS_CSV, lines(lambda rows: [*rows, rows[5]]), UnexpectedPayload, "record_count", "distinct"),
    "a standard twice": Spoilt(
        "apprenticeship_standards", STANDARDS_LIST, records(lambda found: [*found, found[3]]), SchemaDrift, "one_record_per_version", "twice"
    ),
    "an area twice": Spoilt(
        "skills_imperative",
        PROJECTIONS,
        member("DN_LSIP_MainTables.Main.xlsm", workbook(lambda book: rename(book["Info"], "Derbyshire and Nottinghamshire", "Leicester and Leicestershire"))),
        AuditFailed,
        "keys of skills_imperative__employment",
        "unique on",
    ),
    "apprenticeships in other units": Spoilt("apprenticeships", DISTRICT_CSV, thousandfold(1, 2, 3), AuditFailed, "drift", "mean starts"),
    "survey estimates in other units": Spoilt("aps_employment", NOMIS_CSV, thousandfold(6), AuditFailed, "drift", "mean value"),
    "projections in other units": Spoilt(
        "skills_imperative",
        PROJECTIONS,
        member(LEICESTER, workbook(lambda book: multiply(book["Occ F2"], 1000))),
        AuditFailed,
        "drift of skills_imperative__employment",
        "mean employment_thousands",
    ),
    "Inf and NaN in apprenticeships": Spoilt(
        "apprenticeships",
        DISTRICT_CSV,
        lines(lambda rows: [rows[0], re.sub(r"\d+$", "Inf", rows[1]), re.sub(r"\d+$", "NaN", rows[2]), *rows[3:]]),
        AuditFailed,
        "finite of dfe__apprenticeships_by_district",
        "never 'nonfinite'",
    ),
    "an overflowing number in Nomis": Spoilt(
        "aps_employment", NOMIS_CSV, pattern(r',\d+,"A"', ',1e999,"A"', 1), AuditFailed, "finite of nomis__aps_employment", "never 'nonfinite'"
    ),
    "NaN in a workbook": Spoilt(
        "skills_imperative", PROJECTIONS, written("Occ F2", "AL47", b"NaN"), AuditFailed, "values of skills_imperative__employment", "status is one of ok"
    ),
    "Inf in the list": Spoilt(
        "apprenticeship_standards", STANDARDS_LIST, pattern(r'"level":\d+', '"level":1e999', 1), UnexpectedPayload, "readable_json", "1e999"
    ),
    "an unknown marker instead of a number": Spoilt("apprenticeships", DISTRICT_CSV, pattern(r",\d+$", ",-", 1), SchemaDrift, "number", "known marker"),
    "a cell emptied in a workbook": Spoilt(
        "skills_imperative", PROJECTIONS, put("RD T1", "D7", None), AuditFailed, "values of skills_imperative__replacement_demand", "never NULL"
    ),
    "a workbook with a moved header": Spoilt(
        "skills_imperative",
        PROJECTIONS,
        member(LEICESTER, workbook(lambda book: book["Occ F2"].insert_rows(3))),
        SchemaDrift,
        "workbook_layout",
        "the run starts at Occ F2!L5",
    ),
}


def rename(sheet, old: str, new: str) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and old in cell.value:
                cell.value = cell.value.replace(old, new)


def multiply(sheet, factor: float) -> None:
    for row in sheet.iter_rows(min_row=5, max_row=49, min_col=13, max_col=38):
        for cell in row:
            if isinstance(cell.value, (int, float)):
                cell.value *= factor


def promoted(tree, home: Path) -> dict:
    return {folder: tree(home / "lake" / folder) for folder in ("raw", "releases")}


def check_refusal(error: ObservatoryError, slug: str, rule: str) -> str:
    """The error says everything a reader needs; returns its text."""
    text = str(error)
    assert error.dataset == slug and error.release and rule in error.rule
    assert f"[{slug}] release {error.release}:" in text
    assert all(label in text for label in ("rule:", "found:", "do:")), text
    return text


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_release_is_quarantined_by_name_and_the_last_good_one_stays(name, sample_recording, own_releases, tree, tmp_path):
    case = SPOILT[name]
    dataset = dataset_named(case.slug)
    recording = spoil(sample_recording, tmp_path / "recording", dataset, case.path, case.alter)
    with Publisher(recording, phase=2) as publisher:
        observatory = open_observatory(own_releases, publisher)
        held, before, satisfied = observatory.lake.latest(case.slug), promoted(tree, own_releases), observatory.lake.satisfied_marker(case.slug)
        with pytest.raises(case.error) as caught:
            ingest(observatory, dataset)
    assert case.said in check_refusal(caught.value, case.slug, case.rule)
    assert promoted(tree, own_releases) == before, "no row of a refused release is where a mart could read it, as zero or otherwise"
    assert observatory.lake.latest(case.slug) == held
    assert observatory.lake.satisfied_marker(case.slug) == satisfied
    [report] = [one for one in observatory.lake.quarantined(case.slug) if one["release_id"] == caught.value.release]
    assert (report["error"], report["rule"]) == (case.error.__name__, caught.value.rule)
    assert all(observatory.archive.object_path(payload["sha256"]).stat().st_size == payload["bytes"] for payload in report["payloads"])
    failed = [check for check in report["checks"] if not check["passed"]]
    assert bool(failed) == (case.error is AuditFailed)
    assert all(check["sample"] and check["sample"][0]["_source_row"] for check in failed if check["check"] in ("keys", "values", "finite"))
    assert case.said in (observatory.lake.quarantine_folder(case.slug, caught.value.release) / "report.md").read_text()


FAULTS = {
    "html_200": (UnexpectedPayload, "not_html", "<!DOCTYPE html>"),
    "empty": (UnexpectedPayload, "not_empty", "0 bytes"),
    "truncate": (TransientFetchError, "connection", "IncompleteRead"),
    "reset": (TransientFetchError, "connection", "did not answer in full"),
    "http:403": (PermanentFetchError, "http_status", "HTTP 403"),
    "http:404": (PermanentFetchError, "http_status", "HTTP 404"),
    "http:429:retry-after=3600": (TransientFetchError, "http_status", "HTTP 429"),
    "http:503": (TransientFetchError, "http_status", "HTTP 503"),
    "redirect:https://elsewhere.example/data": (PermanentFetchError, "allowed_hosts", "elsewhere.example"),
}
PAYLOADS = {
    "skills_imperative": ("assets.publishing.service.gov.uk", "/media/"),
    "soc2020": ("www.ons.gov.uk", "/file"),
    "aps_employment": ("www.nomisweb.co.uk", "/api/v01/dataset/NM_17_1.data.csv"),
    "apprenticeships": ("content.explore-education-statistics.service.gov.uk", "/api/releases/"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("slug", PAYLOADS)
def test_a_payload_that_does_not_arrive_fails_by_name_and_leaves_archive_and_lake_alone(slug, fault, sample_recording, own_releases, tree):
    kind, rule, said = FAULTS[fault]
    with Publisher(sample_recording) as publisher:
        publisher.inject(*PAYLOADS[slug], fault)
        observatory = open_observatory(own_releases, publisher)
        before = promoted(tree, own_releases), tree(own_releases / "archive"), observatory.lake.quarantined(slug)
        with pytest.raises(kind) as caught:
            ingest(observatory, dataset_named(slug))
        asked = [request for request in publisher.requests if request.host == PAYLOADS[slug][0] and request.path.startswith(PAYLOADS[slug][1])]
    assert said in check_refusal(caught.value, slug, rule)
    assert caught.value.release == observatory.lake.looked(slug)["marker"]
    assert (promoted(tree, own_releases), tree(own_releases / "archive"), observatory.lake.quarantined(slug)) == before
    repeated = kind is TransientFetchError and "retry-after" not in fault
    assert len(asked) == (observatory.settings.fetch_attempts if repeated else 1)


@pytest.mark.parametrize("fault", ["html_200", "empty", "http:403", "redirect:https://elsewhere.example/data"])
def test_a_list_that_does_not_arrive_is_refused_although_its_marker_comes_from_the_same_address(fault, sample_recording, own_releases, tree):
    kind, rule, said = FAULTS[fault]
    with Publisher(sample_recording) as publisher:
        publisher.inject("skillsengland.education.gov.uk", None, fault)
        observatory = open_observatory(own_releases, publisher)
        before = promoted(tree, own_releases), tree(own_releases / "archive")
        with pytest.raises(kind) as caught:
            ingest(observatory, dataset_named("apprenticeship_standards"))
    assert said in check_refusal(caught.value, "apprenticeship_standards", rule)
    assert (promoted(tree, own_releases), tree(own_releases / "archive")) == before


@pytest.mark.parametrize(
    ("slug", "host"),
    [
        ("apprenticeship_standards", "skillsengland.education.gov.uk"),
        ("aps_employment", "www.nomisweb.co.uk"),
        ("skills_imperative", "www.gov.uk"),
        ("apprenticeships", PAYLOADS["apprenticeships"][0]),
    ],
)
def test_a_publisher_that_is_down_before_its_marker_is_known_is_named_and_remembered(slug, host, sample_recording, own_releases):
    with Publisher(sample_recording) as publisher:
        publisher.inject(host, None, "http:503")
        observatory = open_observatory(own_releases, publisher)
        before = observatory.lake.looked(slug)
        with pytest.raises(TransientFetchError, match=rf"\[{slug}\].*\n.*http_status"):
            ingest(observatory, dataset_named(slug))
        assert len(publisher.requests) == 1, "a marker is asked for once; the sensor asks again"
    looked = observatory.lake.looked(slug)
    assert "HTTP 503" in looked["error"] and slug in looked["error"]
    assert (looked["marker"], looked["detected_at"]) == (before["marker"], before["detected_at"])


def test_a_sound_release_after_a_refused_one_is_promoted_by_itself(sample_recording, first_releases, tmp_path):
    home = shutil.copytree(first_releases, tmp_path / "home")
    case = SPOILT["a dropped district of apprenticeships"]
    dataset = dataset_named(case.slug)
    with Publisher(spoil(sample_recording, tmp_path / "recording", dataset, case.path, case.alter), phase=2) as publisher, pytest.raises(AuditFailed):
        ingest(open_observatory(home, publisher), dataset)
    with Publisher(sample_recording, phase=2) as publisher:
        observatory = open_observatory(home, publisher)
        outcome = ingest(observatory, dataset)
    assert outcome.changed and all(check.passed for check in outcome.checks)
    assert [release.release_id for release in observatory.lake.releases(case.slug)] == [outcome.release.previous_release_id, outcome.release.release_id]
    assert observatory.lake.satisfied_marker(case.slug) == outcome.release.marker

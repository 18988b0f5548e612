"""DfE apprenticeships: sample round trip, the recorded district file, finding the files, and damaged ones."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.apprenticeships import (
    BY_DISTRICT,
    BY_STANDARD,
    BY_SUBJECT,
    DATASET,
    PUBLICATION,
    choose_data_set,
    choose_subject_set,
    choose_supporting_files,
)
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample import apprenticeships as sample
from observatory_assets.sample.recording import Entry
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

STANDARD_HEADER = "year,learner_home_lad_code,learner_home_lad,age_summary,apps_level,ssa_tier_1,st_code,std_fwk_name,achievements"
STANDARD_ROW = 'E06000016,Leicester,25+,Advanced Apprenticeship,"Health, Public Services and Care",ST0216,Healthcare support worker (ST0216),120'


@pytest.fixture(scope="module")
def story():
    return {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, payloads, read(DATASET, payloads)


@pytest.fixture(scope="module")
def third(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("third"), phase=3)
    return marker, payloads, read(DATASET, payloads)


@pytest.fixture(scope="module")
def kirklees(recorded):
    return (recorded / "ees" / "apprenticeships-kirklees-2025-26.csv").read_bytes()


def parse_district(tmp_path, body, updated="2026-03-26T09:30:13.7836669Z"):
    csv = payload(tmp_path / "by_district.csv", body, holds="by_district", updated=updated)
    return read(DATASET, [csv, zipped(tmp_path / "ok.zip", {"a.csv": f"{STANDARD_HEADER}\n202425,{STANDARD_ROW}\n"})])[BY_DISTRICT.name]


def zipped(path, members, **labels):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return payload(path, body.getvalue(), holds="by_standard", **labels)


def parse_standard(*payloads):
    return read(DATASET, payloads)[BY_STANDARD.name]


def test_the_sample_release_has_every_table_without_repeated_keys(first):
    marker, _, tables = first
    assert marker.released_at.isoformat() == "2026-03-26T09:30:13.783666+00:00"
    assert marker.next_expected.isoformat() == "2026-11-19T09:30:00+00:00"
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    codes = set(tables[BY_DISTRICT.name]["area_code"].to_pylist())
    assert {"z", "E12000004", "E92000001", *(area.code for area in AREAS.districts())} <= codes
    assert not any(code.startswith("E14") for code in codes), "constituencies are dropped"
    assert {"ok", "low"} <= set(tables[BY_STANDARD.name]["achievements_status"].to_pylist())
    assert None in tables[BY_STANDARD.name]["st_code"].to_pylist(), "a framework has no standard's reference"


def test_achievements_by_standard_come_from_the_earlier_release_until_the_year_is_complete(first, third):
    assert set(first[2][BY_STANDARD.name]["time_period"].to_pylist()) == {"202425"}
    assert set(third[2][BY_STANDARD.name]["time_period"].to_pylist()) == {"202526"}
    assert next(page for page in first[1] if page.labels["holds"] == "by_standard").labels["release"] == "2024-25"


def test_only_the_unfinished_year_is_marked_as_part_of_a_year(first, third):
    def part_years(table):
        return {(row["time_period"], row["is_part_year"]) for row in table.to_pylist()}

    years = ("202122", "202223", "202324", "202425")
    assert part_years(first[2][BY_DISTRICT.name]) == {*((year, False) for year in years), ("202526", True)}
    assert part_years(third[2][BY_DISTRICT.name]) == {*((year, False) for year in years), ("202526", False)}


def test_the_correction_changes_the_older_year_and_the_marker(story, first, third, tmp_path):
    marker, payloads = fetch(DATASET, story, tmp_path, phase=2)
    second = read(DATASET, payloads)[BY_DISTRICT.name]

    def starts(table, year):
        return sum(row["starts"] or 0 for row in table.to_pylist() if row["time_period"] == year and row["geographic_level"] == "National")

    assert len({first[0].value, marker.value, third[0].value}) == 3
    assert starts(second, "202425") > 1.05 * starts(third[2][BY_DISTRICT.name], "202425")
    assert starts(second, "202324") == starts(third[2][BY_DISTRICT.name], "202324")


def test_the_recorded_district_file_reads_whole(kirklees, tmp_path):
    table = parse_district(tmp_path, kirklees)
    rows = table.to_pylist()
    assert len(rows) == 288 and duplicates(table, BY_DISTRICT.keys) == 0
    assert sum(row["achievements_status"] == "low" for row in rows) == 4
    assert all(row["achievements"] is None for row in rows if row["achievements_status"] == "low")
    total = rows[0]
    assert (total["area_code"], total["starts"], total["achievements"], total["participation"]) == ("E08000034", 1980, 810, 5730)
    assert total["is_part_year"] is True and total["_source_row"] == "2"
    assert {row["is_part_year"] for row in rows if row["time_period"] != "202526"} == {False}


def test_regions_and_england_take_their_own_codes_and_constituencies_are_dropped(kirklees, tmp_path):
    header = kirklees.decode("utf-8-sig").split("\n")[0]
    body = (
        f"{header}\n"
        '202425,Academic year,Regional,E92000001,England,E12000004,East Midlands,"","","","",Total,Total,Total,1,2,3\n'
        '202425,Academic year,National,E92000001,England,"","","","","","",Total,Total,Total,c,z,0\n'
        '202425,Academic year,Parliamentary constituency,E92000001,England,E12000004,East Midlands,"","",E14000001,X,Total,Total,Total,1,2,3\n'
    )
    rows = parse_district(tmp_path, body.encode()).to_pylist()
    assert [(row["area_code"], row["area_name"]) for row in rows] == [("E12000004", "East Midlands"), ("E92000001", "England")]
    assert [rows[1][name] for name in ("starts", "starts_status", "achievements_status", "participation", "participation_status")] == [None, "c", "z", 0, "ok"]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda body: b"", UnexpectedPayload, "empty"),
        (lambda body: b"<!DOCTYPE html><html></html>", UnexpectedPayload, "web page"),
        (lambda body: body.replace(b"lad_code", b"lad24cd"), SchemaDrift, "lad_code"),
        (lambda body: body.replace(b",starts,", b",starts,starts,"), SchemaDrift, "starts"),
        (lambda body: body.replace(b"Local authority district", b"Local planning authority", 1), SchemaDrift, "geographic level"),
        (lambda body: body.replace(b",1980,", b",n/a,"), SchemaDrift, "neither a number"),
        (lambda body: body[:-5], SchemaDrift, "cannot be read"),
        (lambda body: body.replace(b"Kirklees", b"Kirkl\xff"), SchemaDrift, "cannot be read"),
    ],
)
def test_a_wrong_district_file_is_refused(kirklees, tmp_path, change, error, says):
    changed = change(kirklees.rstrip(b"\r\n"))
    with pytest.raises(error, match=says) as refusal:
        parse_district(tmp_path, changed)
    assert refusal.value.rule and refusal.value.expected is not None


def test_values_that_are_not_finite_become_null_with_their_own_status(kirklees, tmp_path):
    rows = parse_district(tmp_path, kirklees.replace(b",1980,810,", b",Infinity,NaN,")).to_pylist()
    assert [rows[0][name] for name in ("starts", "starts_status", "achievements", "achievements_status")] == [None, "nonfinite", None, "nonfinite"]


@pytest.mark.parametrize(("marker", "status"), [("low", "low"), ("c", "c"), ("z", "z"), ("x", "x"), ("~", "low"), (":", "x"), ("", "x")])
def test_every_marker_is_a_status_without_a_value(tmp_path, marker, status):
    row = parse_standard(zipped(tmp_path / "a.zip", {"a.csv": f"{STANDARD_HEADER}\n202425,{STANDARD_ROW.removesuffix('120')}{marker}\n"})).to_pylist()[0]
    assert (row["achievements"], row["achievements_status"]) == (None, status)


def test_the_first_zip_with_the_columns_wins_and_years_are_written_one_way(tmp_path):
    rates = zipped(tmp_path / "rates.zip", {"rates.csv": "time_period,provider,rate\n202425,X,50\n", "notes.txt": "n"}, release="2024-25")
    right = zipped(
        tmp_path / "right.zip",
        {
            "data-guidance.txt": "n",
            "data/a.csv": f"\ufeff{STANDARD_HEADER}\n2024/25,{STANDARD_ROW}\n",
            "data/b.csv": f"{STANDARD_HEADER}\n2023/2024,{STANDARD_ROW}\n",
        },
    )
    rows = parse_standard(rates, right).to_pylist()
    assert [(row["time_period"], row["st_code"], row["achievements"], row["_source_file"]) for row in rows] == [
        ("202425", "ST0216", 120, "right.zip/data/a.csv"),
        ("202324", "ST0216", 120, "right.zip/data/b.csv"),
    ]
    assert rows[0]["is_part_year"] is None, "the payload does not say when it was published"


def test_zips_without_the_columns_are_refused_and_their_columns_listed(tmp_path):
    with pytest.raises(SchemaDrift, match="no file holds") as refusal:
        parse_standard(zipped(tmp_path / "rates.zip", {"rates.csv": STANDARD_HEADER.replace("st_code", "code") + "\n"}))
    assert "learner_home_lad_code" in refusal.value.found["rates.zip/rates.csv"]


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_truncated_zip_is_refused(tmp_path, cut):
    whole = zipped(tmp_path / "a.zip", {"a.csv": f"{STANDARD_HEADER}\n" + f"202425,{STANDARD_ROW}\n" * 1000})
    body = whole.path.read_bytes()
    with pytest.raises(UnexpectedPayload):
        parse_standard(payload(tmp_path / "cut.zip", body[: int(len(body) * cut)], holds="by_standard"))


def test_a_zip_damaged_inside_is_refused(tmp_path):
    whole = zipped(tmp_path / "a.zip", {"a.csv": f"{STANDARD_HEADER}\n" + "".join(f"202425,{STANDARD_ROW}{n}\n" for n in range(9000))})
    body = bytearray(whole.path.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 40] = b"\x00" * 40
    with pytest.raises((UnexpectedPayload, SchemaDrift)):
        parse_standard(payload(tmp_path / "bad.zip", bytes(body), holds="by_standard"))


def content(recorded):
    return json.loads((recorded / "constructed" / "ees" / "content_release_data-content.json").read_text())


def test_the_data_set_is_found_by_title_and_else_by_what_it_holds(recorded):
    document = content(recorded)
    assert choose_data_set(document)["fileId"] == "c108e042-3729-4eef-c598-08de7dbfba67"
    for data_set in document["dataSets"]:
        data_set["title"] = "Renamed"
    assert choose_data_set(document)["fileId"] == "c108e042-3729-4eef-c598-08de7dbfba67"
    document["dataSets"] = [data_set for data_set in document["dataSets"] if "Local authority district" not in data_set["meta"]["geographicLevels"]]
    with pytest.raises(SchemaDrift, match="no data set") as refusal:
        choose_data_set(document)
    assert "Renamed" in refusal.value.found


def test_files_of_a_real_shaped_release_are_resolved_from_its_current_version(recorded, tmp_path):
    constructed = recorded / "constructed" / "ees"
    version = "462edbbd-6f41-40ca-b054-4e07f76ea292"
    answers = {
        ees.publication_url(PUBLICATION): (constructed / "content_publication.json").read_bytes(),
        ees.version_summary_url(PUBLICATION, "2025-26"): (constructed / "content_release_version-summary.json").read_bytes(),
        ees.data_content_url(PUBLICATION, "2025-26"): (constructed / "content_release_data-content.json").read_bytes(),
        ees.releases_url(PUBLICATION): b"[]",
        ees.file_url(version, "c108e042-3729-4eef-c598-08de7dbfba67"): b"\xef\xbb\xbftime_period",
        ees.file_url(version, "1ecff94e-95c7-42a6-c5ce-08de7dbfba67"): b"\xef\xbb\xbftime_period",
        # Its only supporting file is called "Underlying data": found although nothing in its title says what it is.
        ees.file_url(version, "5754d4c2-88dd-41b1-b51a-9ca367925aa1"): b"PK",
    }
    marker, payloads = fetch(DATASET, {1: [Entry(ees.HOST, urlsplit(url).path, body) for url, body in answers.items()]}, tmp_path)
    assert marker.value == f"{version}|2026-03-26T09:30:13.7836669+00:00"
    assert [page.labels["holds"] for page in payloads] == ["by_district", "by_subject", "by_standard"]


def test_a_publication_without_any_supporting_zip_is_refused_with_the_titles_seen(story, tmp_path):
    entries = []
    for entry in story[1]:
        if entry.path.endswith("data-content"):
            document = json.loads(entry.body)
            document["supportingFiles"] = [{"fileId": "f", "extension": "ods", "filename": "tables.ods", "title": "Tables"}]
            entry = Entry(entry.host, entry.path, json.dumps(document).encode())
        entries.append(entry)
    with pytest.raises(SchemaDrift, match="supporting ZIP") as refusal:
        fetch(DATASET, {1: entries}, tmp_path)
    assert refusal.value.found == {"2025-26": ["Tables"], "2024-25": ["Tables"]}


def test_achievement_rates_are_no_hint_of_achievements_by_standard():
    files = [
        {"fileId": "1", "extension": "zip", "filename": "achievement-rates.zip", "title": "Achievement rates"},
        {"fileId": "2", "extension": ".zip", "filename": "a.zip", "title": "Achievements by standard"},
        {"fileId": "3", "filename": "b.zip", "title": "Starts"},
        {"fileId": "4", "extension": "csv", "filename": "achievements.csv", "title": "Achievements"},
    ]
    assert [file["fileId"] for file in choose_supporting_files({"supportingFiles": files}, hinted=True)] == ["2"]
    assert [file["fileId"] for file in choose_supporting_files({"supportingFiles": files}, hinted=False)] == ["1", "2", "3"]
    assert choose_supporting_files({}, hinted=False) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_district_files_give_finite_tables_or_named_errors(tmp_path, data):
    header = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name,pcon_code,pcon_name"
    header += ",age_summary,apps_level,sex,starts,achievements,participation"
    row = '202526,Academic year,Local authority district,E92000001,England,E12000003,Y,E08000034,Kirklees,"","",Total,Total,Total,1980,low,5730'
    damaged = bytearray(f"{header}\n{row}\n{row}\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"low", b"inf", b"0"]))
    try:
        table = parse_district(tmp_path, bytes(damaged))
    except ObservatoryError:
        return
    for row in table.to_pylist():
        assert (row["starts"] is None) == (row["starts_status"] != "ok")
        assert row["starts"] is None or abs(row["starts"]) < float("inf")


def parse_subject(tmp_path, *rows, header="apps_level,sex,ethnicity_major,ssa_tier_1,starts,achievements"):
    place = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name"
    body = "\n".join([f"{place},{header}", *rows]).encode()
    ok = zipped(tmp_path / "ok.zip", {"a.csv": f"{STANDARD_HEADER}\n202425,{STANDARD_ROW}\n"})
    labels = {"holds": "by_subject", "areas": '["E06000016", "E92000001"]', "updated": "2026-03-26T09:30:13Z"}
    return read(DATASET, [payload(tmp_path / "by_subject.csv", body, **labels), ok])[BY_SUBJECT.name].to_pylist()


ENGLAND = "202526,Academic year,National,E92000001,England,,,,,{}"
LEICESTER = "202526,Academic year,Local authority district,E92000001,England,E12000004,East Midlands,E06000016,Leicester,{}"


@pytest.mark.parametrize("subject", ["ssa_tier_1", "ssa_t1_desc", "ssa_t1"])
def test_subjects_are_read_over_all_sexes_under_any_name_of_the_column(tmp_path, subject):
    rows = [
        row.format(cells)
        for row in (ENGLAND, LEICESTER)
        for cells in ("Total,Total,Total,Digital Technology,120,low", "Total,Male,Total,Digital Technology,80,low")
    ]
    other = LEICESTER.replace("E06000016", "E08000034").format("Total,Total,Total,Digital Technology,1,1")
    read_rows = parse_subject(tmp_path, *rows, other, header=f"apps_level,sex,ethnicity_major,{subject},starts,achievements")
    assert [(row["area_code"], row["ssa_tier_1"], row["starts"], row["achievements_status"], row["is_part_year"]) for row in read_rows] == [
        ("E92000001", "Digital Technology", 120, "low", True),
        ("E06000016", "Digital Technology", 120, "low", True),
    ]


def test_subjects_of_a_file_without_sex_or_without_a_district_are_read_or_refused(tmp_path):
    header = "apps_level,ssa_tier_1,starts,achievements"
    assert len(parse_subject(tmp_path, ENGLAND.format("Total,Total,9,9"), LEICESTER.format("Total,Total,9,9"), header=header)) == 2
    with pytest.raises(SchemaDrift, match="no row for some areas"):
        parse_subject(tmp_path, ENGLAND.format("Total,Total,9,9"), header=header)
    with pytest.raises(SchemaDrift, match="ssa_tier_1"):
        parse_subject(tmp_path, ENGLAND.format("Total,Total,9,9"), header=header.replace("ssa_tier_1", "route"))


def test_the_subject_file_is_the_one_by_region_and_district(recorded):
    document = content(recorded)
    assert choose_subject_set(document)["fileId"] == "1ecff94e-95c7-42a6-c5ce-08de7dbfba67"
    for data_set in document["dataSets"]:
        data_set["title"] = "Renamed"
    assert choose_subject_set(document)["fileId"] == "1ecff94e-95c7-42a6-c5ce-08de7dbfba67"


def test_the_copy_of_a_document_is_not_changed_by_choosing(recorded):
    document = content(recorded)
    before = copy.deepcopy(document)
    choose_data_set(document)
    choose_supporting_files(document, hinted=True)
    assert document == before

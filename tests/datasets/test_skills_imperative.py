"""Skills Imperative: the two real vintages, the sample, and every way a workbook can be wrong."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import math
import shutil
import warnings
import zipfile
from collections import defaultdict
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from observatory_assets.datasets import skills_imperative
from observatory_assets.datasets.contract import STATUSES_WITH_VALUE, Lookup, Payload
from observatory_assets.datasets.skills_imperative import DATASET, YEARS
from observatory_assets.publishers.workbooks import Sheet, position
from observatory_assets.sample import skills_imperative as sample
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import Entry, write_recording
from observatory_assets.sample.workbooks import workbook_bytes, zip_bytes
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from resources.http import HttpClient
from resources.settings import Settings

EMPLOYMENT, OPENINGS = (table.name for table in DATASET.tables)
REAL = {1: "LL_LSIP_MainTables.Main.2023-03-29.xlsm", 2: "LL_LSIP_MainTables.Main.xlsm"}
FLIPPED = ["11", "23", "31", "33", "35", "62", "81", "82", "91"]


def payload(path, name=None):
    body = path.read_bytes()
    return Payload(name or path.name, "https://example.org", path, hashlib.sha256(body).hexdigest(), len(body), dt.datetime.now(dt.timezone.utc))


def parsed(*payloads):
    rows = defaultdict(list)
    for name, table in DATASET.parse(payloads):
        assert [field.name for field in table.schema] == [*DATASET.table(name).column_names, "_source_file", "_source_row"]
        rows[name] += table.to_pylist()
    return rows


def levels(rows, year, area="Leicester and Leicestershire"):
    return {
        row["category_code"]: row["employment_thousands"]
        for row in rows[EMPLOYMENT]
        if row["level"] == "sub_major" and row["year"] == year and row["area_name"] == area
    }


def flips(first, second, area="Leicester and Leicestershire"):
    growth = [{code: value - levels(rows, 2020, area)[code] for code, value in levels(rows, 2035, area).items()} for rows in (first, second)]
    return sorted(code for code in growth[0] if growth[0][code] * growth[1][code] < 0)


@pytest.fixture(scope="module")
def sample_workbook():
    """Bytes of the sample's Leicester and Leicestershire workbook, phase 1."""
    archive = next(entry.body for entry in sample.entries(1) if "LSIP_" in entry.path)
    return zipfile.ZipFile(BytesIO(archive)).read("LSIP/LL_LSIP_MainTables.Main.xlsm")


@pytest.fixture
def changed(sample_workbook, tmp_path):
    """A function giving the payload of the sample's workbook after a change to it."""

    def change(alter):
        workbook = load_workbook(BytesIO(sample_workbook))
        alter(workbook)
        path = tmp_path / "LL_LSIP_MainTables.Main.xlsm"
        path.write_bytes(workbook_bytes(workbook))
        return payload(path)

    return change


@pytest.fixture(scope="module")
def real(recorded):
    folder = recorded / "skills_imperative"
    return {vintage: parsed(payload(folder / name, "LL_LSIP_MainTables.Main.xlsm")) for vintage, name in REAL.items()}


# The real workbooks


def test_the_real_corrected_vintage_gives_the_known_figures(real):
    cells = {(row["breakdown"], row["level"], row["category_code"], row["category_label"], row["year"]): row for row in real[2][EMPLOYMENT]}
    total = cells["occupation", "total", None, "All occupations", 2035]
    assert round(total["employment_thousands"], 3) == 572.851
    assert total["_source_row"] == "Occ F2!AL49"
    assert cells["industry", "total", None, "All industries", 2010]["_source_row"] == "Ind F2!M38"
    science = [row for row in real[2][OPENINGS] if row["occupation_code"] == "21"][0]
    assert round(science["net_change_thousands"] * 1000) == 5865
    assert round(levels(real[2], 2035)["21"] - levels(real[2], 2020)["21"], 3) == 5.865
    assert (round(science["replacement_demand_thousands"], 3), round(science["total_requirement_thousands"], 3)) == (13.934, 19.8)
    managers = [row for row in real[2][OPENINGS] if row["occupation_code"] == "11"][0]
    assert (round(managers["net_change_thousands"], 3), round(managers["replacement_demand_thousands"], 3)) == (0.137, 20.508)
    assert managers["_source_row"] == "RD T1!A7:G7"


def test_nine_real_occupations_change_the_sign_of_their_growth_between_the_vintages(real):
    assert flips(real[1], real[2]) == FLIPPED
    by_openings = [{row["occupation_code"]: row["net_change_thousands"] for row in real[vintage][OPENINGS] if row["occupation_code"]} for vintage in (1, 2)]
    assert sorted(code for code in by_openings[0] if by_openings[0][code] * by_openings[1][code] < 0) == FLIPPED
    assert [round(levels(real[vintage], 2035)["91"], 2) for vintage in (1, 2)] == [18.21, 7.6]


def test_the_real_totals_are_equal_in_both_vintages(real):
    totals = [
        {row["year"]: row["employment_thousands"] for row in real[vintage][EMPLOYMENT] if row["category_label"] == "All occupations"} for vintage in (1, 2)
    ]
    assert totals[0] == pytest.approx(totals[1], abs=1e-9)


@pytest.mark.parametrize("vintage", [1, 2])
def test_each_real_level_adds_up_to_the_total_in_every_year(real, vintage):
    sums = defaultdict(lambda: defaultdict(float))
    for row in real[vintage][EMPLOYMENT]:
        sums[row["breakdown"], row["level"]][row["year"]] += row["employment_thousands"]
    assert len(sums) == 7
    for by_year in sums.values():
        assert by_year == pytest.approx(sums["occupation", "total"], abs=1e-6)


def test_a_real_creation_date_excel_had_misread_is_put_right(real):
    created = [{row["workbook_created"] for row in real[vintage][EMPLOYMENT] + real[vintage][OPENINGS]} for vintage in (1, 2)]
    assert created == [{dt.datetime(2023, 3, 2, 12, 48, 32, tzinfo=dt.timezone.utc)}, {dt.datetime(2024, 2, 28, 10, 20, 41, tzinfo=dt.timezone.utc)}]
    assert {(row["area_kind"], row["area_name"]) for row in real[2][EMPLOYMENT]} == {("LSIP", "Leicester and Leicestershire")}


@pytest.mark.parametrize("sheet", ["Occ F2", "RD T1"])
def test_every_cell_of_a_real_sheet_is_what_an_independent_reader_sees(real, recorded, sheet):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl on the workbook's print areas
        workbook = load_workbook(recorded / "skills_imperative" / REAL[2], read_only=True, data_only=True)
    cells = list(workbook[sheet].iter_rows(values_only=True))
    compared = 0
    for row in real[2][EMPLOYMENT] + real[2][OPENINGS]:
        name, _, reference = row["_source_row"].partition("!")
        if name != sheet:
            continue
        number, column = position(reference.partition(":")[0])
        line = cells[number - 1]
        if sheet == "Occ F2":
            assert row["employment_thousands"] == line[column - 1]
            assert row["year"] == cells[3][column - 1]
            assert line[11] == (f"{row['category_code']} " if row["category_code"] else "") + row["category_label"]
            compared += 1
        else:
            measures = [column.name for column in DATASET.table(OPENINGS).columns if column.type == "float"]
            assert [row[measure] for measure in measures] == list(line[1:7])
            compared += len(measures)
    assert compared == {"Occ F2": 36 * 26, "RD T1": 27 * 6}[sheet]


def test_a_real_workbook_cut_short_is_an_unexpected_payload(recorded, tmp_path):
    path = tmp_path / "LL_LSIP_MainTables.Main.xlsm"
    path.write_bytes((recorded / "skills_imperative" / REAL[2]).read_bytes()[:800_000])
    with pytest.raises(UnexpectedPayload):
        parsed(payload(path))


# The sample, through the publisher and the real client


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """Phase -> (marker, resources, parsed rows) of the sample."""
    home = tmp_path_factory.mktemp("sample")
    folder = write_recording(home / "recording", {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, synthetic=True, description="Sample.")
    found = {}
    with Publisher(folder) as publisher:
        http = HttpClient(Settings(profile="sample", publisher_address=publisher.address, home=home), DATASET.hosts)
        for phase in (1, 2, 3):
            publisher.phase = phase
            lookup = Lookup(http, None)
            marker = DATASET.find_marker(lookup)
            resources = DATASET.find_resources(lookup, marker)
            payloads = []
            for resource in resources:
                path = home / f"{phase}-{resource.name}"
                http.download(resource.url, path, starts_with=resource.starts_with)
                payloads.append(payload(path, resource.name))
            found[phase] = (marker, resources, parsed(*payloads))
        http.close()
    return found


def test_the_sample_is_found_fetched_and_parsed_in_each_phase(releases):
    markers = [releases[phase][0] for phase in (1, 2, 3)]
    assert [marker.value for marker in markers] == ["2023-03-21T09:30:00Z", "2023-03-21T09:30:00Z", "2024-08-05T09:30:05Z"]
    assert markers[2].released_at == dt.datetime(2024, 8, 5, 9, 30, 5, tzinfo=dt.timezone.utc)
    for _, resources, rows in releases.values():
        assert [resource.name for resource in resources] == ["LSIP_projections.zip", "Nations_projections.zip"], "the report and the regions are left out"
        areas = [("LSIP", "Derbyshire and Nottinghamshire"), ("LSIP", "Leicester and Leicestershire"), ("Country", "England")]
        assert list(dict.fromkeys((row["area_kind"], row["area_name"]) for row in rows[EMPLOYMENT])) == areas
        assert (len(rows[EMPLOYMENT]), len(rows[OPENINGS])) == (3 * 74 * 26, 3 * 27)
        assert {row["status"] for table in rows.values() for row in table} == {"ok"}
        assert rows[EMPLOYMENT][0]["_source_file"] == "LSIP_projections.zip/LSIP/DN_LSIP_MainTables.Main.xlsm"


def test_the_sample_keeps_keys_bounds_and_closed_sets_of_the_contract(releases):
    for _, _, rows in releases.values():
        for table in DATASET.tables:
            keys = [tuple(row[key] for key in table.keys) for row in rows[table.name]]
            assert len(set(keys)) == len(keys) >= table.minimum_rows
            for column in table.columns:
                values = [row[column.name] for row in rows[table.name] if row[column.name] is not None]
                assert column.nullable or len(values) == len(keys)
                assert column.allowed is None or set(values) <= set(column.allowed)
                assert column.minimum is None or min(values) >= column.minimum


def test_the_samples_correction_turns_growth_round_and_leaves_totals_and_history_alone(releases):
    first, second = releases[1][2], releases[3][2]
    for code, (_, _, area, _) in sample._AREAS.items():
        assert set(sample._FLIPPED[code]) == set(flips(first, second, area))
    values = [{tuple(row[key] for key in DATASET.table(EMPLOYMENT).keys): row["employment_thousands"] for row in rows[EMPLOYMENT]} for rows in (first, second)]
    same = [key for key in values[0] if key[3] == "total" or key[5] < 2020]
    assert {key: values[1][key] for key in same} == pytest.approx({key: values[0][key] for key in same}, rel=1e-12)
    assert values[0] != values[1]


def test_the_samples_openings_agree_with_its_series(releases):
    for _, _, rows in releases.values():
        levels_ = {
            (row["area_name"], row["category_label"], row["year"]): row["employment_thousands"]
            for row in rows[EMPLOYMENT]
            if row["breakdown"] == "occupation" and row["level"] in ("sub_major", "total")
        }
        for row in rows[OPENINGS]:
            assert row["employment_base_thousands"] == pytest.approx(levels_[row["area_name"], row["occupation_label"], 2020])
            assert row["employment_horizon_thousands"] == pytest.approx(levels_[row["area_name"], row["occupation_label"], 2035])
            assert row["total_requirement_thousands"] == pytest.approx(row["net_change_thousands"] + row["replacement_demand_thousands"])


def test_the_sample_is_the_same_bytes_every_time():
    assert [entry.body for entry in sample.entries(1)] == [entry.body for entry in sample.entries(1)]


# Workbooks that are wrong


def assign(sheet, cell, value):
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


@pytest.mark.parametrize(
    ("alter", "place"),
    [
        pytest.param(lambda workbook: workbook["Occ F2"].insert_rows(3), "Occ F2!L5", id="header moved down"),
        pytest.param(lambda workbook: workbook["Ind F2"].insert_cols(12), "Ind F2!M4", id="header moved right"),
        pytest.param(assign("Qual F1", "AL4", 2040), "Qual F1!L4:AL4", id="other years"),
        pytest.param(assign("Occ F2", "L4", "% share"), "Occ F2!L4:AL4", id="other unit"),
        pytest.param(assign("Occ F2", "L49", "Every occupation"), "Occ F2!L49", id="total renamed"),
        pytest.param(assign("Ind F2", "L38", "Total"), "Ind F2!L38", id="industry total renamed"),
        pytest.param(assign("Occ F2", "L6", "Corporate managers and directors"), "sub_major", id="code lost"),
        pytest.param(assign("Ind F2", "L12", None), "industry", id="label lost"),
        pytest.param(assign("Ind F2", "L10", "A new industry"), "broad_sector", id="separator filled"),
        pytest.param(assign("RD T1", "E6", "Expansion demand"), "RD T1!A6:G6", id="openings header renamed"),
        pytest.param(assign("RD T1", "F5", "jobs"), "RD T1!F5", id="openings unit"),
        pytest.param(assign("RD T1", "A9", "All qualifications"), "RD T1!A9", id="openings row renamed"),
        pytest.param(assign("RD T1", "A33", "Total"), "RD T1!A33", id="openings total renamed"),
        pytest.param(assign("Info", "A5", "Name"), "name", id="area name gone"),
        pytest.param(assign("Info", "B4", "last week"), "Date database created", id="creation date in words"),
        pytest.param(lambda workbook: workbook.remove(workbook["RD T1"]), "RD T1", id="sheet missing"),
        pytest.param(lambda workbook: setattr(workbook["Occ F2"], "title", "Occ F02"), "Occ F2", id="sheet renamed"),
    ],
)
def test_a_changed_layout_is_schema_drift_naming_the_place(changed, alter, place):
    with pytest.raises(SchemaDrift) as caught:
        parsed(changed(alter))
    assert "LL_LSIP_MainTables.Main.xlsm" in str(caught.value)
    assert place in f"{caught.value.expected} {caught.value.found}"
    assert caught.value.found is not None


@pytest.mark.parametrize("cell", [None, "NaN", "-", "0 ", True, dt.datetime(2035, 1, 1)])  # noqa: DTZ001
def test_a_cell_without_a_number_is_missing_and_blocks_rather_than_counts_as_0(changed, cell):
    def alter(workbook):
        for sheet, place in (("Occ F2", "W10"), ("RD T1", "D7")):
            workbook[sheet][place] = cell

    rows = parsed(changed(alter))
    bad = [row for row in rows[EMPLOYMENT] if row["status"] != "ok"]
    assert [(row["_source_row"], row["employment_thousands"], row["status"]) for row in bad] == [("Occ F2!W10", None, "x")]
    openings = [row for row in rows[OPENINGS] if row["status"] != "ok"]
    assert [(row["occupation_code"], row["net_change_thousands"], row["status"]) for row in openings] == [("11", None, "x")]
    assert openings[0]["replacement_demand_thousands"] > 0
    for table in DATASET.tables:
        status = next(column for column in table.columns if column.name == "status")
        assert status.allowed == ("ok",), "the audit stops any other status"


@pytest.mark.parametrize("written", [b"NaN", b"INF", b"-INF", b"1E400"])
def test_a_cell_that_is_not_finite_has_no_value(sample_workbook, tmp_path, written):
    workbook = load_workbook(BytesIO(sample_workbook))
    workbook["Occ F2"]["AL47"] = 123456.5
    with zipfile.ZipFile(BytesIO(workbook_bytes(workbook))) as archive:
        files = {name: archive.read(name).replace(b"<v>123456.5</v>", b"<v>" + written + b"</v>") for name in archive.namelist()}
    path = tmp_path / "LL_LSIP_MainTables.Main.xlsm"
    path.write_bytes(zip_bytes(files))
    bad = [row for row in parsed(payload(path))[EMPLOYMENT] if row["status"] != "ok"]
    assert [(row["_source_row"], row["employment_thousands"], row["status"]) for row in bad] == [("Occ F2!AL47", None, "nonfinite")]


def test_a_true_zero_is_a_value(changed):
    rows = parsed(changed(assign("Ind F2", "M7", 0)))
    assert [row["status"] for row in rows[EMPLOYMENT] if row["employment_thousands"] == 0] == ["ok"]


def test_the_formula_errors_extra_column_is_never_read(changed):
    assert {row["year"] for row in parsed(changed(assign("Ind F2", "AM5", 99.0)))[EMPLOYMENT]} == set(YEARS)


def test_neighbouring_blocks_are_never_read(changed):
    def spoil(workbook):
        for row in workbook["RD T1"].iter_rows(min_row=1, max_row=70):
            for cell in row:
                if cell.column > 7 or cell.row > 34:
                    cell.value = "spoilt"

    assert {row["status"] for row in parsed(changed(spoil))[OPENINGS]} == {"ok"}


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Sorry</title>", b"PK\x03\x04"])
@pytest.mark.parametrize("name", ["LSIP_projections.zip", "LL_LSIP_MainTables.Main.xlsm"])
def test_html_or_nothing_instead_of_a_file_is_an_unexpected_payload(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(UnexpectedPayload):
        parsed(payload(tmp_path / name))


def test_a_truncated_archive_is_an_unexpected_payload(tmp_path):
    archive = next(entry.body for entry in sample.entries(1) if "LSIP_" in entry.path)
    for kept in (0.1, 0.5, 0.99):
        (tmp_path / "LSIP_projections.zip").write_bytes(archive[: int(len(archive) * kept)])
        with pytest.raises(UnexpectedPayload):
            parsed(payload(tmp_path / "LSIP_projections.zip"))


def test_an_archive_without_area_workbooks_is_schema_drift(tmp_path):
    (tmp_path / "a.zip").write_bytes(zip_bytes({"Read me.txt": b"", "LL_LSIP_SummaryTables.xlsm": b""}))
    with pytest.raises(SchemaDrift, match="no area workbook"):
        parsed(payload(tmp_path / "a.zip"))


def test_the_same_workbook_in_two_archives_is_read_once(sample_workbook, tmp_path):
    (tmp_path / "LL_LSIP_MainTables.Main.xlsm").write_bytes(sample_workbook)
    (tmp_path / "a.zip").write_bytes(zip_bytes({"LL_LSIP_MainTables.Main.xlsm": sample_workbook}))
    shutil.copy(tmp_path / "a.zip", tmp_path / "b.zip")
    rows = parsed(*(payload(tmp_path / name) for name in ("a.zip", "b.zip", "LL_LSIP_MainTables.Main.xlsm")))
    assert len(rows[OPENINGS]) == 27


def test_a_page_without_the_files_is_schema_drift(tmp_path):
    files = [("Regions projections", "Regions_projections.zip", "application/zip", "/media/1/")]
    page = json.dumps(sample._content_item("2024-08-05T09:30:05Z", files)).encode()
    entry = Entry("www.gov.uk", f"/api/content{sample.PATH}", page)
    with Publisher(write_recording(tmp_path / "recording", {1: [entry]}, synthetic=True, description="One page.")) as publisher:
        http = HttpClient(Settings(profile="sample", publisher_address=publisher.address, home=tmp_path), DATASET.hosts)
        with pytest.raises(SchemaDrift, match="not those agreed") as caught:
            DATASET.find_resources(Lookup(http, None), DATASET.find_marker(Lookup(http, None)))
        http.close()
    assert caught.value.found == ["Regions projections (Regions_projections.zip)"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("LSIP projections LSIP_projections.zip", True),
        ("Local skills improvement plan areas a.zip", True),
        ("LEPs tables.zip", True),
        ("Mayoral combined authorities tables.zip", True),
        ("Nations projections nations.zip", True),
        ("EN MainTables.Main.xlsm England", True),
        ("Regions projections regions.zip", False),
        ("Helpful notes on employment a.zip", False),
    ],
)
def test_files_are_chosen_by_the_words_in_their_title(words, wanted):
    assert bool(skills_imperative._WANTED.search(words)) == wanted


# Cells and labels of any kind

_CELLS = st.none() | st.text(max_size=12) | st.floats() | st.booleans() | st.datetimes() | st.sampled_from(["All occupations", "11 X", "RQF3 Y", 2010.0, 0.0])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(skills_imperative._SERIES), st.data())
def test_no_cells_make_the_parser_fail_with_anything_but_our_errors_or_turn_nothing_into_0(block, data):
    rows = [[""] * 39 for _ in range(52)]
    top, corner = position(block.corner)
    rows[top - 1][corner - 1 : corner + 26] = [block.corner_label, *map(float, YEARS)]
    for row in range(block.first_row, block.last_row + 1):
        rows[row - 1][corner - 1] = data.draw(st.sampled_from(["", "11 A", "12 B", "C", "RQF1 D"]) | _CELLS)
    if block.total_label and data.draw(st.booleans()):
        rows[block.last_row - 1][corner - 1] = block.total_label
    sheet = Sheet("w.xlsm", block.sheet, rows)
    try:
        found = skills_imperative._read_series(sheet, block)
    except ObservatoryError:
        return
    assert {(row["employment_thousands"], row["status"]) for row in found} == {(None, "x")}, "the cells right of the labels are empty"


@settings(max_examples=60, deadline=None)
@given(st.lists(_CELLS, min_size=26, max_size=26))
def test_a_row_of_any_cells_gives_26_rows_with_a_value_only_where_there_was_a_number(cells):
    rows = [[""] * 39 for _ in range(14)]
    rows[3][11:38] = ["", *map(float, YEARS)]
    for row in range(6, 15):
        rows[row - 1][11:38] = [f"RQF{row - 6} X", *(cells if row == 6 else [1.0] * 26)]
    found = skills_imperative._read_series(Sheet("w.xlsm", "Qual F1", rows), skills_imperative._SERIES[2])[:26]
    for row, cell in zip(found, cells, strict=True):
        is_number = isinstance(cell, float) and math.isfinite(cell)
        assert row["employment_thousands"] == (cell if is_number else None)
        assert (row["status"] in STATUSES_WITH_VALUE) == is_number


@given(_CELLS)
def test_any_creation_date_is_read_or_refused(value):
    with contextlib.suppress(SchemaDrift):
        assert skills_imperative._created(Sheet("w.xlsm", "Info", []), value).tzinfo is dt.timezone.utc

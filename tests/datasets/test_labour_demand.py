"""ONS labour demand: the constructed workbook, the sample, both kinds of advert, and layouts that are wrong."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections import Counter
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from observatory_assets.areas import Area, Areas
from observatory_assets.datasets import labour_demand
from observatory_assets.datasets.labour_demand import ADVERTS, DATASET, FILE, LIVE, NEW, labels, measure_basis
from observatory_assets.publishers import large_workbooks
from observatory_assets.sample import labour_demand as sample
from observatory_assets.sample.workbooks import workbook_bytes
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, fetch, payload, read

NINE = ("E06000016", "E07000129", "E07000130", "E07000131", "E07000132", "E07000133", "E07000134", "E07000135", "E06000017")
LABELS = labels(AREAS, dt.date(2026, 9, 25))


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    entries = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
    return {phase: fetch(DATASET, entries, tmp_path_factory.mktemp("adverts"), phase=phase) for phase in (1, 2)}


@pytest.fixture(scope="module")
def rows(releases):
    return {phase: read(DATASET, payloads)[ADVERTS.name].to_pylist() for phase, (_, payloads) in releases.items()}


@pytest.fixture(scope="module")
def body(releases):
    return releases[1][1][0].path.read_bytes()


@pytest.fixture
def changed(body, tmp_path):
    """A function parsing the sample's workbook after a change to it."""

    def change(alter, **other):
        workbook = load_workbook(BytesIO(body))
        alter(workbook)
        return read(DATASET, [payload(tmp_path / FILE, workbook_bytes(workbook), **(LABELS | other))])[ADVERTS.name].to_pylist()

    return change


# The constructed workbook


@pytest.fixture(scope="module")
def constructed(recorded):
    path = recorded / "constructed" / "ons" / "labourdemandbyoccupation_fixture.xlsx"
    told = LABELS | {"released_on": "2025-08-15", "districts": json.dumps(NINE)}
    return read(DATASET, [payload(path, **told)])[ADVERTS.name].to_pylist()


def test_the_real_district_totals_add_up_to_the_published_ones_without_rutland(constructed):
    july = {
        row["area_code"]: row["adverts"] for row in constructed if row["sheet"] == "Table 2" and row["period_start"] == dt.date(2025, 7, 1) and row["area_code"]
    }
    assert sum(adverts for code, adverts in july.items() if code != "E06000017") == 24_348
    assert july["E06000017"] == 840


def test_occupation_tables_keep_only_their_newest_periods_and_totals_keep_all(constructed):
    first = {sheet: min(row["period_start"] for row in constructed if row["sheet"] == sheet) for sheet in ("Table 1", "Table 2", "Table 3", "Table 4")}
    assert first == {"Table 1": dt.date(2021, 7, 1), "Table 2": dt.date(2021, 7, 1), "Table 3": dt.date(2022, 8, 1), "Table 4": dt.date(2022, 8, 1)}
    assert len({row["period_start"] for row in constructed if row["sheet"] == "Table 5"}) == 8


def test_suppressed_unknown_and_foreign_rows_of_the_constructed_workbook_are_told_apart(constructed):
    assert {row["status"] for row in constructed} == {"ok", "c"}
    assert all((row["adverts"] is None) == (row["status"] == "c") for row in constructed)
    unknown = [row for row in constructed if row["sheet"] == "Table 4" and row["soc_code"] == "Unknown"]
    assert unknown and all(row["adverts"] == 0 for row in unknown if row["status"] == "ok"), "a published 0 stays 0"
    assert not [row for row in constructed if row["area_name"] in ("London", "Unknown", "Total UK", "Wales")]
    assert {row["measure_basis"] for row in constructed} == {LIVE}
    (programmers,) = (row for row in constructed if row["sheet"] == "Table 5" and row["area_code"] == "E06000016" and row["period_end"] == dt.date(2026, 6, 30))
    assert (programmers["adverts"], programmers["period_start"], programmers["_source_row"]) == (29, dt.date(2026, 4, 1), "Table 5!P6")


# The sample


def test_the_sample_is_found_fetched_and_parsed(releases, rows):
    marker, (workbook,) = releases[1]
    assert marker.value.endswith(f"/january2017toaugust2026|2026-09-24T23:00:00.000Z|0||{AREAS.digest}")
    assert workbook.name == f"1_{AREAS.digest}_{FILE}", "an area added to the seeds makes the same bytes another release"
    assert marker.released_at == dt.datetime(2026, 9, 25, 8, 30, tzinfo=dt.timezone.utc), "23:00 UTC is midnight of the next day in London"
    assert marker.next_expected == dt.datetime(2026, 10, 23, 8, 30, tzinfo=dt.timezone.utc)
    assert workbook.labels["released_on"] == "2026-09-25"
    districts = {district for area in AREAS.areas for district in area.districts}
    for sheet in ("Table 2", "Table 4", "Table 5"):
        assert {row["area_code"] for row in rows[1] if row["sheet"] == sheet} == districts
    assert Counter(row["area_kind"] for row in rows[1] if row["sheet"] in ("Table 1", "Table 3")) == {"region": 53 * 35, "country": 15}
    assert {row["status"] for row in rows[1]} == {"ok", "c"}
    assert {row["measure_basis"] for row in rows[1]} == {NEW}
    assert len(rows[1]) < 10_000, "three years of a region, fifteen months of districts, half the occupations of the largest sheet"


def test_every_row_says_which_cell_it_is(body, rows):
    sheets = load_workbook(BytesIO(body))
    for row in rows[1][::97]:
        sheet, cell = row["_source_row"].split("!")
        value = sheets[sheet][cell].value
        assert (value if value != "[x]" else None) == row["adverts"]
        assert row["area_name"] in [other.value for other in sheets[sheet][sheets[sheet][cell].row]]


def test_the_second_release_adds_a_month_and_corrects_one(releases, rows):
    assert releases[2][0].value != releases[1][0].value and releases[2][0].next_expected is None
    before, after = ({tuple(row[name] for name in ADVERTS.keys): row["adverts"] for row in rows[phase]} for phase in (1, 2))
    changed = {name for name in before if before[name] != after.get(name)}
    assert {(name[0], name[2], name[3]) for name in changed} == {("Table 2", "Charnwood", "Total"), ("Table 4", "Charnwood", "925")}
    assert {name[-1] for name in after if name not in before} == {dt.date(2026, 9, 1), dt.date(2026, 7, 1)}


def test_districts_of_a_region_are_kept_for_its_total_and_carry_its_code(changed):
    def alter(workbook):
        workbook["Table 2"].append(["East Midlands", "Northamptonshire", "North Northamptonshire", "E06000061", 900, 901, 902, 903])
        workbook["Table 2"].append(["East Midlands", None, None, None, 1, 2, 3, 4])

    rows = [row for row in changed(alter) if row["sheet"] == "Table 2" and row["region_code"] == "E12000004"]
    assert {(row["area_code"], row["area_name"]) for row in rows} >= {("E06000061", "North Northamptonshire"), (None, "Unknown")}


def test_london_boroughs_are_not_asked_for_because_the_file_has_none():
    area = Area("E69000099", "Somewhere", "LSIP", "LSIP25", "focus", "Somewhere", ("E09000001", "E06000016"))
    assert json.loads(labels(Areas((area,)), None)["districts"]) == ["E06000016"]
    assert labels(Areas((area,)), None)["released_on"] == ""


# Live or new adverts


@pytest.mark.parametrize(
    ("notes", "released_on", "newest", "basis"),
    [
        ("", dt.date(2025, 8, 15), dt.date(2025, 7, 1), LIVE),
        ("", dt.date(2025, 9, 26), dt.date(2025, 8, 1), NEW),
        ("", None, dt.date(2025, 7, 1), LIVE),
        ("", None, dt.date(2025, 8, 1), NEW),
        ("Estimates are a monthly snapshot of live adverts", dt.date(2026, 12, 1), dt.date(2026, 11, 1), LIVE),
        ("These are new online job adverts", dt.date(2025, 8, 15), dt.date(2025, 7, 1), NEW),
        ("newly posted adverts", None, dt.date(2025, 7, 1), NEW),
        ("We replaced the snapshot of adverts by new adverts", dt.date(2025, 10, 24), dt.date(2025, 9, 1), NEW),
        ("We replaced the snapshot of adverts by new adverts", dt.date(2025, 8, 15), dt.date(2025, 7, 1), LIVE),
        ("New tables. Adverts by occupation", dt.date(2025, 8, 15), dt.date(2025, 7, 1), LIVE),
    ],
)
def test_the_cover_sheet_says_what_is_counted_and_else_the_date_does(notes, released_on, newest, basis):
    assert measure_basis(notes, released_on, newest) == basis


def test_a_workbook_of_live_adverts_is_never_called_one_of_new_ones(changed):
    def alter(workbook):
        workbook["Cover sheet"]["A2"] = "Counts are a snapshot of adverts live on an average day."

    assert {row["measure_basis"] for row in changed(alter)} == {LIVE}
    assert {row["measure_basis"] for row in changed(lambda workbook: workbook.remove(workbook["Cover sheet"]), released_on="2025-08-15")} == {LIVE}
    assert {row["measure_basis"] for row in changed(lambda workbook: workbook.remove(workbook["Cover sheet"]), released_on="")} == {NEW}


# Layouts


def _contents(rows):
    return [{name: value for name, value in row.items() if not name.startswith("_source")} for row in rows]


def test_columns_may_move_and_months_may_be_real_dates(changed, rows):
    def alter(workbook):
        sheet = workbook["Table 4"]
        sheet.insert_rows(3)
        sheet.move_range("F6:F1000", cols=20)
        for place, cell in enumerate(sheet[6][6:21]):
            cell.value = dt.date(2025 + (place + 5) // 12, (place + 5) % 12 + 1, 1)
        sheet.title = "Table_4"

    assert _contents(changed(alter)) == _contents(rows[1])


def test_a_wrong_used_range_does_not_hide_columns(body, tmp_path, rows):
    path = tmp_path / FILE
    with zipfile.ZipFile(BytesIO(body)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', source.read(name)))
    assert _contents(read(DATASET, [payload(path, **LABELS)])[ADVERTS.name].to_pylist()) == _contents(rows[1])


def _set(sheet, cell, value):
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        pytest.param(lambda workbook: workbook.remove(workbook["Table 5"]), "Table 5", id="sheet missing"),
        pytest.param(_set("Table 4", "D5", "Occupation"), "SOC 3 digit label", id="column renamed"),
        pytest.param(lambda workbook: workbook["Table 2"].insert_rows(1, 10), "header row", id="header too low"),
        pytest.param(_set("Table 4", "G5", "Jan-26"), "consecutive months", id="month skipped"),
        pytest.param(_set("Table 4", "G5", "2026Q1"), "consecutive months", id="quarter among months"),
        pytest.param(_set("Table 4", "G5", "Mai-26"), "Mai-26", id="month of another language"),
        pytest.param(_set("Table 4", "G6", "[c1]"), "[c1]", id="unknown marker"),
        pytest.param(_set("Table 4", "G6", dt.date(2026, 1, 1)), "Table 4!G6", id="date as a count"),
        pytest.param(_set("Table 4", "D6", 21), "21", id="code of another level"),
        pytest.param(_set("Table 4", "D6", "All"), "All", id="total among occupations"),
        pytest.param(lambda workbook: workbook["Table 2"].delete_rows(6), "missing: ['E06000015']", id="district missing"),
        pytest.param(_set("Table 1", "A6", "Great Britain"), "missing: ['E92000001']", id="country missing"),
    ],
)
def test_a_changed_layout_is_schema_drift_naming_the_place(changed, alter, said):
    with pytest.raises(SchemaDrift) as caught:
        changed(alter)
    assert said in f"{caught.value.expected} {caught.value.found}" and caught.value.action


@pytest.mark.parametrize("kept", [0, 100, 30_000])
def test_a_cut_or_empty_file_is_an_unexpected_payload(body, tmp_path, kept):
    with pytest.raises(UnexpectedPayload):
        read(DATASET, [payload(tmp_path / FILE, body[:kept], **LABELS)])


def test_a_web_page_is_an_unexpected_payload(tmp_path):
    with pytest.raises(UnexpectedPayload):
        read(DATASET, [payload(tmp_path / FILE, b"<!doctype html><html></html>", **LABELS)])


def test_a_large_workbook_is_read_row_by_row_and_knows_its_sheets(body, tmp_path):
    (tmp_path / FILE).write_bytes(body)
    with large_workbooks.open_large_workbook(tmp_path / FILE, FILE) as workbook:
        assert workbook.sheets == ["Cover sheet", *(f"Table {number}" for number in range(1, 6))]
        rows = workbook.rows("Table 1")
        assert next(rows)[0] == 1
        with pytest.raises(SchemaDrift, match="Table 9"):
            next(workbook.rows("Table 9"))


_CELLS = st.none() | st.text(max_size=8) | st.floats() | st.integers(-10, 10_000) | st.booleans() | st.dates() | st.sampled_from(["[x]", "Jul-26", "2026Q2"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_cells_make_the_parser_fail_with_anything_but_our_errors(monkeypatch, data):
    table = [["Region", "Local Authority District", "SOC 3 digit code", "SOC 3 digit label", "Local Authority Code", "Jul-26", "Aug-26"]]
    table += data.draw(st.lists(st.lists(_CELLS, max_size=8), max_size=3))
    table.append(["East Midlands", "Leicester", *data.draw(st.tuples(_CELLS, _CELLS)), "E06000016", *data.draw(st.tuples(_CELLS, _CELLS))])

    class Workbook:
        name, sheets = "w.xlsx", ("Table 4",)

        def rows(self, sheet):
            return iter(enumerate(map(tuple, table), start=1))

    columns = {name: [] for name in (*ADVERTS.column_names, "_source_file", "_source_row")}
    layout = next(layout for layout in labour_demand._LAYOUTS if layout.sheet == "Table 4")
    places = labour_demand._Places(("E06000016",), {}, {})
    try:
        labour_demand._read(Workbook(), layout, places, columns)
    except ObservatoryError:
        return
    assert len({len(values) for values in columns.values()}) == 1
    assert all((value is not None) == (status == "ok") for value, status in zip(columns["adverts"], columns["status"], strict=True))

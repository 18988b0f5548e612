"""Business demography: the sample, both layouts the workbook may have, and sheets that are wrong."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from observatory_assets.datasets import business_demography
from observatory_assets.datasets.business_demography import COUNTS, DATASET, labels, measure_of
from observatory_assets.publishers.workbooks import Sheet
from observatory_assets.sample import business_demography as sample
from observatory_assets.sample.workbooks import workbook_bytes
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

ASKED = json.loads(labels(AREAS)["areas"])


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("demography"))


@pytest.fixture(scope="module")
def rows(release):
    return read(DATASET, release[1])[COUNTS.name].to_pylist()


@pytest.fixture
def parse(tmp_path):
    """A function parsing a workbook, by default asking for two areas."""

    def parsed(workbook, asked=("E06000016", "E92000001")):
        path = tmp_path / "businessdemography.xlsx"
        return read(DATASET, [payload(path, workbook_bytes(workbook), areas=json.dumps(asked))])[COUNTS.name].to_pylist()

    return parsed


def _workbook(*sheets):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, *lines in sheets:
        sheet = workbook.create_sheet(name)
        for line in lines:
            sheet.append(line)
    return workbook


def _yearly(number, title, year, first=100, header="Count"):
    """A sheet of one year: the year in the title, one column of counts, region and country names indented."""
    return (
        f"Table {number}",
        [f"Table {number}"],
        [f"{title} {year}"],
        [],
        ["", "", header],
        ["E92000001", "ENGLAND", first],
        ["E12000004", "  East Midlands", 50],
        ["E06000016", "    Leicester UA", first + 5],
        ["Source: invented"],
    )


LAYOUT_B = [
    _yearly("1.1a", "COUNT OF BIRTHS OF NEW ENTERPRISES FOR", 2022, 100),
    _yearly("1.1b", "COUNT OF BIRTHS OF NEW ENTERPRISES FOR", 2023, 200),
    _yearly("2.1", "COUNT OF DEATHS OF ENTERPRISES FOR", 2023, 300, "Deaths"),
    _yearly("3.1", "COUNT OF ACTIVE ENTERPRISES FOR", 2023, 400),
]


def test_the_sample_has_every_area_count_and_year_once(release, rows):
    marker, (workbook,) = release
    assert marker.released_at == dt.datetime(2025, 11, 19, 9, 30, tzinfo=dt.timezone.utc) and marker.next_expected is None
    assert workbook.name == f"1_{AREAS.digest}_businessdemography.xlsx" and workbook.labels == labels(AREAS)
    table = read(DATASET, release[1])[COUNTS.name]
    assert duplicates(table, COUNTS.keys) == 0
    assert table.num_rows == len(ASKED) * 3 * 6
    assert {row["area_code"] for row in rows} == set(ASKED) and {row["year"] for row in rows} == set(range(2019, 2025))
    assert all(row["status"] == "ok" and row["enterprises"] % 5 == 0 for row in rows)


def test_every_row_says_which_cell_it_is(release, rows):
    sheets = load_workbook(release[1][0].path)
    for row in rows[::31]:
        sheet, cell = row["_source_row"].split("!")
        assert sheets[sheet][cell].value == row["enterprises"]
        assert sheets[sheet].cell(sheets[sheet][cell].row, 1).value == row["area_code"]


def test_tables_by_industry_and_of_survival_are_passed_over(rows):
    assert {row["_source_row"].split("!")[0][:9] for row in rows} == {"Table 1.1", "Table 2.1", "Table 3.1"}


def test_a_sheet_for_each_year_with_the_year_in_its_title_is_read_too(parse):
    rows = parse(_workbook(*LAYOUT_B))
    found = {(row["measure"], row["area_code"], row["year"]): (row["enterprises"], row["area_name"]) for row in rows}
    assert found == {
        ("births", "E92000001", 2022): (100, "ENGLAND"),
        ("births", "E06000016", 2022): (105, "Leicester UA"),
        ("births", "E92000001", 2023): (200, "ENGLAND"),
        ("births", "E06000016", 2023): (205, "Leicester UA"),
        ("deaths", "E92000001", 2023): (300, "ENGLAND"),
        ("deaths", "E06000016", 2023): (305, "Leicester UA"),
        ("active", "E92000001", 2023): (400, "ENGLAND"),
        ("active", "E06000016", 2023): (405, "Leicester UA"),
    }


def test_years_may_be_numbers_or_carry_notes_and_areas_may_leave_a_sheet(parse):
    births = ("Table 1.1", ["Births by district"], ["Area", "Code", 2022, "2023 [note 3]", "2024 (p)"], ["Leicester", "E06000016", 5, "1,010", "[c]"])
    england = ("Table 1.1d", ["Births by country"], ["Area", "Code", 2024], ["England", "E92000001", 0])
    rows = parse(_workbook(births, england, *LAYOUT_B[2:]))
    found = {(row["area_code"], row["year"]): (row["enterprises"], row["status"]) for row in rows if row["measure"] == "births"}
    assert found == {
        ("E06000016", 2022): (5, "ok"),
        ("E06000016", 2023): (1_010, "ok"),
        ("E06000016", 2024): (None, "c"),
        ("E92000001", 2024): (0, "ok"),
    }


def test_one_number_on_two_sheets_is_read_once_and_two_numbers_are_refused(parse):
    assert len(parse(_workbook(*LAYOUT_B, ("Table 1.1z", *LAYOUT_B[0][1:])))) == 8
    with pytest.raises(SchemaDrift) as refusal:
        parse(_workbook(*LAYOUT_B, _yearly("1.1z", "COUNT OF BIRTHS OF NEW ENTERPRISES FOR", 2022, 101)))
    assert "E92000001 in 2022" in refusal.value.expected and "Table 1.1a!C5" in refusal.value.found


@pytest.mark.parametrize(
    ("title", "measure"),
    [
        ("Count of births of new enterprises for 2018", "births"),
        ("TABLE 2.1 DEATHS OF ENTERPRISES", "deaths"),
        ("Count of active enterprises", "active"),
        ("Births in 2018 and their survival", None),
        ("Count of active 10+ employee enterprises", None),
        ("Count of high-growth enterprises; active", None),
        ("Birth rates", None),
        ("Births and deaths of enterprises", None),
        ("Contents", None),
    ],
)
def test_a_sheet_is_known_by_its_title(title, measure):
    assert measure_of(title) == measure


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        (LAYOUT_B[:3], "active"),
        ([*LAYOUT_B[:3], _yearly("3.1", "ENTERPRISES ALIVE IN", 2023)], "ENTERPRISES ALIVE"),
        ([*LAYOUT_B[:3], _yearly("3.1", "ACTIVE ENTERPRISES", "by year")], "one year in the title"),
        ([*LAYOUT_B[:3], _yearly("3.1", "ACTIVE ENTERPRISES", "2022 and 2023")], "[2022, 2023]"),
        ([*LAYOUT_B[:3], ("T", ["Active"], ["Code", "2023", "2023 [r]"], ["E92000001", 1, 2])], "each year once"),
        ([*LAYOUT_B[:3], ("T", ["Active"], ["Code", "2023"], ["E92000001", "n/a"], ["E06000016", 1])], "n/a"),
        ([*LAYOUT_B[:3], ("T", ["Active"], ["Code", "2023"], ["E92000001", dt.date(2023, 1, 1)], ["E06000016", 1])], "T!B3"),
        ([*LAYOUT_B[:3], ("T", ["Active"], ["Code", "2023"], ["E92000001", 1])], "E06000016"),
    ],
)
def test_a_workbook_that_is_not_as_thought_is_refused_and_says_what_it_has(parse, sheets, said):
    with pytest.raises(SchemaDrift) as refusal:
        parse(_workbook(*sheets))
    assert said in str(refusal.value) and refusal.value.rule and refusal.value.action


@pytest.mark.parametrize("kept", [0, 100, 10_000])
def test_a_cut_or_empty_file_is_an_unexpected_payload(release, tmp_path, kept):
    with pytest.raises(UnexpectedPayload):
        read(DATASET, [payload(tmp_path / "b.xlsx", release[1][0].path.read_bytes()[:kept], **labels(AREAS))])


def test_an_older_edition_in_the_old_excel_format_is_asked_for_as_such(monkeypatch):
    edition = business_demography.ons.Edition("/x", "m", "https://www.ons.gov.uk/file?uri=/x/bd.xls", None, None, None)
    monkeypatch.setattr(business_demography.ons, "find_edition", lambda http, page: edition)
    (resource,) = DATASET.find_resources(type("Lookup", (), {"http": None, "areas": AREAS})(), None)
    assert resource.name.endswith("_businessdemography.xls") and resource.starts_with == (b"\xd0\xcf\x11\xe0",)


_CELLS = (
    st.none() | st.text(max_size=8) | st.floats() | st.integers(-10, 10_000) | st.booleans() | st.sampled_from(["E06000016", "2023", 2023, "[c]", "Births"])
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.lists(_CELLS, max_size=5), max_size=5))
def test_no_cells_make_the_parser_fail_with_anything_but_our_errors(monkeypatch, tmp_path, cells):
    class Book:
        sheet_names = ("Births",)

    top = [["Births"], ["Code", "Area", 2022, 2023], ["E06000016", "Leicester", 5, 10]]
    monkeypatch.setattr(business_demography, "open_workbook", lambda path, name: Book)
    monkeypatch.setattr(business_demography, "read_sheet", lambda book, name, source: Sheet(source, name, [*top, *cells]))
    monkeypatch.setattr(business_demography, "_check_complete", lambda *_: None)
    try:
        (table,) = read(DATASET, [payload(tmp_path / "b.xlsx", b"", areas='["E06000016"]')]).values()
    except ObservatoryError:
        return
    for row in table.to_pylist():
        assert (row["enterprises"] is not None) == (row["status"] == "ok")


def test_the_sample_is_the_same_bytes_every_time():
    assert [entry.body for entry in sample.entries(1)] == [entry.body for entry in sample.entries(1)]
    assert load_workbook(BytesIO(list(sample.entries(1))[2].body)).sheetnames[0] == "Contents"

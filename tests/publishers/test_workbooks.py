"""Cells, references, headers and broken files of workbooks."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from observatory_assets.publishers.workbooks import Sheet, a1, column_letters, header_key, members, number, open_workbook, position, read_sheet, text
from observatory_assets.sample.workbooks import workbook_bytes, zip_bytes
from resources.errors import SchemaDrift, UnexpectedPayload


@given(st.integers(1, 16384), st.integers(1, 1_048_576))
def test_references_are_excels_own_and_read_back(column, row):
    assert column_letters(column) == get_column_letter(column)
    assert position(a1(row, column)) == (row, column)


@given(st.none() | st.text() | st.booleans() | st.floats() | st.integers() | st.datetimes() | st.timedeltas() | st.times())
def test_a_number_is_itself_and_everything_else_is_absent_with_a_reason_and_never_0(value):
    found, status = number(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        assert (found, status) == (float(value), "ok")
    else:
        assert found is None
        assert status == ("nonfinite" if isinstance(value, float) else "x")


@pytest.mark.parametrize("marker", ["", " ", "0 ", "-", "..", "c", "NaN", "inf", "#DIV/0!", "1,234", None, False, dt.datetime(2035, 1, 1)])  # noqa: DTZ001
def test_text_and_blanks_in_a_number_cell_are_missing(marker):
    assert number(marker) == (None, "x")


def test_zero_stays_zero():
    assert number(0.0) == (0.0, "ok")


@given(st.text())
def test_text_has_no_white_space_but_single_spaces(value):
    assert text(value) == " ".join(value.split())
    assert header_key(text(value)) == header_key(value)


def test_headers_match_whatever_their_line_breaks_spaces_and_case():
    assert header_key("SOC\n2020 \nGroup Title") == header_key("soc2020 group\xa0title")


def test_row_numbers_count_the_empty_rows_above_and_left_of_the_data():
    workbook = Workbook()
    workbook.active["C5"] = "here"
    sheet = read_sheet(open_workbook(workbook_bytes(workbook), "w.xlsx"), "Sheet", "w.xlsx")
    assert sheet.find(["here"]) == (5, 3)
    assert sheet.value(5, 3) == "here"
    assert sheet.value(900, 900) == ""
    assert sheet.reference(5, 3) == "Sheet!C5"
    assert sheet.reference(5, 1, 3) == "Sheet!A5:C5"


def test_a_run_found_elsewhere_is_named_in_the_error():
    sheet = Sheet("w.xlsx", "S", [["", ""], ["", 1.0, 2.0]])
    sheet.expect("B2", [1, 2])
    with pytest.raises(SchemaDrift) as caught:
        sheet.expect("A1", [1, 2])
    assert "S!A1:B1" in caught.value.expected
    assert "S!B2" in caught.value.found


def test_a_missing_header_is_named():
    sheet = Sheet("w.xlsx", "S", [["A title"], ["Code", "Tasks "], ["1", "x"]])
    assert sheet.header(["tasks", "CODE"]) == (2, {"tasks": 2, "CODE": 1})
    with pytest.raises(SchemaDrift, match="Job titles"):
        sheet.header(["Code", "Job titles"])


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Maintenance</title>", b"PK\x03\x04 and then nothing", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_workbook_is_an_unexpected_payload(body, tmp_path):
    (tmp_path / "w.xlsx").write_bytes(body)
    for source in (body, tmp_path / "w.xlsx"):
        with pytest.raises(UnexpectedPayload, match="w.xlsx"):
            open_workbook(source, "w.xlsx")


def test_a_missing_sheet_is_schema_drift_and_lists_those_there():
    with pytest.raises(SchemaDrift) as caught:
        read_sheet(open_workbook(workbook_bytes(Workbook()), "w.xlsx"), "Occ F2", "w.xlsx")
    assert caught.value.found == ["Sheet"]


def test_members_are_picked_by_base_name_and_mac_shadows_are_left_out(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes({"x/b.xlsm": b"2", "a.xlsm": b"1", "__MACOSX/x/b.xlsm": b"3", "notes.txt": b"4"}))
    assert list(members(path, "a.zip", re.compile(r"\w\.xlsm"))) == [("a.xlsm", b"1"), ("x/b.xlsm", b"2")]


def test_a_damaged_member_is_an_unexpected_payload(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xlsm", b"original")
    path.write_bytes(path.read_bytes().replace(b"original", b"0riginal"))
    with pytest.raises(UnexpectedPayload, match=re.escape("a.zip/a.xlsm")):
        list(members(path, "a.zip", re.compile(r".*\.xlsm")))

"""The Nomis client and the text reader it stands on, against recorded answers and by hand."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory_assets.publishers import nomis, tabular
from resources.errors import SchemaDrift, UnexpectedPayload


def row(value="100", status="A", name="Normal Value", conf="F"):
    return {"OBS_VALUE": value, "OBS_STATUS": status, "OBS_STATUS_NAME": name, "OBS_CONF": conf}


UNRELIABLE = "Estimate and confidence interval unreliable since the group sample size is small (3-9)"
DISCLOSIVE = "Estimate and confidence interval not available since the group sample size is zero or disclosive (0-2)"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (row(), (100.0, "ok")),
        (row("0"), (0.0, "ok")),
        (row("78.5"), (78.5, "ok")),
        (row("700", "E", UNRELIABLE), (700.0, "u")),
        (row("", "E", UNRELIABLE), (None, "x")),
        (row("", "E", DISCLOSIVE), (None, "c")),
        (row("!", "E", DISCLOSIVE), (None, "c")),
        (row("", "E", "Estimate is less than 500"), (None, "low")),
        (row("", "Q", "These figures are missing."), (None, "x")),
        (row("", "Q", "These figures are suppressed as statistically unreliable."), (None, "c")),
        (row("", "A", "Normal Value"), (None, "x")),
        (row("5", "T", "These figures exclude farm agriculture (SIC subclass 01000)."), (5.0, "ok")),
        (row("5", conf="C"), (None, "c")),
        (row("inf"), (None, "nonfinite")),
    ],
)
def test_suppressed_missing_unreliable_and_zero_stay_apart(cells, expected):
    assert nomis.observation(cells) == expected


def test_an_unknown_word_for_a_value_is_refused():
    with pytest.raises(SchemaDrift, match="neither a number"):
        nomis.observation(row("n/a"))


def test_the_recorded_overview_gives_marker_and_dates(recorded):
    release = nomis.release(json.loads((recorded / "nomis" / "overview_NM_162_1_2025-02.json").read_text()))
    assert release.marker == "2025-02-18 07:00:00|2025-02-18 07:00:00"
    assert release.released_at == dt.datetime(2025, 2, 18, 7, tzinfo=dt.timezone.utc)
    assert release.next_expected == dt.datetime(2025, 3, 20, 7, tzinfo=dt.timezone.utc)


def test_a_release_in_summer_is_an_hour_earlier_in_utc_and_a_missing_next_date_is_none():
    release = nomis.release({"overview": {"lastupdated": "2026-07-14 07:00:00"}})
    assert release == ("2026-07-14 07:00:00|", dt.datetime(2026, 7, 14, 6, tzinfo=dt.timezone.utc), None)


@pytest.mark.parametrize("document", [{}, [], {"overview": {}}, {"overview": None}, "text"])
def test_an_overview_without_dates_is_refused(document):
    with pytest.raises(SchemaDrift, match="last update"):
        nomis.release(document)


def test_a_code_list_of_one_arrives_as_an_object():
    one = {"description": {"value": "Total "}, "value": 7}
    assert nomis.codes({"structure": {"codelists": {"codelist": {"code": one}}}}) == {"7": "Total"}
    assert nomis.codes({"structure": {"codelists": {"codelist": [{"code": [one]}]}}}) == {"7": "Total"}
    with pytest.raises(SchemaDrift, match="code list"):
        nomis.codes({"structure": {"keyfamilies": []}})


def test_the_recorded_zero_byte_answers_are_refused(recorded):
    empty = [path for path in sorted((recorded / "nomis" / "api_csv_2026-04").iterdir()) if path.stat().st_size == 0]
    assert len(empty) == 7
    for path in empty:
        with pytest.raises(UnexpectedPayload, match="empty"):
            list(nomis.read_pages([(path.name, path)]))


def test_the_recorded_repeated_total_is_refused(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-bres-by-industry.csv"
    columns = ("INDUSTRY", "MEASURE", "OBS_STATUS", "OBS_CONF", "RECORD_COUNT")
    (table,) = tabular.read_csv_as_text(partial(path.open, "rb"), columns, path.name)
    rows = table.to_pylist()
    assert {row["INDUSTRY"] for row in rows} == {"37748736"} and len(rows) == 18
    assert {row["OBS_CONF"] for row in rows} == {"F"}, "read as text, not as false"
    asked = {(industry, measure) for industry in ("37748736", "150994945") for measure in ("1", "2")}
    with pytest.raises(SchemaDrift, match="codes returned") as refusal:
        nomis.check_complete(asked, [(row["INDUSTRY"], row["MEASURE"]) for row in rows])
    assert "150994945" in refusal.value.found


def test_every_recorded_answer_with_rows_reads_as_text(recorded):
    for path in sorted((recorded / "nomis" / "api_csv_2026-04").glob("nomis-*.csv")):
        if path.stat().st_size:
            tables = list(tabular.read_csv_as_text(partial(path.open, "rb"), ("GEOGRAPHY_CODE", "OBS_VALUE", "RECORD_COUNT"), path.name))
            rows = [row for table in tables for row in table.to_pylist()]
            assert {row["RECORD_COUNT"] for row in rows} == {str(len(rows))}, path.name
            assert rows[-1]["_source_row"] == str(len(rows) + 1)


def test_a_user_defined_area_cannot_have_a_name_that_splits_the_list():
    assert nomis.user_defined("LLR", ["E06000016", "E06000017"]) == "MAKE|LLR|E06000016;E06000017"
    for name in ("Leicester, Leicestershire and Rutland", "a|b", "a;b", "a&b"):
        with pytest.raises(ValueError, match="separators"):
            nomis.user_defined(name, ["E06000016"])


def test_a_question_over_the_guest_limit_is_asked_in_pages():
    areas = {f"E{number}": nomis.Asked(f"E{number}", f"E{number}", "V1") for number in range(100)}
    question = nomis.Question("NM_17_1", areas, {"cell": list(map(str, range(36)))}, ["latest"], 5, measures=tuple(nomis.MEASURES))
    pages = nomis.pages(question, "aps")
    assert [page.url.partition("&RecordOffset=")[2] for page in pages] == ["", "25000"]
    assert [page.name for page in pages] == ["aps_1.csv", "aps_2.csv"]


@given(st.text(max_size=12))
def test_a_cell_is_a_finite_number_a_status_or_a_named_error(text):
    try:
        value, status = tabular.number(text, {"": "x", "low": "low"})
    except SchemaDrift:
        return
    assert (value is None) == (status != "ok")
    assert value is None or abs(value) < float("inf")


@given(st.text(max_size=30) | st.datetimes().map(lambda when: when.isoformat() + "1Z"))
def test_a_date_is_an_instant_nothing_or_a_named_error(text):
    try:
        when = tabular.instant(text)
    except SchemaDrift:
        return
    assert when is None or when.tzinfo is dt.timezone.utc

"""The audit: a sound release passes every check, each fault fails its own check, and the result says what and where."""

from __future__ import annotations

import datetime as dt
import math

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.contract import STATUSES, STATUSES_WITH_VALUE, Column, Table
from observatory_assets.quality.suite import CHECKS, applicable_checks, as_records, audit, report_markdown

TABLE = Table(
    name="publisher__counts",
    description="One row per area and year.",
    columns=(
        Column("area_code", "string", "Area.", nullable=False, pattern=r"E\d{2}"),
        Column("year", "string", "Year.", nullable=False),
        Column("sex", "string", "Sex.", nullable=False, allowed=("Female", "Male")),
        Column("people", "float", "People.", minimum=0, maximum=10_000),
        Column("people_status", "string", "Status.", nullable=False, allowed=STATUSES),
        Column("rate", "float", "Rate."),
        Column("seen_on", "date", "Day."),
    ),
    keys=("area_code", "year", "sex"),
    minimum_rows=4,
    complete_by=("area_code",),
    total_column="people",
    period_column="year",
)
PLAIN = Table("publisher__plain", "One row per code.", (Column("code", "string", "Code.", nullable=False), Column("number", "integer", "Number.")), ("code",))


def sound(areas: int = 10, years: tuple[str, ...] = ("2023", "2024")) -> list[dict[str, object]]:
    return [
        {
            "area_code": f"E{area:02}",
            "year": year,
            "sex": sex,
            "people": None if area == 3 else float(100 + area),
            "people_status": "c" if area == 3 else "ok",
            "rate": 0.5,
            "seen_on": dt.date(2025, 1, 1),
            "_release_id": "r1",
            "_source_file": "counts.csv",
            "_source_row": str(number),
        }
        for number, (area, year, sex) in enumerate(((area, year, sex) for area in range(areas) for year in years for sex in ("Female", "Male")), start=2)
    ]


def table(rows: list[dict[str, object]], contract: Table = TABLE) -> pa.Table:
    return pa.Table.from_pylist(rows, contract.arrow_schema())


def failed(rows: list[dict[str, object]] | pa.Table, previous: list[dict[str, object]] | None = None):
    """The failed checks of a candidate by name, after checking that every applicable one was run."""
    results = audit(TABLE, rows if isinstance(rows, pa.Table) else table(rows), None if previous is None else table(previous))
    assert tuple(result.check for result in results) == applicable_checks(TABLE)
    assert all(result.table == TABLE.name and result.expected and result.observed for result in results)
    assert not any(result.sample for result in results if result.passed)
    return {result.check: result for result in results if not result.passed}


def changed(rows: list[dict[str, object]], index: int, **values: object) -> list[dict[str, object]]:
    return [row | values if number == index else row for number, row in enumerate(rows)]


def test_a_table_has_the_checks_its_contract_gives_rise_to():
    assert applicable_checks(TABLE) == tuple(CHECKS)
    assert applicable_checks(PLAIN) == ("schema", "keys", "values", "finite", "volume")


def test_a_sound_first_release_passes_and_says_that_there_is_nothing_to_compare_with():
    results = {result.check: result for result in audit(TABLE, table(sound()), None)}
    assert all(result.passed for result in results.values())
    assert {results[check].observed for check in ("drift", "completeness", "period")} == {"first release"}


def test_a_sound_next_release_passes():
    assert failed(sound(), sound()) == {}
    assert failed(sound(11, ("2023", "2024", "2025")), sound()) == {}, "new periods and areas are not faults"


def test_a_table_with_one_key_and_nothing_else_is_audited_too():
    row = {"code": "a", "number": None, "_release_id": "r", "_source_file": "f", "_source_row": "1"}
    assert [result.passed for result in audit(PLAIN, table([row], PLAIN), table([row], PLAIN))] == [True] * 5
    assert [result.check for result in audit(PLAIN, table([row, row], PLAIN), None) if not result.passed] == ["keys"]


@pytest.mark.parametrize(
    ("fault", "column"), [("renamed", "area_code"), ("renamed", "people"), ("missing", "people_status"), ("missing", "year"), ("missing", "rate")]
)
def test_a_column_that_is_not_there_fails_the_schema_whatever_else_it_breaks(column, fault):
    good = table(sound())
    bad = good.drop_columns([column]) if fault == "missing" else good.rename_columns({column: f"{column}_new"})
    found = failed(bad, sound())
    assert column in found["schema"].expected
    assert f"'{column}'" not in found["schema"].observed


@pytest.mark.parametrize("previous", [None, sound()], ids=["first", "next"])
def test_a_duplicated_key_shows_both_rows(previous):
    found = failed([*sound(), sound()[4]], previous)
    assert list(found) == ["keys"]
    assert found["keys"].expected == "unique on area_code, year, sex"
    assert [row["_source_row"] for row in found["keys"].sample] == ["6", "6"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sex": "female"}, "sex is one of Female, Male"),
        ({"area_code": "E001"}, r"area_code matches E\d{2}"),
        ({"area_code": "xE01"}, r"area_code matches E\d{2}"),
        ({"people": -1.0}, "people within [0, 10000]"),
        ({"people": 10_001.0}, "people within [0, 10000]"),
        ({"people_status": "?"}, "people_status is one of ok"),
        ({"people_status": None}, "people_status is never NULL"),
        ({"year": None}, "year is never NULL"),
    ],
)
def test_a_value_out_of_its_domain_is_shown_with_its_row(values, said):
    found = failed(changed(sound(), 7, **values))
    result = found["values"]
    assert said in result.expected
    assert "1 of 40 rows break it" in result.observed or said.endswith("NULL")
    assert {"9"} == {row["_source_row"] for row in result.sample}
    assert {row["_source_file"] for row in result.sample} == {"counts.csv"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"people": None, "people_status": "nonfinite"}, "never 'nonfinite'"),
        ({"people": 5.0, "people_status": "c"}, "people is NULL where people_status carries no number"),
        ({"people": 0.0, "people_status": "c"}, "people is NULL where people_status carries no number"),
        ({"people": None, "people_status": "ok"}, "people is a number exactly where people_status is one of"),
        ({"people": math.nan, "people_status": "ok"}, "people is a number exactly where people_status is one of"),
        ({"rate": math.inf}, "rate is finite"),
        ({"rate": -math.inf}, "rate is finite"),
    ],
)
def test_a_number_that_is_none_or_stands_beside_a_status_that_carries_none_is_shown_with_its_row(values, said):
    found = failed(changed(sound(), 7, **values))
    assert list(found) == ["finite"]
    assert said in found["finite"].expected
    assert {row["_source_row"] for row in found["finite"].sample} == {"9"}


def test_a_suppressed_cell_is_not_a_fault_and_neither_is_a_zero():
    assert failed(changed(changed(sound(), 7, people=0.0), 8, people=None, people_status="low")) == {}


def test_half_the_rows_fail_the_volume_although_every_area_is_there():
    found = failed(sound(years=("2024",)), sound())
    assert list(found) == ["volume"]
    assert found["volume"].expected.startswith("between 36 and") and found["volume"].observed == "20"


def test_too_few_rows_fail_a_first_release_too():
    assert list(failed(sound()[:3])) == ["volume"]
    assert {"volume", "completeness"} <= set(failed([], sound()))


def test_a_release_many_times_as_long_fails_the_volume():
    assert "volume" in failed(sound(80), sound())


@pytest.mark.parametrize("factor", [1000.0, 0.001, 1.3])
def test_other_units_fail_the_drift(factor):
    found = failed([row | {"people": row["people"] and row["people"] * factor} for row in sound()], sound())
    assert "drift" in found and set(found) <= {"drift", "values"}
    assert found["drift"].expected.startswith("mean people within 25% of 104")
    assert float(found["drift"].observed) == pytest.approx(104.6667 * factor, rel=1e-3)


def test_a_release_in_which_everything_is_suppressed_fails_the_drift():
    assert "drift" in failed([row | {"people": None, "people_status": "c"} for row in sound()], sound())


def test_a_lost_area_is_named():
    found = failed([row for row in sound(20) if row["area_code"] != "E07"], sound(20))
    assert list(found) == ["completeness"]
    assert (found["completeness"].expected, found["completeness"].observed) == ("area_code still has its 20 values", "lost E07")


def test_a_period_that_goes_back_is_named():
    found = failed(sound(years=("2022", "2023")), sound())
    assert list(found) == ["period"]
    assert (found["period"].expected, found["period"].observed) == ("newest year at least 2024", "lost 2024")


def test_a_column_new_in_the_contract_is_not_held_against_the_last_release():
    held = table(sound()).drop_columns(["area_code", "people", "year"])
    assert all(result.passed for result in audit(TABLE, table(sound()), held))


def test_the_report_shows_expected_observed_and_rows_of_what_failed():
    results = audit(TABLE, table(changed(sound(), 7, sex="a|b\nc")), None)
    text = report_markdown("Counts: release r1", "It broke.", results)
    assert "| publisher__counts | values | **failed** | sex is one of Female, Male |" in text
    assert "## Rows that break values of publisher__counts" in text and "_source_row = 9" in text
    assert [len(line.replace("\\|", "").split("|")) for line in text.splitlines() if line.startswith("| publisher")] == [7] * len(results)
    assert [record["passed"] for record in as_records(results)] == [result.passed for result in results]


ROWS = st.fixed_dictionaries(
    {
        "people": st.floats(0, 10_000),
        "people_status": st.sampled_from(STATUSES_WITH_VALUE),
        "rate": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "seen_on": st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
    }
) | st.fixed_dictionaries(
    {
        "people": st.none(),
        "people_status": st.sampled_from([status for status in STATUSES if status not in (*STATUSES_WITH_VALUE, "nonfinite")]),
        "rate": st.none(),
        "seen_on": st.none(),
    }
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=40, max_size=40), st.booleans())
def test_whatever_keeps_the_contract_passes(values, compared):
    rows = [row | value for row, value in zip(sound(), values, strict=True)]
    assert failed(rows, rows if compared else None) == {}

"""The claims register on the toy warehouse, its line numbers in the source document, and Wilson's interval against a reference.

Belongs here: what needs a built warehouse, the document, or random numbers. Does not belong here: golden values of the recomputations
(dbt_project/models/marts/_unit_tests_claim.yml).
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.settings import PROJECT_ROOT
from tests.dbt.conftest import DBT_PROJECT

if TYPE_CHECKING:
    import duckdb

pytestmark = pytest.mark.evidence

GOLDEN = [
    # answers, of how many, lower and upper end in percent; 93.1 and 75.6 are effective numbers
    *((n / 2, n, *ends) for n, ends in {121: (41.2, 58.8), 122: (41.3, 58.7), 52: (36.9, 63.1), 42: (35.5, 64.5), 28: (32.6, 67.4)}.items()),
    (93.1 / 2, 93.1, 40.0, 60.0),
    (75.6 / 2, 75.6, 39.0, 61.0),
    (40, 121, 25.3, 41.8),
    (35, 121, 21.6, 37.6),
    (109, 121, 83.5, 94.2),
]
WORDS_IN_A_ROW = 6  # of the document; fewer are names, numbers and the anchors by which a line is found


def _rows(seed: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _wilson(shares: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Lower and upper end by the macro's own SQL, for pairs of share and number of answers."""
    import duckdb

    macro = jinja2.Environment(autoescape=False).from_string((DBT_PROJECT / "macros" / "wilson.sql").read_text(encoding="utf-8")).module.wilson("p", "n")
    rows = ", ".join(f"({place}, {p!r}::double, {n!r}::double)" for place, (p, n) in enumerate(shares))
    with duckdb.connect() as connection:
        return connection.sql(f"select lower, upper from (select place, {macro} from (values {rows}) as t (place, p, n)) order by place").fetchall()


def _reference(p: float, n: float) -> tuple[float, float]:
    centre, half = p + 1.96**2 / (2 * n), 1.96 * math.sqrt(p * (1 - p) / n + 1.96**2 / (4 * n * n))
    return (centre - half) / (1 + 1.96**2 / n), (centre + half) / (1 + 1.96**2 / n)


@pytest.fixture(scope="session")
def document() -> list[str]:
    """The text copy of the source document, line by line."""
    path = PROJECT_ROOT.parent / "shared" / "design" / "lsip_seed.txt"
    if not path.is_file():
        pytest.skip("the source document (../shared/design) is not here")
    return path.read_text(encoding="utf-8").split("\n")


def test_all_sixteen_contradictions_and_over_25_numbers_have_a_status_and_a_reason(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select claim_id, kind, status, reason, reference, evidence from marts.claim").fetchall()
    assert {f"B{number}" for number in range(1, 17)} <= {row[0] for row in rows}
    assert sum(row[1] == "numeric" for row in rows) >= 25
    assert {row[2] for row in rows} <= {"reproduced", "contradicted", "not_testable"}
    assert all(len(reason) > 10 and reference.startswith("L") and evidence for *_, reason, reference, evidence in rows)


def test_every_claim_has_exactly_one_recomputation(marts: duckdb.DuckDBPyConnection) -> None:
    union = " union all ".join(f"select claim_id from intermediate.int_claim_{name}" for name in ("text", "survey", "sector", "dataset"))
    assert Counter(marts.sql(union).fetchall()) == Counter(marts.sql("select claim_id from marts.claim").fetchall())


def test_the_sectors_of_the_panel_are_122_businesses_not_121(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = marts.sql("select status, recomputed_value, difference, reason, reference from marts.claim where claim_id = 'B1'").fetchall()
    assert row[:3] == ("contradicted", 122, 1)
    assert row[3].startswith("42 + 52 + 28 = 122, not 121")
    assert row[4] == "L104"


def test_the_ways_to_pay_for_training_come_to_90_of_100(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select status, recomputed_value, difference from marts.claim where claim_id = 'B3'").fetchall() == [("contradicted", 90, -10)]


def test_five_weeks_are_the_weekdays_of_the_fieldwork_and_not_those_of_two_months(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.sql("select claim_id, status, recomputed_value from marts.claim where claim_id in ('B2', 'N07') order by 1").fetchall()
    assert rows == [("B2", "contradicted", 8.2), ("N07", "reproduced", 5)]


def test_a_third_and_just_under_three_in_ten_of_121_are_not_distinguishable(marts: duckdb.DuckDBPyConnection) -> None:
    ((status, value, lower, upper, reason),) = marts.sql(
        "select status, recomputed_value, lower, upper, reason from marts.claim where claim_id = 'B15'"
    ).fetchall()
    assert (round(value, 1), round(lower, 1), round(upper, 1)) == (4.1, -9.9, 18.1)
    assert status == "not_testable"
    assert "not distinguishable" in reason


def test_wordings_that_differ_are_contradicted_with_every_reading_and_its_line(marts: duckdb.DuckDBPyConnection) -> None:
    readings = [row for row in _rows("claim_reading") if row["role"] == "reading"]
    assert {row["claim_id"] for row in readings} == {f"B{number}" for number in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13)}
    told = dict(marts.sql("select claim_id, reason from marts.claim where status = 'contradicted'").fetchall())
    for row in readings:
        assert (f"L{row['line']}: " if row["line"] else "") + row["reading"] in told[row["claim_id"]]


def test_what_the_panel_answered_is_not_testable_while_its_answers_are_not_held(marts: duckdb.DuckDBPyConnection) -> None:
    panel = "select distinct status, recomputed_value, contains(reason, 'answers are not held') from marts.claim where check_id like 'panel_%'"
    assert marts.sql(panel).fetchall() == [("not_testable", None, True)]


def test_no_claim_is_reproduced_or_contradicted_by_sample_data_or_without_a_number(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select claim_id from marts.claim where status <> 'not_testable' and (is_sample or recomputed_value is null)").fetchall() == []
    assert marts.sql("select claim_id from marts.claim where is_sample and not starts_with(reason, 'sample data')").fetchall() == []


def test_every_cited_line_of_the_document_holds_what_is_said_of_it(document: list[str]) -> None:
    for row in _rows("claim_reading"):
        if row["line"]:
            assert row["anchor"], row
            assert row["anchor"].casefold() in document[int(row["line"]) - 1].casefold(), row


def test_the_register_says_in_its_own_words_what_the_document_says(document: list[str]) -> None:
    text = " ".join(re.findall(r"\w+", " ".join(document).casefold()))
    for row in _rows("stated_claim") + _rows("claim_reading"):
        for column in ("statement", "note", "reading", "anchor"):
            words = re.findall(r"\w+", row.get(column, "").casefold())
            runs = (" ".join(words[start : start + WORDS_IN_A_ROW]) for start in range(len(words) - WORDS_IN_A_ROW + 1))
            assert not any(run in text for run in runs), (row["claim_id"], row[column])


def test_wilsons_interval_has_its_golden_values() -> None:
    found = _wilson([(answers / n, n) for answers, n, *_ in GOLDEN])
    assert [(round(100 * lower, 1), round(100 * upper, 1)) for lower, upper in found] == [tuple(ends) for _, _, *ends in GOLDEN]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1e7)), min_size=1, max_size=200))
def test_wilsons_interval_holds_the_share_lies_within_0_and_1_and_is_the_references(shares: list[tuple[float, float]]) -> None:
    for (p, n), (lower, upper) in zip(shares, _wilson(shares), strict=True):
        assert -1e-12 <= lower <= p + 1e-12
        assert p - 1e-12 <= upper <= 1 + 1e-12
        assert (lower, upper) == pytest.approx(_reference(p, n), abs=1e-12)


def test_no_answers_have_no_interval() -> None:
    assert _wilson([(0.5, 0.0)]) == [(None, None)]

"""Standards onto SOC 2020 unit groups by job title."""

from __future__ import annotations

import pyarrow as pa
import pytest

from observatory_assets.ksb.occupations import COLUMNS, OccupationOverride, load_occupation_overrides, match_standards
from resources.errors import ObservatoryError

UNIT_GROUPS = pa.table(
    {
        "soc_code": ["5213", "5214", "5431", "8215", "1253", "3551", "2133"],
        "title": [
            "Welding trades",
            "Pipe fitters",
            "Butchers",
            "Driving instructors",
            "Hairdressing and beauty salon managers",
            "Buyers",
            "IT business analysts",
        ],
    }
)
SOC_TITLES = pa.table(
    {
        "soc_code": ["5213", "5213", "5214", "5431", "8215", "1253", "3551", "2133"],
        "job_title": [
            "Welder",
            "Spot welder (metal)",
            "Pipe fitter",
            "Butcher",
            "Cycling instructor",
            "Manager (beauty salon)",
            "Procurement officer",
            "Business analyst (computing/IT)",
        ],
    }
)


def _match(title, *job_titles, overrides=()):
    standards = pa.table({"reference": ["ST0001"], "title": [title]})
    typical = pa.table({"reference": ["ST0001"] * len(job_titles), "job_title": pa.array(job_titles, pa.string())})
    return match_standards(standards, typical, UNIT_GROUPS, SOC_TITLES, overrides).to_pylist()


@pytest.mark.parametrize(
    ("title", "code", "method"),
    [
        ("Welder", "5213", "exact_title"),
        ("welders (level 3)", "5213", "exact_title"),
        ("Advanced butcher", "5431", "title"),
        ("Plate welder", "5213", "title"),
        ("Business analyst", "2133", "exact_title"),
        ("Procurment officer", "3551", "title"),
    ],
)
def test_a_title_finds_its_unit_group(title, code, method):
    row = _match(title)[0]
    assert (row["soc_code"], row["method"], row["rank"]) == (code, method, 1)


@pytest.mark.parametrize("title", ["Storyboard artist", "Chartered manager (degree)", "Cycle mechanic", "", "Team leader"])
def test_a_title_that_names_no_listed_trade_is_abstained(title):
    rows = _match(title)
    assert [(row["soc_code"], row["method"]) for row in rows] == [(None, "abstain")]


def test_typical_job_titles_decide_where_the_standard_has_none(statements):
    rows = _match("Metal joining specialist", "Welder", "Spot welder", "Procurement officer")
    assert rows[0]["soc_code"] == "5213" and rows[0]["job_title"] in ("Welder", "Spot welder")


def test_an_override_wins_and_may_say_that_there_is_no_unit_group():
    assert _match("Welder", overrides=(OccupationOverride("ST0001", "5214", "R", "2026-01-01"),))[0]["soc_code"] == "5214"
    row = _match("Welder", overrides=(OccupationOverride("ST0001", None, "R", "2026-01-01"),))[0]
    assert (row["soc_code"], row["method"]) == (None, "override")


def test_the_result_has_the_contract_columns_and_does_not_depend_on_row_order():
    standards = pa.table({"reference": ["B", "A"], "title": ["Butcher", "Welder"]})
    none = pa.table({"reference": pa.array([], pa.string()), "job_title": pa.array([], pa.string())})
    table = match_standards(standards, none, UNIT_GROUPS, SOC_TITLES)
    assert tuple(table.column_names) == COLUMNS
    assert table.equals(match_standards(standards.take([1, 0]), none, UNIT_GROUPS.take(list(range(6, -1, -1))), SOC_TITLES.take(list(range(7, -1, -1)))))


def test_the_seed_of_overrides_loads_and_refuses_a_code_that_is_no_unit_group(seeds, tmp_path):
    assert isinstance(load_occupation_overrides(seeds), tuple)
    (tmp_path / "standard_occupation_override.csv").write_text(
        "reference,soc_code,action,reviewer,reason,decided_at,supersedes\nST1,52,replace,R,,2026-01-01,\n"
    )
    with pytest.raises(ObservatoryError, match="unit group"):
        load_occupation_overrides(tmp_path)

"""Suppressed is never zero: the real SQL of bounds, published totals and sums on random and on recorded tables."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt.conftest import DBT_PROJECT, Built

pytestmark = pytest.mark.evidence

PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
WORLDS = [f"r{number}" for number in range(8)]  # a world is a release: one run of the SQL costs 0.1 s however few rows it has
MOST_DISTRICTS = 8
COLUMNS = {
    **dict.fromkeys(("row_key", "metric", "breakdown", "subgroup", "subgroup_label", "measure_basis", "area_code", "boundary_version"), "varchar"),
    **dict.fromkeys(("period_start", "period_end"), "date"),
    "period_label": "varchar",
    **dict.fromkeys(("value", "lower", "upper"), "double"),
    "interval_kind": "varchar",
    "base": "double",
    "status": "varchar",
    "coverage": "double",
    "release_id": "varchar",
    "is_sample": "boolean",
    **dict.fromkeys(("known_from", "known_to"), "timestamptz"),
    "sources": "struct(raw_table varchar, source_file varchar, source_row varchar)[]",
}
SEEDED = [
    (row["metric"], row["dimension"], row["is_exhaustive"], int(row["parts"] or 0) or None, float(row["rounding"]) if row["rounding"] else None)
    for row in csv.DictReader((DBT_PROJECT / "seeds" / "published_partition.csv").open(encoding="utf-8"))
]


def compiled(built: Built, model: str) -> str:
    """The SQL that dbt compiled a model to, its relations by bare name."""
    text = (built.target / "compiled" / "observatory" / "models" / "intermediate" / f"{model}.sql").read_text(encoding="utf-8")
    return re.sub(r'"\w+"\."\w+"\.("\w+")', r"\1", text)


@dataclass(frozen=True)
class Cell:
    """One published figure and, where it is known, the number it stands for."""

    release: str
    metric: str
    breakdown: str
    subgroup: str
    area: tuple[str, str]
    value: float | None
    status: str
    lower: float | None
    upper: float | None
    kind: str
    truth: float | None = None
    period: int = 2024

    @property
    def key(self) -> str:
        return "|".join((self.release, self.metric, self.breakdown, self.subgroup, *self.area, str(self.period)))

    def row(self) -> dict[str, Any]:
        """The cell with the columns of int_indicator; what the step passes on unread is NULL."""
        known = {
            "row_key": self.key,
            "metric": self.metric,
            "breakdown": self.breakdown,
            "subgroup": self.subgroup,
            "area_code": self.area[0],
            "boundary_version": self.area[1],
            "period_start": dt.date(self.period, 1, 1),
            "period_end": dt.date(self.period, 12, 31),
            "value": self.value,
            "lower": self.lower,
            "upper": self.upper,
            "interval_kind": self.kind,
            "status": self.status,
            "release_id": self.release,
            "sources": [{"raw_table": "t", "source_file": "f", "source_row": self.key}],
        }
        return dict.fromkeys(COLUMNS) | known


@dataclass
class Tightening:
    """The compiled step of int_indicator that takes published totals into account."""

    sql: str
    partitions: list[tuple]

    def run(self, cells: list[Cell]) -> dict[str, dict[str, Any]]:
        """The step's rows by the cells' keys; area A3 has districts D0 to D2."""
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'; set threads = 1")
            connection.execute(f"create table keyed ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
            connection.register("given", pa.Table.from_pylist([cell.row() for cell in cells]))
            connection.execute("insert into keyed select * from given")
            connection.execute("create table published_partition (metric varchar, dimension varchar, is_exhaustive boolean, parts integer, rounding double)")
            connection.executemany("insert into published_partition values (?, ?, ?, ?, ?)", self.partitions)
            connection.execute(
                "create table area as select 'D' || n as area_code, 'LAD23' as boundary_version, 'LAD' as area_type from range($1) as r (n)", [MOST_DISTRICTS]
            )
            connection.execute(
                "create table int_area_place as select area_code, boundary_version, area_code as place_code, 1 as places from area "
                "union all select 'A' || m, 'V', 'D' || n, m from range(2, $1 + 1) as r (m), range(m) as q (n)",
                [MOST_DISTRICTS],
            )
            found = connection.execute(self.sql)
            names = [column[0] for column in found.description]
            return {row["row_key"]: row for row in (dict(zip(names, values, strict=True)) for values in found.fetchall())}


@pytest.fixture(scope="session")
def tightening(built: Built) -> Tightening:
    sql = compiled(built, "int_indicator")
    kinds = list(itertools.product(("rounded", "exact"), ("whole", "left"), (2, 3, 4)))
    partitions = [(f"{how}_{rest}_{parts}", "age", rest == "whole", parts, 0.0 if how == "exact" else None) for how, rest, parts in kinds]
    partitions += [(metric, "district", True, None, rounding) for metric, *_, rounding in partitions]
    return Tightening("with\n" + sql[sql.index("partitions as (") :], partitions)


def published(grain: tuple, truth: int, *, rounded: bool, hidden: bool) -> Cell:
    """A true count as DfE gives it (rounded to 10, 1 to 4 `low`) or as ONS does (exact, or withheld whatever it is)."""
    if not rounded:
        return Cell(*grain, None, "c", None, None, "none", truth) if hidden else Cell(*grain, truth, "ok", None, None, "none", truth)
    if hidden and truth <= 4:
        return Cell(*grain, None, "c", 0, 4, "bound", truth)
    if 1 <= truth <= 4:
        return Cell(*grain, None, "low", 1, 4, "bound", truth)
    value = (truth + 5) // 10 * 10
    return Cell(*grain, value, "ok", max(value - 5, 0) if truth else 0, value + 5 if truth else 0, "bound", truth)


def summed(grain: tuple, cells: list[Cell], *, is_complete: bool) -> Cell:
    """What the project gives for an area that no publisher has a figure for: the sum of its districts' bounds."""
    ends = [(cell.value, cell.value) if cell.kind == "none" else (cell.lower, cell.upper) for cell in cells]
    lower = sum(end or 0 for end, _ in ends)
    upper = sum(end for _, end in ends) if is_complete and all(end is not None for _, end in ends) else None
    value = (lower + upper) / 2 if upper is not None and upper - lower <= 0.05 * (lower + upper) / 2 else None
    return Cell(*grain, value, "partial" if value is None else "ok", lower, upper, "bound", sum(cell.truth for cell in cells))


@st.composite
def worlds(draw: st.DrawFn, release: str) -> list[Cell]:
    """Districts of an area with the parts of a breakdown and their total, some of it suppressed, some rows missing."""
    rounded, leaves_out = draw(st.booleans()), draw(st.booleans())
    districts, parts = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    metric = f"{'rounded' if rounded else 'exact'}_{'left' if leaves_out else 'whole'}_{parts}"
    has_totals, has_own_figures = draw(st.booleans()), draw(st.booleans())
    is_hidden, is_missing = st.integers(0, 3).map(lambda die: die == 0), st.integers(0, 14).map(lambda die: die == 0)
    counts = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 60), st.integers(0, 3000))
    below: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for district in range(districts):
        figures = {("age", f"P{part}"): draw(counts) for part in range(parts)}
        if has_totals:
            figures["total", "Total"] = sum(figures.values()) + (draw(st.integers(0, 30)) if leaves_out else 0)
        for place, truth in figures.items():
            grain = (release, metric, *place, (f"D{district}", "LAD23"))
            below[place].append(published(grain, truth, rounded=rounded, hidden=draw(is_hidden)))
    cells: list[Cell] = []
    for place, there in below.items():
        grain, truth = (release, metric, *place, (f"A{districts}", "V")), sum(cell.truth for cell in there)
        held = [cell for cell in there if not draw(is_missing)]
        own = published(grain, truth, rounded=rounded, hidden=draw(is_hidden))
        total = summed(grain, held, is_complete=len(held) == len(there))
        cells += [*held, own if has_own_figures else replace(total, truth=truth)]
    return cells


def certain(cell: Cell) -> tuple[float, float | None]:
    return (cell.lower or 0, cell.upper) if cell.kind == "bound" or cell.value is None else (cell.value, cell.value)


def width(lower: float | None, upper: float | None) -> float:
    return float("inf") if upper is None else upper - (lower or 0)


@PROPERTY
@given(st.tuples(*(worlds(release) for release in WORLDS)))
def test_bounds_with_and_without_published_totals_contain_the_truth_and_only_narrow(tightening: Tightening, many: tuple[list[Cell], ...]) -> None:
    cells = [cell for world in many for cell in world]
    found = tightening.run(cells)
    assert len(found) == len(cells)
    for cell in cells:
        row = found[cell.key]
        lower, upper = certain(cell)
        assert lower <= cell.truth and (upper is None or cell.truth <= upper), "the world itself is sound"
        assert (row["untightened_lower"], row["untightened_upper"]) == (cell.lower, cell.upper)
        assert row["breaches"] == 0, "nothing that is true contradicts itself"
        if cell.status not in ("c", "low", "partial"):
            assert (row["value"], row["status"], row["lower"], row["upper"]) == (cell.value, cell.status, cell.lower, cell.upper)
            continue
        new_lower, new_upper = row["lower"] or 0, row["upper"]
        assert lower <= new_lower <= cell.truth
        assert new_upper is None or cell.truth <= new_upper
        assert upper is None or new_upper <= upper
        if cell.status in ("c", "low"):
            assert (row["value"], row["status"]) == (None, cell.status), "suppressed stays suppressed, and is no number, least of all 0"
        elif row["value"] is not None:
            assert row["status"] == "ok" and new_upper - new_lower <= 0.05 * row["value"] and new_lower <= row["value"] <= new_upper
        own = [{"raw_table": "t", "source_file": "f", "source_row": cell.key}]
        if (row["lower"], row["upper"]) == (cell.lower, cell.upper):
            assert row["sources"] == own
        else:
            assert row["interval_kind"] == "bound" and len(row["sources"]) > 1 and own[0] in row["sources"], "who narrowed it is cited"


@PROPERTY
@given(
    st.lists(st.integers(0, 3000), min_size=4, max_size=4),
    st.integers(0, 3),
)
def test_a_partial_part_of_an_exact_total_is_bounded_to_the_number_and_one_hidden_for_confidentiality_is_not_worked_out(
    tightening: Tightening, truths: list[int], hidden: int
) -> None:
    grain = ("r", "exact_whole_4")
    cells = [published((*grain, "age", f"P{n}", ("D0", "LAD23")), truth, rounded=False, hidden=n == hidden) for n, truth in enumerate(truths)]
    cells.append(published((*grain, "total", "Total", ("D0", "LAD23")), sum(truths), rounded=False, hidden=False))
    row = tightening.run(cells)[cells[hidden].key]
    assert (row["lower"], row["upper"], row["value"], row["status"]) == (cells[hidden].lower, cells[hidden].upper, None, "c")
    cells[hidden] = replace(cells[hidden], status="partial")
    row = tightening.run(cells)[cells[hidden].key]
    assert (row["lower"], row["upper"], row["value"], row["status"]) == (truths[hidden], truths[hidden], truths[hidden], "ok")


def test_a_total_that_its_parts_contradict_narrows_nothing_and_is_counted(tightening: Tightening) -> None:
    def cell(subgroup: str, truth: int | None, breakdown: str = "age", district: str = "D0") -> Cell:
        return published(("r", "exact_whole_3", breakdown, subgroup, (district, "LAD23")), truth or 0, rounded=False, hidden=truth is None)

    broken = [cell("P0", 70), cell("P1", 50), cell("P2", None), cell("Total", 100, "total")]
    fine = [cell(one.subgroup, one.value and one.value // 2, one.breakdown, "D1") for one in broken]
    fine[-1] = cell("Total", 90, "total", "D1")
    found = tightening.run(broken + fine)
    assert found[broken[3].key]["breaches"] == 1
    assert (found[broken[2].key]["lower"], found[broken[2].key]["upper"]) == (None, None)
    # a release in which parts exceed a total is not trusted to be disjoint anywhere; that all parts are there is another matter
    assert (found[fine[2].key]["lower"], found[fine[2].key]["upper"]) == (30, None)
    fine[2] = replace(fine[2], status="partial")  # one hidden for confidentiality would not be worked out
    alone = tightening.run(fine)
    assert (alone[fine[2].key]["lower"], alone[fine[2].key]["upper"]) == (30, 30)


def test_bounds_that_would_be_empty_stay_as_they_were_and_are_counted(tightening: Tightening) -> None:
    grain = ("r", "rounded_whole_2")
    low = published((*grain, "age", "P0", ("D0", "LAD23")), 3, rounded=True, hidden=False)
    other = published((*grain, "age", "P1", ("D0", "LAD23")), 100, rounded=True, hidden=False)
    total = published((*grain, "total", "Total", ("D0", "LAD23")), 125, rounded=True, hidden=False)
    found = tightening.run([low, other, total])
    row = found[low.key]
    assert (row["lower"], row["upper"], row["status"]) == (1, 4, "low")
    assert found[total.key]["breaches"] + row["breaches"] > 0


PLACES = ["D0", "D1", "D2"]
PUBLISHED = st.one_of(st.just(0), st.integers(1, 4), st.integers(0, 200))
# a count, and whether it is there, withheld as `c`, or absent
DISTRICT_CELLS = st.fixed_dictionaries({place: st.tuples(PUBLISHED, st.sampled_from(["there", "there", "there", "c", "x", "absent"])) for place in PLACES})


def load_starts(connection: duckdb.DuckDBPyConnection, built: Built, rows: list[dict[str, Any]]) -> None:
    """int_apprenticeship_cell, made by its SQL of published starts: area_code, time_period, starts and starts_status each."""
    connection.execute(
        "create table stg_dfe__apprenticeships_by_district (area_code varchar, time_period varchar, is_full_year boolean default true, "
        "age_summary varchar default 'Total', apps_level varchar default 'Total', sex varchar default 'Total', starts double, starts_status varchar, "
        "achievements double, achievements_status varchar default 'x', participation double, participation_status varchar default 'x', "
        "source_file varchar default 'f', source_row varchar default 'r', release_id varchar default 'r', is_sample boolean default true, "
        "known_from timestamptz default '2026-01-01', known_to timestamptz)"
    )
    if rows:
        connection.register("given", pa.Table.from_pylist(rows))
        connection.execute("insert into stg_dfe__apprenticeships_by_district by name select * from given")
    connection.execute(
        "create table stg_dfe__apprenticeship_achievements_by_standard as select *, null::varchar as reference, null::varchar as standard_name, "
        "null::varchar as lad_code from stg_dfe__apprenticeships_by_district where false"
    )
    connection.execute(f"create table int_apprenticeship_cell as {compiled(built, 'int_apprenticeship_cell')}")


def apprenticeships(built: Built, years: list[dict[str, tuple[int, str]]]) -> dict[tuple[int, str], tuple]:
    """Rows of int_apprenticeship by year and area, of districts' starts published as DfE does; area A is the three districts."""
    rows = []
    for number, year in enumerate(years):
        for place, (truth, how) in year.items():
            if how == "absent":
                continue
            cell = published(("r", "m", "total", "Total", (place, "")), truth, rounded=True, hidden=how == "c")
            value, status = (None, "x") if how == "x" else (cell.value, cell.status)
            rows.append({"area_code": place, "time_period": f"{2000 + number}{1 + number:02}", "starts": value, "starts_status": status})
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 1")
        connection.execute(
            "create table int_area_place as select 'A' as area_code, 'V' as boundary_version, unnest($1) as place_code, 3 as places "
            "union all select unnest($1), 'L', unnest($1), 1",
            [PLACES],
        )
        load_starts(connection, built, rows)
        found = connection.execute(
            f"select cast(left(time_period, 4) as integer) - 2000, area_code, value, status, lower, upper from ({compiled(built, 'int_apprenticeship')})"
            " where metric = 'apprenticeship_starts'"
        ).fetchall()
    return {(year, area): rest for year, area, *rest in found}


@PROPERTY
@given(st.lists(DISTRICT_CELLS, min_size=6, max_size=6))
def test_sums_over_districts_contain_the_truth_and_are_never_0_for_what_is_suppressed(built: Built, years: list[dict[str, tuple[int, str]]]) -> None:
    found = apprenticeships(built, years)
    for number, year in enumerate(years):
        held = {place: cell for place, cell in year.items() if cell[1] != "absent"}
        assert {area for year_, area in found if year_ == number} == {*held, *(["A"] if held else [])}
        truth = sum(count for count, _ in year.values())
        for place, (count, how) in held.items():
            value, status, lower, upper = found[number, place]
            if how == "x":
                assert (value, status, lower, upper) == (None, "x", None, None)
            elif how == "c" and count <= 4:
                assert (value, status, lower, upper) == (None, "c", 0, 4)
            elif 1 <= count <= 4:
                assert (value, status, lower, upper) == (None, "low", 1, 4)
            else:
                assert status == "ok" and lower <= count <= upper and (value == 0) is (count == 0), "a true 0 is published as 0"
        if held:
            value, status, lower, upper = found[number, "A"]
            assert lower is None or lower <= truth
            assert upper is None or truth <= upper
            if all(how == "there" for _, how in year.values()):
                assert upper is not None and lower is not None
                assert (value == 0) is (truth == 0), "a sum of true zeros is 0, and one with a `low` in it never is"
            if any(how in ("x", "absent") for _, how in year.values()):
                assert value is None and upper is None, "what a missing district adds is unknown"


def test_what_is_suppressed_and_what_zeros_would_have_made_of_it_is_counted(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.sql(
        "select metric, breakdown, area_type, cells, suppressed, low, zero_wrong, sums, zero_fill_wrong, n_inconsistent from marts.suppression "
        "where metric = 'apprenticeship_starts' and breakdown = 'age' or breakdown = 'standard' order by all"
    ).fetchall()
    assert found == [
        # one standard's `low` in one district; with the 40 (35 to 45) of another, 0 in its place is not outside 36 to 49
        ("apprenticeship_achievements", "standard", "LAD", 11, 1, 1, 1, 0, 0, 0),
        ("apprenticeship_achievements", "standard", "LSIP", 6, 0, 0, 0, 2, 0, 0),
        ("apprenticeship_starts", "age", "LAD", 8, 1, 1, 1, 0, 0, 0),
        ("apprenticeship_starts", "age", "LSIP", 2, 0, 0, 0, 2, 0, 0),
        ("apprenticeship_starts", "age", "country", 1, 0, 0, 0, 0, 0, 0),
    ]


def test_the_seed_of_partitions_names_metrics_that_are_counts() -> None:
    with (DBT_PROJECT / "seeds" / "metric.csv").open(encoding="utf-8") as file:
        units = {row["metric"]: row["unit"] for row in csv.DictReader(file)}
    assert {metric for metric, *_ in SEEDED} <= set(units)
    assert {units[metric] for metric, *_ in SEEDED}.isdisjoint({"percent", "pounds", "per 100000 people"})
    assert len({(metric, dimension) for metric, dimension, *_ in SEEDED}) == len(SEEDED)


# ---- recorded data --------------------------------------------------------------------------------------------------------------------------------------

DIMENSIONS = {"age_summary": "age", "apps_level": "level", "sex": "sex"}


@pytest.fixture(scope="module")
def kirklees(recorded: Path) -> list[Cell]:
    """The recorded apprenticeships of one district over six years: each total with its parts, once for every value of the two other dimensions.

    Each such table is a release of its own, so that one contradiction does not speak for another table.
    """
    with (recorded / "ees" / "apprenticeships-kirklees-2025-26.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    cells = []
    for (column, dimension), measure, row in itertools.product(DIMENSIONS.items(), ("starts", "achievements", "participation"), rows):
        others = [row[other] for other in DIMENSIONS if other != column]
        if dimension == "sex" and row["sex"] not in ("Total", "Female", "Male"):
            continue
        truth = 1 if row[measure] == "low" else int(row[measure])
        breakdown = "total" if row[column] == "Total" else dimension
        release = "|".join((row["time_period"], dimension, *others))
        grain = (release, f"apprenticeship_{measure}", breakdown, row[column], ("D0", "LAD23"))
        # counts are rounded already: rounding them again changes nothing
        cells.append(replace(published(grain, truth, rounded=True, hidden=False), truth=None, period=int(row["time_period"][:4])))
    return cells


def contradictions(tightening: Tightening, cells: list[Cell], partitions: list[tuple]) -> dict[tuple[str, str], tuple[int, int]]:
    """By metric and dimension: how many recorded totals there are, and how many their parts contradict."""
    found = Tightening(tightening.sql, partitions).run(cells)
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        if cell.breakdown == "total":
            dimension = cell.release.split("|")[1]
            counted[cell.metric, dimension][0] += 1
            counted[cell.metric, dimension][1] += found[cell.key]["breaches"]
    return {place: (totals, broken) for place, (totals, broken) in counted.items()}


def test_recorded_parts_add_up_to_their_recorded_totals_wherever_the_seed_says_so(tightening: Tightening, kirklees: list[Cell]) -> None:
    seeded = {(metric, dimension) for metric, dimension, *_ in SEEDED}
    # the seed's own rows, and beside them the one that is left out of it
    found = contradictions(tightening, kirklees, [*SEEDED, ("apprenticeship_participation", "level", True, 3, None)])
    assert {place: broken for place, (_, broken) in found.items() if place in seeded} == dict.fromkeys(found.keys() & seeded, 0)
    assert len(found.keys() & seeded) == 8 and all(totals >= 72 for totals, _ in found.values())
    assert found["apprenticeship_participation", "level"] == (72, 15), "a learner of two levels counts in both, so these are no parts of their total"


def test_zero_filling_the_recorded_low_cells_contradicts_a_recorded_total(tightening: Tightening, kirklees: list[Cell]) -> None:
    tables: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in kirklees:
        tables[cell.release, cell.metric].append(cell)
    sums = [cells for cells in tables.values() if any(cell.status == "low" for cell in cells if cell.breakdown != "total")]
    wrong = 0
    for cells in sums:
        (total,) = (cell for cell in cells if cell.breakdown == "total")
        known = [cell for cell in cells if cell.breakdown != "total" and cell.value is not None]
        wrong += sum(cell.upper for cell in known) < total.lower
    assert (len(sums), wrong) == (11, 1), "two `low` of a total of 10: nothing but a total can show it, since 10 is 5 to 15"


def survey(path: Path) -> Iterator[tuple[list[str], str]]:
    """(eight districts' figures, the area's own) for every cell and year of a recorded extract of the survey."""
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))[2:]  # the headings are not quoted and break
    for year in sorted({row[0] for row in rows}):
        areas = {row[1]: row[2:] for row in rows if row[0] == year}
        (own,) = (row for name, row in areas.items() if name.startswith("User Defined Geography"))
        below = [row for name, row in areas.items() if name.startswith("ladu:") and not name.endswith("Rutland")]
        assert len(below) == 8
        for place in range(0, len(own) - 2, 3):  # figure, flag, half-width
            yield [row[place] for row in below], own[place]


@pytest.mark.parametrize(
    ("name", "complete", "suppressed", "wrong", "mean_shortfall", "largest"),
    [("extract_T01_leicester_areas.csv", 30, 5, 4, 0.089, 1 / 6), ("extract_T13a_leicester_areas.csv", 23, 22, 21, 0.176, 7 / 11)],
)
def test_zero_filling_the_recorded_survey_is_wrong_in_25_of_27_sums(
    tightening: Tightening, recorded: Path, name: str, complete: int, suppressed: int, wrong: int, mean_shortfall: float, largest: float
) -> None:
    cells, sums = [], []
    for number, (districts, own) in enumerate(survey(recorded / "nomis" / name)):
        known = [float(figure) for figure in districts if figure.isdigit()]
        sums.append((len(known), float(own) - sum(known), float(own)))
        figures = [float(figure) if figure.isdigit() else None for figure in districts]
        grain = (f"r{number}", "unemployment", "total", "Total")  # any cell of the survey will do
        for place, figure in enumerate(figures):
            status = "ok" if figure is not None else "low" if districts[place] == "~" else "c"
            bounds = (0, 500, "bound") if status == "low" else (None, None, "none")
            cells.append(Cell(*grain, (f"D{place}", "LAD23"), figure, status, *bounds))
        cells.append(Cell(*grain, ("A8", "V"), float(own), "ok", None, None, "none"))
    whole = [abs(short) for known, short, _ in sums if known == 8]
    assert len(whole) == complete and max(whole) <= 50 * 9, "where nothing is suppressed, districts add up within rounding"
    holed = [(known, short, own) for known, short, own in sums if known < 8]
    assert len(holed) == suppressed
    assert sum(short > 50 * (known + 1) for known, short, _ in holed) == wrong
    shares = [short / own for _, short, own in holed]
    assert sum(shares) / len(shares) == pytest.approx(mean_shortfall, abs=5e-4)
    assert max(shares) == pytest.approx(largest)

    found = Tightening(tightening.sql, SEEDED).run(cells)
    hidden = [found[cell.key] for cell in cells if cell.status in ("c", "low")]
    assert all(row["value"] is None and row["status"] in ("c", "low") for row in hidden)
    assert all(row["upper"] is not None and row["lower"] <= row["upper"] for row in hidden), "the area's own figure bounds every one of them"
    assert sum(row["breaches"] for row in found.values()) == 0

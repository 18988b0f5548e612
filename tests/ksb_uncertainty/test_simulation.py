"""The simulation of gaps: the worked example, coverage of a known truth, what moves nothing, and what must never appear."""

from __future__ import annotations

import logging
import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from observatory_assets.ksb.uncertainty import simulate_gap
from resources.errors import ObservatoryError

PLACE = ("area_code", "boundary_version", "basis", "period_label")
KEY = ("area_code", "boundary_version", "demand_basis", "supply_basis", "period_label", "kind", "level", "ksb_id")


def table(names, types, rows):
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table([pa.array(column, type=kind) for column, kind in zip(columns, types, strict=True)], names=list(names))


def demand_weights(*rows):
    return table((*PLACE, "soc_code", "weight", "standard_error"), [pa.string()] * 5 + [pa.float64()] * 2, rows)


def demand_incidence(*rows):
    return of_level(table(("kind", "ksb_id", "soc_code", "incidence", "n"), [pa.string()] * 3 + [pa.float64(), pa.int64()], rows))


def supply_weights(*rows):
    return table((*PLACE, "reference", "achievements", "lower", "upper"), [pa.string()] * 5 + [pa.float64()] * 3, rows)


def supply_incidence(*rows):
    """KSBs of standards, which are certain; a fifth number makes it a subject's mean over so many standards."""
    rows = [(*row, None)[:5] for row in rows]
    return of_level(table(("kind", "ksb_id", "reference", "incidence", "n"), [pa.string()] * 3 + [pa.float64(), pa.float64()], rows))


def of_level(incidence, level="area"):
    return incidence.append_column("level", pa.array([level] * incidence.num_rows, pa.string()))


HERE = ("E1", "2024", "stock", "2025")
TAUGHT = ("E1", "2024", "attained", "2024/25")


def toy(standard_error=None, n=None, *, area="E1"):
    """The worked example of the metric definitions: W = (600, 400), A = (200, 100), three KSBs."""
    here, taught = (area, *HERE[1:]), (area, *TAUGHT[1:])
    return (
        demand_weights((*here, "o1", 600.0, standard_error), (*here, "o2", 400.0, standard_error)),
        demand_incidence(*(("skill", k, o, p, n) for o, row in (("o1", (1, 0.5, 0)), ("o2", (0.25, 1, 0.5))) for k, p in zip("abc", row, strict=True))),
        supply_weights((*taught, "q1", 200.0, 200.0, 200.0), (*taught, "q2", 100.0, 100.0, 100.0)),
        supply_incidence(*(("skill", k, q, p) for q, row in (("q1", (1, 0, 0.5)), ("q2", (0.5, 1, 0))) for k, p in zip("abc", row, strict=True))),
    )


def world_of_subjects(number, *, subjects=12, ksbs=10):
    """As invented_world, but what a subject teaches is known from 8 to 40 of its programmes only."""
    rng = np.random.default_rng((2036, number))
    weight, tasks = rng.uniform(5, 50, 20), rng.integers(15, 60, 20)
    truly_asked = np.minimum(rng.dirichlet(np.full(ksbs, 0.4), 20) * rng.uniform(0.5, 1.2, (20, 1)), 0.98)
    seen_weight, seen_asked = np.maximum(rng.normal(weight, 0.1 * weight), 0), rng.binomial(tasks[:, None], truly_asked) / tasks[:, None]
    programmes, achieved = rng.integers(8, 40, subjects), rng.uniform(10, 400, subjects)
    truly_taught = np.minimum(rng.dirichlet(np.full(ksbs, 0.6), subjects) * rng.uniform(1, 3, (subjects, 1)), 0.98)
    seen_taught = rng.binomial(programmes[:, None], truly_taught) / programmes[:, None]
    demanded, supplied = weight @ truly_asked, achieved @ truly_taught
    gap = demanded / demanded.sum() - supplied / supplied.sum()
    tables = (
        demand_weights(*((*HERE, f"{o:02}", seen_weight[o], 0.1 * weight[o]) for o in range(20))),
        demand_incidence(*(("skill", f"{k:02}", f"{o:02}", seen_asked[o, k], int(tasks[o])) for o, k in zip(*np.nonzero(seen_asked), strict=True))),
        supply_weights(*((*TAUGHT, f"{q:02}", a, a - 5, a + 5) for q, a in enumerate(map(float, achieved)))),
        supply_incidence(*(("skill", f"{k:02}", f"{q:02}", seen_taught[q, k], float(programmes[q])) for q, k in zip(*np.nonzero(seen_taught), strict=True))),
    )
    return tables, {f"{k:02}": 100 * gap[k] for k in range(ksbs)}


def invented_world(number, *, occupations=20, ksbs=10, standards=40):
    """Estimates as a publisher would give them of a world whose truth is known: inputs, true gaps by KSB, true mismatch."""
    rng = np.random.default_rng((2035, number))
    weight, tasks = rng.uniform(5, 50, occupations), rng.integers(15, 60, occupations)
    asked = np.minimum(rng.dirichlet(np.full(ksbs, 0.4), occupations) * rng.uniform(0.5, 1.2, (occupations, 1)), 0.98)
    seen_weight, seen_asked = np.maximum(rng.normal(weight, 0.1 * weight), 0), rng.binomial(tasks[:, None], asked) / tasks[:, None]
    taught, achieved = (rng.random((standards, ksbs)) < 0.3).astype(float), rng.geometric(0.12, standards) - 1
    demand, supply = weight @ asked, achieved @ taught
    gap = demand / demand.sum() - supply / supply.sum()
    tables = (
        demand_weights(*((*HERE, f"{o:02}", seen_weight[o], 0.1 * weight[o]) for o in range(occupations))),
        demand_incidence(*(("skill", f"{k:02}", f"{o:02}", seen_asked[o, k], int(tasks[o])) for o, k in zip(*np.nonzero(seen_asked), strict=True))),
        supply_weights(*((*TAUGHT, f"{q:02}", *((None, 1.0, 4.0) if 1 <= a <= 4 else (float(a),) * 3)) for q, a in enumerate(achieved))),
        supply_incidence(*(("skill", f"{k:02}", f"{q:02}", 1.0) for q, k in zip(*np.nonzero(taught), strict=True))),
    )
    return tables, {f"{k:02}": 100 * gap[k] for k in range(ksbs)}, np.abs(gap).sum() / 2


def test_the_worked_example_comes_out_to_four_decimals():
    gaps, mismatch = simulate_gap(*toy(), draws=200, seed=1)
    rows = gaps.to_pylist()
    assert [round(row["demand_share"], 4) for row in rows] == [0.4375, 0.4375, 0.1250]
    assert [round(row["supply_share"], 4) for row in rows] == [0.5556, 0.2222, 0.2222]
    assert [round(row["gap_pp"], 4) for row in rows] == [-11.8056, 21.5278, -9.7222]
    assert [round(math.log(row["demand_share"] / row["supply_share"]), 4) for row in rows] == [-0.2389, 0.6774, -0.5754]
    assert round(mismatch["mismatch_index"][0].as_py(), 4) == 0.2153
    assert {name: rows[1][name] for name in KEY} == dict(zip(KEY, ("E1", "2024", "stock", "attained", "2025 | 2024/25", "skill", "area", "b"), strict=True))
    assert [(row["rank"], row["rank_lower"], row["rank_upper"]) for row in rows] == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]


def test_where_nothing_is_uncertain_every_interval_is_its_point():
    gaps, mismatch = simulate_gap(*toy(), draws=100, seed=1)
    for row in gaps.to_pylist():
        for point, lower, upper in (("demand_share", "demand_lower", "demand_upper"), ("gap_pp", "gap_lower", "gap_upper")):
            assert row[lower] == pytest.approx(row[point], abs=1e-9) == row[upper]
        assert row["probability_gap_positive"] == (row["gap_pp"] > 0)
    assert mismatch["lower"][0].as_py() == pytest.approx(mismatch["upper"][0].as_py())


def test_nominal_intervals_hold_the_truth_as_often_as_they_say():
    """Charter of the method: 200 invented worlds, 2,000 gaps, nominal 95%."""
    held, held_mismatch = [], []
    for number in range(200):
        tables, truth, true_mismatch = invented_world(number)
        gaps, mismatch = simulate_gap(*tables, draws=400, seed=1)
        held += [row["gap_lower"] <= truth[row["ksb_id"]] <= row["gap_upper"] for row in gaps.to_pylist()]
        held_mismatch.append(mismatch["lower"][0].as_py() <= true_mismatch <= mismatch["upper"][0].as_py())
    assert 0.92 <= np.mean(held) <= 0.98
    assert 0.87 <= np.mean(held_mismatch) <= 0.99  # 200 worlds only: 95% ± 3 points by chance, and the index stays slightly biased upwards


def test_intervals_hold_the_truth_where_supply_is_a_mean_over_a_subjects_programmes():
    """200 invented worlds, 2,000 gaps, nominal 95%."""
    held = []
    for number in range(200):
        tables, truth = world_of_subjects(number)
        held += [row["gap_lower"] <= truth[row["ksb_id"]] <= row["gap_upper"] for row in simulate_gap(*tables, draws=400, seed=1)[0].to_pylist()]
    assert 0.92 <= np.mean(held) <= 0.98


def test_of_gaps_called_discoveries_at_ten_percent_few_are_false():
    """Worlds in which a third of the KSBs has no gap at all: of those called a gap by q <= 0.1, at most one in ten may be such a one."""
    called = false = 0
    for number in range(100):
        rng = np.random.default_rng((7, number))
        share = rng.dirichlet(np.full(12, 5.0))
        taught = share.copy()
        moved = 0.6 * np.minimum(share[0:8:2], share[1:8:2])
        taught[0:8:2] -= moved
        taught[1:8:2] += moved
        scale = 0.9 / max(share.max(), taught.max())
        tasks = 150
        seen = rng.binomial(tasks, share * scale) / tasks
        tables = (
            demand_weights((*HERE, "o1", 100.0, None)),
            demand_incidence(*(("skill", f"{k:02}", "o1", seen[k], tasks) for k in range(12))),
            supply_weights((*TAUGHT, "q1", 100.0, 100.0, 100.0)),
            supply_incidence(*(("skill", f"{k:02}", "q1", taught[k] * scale, None) for k in range(12))),
        )
        none = {f"{k:02}" for k in range(8, 12)}
        for row in simulate_gap(*tables, draws=400, seed=1)[0].to_pylist():
            called += row["q_value"] <= 0.1
            false += row["q_value"] <= 0.1 and row["ksb_id"] in none
    assert called > 100
    assert false / called < 0.1


def test_q_values_are_those_of_the_step_up_procedure_within_a_comparison():
    tables, _, _ = invented_world(3)
    rows = sorted(simulate_gap(*tables, draws=400, seed=1)[0].to_pylist(), key=lambda row: row["p_value"])
    stepped = [row["p_value"] * len(rows) / place for place, row in enumerate(rows, start=1)]
    assert [row["q_value"] for row in rows] == pytest.approx([min(1, *stepped[place:]) for place in range(len(rows))])
    assert rows[0]["q_value"] < 0.1 < rows[-1]["q_value"]


def test_levels_are_compared_each_within_itself():
    demand, asked, supply, taught = toy()
    groups = [of_level(table.drop_columns("level"), "group") for table in (asked, taught)]
    both = simulate_gap(demand, pa.concat_tables([asked, groups[0]]), supply, pa.concat_tables([taught, groups[1]]), draws=100, seed=1)
    alone = simulate_gap(*toy(), draws=100, seed=1)
    for whole, part in zip(both, alone, strict=True):
        assert whole.filter(pc.equal(whole["level"], "area")).to_pylist() == part.to_pylist()
        assert whole.num_rows == 2 * part.num_rows


def test_every_interval_holds_its_point_and_shares_and_ranks_stay_possible():
    for number in range(20):
        gaps, mismatch = simulate_gap(*invented_world(number, occupations=4, standards=6)[0], draws=100, seed=number)
        for row in gaps.to_pylist():
            assert row["demand_lower"] <= row["demand_share"] <= row["demand_upper"]
            assert row["supply_lower"] <= row["supply_share"] <= row["supply_upper"]
            assert row["gap_lower"] <= row["gap_pp"] <= row["gap_upper"]
            assert 1 <= row["rank_lower"] <= row["rank"] <= row["rank_upper"] <= gaps.num_rows
            assert row["demand_lower"] >= 0 and row["supply_upper"] <= 1 and 0 <= row["probability_gap_positive"] <= 1
        (row,) = mismatch.to_pylist()
        assert 0 <= row["lower"] <= row["mismatch_index"] <= row["upper"] <= 1
        assert pc.sum(gaps["demand_share"]).as_py() == pytest.approx(1)
        assert pc.sum(gaps["gap_pp"]).as_py() == pytest.approx(0, abs=1e-9)


def test_larger_errors_and_fewer_tasks_widen_the_interval():
    def width(standard_error, n):
        (row,) = [row for row in simulate_gap(*toy(standard_error, n), draws=500, seed=1)[0].to_pylist() if row["ksb_id"] == "b"]
        return row["gap_upper"] - row["gap_lower"]

    assert width(None, None) < 1e-9 < width(20.0, None) < width(100.0, None)
    assert width(None, None) < width(None, 200) < width(None, 10)


def test_the_same_seed_repeats_every_number_and_another_does_not():
    assert simulate_gap(*toy(50.0, 20), draws=100, seed=1) == simulate_gap(*toy(50.0, 20), draws=100, seed=1)
    assert simulate_gap(*toy(50.0, 20), draws=100, seed=1)[0]["gap_lower"] != simulate_gap(*toy(50.0, 20), draws=100, seed=2)[0]["gap_lower"]


def test_an_added_area_changes_no_number_of_the_others():
    demand, asked, supply, taught = toy(50.0, 20)
    other_demand, _, other_supply, _ = toy(80.0, 20, area="E0")
    alone = simulate_gap(demand, asked, supply, taught, draws=100, seed=1)
    both = simulate_gap(pa.concat_tables([other_demand, demand]), asked, pa.concat_tables([other_supply, supply]), taught, draws=100, seed=1)
    for before, after in zip(alone, both, strict=True):
        assert after.num_rows == 2 * before.num_rows
        assert after.filter(pc.equal(after["area_code"], "E1")).to_pylist() == before.to_pylist()


def test_the_order_of_rows_changes_nothing():
    tables = invented_world(1)[0]
    backwards = [each.take(list(range(each.num_rows))[::-1]) for each in tables]
    for first, second in zip(simulate_gap(*tables, draws=100, seed=1), simulate_gap(*backwards, draws=100, seed=1), strict=True):
        assert first == second


def test_every_demand_basis_meets_every_supply_basis_of_the_same_area_and_boundary_only():
    demand, asked, supply, taught = toy()
    openings = demand_weights(("E1", "2024", "openings", "2020-2035", "o1", 5.0, None), ("E1", "2021", "openings", "2020-2035", "o1", 5.0, None))
    started = supply_weights(("E1", "2024", "on_offer", "2025", "q1", 9.0, 9.0, 9.0), ("E2", "2024", "on_offer", "2025", "q1", 9.0, 9.0, 9.0))
    gaps, mismatch = simulate_gap(pa.concat_tables([demand, openings]), asked, pa.concat_tables([supply, started]), taught, draws=100, seed=1)
    pairs = {(row["boundary_version"], row["demand_basis"], row["supply_basis"], row["period_label"]) for row in mismatch.to_pylist()}
    assert pairs == {
        ("2024", "stock", "attained", "2025 | 2024/25"),
        ("2024", "stock", "on_offer", "2025 | 2025"),
        ("2024", "openings", "attained", "2020-2035 | 2024/25"),
        ("2024", "openings", "on_offer", "2020-2035 | 2025"),
    }
    assert gaps.num_rows == 3 * len(pairs)


def test_kinds_are_compared_each_within_itself():
    demand, asked, supply, taught = toy()
    asked = pa.concat_tables([asked, demand_incidence(("behaviour", "z", "o1", 0.5, 10))])
    taught = pa.concat_tables([taught, supply_incidence(("behaviour", "z", "q1", 1.0))])
    gaps, mismatch = simulate_gap(demand, asked, supply, taught, draws=100, seed=1)
    assert mismatch["kind"].to_pylist() == ["behaviour", "skill"]
    assert [row["demand_share"] for row in gaps.to_pylist() if row["kind"] == "behaviour"] == [1.0]
    assert round(mismatch["mismatch_index"][1].as_py(), 4) == 0.2153


def test_a_suppressed_count_enters_as_its_middle_and_a_missing_one_not_at_all():
    demand, asked, _, taught = toy()
    hidden = supply_weights((*TAUGHT, "q1", None, 1.0, 4.0), (*TAUGHT, "q2", 10.0, 10.0, 10.0), (*TAUGHT, "q3", None, None, None))
    taught = pa.concat_tables([taught, supply_incidence(("skill", "a", "q3", 1.0))])
    a, b, c = simulate_gap(demand, asked, hidden, taught, draws=500, seed=1)[0].to_pylist()
    assert a["supply_share"] == pytest.approx(7.5 / 18.75)
    assert c["supply_share"] == pytest.approx(1.25 / 18.75)
    assert c["supply_lower"] < c["supply_share"] < c["supply_upper"]
    assert b["demand_lower"] == pytest.approx(b["demand_upper"])


def test_openings_below_zero_count_as_zero_and_unknown_weights_not_at_all():
    _, asked, supply, taught = toy()
    demand = demand_weights((*HERE, "o1", -50.0, None), (*HERE, "o2", 400.0, None), (*HERE, "o3", None, None))
    rows = simulate_gap(demand, asked, supply, taught, draws=100, seed=1)[0].to_pylist()
    assert [row["demand_share"] for row in rows] == pytest.approx([0.25 / 1.75, 1 / 1.75, 0.5 / 1.75])


@pytest.mark.parametrize("side", ["demand", "supply"])
def test_where_all_of_one_side_is_zero_there_are_no_rows_and_the_log_says_so(caplog, side):
    demand, asked, supply, taught = toy()
    if side == "demand":
        demand = demand_weights((*HERE, "o1", 0.0, 0.0), (*HERE, "o2", -3.0, None))
    else:
        supply = supply_weights((*TAUGHT, "q1", 0.0, 0.0, 0.0))
    with caplog.at_level(logging.WARNING):
        gaps, mismatch = simulate_gap(demand, asked, supply, taught, draws=100, seed=1)
    assert (gaps.num_rows, mismatch.num_rows) == (0, 0)
    assert f"all {side} of kind skill, level area is 0 in E1 (2024)" in caplog.text
    assert gaps.schema == simulate_gap(*toy(), draws=100, seed=1)[0].schema


def test_no_number_is_ever_missing_or_infinite_even_where_a_draw_is_empty():
    demand = demand_weights((*HERE, "o1", 1.0, 5.0))  # half of the draws are cut at 0: nothing is asked
    _, asked, supply, taught = toy(n=2)
    for result in simulate_gap(demand, asked, supply, taught, draws=500, seed=1):
        for name in result.column_names:
            if pa.types.is_floating(result.schema.field(name).type):
                assert np.isfinite(result[name].to_numpy()).all(), name
            assert result[name].null_count == 0


def test_a_ksb_that_nobody_asks_and_nobody_teaches_has_no_positive_gap():
    demand, asked, supply, taught = toy(50.0, 20)
    rows = simulate_gap(demand, pa.concat_tables([asked, demand_incidence(("skill", "d", "o9", 0.5, 10))]), supply, taught, draws=200, seed=1)[0].to_pylist()
    assert (rows[3]["gap_lower"], rows[3]["gap_pp"], rows[3]["gap_upper"], rows[3]["probability_gap_positive"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("position", "row", "rule"),
    [
        (0, demand_weights((*HERE, "o3", float("nan"), None)), "finite_numbers"),
        (0, demand_weights((*HERE, "o1", 1.0, None)), "unique_rows"),
        (1, demand_incidence(("skill", "d", "o1", 1.2, 5)), "incidence_range"),
        (2, supply_weights((*TAUGHT, "q3", float("inf"), None, None)), "finite_numbers"),
        (3, supply_incidence(("skill", "d", "q1", -0.1)), "incidence_range"),
    ],
)
def test_an_impossible_input_is_refused(position, row, rule):
    tables = list(toy())
    tables[position] = pa.concat_tables([tables[position], row])
    with pytest.raises(ObservatoryError) as error:
        simulate_gap(*tables, draws=100, seed=1)
    assert error.value.rule == rule

"""The horizon scan: what it flags without anything to flag, what it finds, and how it reads quarters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb import horizon
from observatory_assets.ksb.horizon import MIN_BASE, MIN_QUARTERS, scan_horizon, scan_series
from resources.errors import ObservatoryError

SERIES, QUARTERS = 40, 12
KINDS = ["knowledge"] * 15 + ["skill"] * 25
ALLOWED = 0.05
SETS = 40


def _ordinary(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 0.08, (SERIES, QUARTERS))


def _heavy_tailed(rng: np.random.Generator) -> np.ndarray:
    return 0.08 * rng.standard_t(1.5, (SERIES, QUARTERS)).clip(-40, 40)


def _trending(rng: np.random.Generator) -> np.ndarray:
    # the whole economy triples, and every series has a trend of its own besides
    time = np.linspace(0, 1, QUARTERS)
    return rng.normal(0, 0.05, (SERIES, QUARTERS)) + 1.2 * time + rng.normal(0, 0.4, (SERIES, 1)) * time


def _seasonal(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 0.05, (SERIES, QUARTERS)) + np.tile(rng.normal(0, 0.3, (SERIES, 4)), QUARTERS // 4)


def _in_step(rng: np.random.Generator) -> np.ndarray:
    # half of the series moves up when the other half moves down
    return rng.normal(0, 0.05, (SERIES, QUARTERS)) + np.where(np.arange(SERIES) < SERIES // 2, 0.4, -0.4)[:, None] * rng.standard_normal(QUARTERS)


def _correlated(rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(0, 0.08, (SERIES, QUARTERS))
    for quarter in range(1, QUARTERS):
        noise[:, quarter] = 0.7 * noise[:, quarter - 1] + 0.7 * noise[:, quarter]
    return noise


def _outliers(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 0.03, (SERIES, QUARTERS)) + (rng.random((SERIES, QUARTERS)) < 1 / 12) * rng.choice([0.6, 1.2], (SERIES, QUARTERS))


WORLDS = [_ordinary, _heavy_tailed, _trending, _seasonal, _in_step, _correlated, _outliers]


def _counts(world: Callable[[np.random.Generator], np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Adverts of 40 KSBs, 40 to 3,000 a quarter, in 12 quarters."""
    sizes = np.exp(rng.uniform(np.log(40), np.log(3000), (SERIES, 1)))
    return rng.poisson(np.minimum(sizes * np.exp(world(rng)), 1e7)).astype(float)


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the shuffles: p is then known to 1/20,000, which 40 series need no finer than 1/400."""
    monkeypatch.setattr(horizon, "_DRAWS", 20_000)


@pytest.mark.parametrize("world", WORLDS)
def test_at_most_5_percent_of_series_are_flagged_when_histories_are_shuffled(world: Callable[[np.random.Generator], np.ndarray]) -> None:
    together, apart = [], []
    for number in range(SETS):
        rng = np.random.default_rng(number)
        volumes = _counts(world, rng)
        together.append(scan_series(volumes[:, rng.permutation(QUARTERS)], KINDS, seed=number).signal.mean())
        apart.append(scan_series(np.array([rng.permutation(one) for one in volumes]), KINDS, seed=number).signal.mean())
    assert np.mean(together) <= ALLOWED
    assert np.mean(apart) <= ALLOWED
    assert np.mean(np.array(apart) <= ALLOWED) >= 0.9  # not on average alone


@pytest.mark.parametrize("world", WORLDS)
def test_at_most_5_percent_of_series_are_flagged_where_time_has_its_order_but_no_ksb_emerges(world: Callable[[np.random.Generator], np.ndarray]) -> None:
    assert np.mean([scan_series(_counts(world, np.random.default_rng(number)), KINDS, seed=number).signal.mean() for number in range(SETS)]) <= ALLOWED


def test_series_that_all_move_as_one_are_flagged_in_no_more_than_one_shuffle_of_twenty() -> None:
    # the case for which Benjamini-Hochberg alone would flag everything one time in ten
    rng = np.random.default_rng(5)
    flagged = []
    for number in range(200):
        moves = rng.standard_normal(QUARTERS)
        volumes = 1000 * np.exp(np.where(np.arange(SERIES) < 2 * SERIES // 5, 1.0, 0.0)[:, None] * moves)
        flagged.append(scan_series(volumes, ["skill"] * SERIES, seed=number).signal.mean())
    assert np.mean(flagged) <= ALLOWED


@pytest.mark.parametrize("shape", [(0.25, 0.5, 0.75, 1), (0, 0, 0, 1), (1, 1, 1, 1)], ids=["over a year", "in the last quarter", "a year ago"])
@pytest.mark.parametrize("world", [_ordinary, _seasonal, _correlated])
def test_a_ksb_that_more_than_doubles_is_found_in_most_sets(world: Callable[[np.random.Generator], np.ndarray], shape: tuple[float, ...]) -> None:
    found = 0
    for number in range(SETS):
        volumes = _counts(world, np.random.default_rng(number))
        riser = int(np.argmax(volumes[:, -1] >= 400))
        volumes[riser, -4:] *= 1 + 1.5 * np.array(shape)
        found += scan_series(volumes, KINDS, seed=number).signal[riser]
    assert found >= 0.7 * SETS


def test_a_fall_of_a_large_ksb_does_not_make_signals_of_the_others_whose_shares_it_raises() -> None:
    flagged = []
    for number in range(SETS):
        volumes = _counts(_ordinary, np.random.default_rng(number))
        volumes[0] = 30_000
        volumes[0, -4:] /= 3
        flagged.append(scan_series(volumes, KINDS, seed=number).signal.sum())
    assert np.mean(flagged) <= ALLOWED * SERIES


def test_growth_of_all_adverts_alike_makes_no_signal() -> None:
    flagged, alike = [], []
    for number in range(SETS):
        volumes = _counts(_ordinary, np.random.default_rng(number))
        still, grown = (scan_series(volumes * level, KINDS, seed=number) for level in (1, np.linspace(1, 5, QUARTERS)))
        flagged.append(grown.signal.mean())
        tested = ~np.isnan(still.z) & ~np.isnan(grown.z)
        alike.append(np.corrcoef(still.z[tested], grown.z[tested])[0, 1])
    assert np.mean(flagged) <= ALLOWED
    assert np.mean(alike) > 0.95


def test_a_small_ksb_is_not_tested_and_one_at_the_least_base_is() -> None:
    volumes = _counts(_ordinary, np.random.default_rng(2))
    volumes[0], volumes[1] = MIN_BASE - 0.001, MIN_BASE
    scan = scan_series(volumes, KINDS, seed=2)
    assert np.isnan(scan.p_value[0])
    assert not scan.signal[0]
    assert np.isfinite(scan.p_value[1])


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(MIN_QUARTERS, 16))
@settings(max_examples=25, deadline=None)
def test_any_counts_give_finite_numbers_in_their_range_whatever_the_order_of_series(seed: int, count: int, quarters: int) -> None:
    rng = np.random.default_rng(seed)
    volumes = rng.choice([0.0, 1.0, 30.0, 1e6], (count, quarters)) * rng.integers(0, 2, (count, 1))
    scan = scan_series(volumes, ["skill"] * count, seed=seed)
    tested = ~np.isnan(scan.p_value)
    assert (tested == (volumes[:, -1] >= MIN_BASE)).all()
    assert np.isfinite(scan.z[tested]).all()
    assert ((scan.p_value[tested] > 0) & (scan.p_value[tested] <= scan.q_value[tested] + 1e-12) & (scan.q_value[tested] <= 1)).all()
    assert not scan.signal[~tested].any()


@pytest.mark.parametrize("volumes", [np.ones((3, MIN_QUARTERS - 1)), np.full((3, 12), np.nan), -np.ones((3, 12)), np.ones(12)])
def test_series_that_are_short_negative_or_not_finite_are_refused_with_what_was_found(volumes: np.ndarray) -> None:
    with pytest.raises(ObservatoryError, match="shape"):
        scan_series(volumes, ["skill"] * len(volumes), seed=1)


def quarters(volumes: np.ndarray, area: str = "A", kind: str = "skill", missing: tuple[int, ...] = ()) -> pa.Table:
    """Rows of int_ksb_advert_quarter; ``missing`` are ages without a row."""
    held = volumes.shape[1]
    rows = []
    for place, one in enumerate(volumes):
        for quarter, adverts in enumerate(one):
            age = held - 1 - quarter
            if age not in missing:
                start = dt.date(2026 - age // 4, 1 + 3 * (3 - age % 4), 1)
                rows.append((area, "B", kind, "area", f"{kind}.{place:02}", age, start, start + dt.timedelta(days=88), float(adverts)))
    names = ("area_code", "boundary_version", "kind", "level", "ksb_id", "age", "period_start", "period_end", "adverts")
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})


def test_a_rising_ksb_is_a_signal_with_its_change_of_share_and_base() -> None:
    volumes = np.full((20, QUARTERS), 500.0) + np.random.default_rng(3).normal(0, 5, (20, QUARTERS))
    volumes[7, -1] = 2000
    rows = scan_horizon(quarters(volumes), seed=3).to_pylist()
    assert [row["ksb_id"] for row in rows if row["signal"]] == ["skill.07"]
    riser = rows[7]
    shares = volumes / volumes.sum(axis=0)
    assert riser["change_pp"] == pytest.approx(100 * (shares[7, -1] - shares[7, -5]), abs=1e-8)
    assert (riser["base"], riser["status"], riser["history_quarters"], riser["period_start"]) == (2000, "ok", QUARTERS, dt.date(2026, 10, 1))


def test_too_short_a_history_has_shares_but_no_test_and_a_gap_ends_a_history() -> None:
    volumes = np.full((3, QUARTERS), 100.0)
    (short,) = {
        (row["status"], row["history_quarters"], row["z"], row["signal"], row["change_pp"])
        for row in scan_horizon(quarters(volumes[:, :6]), seed=1).to_pylist()
    }
    assert short == ("too_short", 6, None, False, 0.0)
    (broken,) = {(row["status"], row["history_quarters"], row["change_pp"]) for row in scan_horizon(quarters(volumes, missing=(3,)), seed=1).to_pylist()}
    assert broken == ("too_short", 3, None)


def test_history_starts_at_the_newest_quarter_the_area_has() -> None:
    rows = scan_horizon(quarters(np.full((3, 13), 100.0), missing=(0,)), seed=1).to_pylist()
    assert {(row["status"], row["history_quarters"], row["period_start"]) for row in rows} == {("ok", 12, dt.date(2026, 7, 1))}


def test_equal_quarters_give_equal_rows_whatever_their_order_and_whatever_other_areas_say() -> None:
    rng = np.random.default_rng(4)
    one, other = quarters(_counts(_ordinary, rng)), quarters(_counts(_ordinary, rng), area="Z")
    alone = scan_horizon(one, seed=9)
    both = pa.concat_tables([other, one])
    shuffled = scan_horizon(both.take(rng.permutation(both.num_rows)), seed=9)
    assert shuffled.slice(0, alone.num_rows).equals(alone)
    assert not scan_horizon(one, seed=10)["p_value"].equals(alone["p_value"])


def test_no_quarters_give_an_empty_table_of_the_same_columns() -> None:
    assert scan_horizon(quarters(np.ones((0, 12))).cast(quarters(np.ones((1, 12))).schema), seed=1).column_names == list(horizon.COLUMNS)

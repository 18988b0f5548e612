"""Horizon scan: KSBs whose share of adverts rose over the last year beyond what their own history and that of the others lead one to expect.

Belongs here: the test, its null distribution and the control of false discoveries. Does not belong here: where volumes come from (dbt), or what
may be said of a signal: it is a reason to look, never a finding.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import pyarrow as pa

HORIZON_VERSION = "horizon-1"

LAG = 4
"""Quarters between the two shares compared: a whole year, so that seasons cancel."""
MIN_QUARTERS = 11
"""Least history: three changes over a year that were complete before the last year began. ONS keeps 36 months in a release, which is 12."""
MIN_BASE = 30
"""Adverts-equivalents in the newest quarter under which a KSB is not tested."""
FALSE_DISCOVERY_RATE = 0.1
LARGEST_P = 0.05
"""Without it, series that all move as one would all be flagged in 10% of histories without any signal: FDR control promises no less."""
MIN_Z = 2
"""Without it, changes within what counts alone may do were flagged where all KSBs are smooth mixtures of occupations: of +0.7% in pure noise."""

_PRIOR_CHANGES = 8.0  # how many changes of its own the scale common to all series counts for
_MIN_POOL = 10  # series, under which a series' own shuffled histories stay in what it is compared with
_DRAWS = 100_000  # shuffled statistics of a family, at least; and at least 500 shuffles

COLUMNS = (
    *("area_code", "boundary_version", "level", "kind", "ksb_id", "period_start", "period_end"),
    *("share", "earlier_share", "change_pp", "base", "history_quarters", "z", "p_value", "q_value", "signal", "status"),
    *("shuffles", "seed", "method_version"),
)


class Scan(NamedTuple):
    """What the scan of K series says, each (K,): statistic, p, Benjamini-Hochberg q, whether it is a signal; NaN where a series is not tested."""

    z: np.ndarray
    p_value: np.ndarray
    q_value: np.ndarray
    signal: np.ndarray
    shuffles: int


def scan_series(volumes: np.ndarray, groups: Sequence[str], *, seed: int) -> Scan:
    """Test every series of one family for a rise over the last four quarters that is out of its ordinary.

    A series is the logarithm of its volume less the median logarithm of its group in the quarter, which takes out both the level of the whole
    economy and that a rise of one share lowers all others. z = (newest change over four quarters − median of earlier ones) / scale. Earlier are the
    changes that were complete a year ago: with those of the last year in it, a rise that took the year would hide itself (found in 30% of sets,
    without in 90%). The scale adds two variances: that of counts, and what (1.4826·MAD)² of these has beyond it, drawn towards the median over
    series, for there are only a few changes of each.

    p is the share of z that shuffled quarters give to the other series of the family: shuffling leaves every series' own distribution, however
    heavy its tails, and how series move together within a quarter, but takes out the order of time. Tests are one-sided.

    Measured on 120 invented sets for each of seven worlds (ordinary, seasonal, trending, moving in step, correlated in time, heavy-tailed, with
    outliers) of 40 series of 40-3,000 adverts in 12 quarters: of shuffled histories 0.3-1.8% of series are flagged, any at all in 7-13% of sets
    (21% heavy-tailed), more than 5% of a set's in 0-5% of sets (9% where trending histories are all shuffled alike); with time in order and no KSB
    emerging 0.2-1.7%. One that rises to 2.5 times over a year is found in 84-100% of sets; with tails of t(1.5) or frequent outliers in 3-15%,
    since there such rises are the ordinary.

    Args:
        volumes: (K, T) adverts-equivalents by quarter, oldest first, T at least MIN_QUARTERS.
        groups: (K,) within which shares are formed: the kind.
        seed: of the shuffles.

    Returns:
        Statistics and signals; series under MIN_BASE in the newest quarter are not tested.

    Raises:
        ObservatoryError: a volume that is negative or not finite, or too few quarters.
    """
    from scipy.stats import false_discovery_control

    volumes = np.asarray(volumes, dtype=float)
    if volumes.ndim != 2 or volumes.shape[1] < MIN_QUARTERS or not np.isfinite(volumes).all() or (volumes < 0).any():
        raise ObservatoryError(
            "series that cannot be scanned",
            rule=f"at least {MIN_QUARTERS} quarters of finite volumes, none negative",
            found=f"shape {volumes.shape}, smallest {volumes.min(initial=0)}",
            action="mend int_ksb_advert_quarter",
        )
    series = _relative(volumes, np.asarray(groups))
    shares = _shares(volumes, np.asarray(groups))
    tested = np.flatnonzero(volumes[:, -1] >= MIN_BASE)
    z, p, q = (np.full(len(volumes), np.nan) for _ in range(3))
    signal = np.zeros(len(volumes), dtype=bool)
    if not len(tested):
        return Scan(z, p, q, signal, 0)
    # of two counts, the variance of the difference of their logarithms; the mean over time, so that it is the same however quarters are shuffled
    floor = 2 / np.maximum(volumes[tested].mean(axis=1), 1)
    z[tested] = _statistic(series[tested][None], floor)[0]
    shuffles = max(500, -(-_DRAWS // len(tested)))
    p[tested] = _p_values(series[tested], floor, z[tested], shuffles, np.random.default_rng(seed))
    q[tested] = false_discovery_control(p[tested])
    rises = shares[:, -1] > shares[:, -1 - LAG]
    signal[tested] = (q[tested] <= FALSE_DISCOVERY_RATE) & (p[tested] <= LARGEST_P) & (z[tested] >= MIN_Z) & rises[tested]
    return Scan(z, p, q, signal, shuffles)


def scan_horizon(quarters: pa.Table, *, seed: int) -> pa.Table:
    """Scan the KSBs of every area and level; each of these is a family of its own in the control of false discoveries.

    Args:
        quarters: area_code, boundary_version, kind, level, ksb_id, age (0 for the newest quarter of the area, 1 for the one before …), period_start,
            period_end, adverts (adverts-equivalents). A KSB without a row in a quarter had none. History goes back to the first quarter that no KSB of
            the area has.
        seed: each family's shuffles are seeded by this and its name, so that another area changes no number of this one.

    Returns:
        COLUMNS, a row per area, level and KSB: shares in [0, 1], their change in percentage points, base in adverts-equivalents of the newest
        quarter, status ok, low_base (not tested: under MIN_BASE) or too_short (not tested: under MIN_QUARTERS).
    """
    families: dict[tuple[str, str, str], dict[tuple[str, str], dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    periods: dict[tuple[str, str], dict[int, tuple[object, object]]] = defaultdict(dict)
    columns = ("area_code", "boundary_version", "level", "kind", "ksb_id", "age", "period_start", "period_end", "adverts")
    for area, boundary, level, kind, ksb_id, age, start, end, adverts in zip(*(quarters[name].to_pylist() for name in columns), strict=True):
        families[area, boundary, level][kind, ksb_id][age] = adverts
        periods[area, boundary][age] = (start, end)
    rows = [row for family in sorted(families) for row in _family_rows(family, families[family], periods[family[:2]], seed)]
    return _table(rows)


def _family_rows(
    family: tuple[str, str, str], cells: dict[tuple[str, str], dict[int, float]], periods: dict[int, tuple[object, object]], seed: int
) -> Iterator[tuple[object, ...]]:
    newest = min(periods)
    held = 1
    while newest + held in periods:
        held += 1
    names = sorted(cells)
    kinds = [kind for kind, _ in names]
    volumes = np.array([[cells[name].get(age, 0.0) for age in reversed(range(newest, newest + held))] for name in names])
    shares = _shares(volumes, np.asarray(kinds))
    if held >= MIN_QUARTERS:
        scan = scan_series(volumes, kinds, seed=int.from_bytes(hashlib.sha256("|".join((str(seed), *family)).encode()).digest()[:8], "big"))
    start, end = periods[newest]
    for place, (kind, ksb_id) in enumerate(names):
        status = "too_short" if held < MIN_QUARTERS else "low_base" if np.isnan(scan.z[place]) else "ok"
        share, earlier = float(shares[place, -1]), float(shares[place, -1 - LAG]) if held > LAG else None
        yield (
            *family,
            kind,
            ksb_id,
            start,
            end,
            round(share, 12),
            None if earlier is None else round(earlier, 12),
            None if earlier is None else round(100 * (share - earlier), 9),
            round(float(volumes[place, -1]), 6),
            held,
            *((round(float(one[place]), 9) for one in (scan.z, scan.p_value, scan.q_value)) if status == "ok" else (None, None, None)),
            bool(scan.signal[place]) if status == "ok" else False,
            status,
            scan.shuffles if status == "ok" else 0,
            seed,
            HORIZON_VERSION,
        )


def _shares(volumes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(K, T) share of each series in its group's volume; 0 where the group has none."""
    shares = np.zeros_like(volumes)
    for group in np.unique(groups):
        members = groups == group
        total = volumes[members].sum(axis=0)
        shares[members] = np.divide(volumes[members], total, out=np.zeros_like(volumes[members]), where=total > 0)
    return shares


def _relative(volumes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(K, T) logarithm of each volume less the median logarithm of its group; half an advert is added, so that none has a logarithm too."""
    logarithms = np.log(volumes + 0.5)
    for group in np.unique(groups):
        members = groups == group
        logarithms[members] -= np.median(logarithms[members], axis=0)
    return logarithms


def _statistic(series: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """z, (B, K), of B arrangements of K series, (B, K, T)."""
    changes = series[..., LAG:] - series[..., :-LAG]
    history = changes[..., :-LAG]
    centre = np.median(history, axis=-1)
    beyond_counts = np.maximum((1.4826 * np.median(np.abs(history - centre[..., None]), axis=-1)) ** 2 - floor, 0)
    common = np.median(beyond_counts, axis=-1, keepdims=True)
    # changes over four quarters overlap: about half of them are news
    own = history.shape[-1] / 2
    return (changes[..., -1] - centre) / np.sqrt(floor + (_PRIOR_CHANGES * common + own * beyond_counts) / (_PRIOR_CHANGES + own))


def _p_values(series: np.ndarray, floor: np.ndarray, z: np.ndarray, shuffles: int, rng: np.random.Generator) -> np.ndarray:
    count, quarters = series.shape
    drawn = np.empty((shuffles, count))
    for first in range(0, shuffles, 100):  # a block at a time: 1,200 series would need 1 GB at once
        orders = np.array([rng.permutation(quarters) for _ in range(min(100, shuffles - first))])
        drawn[first : first + len(orders)] = _statistic(np.swapaxes(series[:, orders], 0, 1), floor)
    as_large = drawn.size - np.searchsorted(np.sort(drawn, axis=None), z, side="left")
    total = drawn.size
    if count >= _MIN_POOL:
        # Shuffled, a series that rose has its rise in any place, the newest too: left in, it would speak against itself.
        as_large = as_large - (drawn >= z).sum(axis=0)
        total -= shuffles
    return (1 + as_large) / (1 + total)


def _table(rows: list[tuple[object, ...]]) -> pa.Table:
    import pyarrow as pa

    numbers = dict.fromkeys(("share", "earlier_share", "change_pp", "base", "z", "p_value", "q_value"), pa.float64())
    whole = dict.fromkeys(("history_quarters", "shuffles", "seed"), pa.int64())
    types = numbers | whole | {"signal": pa.bool_(), "period_start": pa.date32(), "period_end": pa.date32()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    return pa.Table.from_arrays([pa.array([row[place] for row in rows], field.type) for place, field in enumerate(schema)], schema=schema)

"""Sample of the claimant count: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented counts. Does not belong here: Nomis' wire format (sample.nomis_wire).
Phase 1 ends with September 2026; phase 2 adds October and revises September, as each real release does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.claimant_count import MONTHS, NOMIS_ID, build_resources
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import uniform

_RELEASES = {
    # phase: (newest month, lastupdated, nextupdate)
    1: ((2026, 9), "2026-10-13 07:00:00", "2026-11-17 07:00:00"),
    2: ((2026, 10), "2026-11-17 07:00:00", "2026-12-15 07:00:00"),
}
_NAMES = {"measure": {"1": "Claimant count", "2": "Claimants as a proportion of residents aged 16-64"}}


def entries(phase: int) -> Iterator[Entry]:
    """Overview and one answer per question; nothing in phase 3."""
    if phase not in _RELEASES:
        return
    newest, updated, following = _RELEASES[phase]
    last = newest[0] * 12 + newest[1] - 1
    months = [dt.date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]

    def observe(area: Area, date: str, codes: Mapping[str, str], measure: str) -> wire.Observation:
        claimants = sum(_claimants(place, date, newest) for place in wire.members(area))
        if codes["measure"] == "1":
            return f"{5 * round(claimants / 5):.0f}", "A", wire.NORMAL
        if wire.is_made(area):
            return "", "Q", wire.MISSING
        return f"{100 * claimants / (125_000 * wire.size(area.code)):.1f}", "A", wire.NORMAL

    yield wire.overview(NOMIS_ID, "Claimant count by sex and age", updated, following)
    yield from wire.answers(build_resources(wire.AREAS), {f"{month:%Y-%m}": f"{month:%B %Y}" for month in months}, _NAMES, observe)


def _claimants(place: str, month: str, newest: tuple[int, int]) -> float:
    rate = uniform(0.02, 0.05, "claimants", place) * (1 + uniform(-0.03, 0.03, "claimants", place, month))
    provisional = 1.01 if month == f"{newest[0]}-{newest[1]:02d}" else 1.0
    return 125_000 * wire.size(place) * rate * provisional

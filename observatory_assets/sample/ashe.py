"""Sample of the Annual Survey of Hours and Earnings: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented pay. Does not belong here: Nomis' wire format (sample.nomis_wire).
Phase 1 ends with provisional 2025; phase 2 adds 2026 and revises 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.ashe import DATA_SETS, build_resources, find_sexes
from observatory_assets.publishers import nomis
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import uniform

_RELEASES = {
    # phase: (newest year, lastupdated, nextupdate)
    1: (2025, "2025-10-23 09:30:00", "2026-10-22 09:30:00"),
    2: (2026, "2026-10-22 09:30:00", "2027-10-21 09:30:00"),
}
_SEXES = {"5": "Male", "6": "Female", "7": "Total", "8": "Full Time Workers", "9": "Part Time Workers"}
_WITHHELD = "These figures are suppressed as statistically unreliable."


def entries(phase: int) -> Iterator[Entry]:
    """Overviews, code lists and one answer per question; nothing in phase 3."""
    if phase not in _RELEASES:
        return
    newest, updated, following = _RELEASES[phase]
    years = {str(year): str(year) for year in range(newest - 4, newest + 1)}
    names = {"sex": _SEXES, "pay": {"7": "Annual pay - gross"}, "item": {"2": "Median"}}
    resources = build_resources(wire.AREAS, dict.fromkeys(DATA_SETS, find_sexes(_SEXES)))
    for basis, data_set in DATA_SETS.items():

        def observe(area: Area, date: str, codes: Mapping[str, str], measure: str, basis: str = basis) -> wire.Observation:
            variation = 7.0 / (10 * wire.size(area.code)) ** 0.5 * (1.3 if codes["sex"] != "7" else 1.0)
            if variation > 5.5:
                return "", "Q", _WITHHELD
            if measure == nomis.CONFIDENCE:
                return f"{max(variation, 0.1):.1f}", "A", wire.NORMAL
            pay = 31_500 * 1.045 ** (int(date) - 2025) * uniform(0.88, 1.14, "ashe", basis, area.code)
            pay *= {"5": 1.17, "6": 0.82, "7": 1.0}[codes["sex"]] * (1.004 if int(date) == newest else 1.0)
            return f"{pay:.0f}", "A", wire.NORMAL

        yield wire.overview(data_set, f"annual survey of hours and earnings - {basis} analysis", updated, following)
        if phase == 1:
            yield wire.codes(data_set, "sex", _SEXES)
        yield from wire.answers([resource for resource in resources if resource.labels["basis"] == basis], years, names, observe)
